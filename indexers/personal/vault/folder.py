"""A vault as a folder: made, opened, unlocked, closed with another passphrase.

`vault.json` says which vault it is (`id`, for ever), which life of it (`incarnation`, made anew by a restore, so that
what was permitted before is not permitted again), and how its records were built. It holds nothing personal.
Knows the folder; knows nothing of what is sealed in it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascade.errors import Corrupt, Locked, UnusableIndex, WrongEncoder, WrongFormat
from cascade.index.manifest import Built
from indexers.personal import layout
from indexers.personal.layout import Layout
from indexers.personal.sealing import Cost, Key
from indexers.personal.vault import keystore

if TYPE_CHECKING:
    from indexers.personal.vault.unlocked import Unlocked


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault that is there and private, still locked."""

    layout: Layout
    id: str
    incarnation: str
    built: Built
    created: str

    def unlock(self, secret: bytes | bytearray) -> Unlocked:
        """Open it with its passphrase. Raises WrongKey, Corrupt."""
        from indexers.personal.vault.unlocked import Unlocked

        return Unlocked(self, keystore.opened(self.layout, self.id, secret))

    def rekey(self, old: bytes | bytearray, new: bytes | bytearray, cost: Cost | None = None) -> None:
        """Close it with another passphrase. Raises WrongKey. Copies of `keys/` made before open with the old one."""
        master = keystore.opened(self.layout, self.id, old)
        keystore.close(self.layout, self.id, master, new, cost or Cost.usual())
        master.wipe()

    def agree(self, built: Built) -> None:
        """Raise WrongEncoder unless records that are made in this way can stand beside those that are here."""
        ours, theirs = ((one.encoder, one.fingerprint, one.vocabulary, one.dim) for one in (self.built, built))
        if ours != theirs:
            raise WrongEncoder(
                f"{self.layout.root} was built with {self.built.encoder} ({self.built.fingerprint}) but "
                f"{built.encoder} ({built.fingerprint}) was given. Leave out the encoder, or make a vault of its own."
            )


def taken(root: Path) -> UnusableIndex:
    """What is said where a vault is to be made and one is there."""
    return UnusableIndex(f"{root} already holds a vault. Use it, or make another: cascade me init --vault FOLDER")


def create(root: Path, secret: bytes | bytearray, built: Built, cost: Cost | None = None) -> Vault:
    """Make an empty vault, `vault.json` last. Raises UnusableIndex where the folder holds something else."""
    where = Layout(root)
    if where.vault.exists():
        raise taken(root)
    if root.exists() and not root.is_dir():
        raise UnusableIndex(f"{root} is a file. Name a new or empty folder for the vault.")
    if root.exists() and any(path.name not in (layout.KEYS, layout.SEGMENTS, layout.NOTES) for path in root.iterdir()):
        raise UnusableIndex(f"{root} holds other files. Name a new or empty folder for the vault.")
    layout.folder(root)
    root.chmod(0o700)
    for folder in (where.keys, where.segments, where.notes):
        layout.folder(folder)
    made = Vault(where, secrets.token_hex(16), secrets.token_hex(16), built, _now())
    master = Key.new()
    keystore.close(where, made.id, master, secret, cost or Cost.usual())
    master.wipe()
    _write(made)
    return made


def opened(root: Path) -> Vault:
    """The vault in a folder. Raises NoVault, Exposed, WrongFormat, Corrupt."""
    where = Layout(root)
    layout.private(root)
    try:
        said = json.loads(layout.read(where.vault))
        stated = said.pop("hash")
        version = said["format"]
        if stated != _hash(said):
            raise ValueError("it was changed")
        if version == layout.FORMAT:
            return Vault(where, said["id"], said["incarnation"], Built(**said["built"]), said["created"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Corrupt(
            f"{where.vault} is not as it was written. Take that file from a backup of this vault", where.vault
        ) from None
    raise WrongFormat(f"{root} has format {str(version)[:20]}; this version reads {layout.FORMAT}. Upgrade Cascade.")


@contextmanager
def writing(where: Layout) -> Iterator[None]:
    """Be the one writer of a vault's records, among all processes. Raises Locked where another is."""
    from filelock import FileLock, Timeout

    lock = FileLock(where.lock, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Locked(f"{where.root} is being written by another process. Wait until it is done.") from None
    try:
        yield
    finally:
        lock.release()


def reborn(vault: Vault) -> Vault:
    """The same vault in a new life: what was permitted before must be permitted anew."""
    made = Vault(vault.layout, vault.id, secrets.token_hex(16), vault.built, vault.created)
    _write(made)
    return made


def _write(vault: Vault) -> None:
    said: dict[str, Any] = {
        "format": layout.FORMAT, "id": vault.id, "incarnation": vault.incarnation, "created": vault.created,
        "built": asdict(vault.built),
    }  # fmt: skip
    layout.put(vault.layout.vault, json.dumps({**said, "hash": _hash(said)}, indent=1).encode())


def _hash(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()
