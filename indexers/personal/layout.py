"""The only place that spells a file name of a vault, and the only way in which a private file is put there.

    vault.json                   what the vault is and how it was built; nothing personal
    keys/vault.key               the vault key, wrapped by the passphrase's
    keys/<grant>.key             the key of one grant, wrapped by the vault key; no backup copies this folder
    grants.log                   the ledger of grants
    segments/<grant>/live.sealed which segments of a grant are live
    segments/<grant>/<id>.sealed the records of a grant, some thousand passages in each
    notes/<grant>/<name>.sealed  what else is kept of a grant
    writer.lock, grants.lock, agent.sock      of whoever is at work; empty

Folders are 0700, files 0600. Names are the only thing of a vault that anybody can read who gets at the folder: names of
grants and notes must say nothing of a person.
Knows names, modes and bytes; knows nothing of keys or of what the bytes are.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cascade.errors import Corrupt, NotFound, Unreadable, UnusableIndex, UsageError
from cascade.index.files import disk, writing

FORMAT = 1
"""The format of vaults. No other is read."""

VAULT = "vault.json"
KEYS = "keys"
KEY = ".key"
LEDGER = "grants.log"
SEGMENTS = "segments"
NOTES = "notes"
SEALED = ".sealed"
LIVE = "live"
LOCK, LEDGER_LOCK = "writer.lock", "grants.lock"
SOCKET = "agent.sock"

DAY = 24 * 60 * 60

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NOTE = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
_ASIDE = re.compile(r"\..+\.(\d+)\.[0-9a-f]{8}\.tmp")


class NoVault(NotFound):
    """The folder holds no vault."""


class Exposed(UnusableIndex):
    """Others than the owner may read or change the vault."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything of one vault lies."""

    root: Path

    @property
    def vault(self) -> Path:
        """Written once, when the vault is made; its presence is what makes a folder a vault."""
        return self.root / VAULT

    @property
    def keys(self) -> Path:
        """The keystore, which no backup copies."""
        return self.root / KEYS

    @property
    def master(self) -> Path:
        """The vault key. A grant cannot have this name: it is written in capitals."""
        return self.keys / f"VAULT{KEY}"

    def key(self, grant: str) -> Path:
        """The wrapped key of one grant."""
        return self.keys / f"{named(grant)}{KEY}"

    @property
    def turn(self) -> Path:
        """Held for the moment in which a key is made, changed or destroyed."""
        return self.keys / LOCK

    @property
    def ledger(self) -> Path:
        """The ledger of grants."""
        return self.root / LEDGER

    @property
    def segments(self) -> Path:
        """Folders of records by grant."""
        return self.root / SEGMENTS

    def records(self, grant: str) -> Path:
        """The folder of one grant's records."""
        return self.segments / named(grant)

    def live(self, grant: str) -> Path:
        """Which segments of a grant are live: the last file that a commit writes."""
        return self.records(grant) / f"{LIVE}{SEALED}"

    def segment(self, grant: str, name: str) -> Path:
        """One segment of a grant."""
        return self.records(grant) / f"{named(name)}{SEALED}"

    @property
    def notes(self) -> Path:
        """Folders of notes by grant."""
        return self.root / NOTES

    def kept(self, grant: str) -> Path:
        """The folder of one grant's notes."""
        return self.notes / named(grant)

    def note(self, grant: str, name: str) -> Path:
        """One note of a grant. Raises UsageError for a name that could be a path, or say too much."""
        if not notable(name):
            raise UsageError(f"{name!r} cannot name a note. Use small letters, digits, dots and hyphens, at most 100.")
        return self.kept(grant) / f"{name}{SEALED}"

    @property
    def lock(self) -> Path:
        """Held by the one writer."""
        return self.root / LOCK

    @property
    def socket(self) -> Path:
        """Where the agent listens."""
        return self.root / SOCKET


def notable(name: str) -> bool:
    """Whether a note may have this name."""
    return _NOTE.fullmatch(name) is not None and not name.endswith(".")


