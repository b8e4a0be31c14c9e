"""A vault with its ledger of grants: what every command on personal data begins with.

`at(root)` is the locked view: the ledger can be read, and a grant revoked, without a passphrase. `unlocked(root,
secret)` can do the rest. The ledger's head and the key of placeholders are kept as notes of the vault's own, under the
name `ledger`, which no grant can have.
Knows how vault and ledger belong together; knows nothing of what is read or asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cascade.errors import UnknownName
from indexers.personal.grants import Grants, Sealed, Today
from indexers.personal.grants.sealed import LEDGER
from indexers.personal.sealing import NoKey
from indexers.personal.vault import folder
from indexers.personal.vault.folder import Vault
from indexers.sources.connectors import registry

if TYPE_CHECKING:
    from indexers.personal.vault.unlocked import Unlocked

_PLACEHOLDERS = "placeholders"


class Versions(Mapping[str, int]):
    """The connectors' versions by name; each is imported when it is looked at."""

    def __getitem__(self, name: str) -> int:
        try:
            return registry.connector(name).version
        except UnknownName:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(registry.names())

    def __len__(self) -> int:
        return len(registry.names())


@dataclass(frozen=True, slots=True)
class Home:
    """A vault, what was consented to in it, and (where it is open) what is kept in it."""

    vault: Vault
    grants: Grants
    open: Unlocked | None = None

    @property
    def unlocked(self) -> Unlocked:
        """The open vault. Raises NoKey where it is locked."""
        if self.open is None:
            raise NoKey("The vault is locked. Unlock it: cascade me unlock")
        return self.open

    @property
    def placeholders(self) -> bytes:
        """The key by which numbers become placeholders: the same in the whole vault, made at first use."""
        store = Sealed(self.unlocked)
        found = store.get(LEDGER, _PLACEHOLDERS)
        if found is None:
            found = secrets.token_bytes(32)
            store.put(LEDGER, _PLACEHOLDERS, found)
        return found


def at(root: Path) -> Home:
    """A vault that stays locked. Raises NoVault, Exposed, Corrupt."""
    vault = folder.opened(root)
    return Home(vault, Grants(vault.layout.ledger, Sealed(None), today(vault)))


def of(unlocked: Unlocked) -> Home:
    """The same for a vault that is open already."""
    vault = unlocked.vault
    return Home(vault, Grants(vault.layout.ledger, Sealed(unlocked), today(vault)), unlocked)


@contextmanager
def unlocked(root: Path, secret: bytes | bytearray) -> Iterator[Home]:
    """A vault that is open for as long as this lasts. Raises WrongKey, NoVault, Exposed, Corrupt."""
    with folder.opened(root).unlock(secret) as opened:
        yield of(opened)


def today(vault: Vault) -> Today:
    """What grants are held against now."""
    return Today(vault.incarnation, Versions())

