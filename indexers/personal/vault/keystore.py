"""The keys of a vault: one for the vault, wrapped by the passphrase's; one for each grant, wrapped by the vault's.

What a key has sealed is noise once its file is gone: that is how a grant is erased, from every copy that anybody made
of the vault without its keys. A key that was taken out stays usable only as long as its file is there.
Knows keys; knows nothing of what they seal.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascade.errors import Corrupt, UsageError
from indexers.personal import layout
from indexers.personal.layout import Layout
from indexers.personal.sealing import SALT, SIZE, Cost, Key, Label, NoKey, WrongKey, derive, seal, unseal
from indexers.personal.vault.hardening import pin

if TYPE_CHECKING:
    from filelock import BaseFileLock

MASTER, GRANT = "vault key", "grant key"


class Keystore:
    """The keys of an unlocked vault. May be shared between threads."""

    def __init__(self, where: Layout, vault: str, master: Key) -> None:
        self._where, self._vault, self._master = where, vault, master
        pin(master.raw)
        self._known: dict[str, tuple[tuple[int, int], tuple[Key, ...]]] = {}
        self._lock = threading.Lock()

    def grants(self) -> list[str]:
        """The grants that have a key, by name."""
        found = self._where.keys.glob(f"*{layout.KEY}") if self._where.keys.is_dir() else ()
        return sorted(path.stem for path in found if layout.nameable(path.stem))

    def has(self, grant: str) -> bool:
        """Whether a grant has a key. One that has none is forgotten here too."""
        if self._where.key(grant).is_file():
            return True
        self._forget(grant)
        return False

    def new(self, grant: str, key: Key | None = None) -> None:
        """Give a grant a key: a random one, or one that was exported. Raises UsageError where it has one."""
        made = key or Key.new()
        layout.folder(self._where.keys)
        try:
            with self._changing():
                layout.put(self._where.key(grant), seal(self._master, self._label(grant), bytes(made.raw)), new=True)
        except FileExistsError:
            raise UsageError(f"The grant {grant} has a key already. Use it, or revoke the grant first.") from None
        finally:
            made.wipe()

    def key(self, grant: str) -> Key:
        """The key that seals what is written of a grant now. Raises NoKey, Corrupt."""
        return self._all(grant)[0]

    def unseal(self, label: Label, raw: bytes, path: Path) -> bytes:
        """What a file of the label's grant holds, by its key or the one being given up. Raises NoKey, Corrupt."""
        *others, last = self._all(label.grant)
        for key in others:
            with suppress(Corrupt):
                return unseal(key, label, raw, path)
        return unseal(last, label, raw, path)

    def turn(self, grant: str) -> None:
        """Give a grant another key to seal with; what the one before sealed can be read until `settle`."""
        with self._changing():
            if len(old := self._all(grant)) == 1:
                made = Key.new()
                self._replace(grant, bytes(made.raw) + bytes(old[0].raw))
                made.wipe()

    def settle(self, grant: str) -> None:
        """Destroy the key that was given up: whatever it sealed is noise from then on, in every copy."""
        with self._changing():
            self._replace(grant, bytes(self.key(grant).raw))

    def turning(self) -> list[str]:
        """The grants whose key is being given up: somebody was stopped in the middle of it."""
        found = []
        for grant in self.grants():
            with suppress(NoKey, Corrupt):  # who reads the grant will tell
                if len(self._all(grant)) > 1:
                    found.append(grant)
        return found

    def _changing(self) -> BaseFileLock:
        """Held for a moment, so that a key that is destroyed is not put back by who was just changing it."""
        from filelock import FileLock

        return FileLock(self._where.turn, mode=0o600)

    def _replace(self, grant: str, raw: bytes) -> None:
        layout.supersede(self._where.key(grant), seal(self._master, self._label(grant), raw))

    def _all(self, grant: str) -> tuple[Key, ...]:
        """The key of a grant, and the one being given up if there is one; the file is looked at each time."""
        path = self._where.key(grant)
        with self._lock:
            try:
                found = path.stat()
                stamp = (found.st_ino, found.st_mtime_ns)
                before, keys = self._known.get(grant, (None, ()))
                if before != stamp:
                    keys = self._read(grant, path)
                    self._known[grant] = stamp, keys
                return keys
            except (FileNotFoundError, Corrupt) as error:
                if isinstance(error, Corrupt) and path.exists():  # else it was destroyed while it was read
                    raise
                self._drop(grant)
                raise NoKey(
                    f"The grant {grant} has no key: it was revoked, or the vault was restored without its keys. "
                    "What was kept of it cannot be read."
                ) from None

    def _read(self, grant: str, path: Path) -> tuple[Key, ...]:
        for _ in range(2):  # a file that was superseded is overwritten, maybe while it is read
            with suppress(Corrupt):
                return _keys(unseal(self._master, self._label(grant), layout.read(path), path), path)
        return _keys(unseal(self._master, self._label(grant), layout.read(path), path), path)

    def destroy(self, grant: str) -> bool:
        """Destroy the key of a grant, for good; False where there was none. What it sealed is noise from then on."""
        self._forget(grant)
        with self._changing():
            self.sweep()  # of a revocation that was stopped
            return layout.shred(self._where.key(grant))

    def export(self) -> dict[str, str]:
        """Every grant's key in hexadecimal, for `backups.export_keys` alone."""
        return {grant: bytes(self.key(grant).raw).hex() for grant in self.grants()}

    def sweep(self) -> None:
        """Overwrite what writers that were killed have left: old keys, or new ones that were never in place."""
        for path in layout.stale(self._where.keys):
            layout.shred(path)

    def wipe(self) -> None:
        """Forget all keys."""
        for grant in list(self._known):
            self._forget(grant)
        self._master.wipe()

    def _forget(self, grant: str) -> None:
        with self._lock:
            self._drop(grant)

    def _drop(self, grant: str) -> None:
        for key in self._known.pop(grant, (None, ()))[1]:
            key.wipe()

    def _label(self, grant: str) -> Label:
        return Label(self._vault, grant, GRANT, "")


