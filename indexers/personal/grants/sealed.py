"""The store of a vault: the personal half of each grant as a sealed note under the grant's own key.

The copy of where the ledger ends is sealed too, under a key of its own (that of `LEDGER`, which is no grant): whoever
cuts off the end of the ledger, or writes it anew, is found out as soon as the vault is unlocked.
Knows notes and keys by their shape; knows nothing of vaults' files.
"""

from __future__ import annotations

from typing import Any, Protocol

from cascade.errors import NotFound, UnusableIndex
from indexers.personal.sealing import NoKey

LEDGER = "ledger"
HEAD = "head"


class Keys(Protocol):
    """Which grants have a key."""

    def has(self, grant: str) -> bool:
        """Whether a grant has a key."""
        ...

    def new(self, grant: str) -> None:
        """Give a grant a key."""
        ...


class Notes(Protocol):
    """Sealed notes by grant and name."""

    def put(self, grant: str, name: str, data: bytes) -> None:
        """Seal a note of a grant."""
        ...

    def get(self, grant: str, name: str) -> bytes:
        """Unseal a note. Raises NoKey, NotFound."""
        ...

    def remove(self, grant: str, name: str) -> bool:
        """Overwrite and remove a note; False where there was none."""
        ...


class Open(Protocol):
    """A vault that is unlocked."""

    keys: Any
    notes: Any


class Sealed:
    """A `Store`; None stands for a vault that is locked."""

    def __init__(self, unlocked: Open | None) -> None:
        self._unlocked = unlocked

    def put(self, grant: str, name: str, data: bytes) -> None:
        """Seal, under a new key where the grant has none."""
        if not self._keys.has(grant):
            self._keys.new(grant)
        self._notes.put(grant, name, data)

    def get(self, grant: str, name: str) -> bytes | None:
        """Unseal."""
        try:
            return self._notes.get(grant, name)
        except (NoKey, NotFound):
            return None

    def remove(self, grant: str, name: str) -> None:
        """Overwrite and remove."""
        self._notes.remove(grant, name)

    def remember(self, head: bytes) -> None:
        """Seal the copy of the head."""
        self.put(LEDGER, HEAD, head)

    def remembered(self) -> bytes | None:
        """The copy; None while the vault is locked."""
        return self.get(LEDGER, HEAD) if self._unlocked else None

    @property
    def _keys(self) -> Keys:
        keys: Keys = self._opened.keys
        return keys

    @property
    def _notes(self) -> Notes:
        notes: Notes = self._opened.notes
        return notes

    @property
    def _opened(self) -> Open:
        if self._unlocked is None:
            raise UnusableIndex("The vault is locked, and what a grant takes in is sealed. First: cascade me unlock")
        return self._unlocked
