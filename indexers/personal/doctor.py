"""Whether a vault is what it says: private, sealed, with a whole ledger; and whether reading works without a network.

The proof of encryption reads every file and believes none. The proof of silence reads a made-up life in a process of
its own in which every socket is denied, by Python's audit hooks and, where the system lets us, by a network namespace
that has no network in it at all; an attempt ends the reading and is named.
Knows what is to be looked at; each look is somebody else's.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cascade.errors import CascadeError
from indexers.personal import home as homes
from indexers.personal.vault import agent
from indexers.personal.vault.proof import prove

NEWUSER, NEWNET = 0x10000000, 0x40000000
DENIED = tuple(f"socket.{name}" for name in ("connect", "getaddrinfo", "gethostbyname", "sendto", "bind", "sendmsg"))
"""The audit events of everything that reaches out."""

HERE = ("127.0.0.1", "::1", "localhost")
"""Denied too, but no fault: a library that looks whether this machine has IPv6 reaches out to nobody."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    said: str


def look(root: Path) -> list[Finding]:
    """Look at a vault without its passphrase. Raises NoVault."""
    return list(_looked(root))


def _looked(root: Path) -> Iterator[Finding]:
    try:
        home = homes.at(root)
    except CascadeError as error:
        yield Finding(False, str(error))
        return
    yield Finding(True, f"{root} is its owner's alone.")
    proof = prove(home.vault.layout)
    yield from (Finding(False, wrong) for wrong in proof.wrong)
    if not proof.wrong:
        said = "sealed files are unreadable without a key, and nothing lies beside them"
        yield Finding(True, f"All {proof.sealed:,} {said}.")
    try:
        entries = home.grants.history()
        yield Finding(True, f"The ledger is whole: {len(entries):,} entries, each under the hash of the one before.")
    except CascadeError as error:
        yield Finding(False, str(error))
    running = agent.reach(root)
    yield Finding(True, "It is open in one process; end it: cascade me lock" if running else "It is locked.")
    swap = Path("/proc/swaps")
    if swap.exists() and len(swap.read_text("utf-8").splitlines()) > 1:
        yield Finding(True, "This system swaps: what is unlocked may be written to the swap space. Encrypt that too.")


def offline(things: int = 300) -> list[Finding]:
    """Read a made-up life with sockets denied, in a process of its own."""
    code = f"from indexers.personal.doctor import apart; apart({things})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no word"]
        return [Finding(False, f"Reading without a network failed: {last[0]}")]
    said = json.loads(done.stdout.splitlines()[-1])
    how = "in a namespace without a network, and every socket denied" if said["apart"] else "every socket denied"
    found = [Finding(False, f"A socket was tried for: {what}") for what in said["tried"]]
    return found or [Finding(True, f"{said['records']:,} things of {said['exports']} exports were read, {how}.")]


def apart(things: int) -> None:
    """In the other process: deny, read, and say what came of it."""
    alone, tried = _unshared(), list[str]()

    def deny(event: str, arguments: tuple[object, ...]) -> None:
        if event in DENIED:
            whom = tuple(one for one in arguments if not isinstance(one, socket.socket))
            if not any(f"'{here}'" in repr(whom) for here in HERE):
                tried.append(f"{event} {whom}"[:200])
            raise PermissionError(f"{event} is denied here")

    sys.addaudithook(deny)
    from indexers.personal.demo import lived

    with tempfile.TemporaryDirectory(prefix="cascade-doctor-") as folder:
        records, exports = 0, 0
        for taken in lived(Path(folder), things):
            records, exports = records + taken.records, exports + 1
    sys.stdout.write(json.dumps({"records": records, "exports": exports, "tried": tried, "apart": alone}) + "\n")


def _unshared() -> bool:
    """Leave the network behind (Linux, where users may); False where that is not to be had."""
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    return bool(library.unshare(NEWNET if os.getuid() == 0 else NEWUSER | NEWNET) == 0)