def close(where: Layout, vault: str, master: Key, secret: bytes | bytearray, cost: Cost) -> None:
    """Write the vault key, wrapped by a passphrase, in place of how it was wrapped before."""
    if not secret:
        raise UsageError(
            "The passphrase is empty. Choose one that nobody guesses: five words drawn at random are good."
        )
    salt = secrets.token_bytes(SALT)
    wrapping = derive(secret, salt, cost)
    wrapped = seal(wrapping, Label(vault, "", MASTER, ""), bytes(master.raw))
    wrapping.wipe()
    said = {"format": layout.FORMAT, "cost": cost.said(), "salt": salt.hex(), "wrapped": wrapped.hex()}
    layout.folder(where.keys)
    layout.supersede(where.master, _encoded(said))


def opened(where: Layout, vault: str, secret: bytes | bytearray) -> Key:
    """The vault key. Raises WrongKey, NoKey where there is none, Corrupt where its file is not as it was written."""
    path = where.master
    if not path.exists():
        raise NoKey(f"{where.root} has no keys: it was restored from a backup. Import keys that were exported before.")
    try:
        said = json.loads(layout.read(path))
        stated = said.pop("hash")
        if stated != _hash(said):
            raise ValueError("it was changed")
        cost, salt, wrapped = Cost.of(said["cost"]), bytes.fromhex(said["salt"]), bytes.fromhex(said["wrapped"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Corrupt(
            f"{path} is not as it was written. Restore a backup into a new folder, and import exported keys there.",
            path,
        ) from None
    wrapping = derive(secret, salt, cost)
    try:
        return _keys(unseal(wrapping, Label(vault, "", MASTER, ""), wrapped, path), path)[0]
    except Corrupt:
        raise WrongKey(f"That is not the passphrase of {where.root}. Try again; nobody can reset it.") from None
    finally:
        wrapping.wipe()


def _keys(raw: bytes, path: Path) -> tuple[Key, ...]:
    if len(raw) not in (SIZE, 2 * SIZE):
        raise Corrupt(f"{path} holds no key. Restore it from keys that were exported.", path)
    keys = tuple(Key(raw[at : at + SIZE]) for at in range(0, len(raw), SIZE))
    for key in keys:
        pin(key.raw)
    return keys


def _encoded(said: dict[str, Any]) -> bytes:
    return json.dumps({**said, "hash": _hash(said)}, indent=1).encode()


def _hash(said: dict[str, Any]) -> str:
    """So that damage is not taken for a wrong passphrase. It protects nothing: what is sealed protects itself."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