def nameable(name: str) -> bool:
    """Whether a grant may have this name."""
    return _NAME.fullmatch(name) is not None


def named(name: str) -> str:
    """A name that may be that of a file. Raises UsageError."""
    if not nameable(name):
        raise UsageError(f"{name!r} cannot name a grant. Use small letters, digits and hyphens, at most 64.")
    return name


def private(root: Path) -> None:
    """Raise NoVault or Exposed unless this is a vault that its owner alone can open."""
    if not (root / VAULT).is_file():
        raise NoVault(f"{root} holds no vault. Make one: cascade me init --vault {root}")
    if os.name == "nt":  # has no such modes: the profile's folder is the owner's
        return
    for path in (root, root / VAULT, root / KEYS):
        with suppress(FileNotFoundError):
            found = path.stat()
            if found.st_uid != os.getuid():
                raise Exposed(f"{path} belongs to another user. Use a vault of your own.")
            if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise Exposed(f"Others can read or change {path}. Close it first: chmod -R go-rwx '{root}'")


def folder(path: Path) -> None:
    """Make a folder that its owner alone can open, with those above it, and have its name stay."""
    if not path.is_dir():
        with writing(path):
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True)
            path.mkdir(mode=0o700, exist_ok=True)
            disk.flush_folder(path.parent)


def read(path: Path) -> bytes:
    """A file that must be there, whole. Raises Corrupt or Unreadable."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise Corrupt(
            f"{path} is missing. Restore the vault from a backup, or ingest the grant again.", path
        ) from error
    except OSError as error:
        raise Unreadable(
            f"{path} cannot be read ({error.strerror}). Give its owner permission, or look at the disk."
        ) from error


def put(path: Path, data: bytes, new: bool = False) -> None:
    """Put a private file in place in one step, durably: there is the old content or this, never a mix.

    `new`: it must not be there yet; what is, stays, and FileExistsError is raised.
    """
    stream(path, (data,), new)


def stream(path: Path, parts: Iterable[bytes], new: bool = False) -> None:
    """As `put`, part by part."""
    aside = _aside(path)
    try:
        with writing(path):
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as out:
                for part in parts:
                    out.write(part)
                out.flush()
                os.fsync(out.fileno())
        if new:
            _linked(aside, path)
        else:
            with writing(path):
                disk.rename(aside, path)
        disk.flush_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def _linked(aside: Path, path: Path) -> None:
    """Give a file its name unless that is taken. Raises FileExistsError."""
    try:
        os.link(aside, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        if path.exists():
            raise FileExistsError(str(path)) from None
        disk.rename(aside, path)
    else:
        aside.unlink()


def supersede(path: Path, data: bytes) -> None:
    """As `put`, and overwrite the bytes that were there before: they may be a key that must not come back."""
    old = _aside(path)
    with suppress(OSError):  # nothing there, or a disk without links
        os.link(path, old)
    put(path, data)
    shred(old)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")


def shred(path: Path) -> bool:
    """Take a file away in one step, overwrite it where it lies, and remove it; False where there was none.

    The overwriting helps on a plain disk alone; what is destroyed for certain is what no key opens any more. Who is
    stopped here leaves a file that `stale` names.
    """
    with writing(path):
        aside = _aside(path)
        try:
            disk.rename(path, aside)
        except FileNotFoundError:
            return False
        disk.flush_folder(path.parent)
        with aside.open("r+b") as file:
            file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        aside.unlink(missing_ok=True)
        disk.flush_folder(path.parent)
    return True


def stale(folder_: Path) -> Iterator[Path]:
    """What writers that are gone have left half-written in a folder."""
    for path in sorted(folder_.iterdir()) if folder_.is_dir() else ():
        aside = _ASIDE.fullmatch(path.name)
        if aside and not _alive(int(aside[1]), path):
            yield path


def _alive(process: int, path: Path) -> bool:
    """Whether the process that writes a file may still be there."""
    if os.name == "nt":  # asking for a process there may end it
        return time.time() - path.stat().st_mtime < DAY
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
