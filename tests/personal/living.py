"""A made-up life in a vault with `toy`, small mailboxes, and how tests read, run and look through them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from mails import mail
from vaults import SECRET

from cascade.cli import root
from cascade.errors import CascadeError
from cascade.models.toy import ToyEncoder
from indexers.personal import home, intake
from indexers.personal.erase import Kept, kept
from indexers.personal.grants import INDEX, LOCAL, Purpose, Request, Scope, asked, settled
from indexers.personal.home import Home
from indexers.personal.intake import Taken
from indexers.personal.life.cast import Cast
from indexers.personal.life.written import Written
from indexers.personal.sealing import Label, unseal
from indexers.personal.vault import folder
from indexers.personal.vault.folder import Vault
from indexers.personal.vault.packing import unpack
from indexers.sources.connectors import registry

EXPORTS = ("maildir", "whatsapp", "telegram", "messenger", "obsidian", "spotify", "chatgpt", "calendar")
"""Exports that are quick to read."""

MAILS = ("boiler", "garden", "violin")


@dataclass(frozen=True)
class Lived:
    """A vault into which some exports of a life were read. `grants`: by the name of the export."""

    root: Path
    written: Written
    grants: dict[str, str]

    @property
    def vault(self) -> Vault:
        return folder.opened(self.root)


def excluded(cast: Cast) -> tuple[str, ...]:
    """Whoever must not appear, by name and address."""
    return (cast.excluded.name, cast.excluded.mail)


def allow(
    home_: Home,
    connector: str,
    *roots: Path,
    purposes: tuple[Purpose, ...] = (INDEX, LOCAL),
    scope: Scope | None = None,
    source: str = "",
    again: str = "",
    **more: str,
) -> str:
    """Say yes, and get the grant's id."""
    found = registry.connector(connector)
    request = settled(Request(connector, tuple(map(str, roots)), purposes, source, scope or Scope(), **more))
    return home_.grants.allow(request, found, agreed=asked(request, found), by="owner", again=again).id


def read(home_: Home, grant: str) -> Taken:
    """Take in what is granted, with `toy`."""
    return intake.take_in(home_, grant, ToyEncoder())


def texts(home_: Home, grant: str) -> list[str]:
    """The texts that are kept of a grant, sorted."""
    return sorted(record.text for record in kept(home_.unlocked, grant))


def records(home_: Home, grant: str) -> list[Kept]:
    """What is kept of a grant, in the order of its text."""
    return sorted(kept(home_.unlocked, grant), key=lambda record: record.text)


def box(path: Path, *topics: str, **fields: str) -> Path:
    """A mailbox with a mail about each topic, all from Anna to Bob, a day apart."""
    whole = b""
    for at, topic in enumerate(topics, 1):
        said = {
            "Message-ID": f"<{topic}@example.org>",
            "Subject": f"The {topic}",
            "Date": f"Fri, {at} May 2024 10:30:00 +0200",
            **fields,
        }
        whole += b"From anna@example.org Fri May  3 10:30:00 2024\n" + mail(f"News of the {topic}.\n", **said) + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(whole)
    return path


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended. `error`: the sentence it failed with."""

    code: int
    out: str
    err: str
    error: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def cascade(*words: object, secret: bytes = SECRET) -> Ran:
    """Run the command in this process; `FD` among the words is a pipe with the passphrase."""
    begin, end = os.pipe()
    os.write(end, secret + b"\n")
    os.close(end)
    try:
        named = [str(begin) if word == "FD" else str(word) for word in words]
        done = CliRunner().invoke(root, named)
    finally:
        os.close(begin)
    if isinstance(done.exception, CascadeError):
        return Ran(done.exception.exit_code, done.stdout, done.stderr, str(done.exception))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr, done.stderr if done.exit_code else "")


def typed(*words: object, answers: Sequence[tuple[str, str]] = (), wait: float = 60.0) -> tuple[int, str]:
    """Run the command at a terminal of its own, typing each answer when its question stands there: code and screen."""
    import pty
    from selectors import EVENT_READ, DefaultSelector

    own = "import os; os.close(os.open(os.ttyname(0), os.O_RDWR))\n"  # makes it the one that passphrases are asked at
    terminal, end = pty.openpty()
    arguments = [*in_another_process(f"{own}from cascade.cli import main; main()"), *map(str, words)]
    with subprocess.Popen(arguments, stdin=end, stdout=end, stderr=end, start_new_session=True) as running:
        os.close(end)
        screen, at, left = b"", 0, list(answers)
        ready = DefaultSelector()  # and not select(), which knows no descriptor over 1,023
        ready.register(terminal, EVENT_READ)
        until = time.monotonic() + wait
        while time.monotonic() < until:
            if not ready.select(0.2):
                continue
            try:
                part = os.read(terminal, 65_536)
            except OSError:  # how Linux says that the other side is gone
                break
            screen += part
            if left and left[0][0].encode() in screen[at:]:
                at = len(screen)
                os.write(terminal, left.pop(0)[1].encode() + b"\n")
        else:
            running.kill()
        ready.close()
        os.close(terminal)
    return running.returncode, screen.decode("utf-8", "replace").replace("\r\n", "\n")


def everything(root_: Path, keys: dict[str, Any], vault: str, owners: Sequence[str]) -> bytes:
    """All bytes below a folder, as they are and as any of the keys opens them under any owner's label, spelled out.

    Code of its own: it shares with the product's scan only the cipher and the format.
    """
    out = bytearray()
    for path in sorted(found for found in root_.rglob("*") if found.is_file()):
        raw = path.read_bytes()
        out += b"\n" + str(path.relative_to(root_)).encode() + b"\n" + raw
        for key in keys.values():
            for owner in owners:
                for kind, name in (("segment", path.stem), ("note", path.stem), ("live", ""), ("grant key", "")):
                    out += _spelled(key, Label(vault, owner, kind, name), raw)
    return bytes(out)


def _spelled(key: Any, label: Label, raw: bytes) -> bytes:
    try:
        plain = unseal(key, label, raw, "a file")
    except Exception:  # noqa: BLE001  whatever a wrong key makes of it, it opens nothing
        return b""
    if label.kind != "segment":
        return plain
    import zstandard

    packed = unpack(plain)
    text, out, at = packed.text.tobytes(), bytearray(plain), -1
    while (at := text.find(b"\x28\xb5\x2f\xfd", at + 1)) >= 0:
        try:
            out += zstandard.ZstdDecompressor().decompressobj().decompress(text[at:])
        except zstandard.ZstdError:
            continue
    for columns in (packed.catalog.records, packed.catalog.passages):
        for column in columns.values():
            out += "\n".join(map(str, column.tolist())).encode("utf-8", "surrogatepass")
    for postings in packed.words.values():
        out += "\n".join(postings.terms).encode("utf-8", "surrogatepass")
    return bytes(out)


def keys(home_: Home) -> dict[str, Any]:
    """Every key that is left in an open vault, the vault's own among them."""
    store = home_.unlocked.keys
    return {**{grant: store.key(grant) for grant in store.grants()}, "master": store._master}


def in_another_process(code: str) -> list[str]:
    """What runs some code apart, with what this process can import."""
    return [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"]


def opened(lived: Lived) -> Any:
    """The vault of a life, open for as long as a `with` lasts."""
    return home.unlocked(lived.root, SECRET)
