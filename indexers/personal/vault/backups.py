"""Copies of a vault: sealed files without their keys, and the keys by themselves when that is asked for.

A backup never holds `keys/`: it can be read by whoever has the keystore of the vault it was made from, and when a key
is destroyed there, what it sealed in every backup is noise. Keys are exported on purpose alone, under a passphrase of
their own; each grant keeps a note of it, since erasing it then cannot reach every copy of its key. What is restored is
the same vault in a new life: nothing is permitted in it until it is permitted again.

Armoured keys: a line of HEAD, base64 of JSON (which vault, cost and salt of the passphrase, sealed keys), a line END.
Knows files and keys; knows nothing of where copies are sent.
"""

from __future__ import annotations

import base64
import json
import secrets
import textwrap
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cascade.errors import Corrupt, NotFound, UnusableIndex, UsageError
from indexers.personal import layout
from indexers.personal.layout import Layout
from indexers.personal.sealing import SALT, Cost, Key, Label, WrongKey, derive, seal, unseal
from indexers.personal.vault import folder, keystore
from indexers.personal.vault.folder import Vault
from indexers.personal.vault.unlocked import Unlocked

HEAD, END = "-----BEGIN CASCADE VAULT KEYS-----", "-----END CASCADE VAULT KEYS-----"
EXPORTS = "key-exports"
"""The note that lists when the key of a grant was exported."""


def files(where: Layout) -> Iterator[Path]:
    """What a backup copies, `vault.json` last: everything but keys, locks, sockets and what is half-written."""
    for top in (where.segments, where.notes):
        yield from sorted(path for path in top.glob(f"*/*{layout.SEALED}") if not path.name.startswith("."))
    for path in (where.ledger, where.vault):
        if path.is_file():
            yield path


def save(vault: Vault, to: Path) -> int:
    """Copy a vault without its keys into a new or empty folder; how many files. Raises UnusableIndex, Locked."""
    with folder.writing(vault.layout):
        return _copied(vault.layout, to)


def restore(backup: Path, root: Path) -> Vault:
    """Make a vault of a backup in a new or empty folder. It has no keys: see `import_keys`. Raises NoVault, Corrupt."""
    folder.opened(backup)
    _copied(Layout(backup), root)
    layout.folder(Layout(root).keys)
    return folder.reborn(folder.opened(root))


def export_keys(unlocked: Unlocked, secret: bytes | bytearray, cost: Cost | None = None) -> str:
    """Every grant's key, armoured under a passphrase of its own; each grant has a note of it from now on."""
    if not secret:
        raise UsageError("The passphrase is empty. Choose one that is not that of the vault.")
    chosen, salt, vault = cost or Cost.usual(), secrets.token_bytes(SALT), unlocked.vault
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    for grant in unlocked.grants():
        unlocked.notes.put(grant, EXPORTS, json.dumps([*exports(unlocked, grant), now]).encode())
    wrapping = derive(secret, salt, chosen)
    keys = seal(wrapping, _label(vault.id), json.dumps(unlocked.keys.export()).encode())
    wrapping.wipe()
    said = {"vault": vault.id, "cost": chosen.said(), "salt": salt.hex(), "keys": base64.b64encode(keys).decode()}
    lines = textwrap.wrap(base64.b64encode(json.dumps(said).encode()).decode(), 76)
    return "\n".join([HEAD, *lines, END, ""])


def exports(unlocked: Unlocked, grant: str) -> list[str]:
    """When the key of a grant was exported, oldest first. Raises NoKey."""
    try:
        dates: list[str] = json.loads(unlocked.notes.get(grant, EXPORTS))
    except NotFound:
        return []
    return dates


def import_keys(
    vault: Vault,
    armoured: str,
    given: bytes | bytearray,
    secret: bytes | bytearray,
    cost: Cost | None = None,
    ended: Collection[str] = (),
) -> list[str]:
    """Put exported keys (closed with `given`) into a vault; tells which grants have one again.

    `secret`: the vault's own passphrase, which a restored vault without keys is closed with from now on. A grant that
    has a key keeps it; one that has `ended` gets none. Raises WrongKey, Corrupt, UnusableIndex.
    """
    keys = _opened(vault, armoured, given)
    if not vault.layout.master.exists():
        master = Key.new()
        keystore.close(vault.layout, vault.id, master, secret, cost or Cost.usual())
        master.wipe()
    with vault.unlock(secret) as unlocked:
        fresh = [grant for grant in keys if grant not in ended and not unlocked.keys.has(grant)]
        for grant in fresh:
            unlocked.keys.new(grant, Key(bytes.fromhex(keys[grant])))
    return fresh


def _opened(vault: Vault, armoured: str, given: bytes | bytearray) -> dict[str, str]:
    """The keys in an armour, in hexadecimal by grant."""
    try:
        begin, end = armoured.index(HEAD) + len(HEAD), armoured.index(END)
        said: dict[str, Any] = json.loads(base64.b64decode("".join(armoured[begin:end].split()), validate=True))
        cost, salt, sealed = Cost.of(said["cost"]), bytes.fromhex(said["salt"]), base64.b64decode(said["keys"])
        of = str(said["vault"])
    except (ValueError, KeyError, TypeError):
        raise Corrupt(
            "These are not exported keys, or not all of them. Give the whole file, with both its lines."
        ) from None
    if of != vault.id:
        raise UnusableIndex(f"These keys are of another vault ({of}) than {vault.layout.root} ({vault.id}).")
    wrapping = derive(given, salt, cost)
    try:
        keys: dict[str, str] = json.loads(unseal(wrapping, _label(of), sealed, "The file of exported keys"))
    except Corrupt:
        raise WrongKey("That is not the passphrase these keys were exported with (or the file is damaged).") from None
    finally:
        wrapping.wipe()
    return keys


def _label(vault: str) -> Label:
    return Label(vault, "", "exported keys", "")


def _copied(where: Layout, to: Path) -> int:
    """Copy the files of a vault, each durably, `vault.json` last."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UnusableIndex(f"{to} is not empty. Name a new folder.")
    layout.folder(to)
    to.chmod(0o700)
    count = 0
    for path in files(where):
        copy = to / path.relative_to(where.root)
        for above in reversed(copy.relative_to(to).parents[:-1]):
            layout.folder(to / above)
        layout.put(copy, layout.read(path))
        count += 1
    return count
