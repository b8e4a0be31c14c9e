"""A vault that is open: its grants and their keys, its notes, its records, and what can be asked of them.

Changes are made under the lock of the one writer, which first sweeps what a killed one has left; taking a key away
needs no lock: a revocation waits for nobody.
Knows what stands where; how each is done is known elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from cascade.errors import Corrupt
from cascade.index.segment import Batch
from indexers.known import Leaf
from indexers.personal.sealing import Key, NoKey
from indexers.personal.vault import folder
from indexers.personal.vault.folder import Vault
from indexers.personal.vault.keystore import Keystore
from indexers.personal.vault.notes import Notes
from indexers.personal.vault.records import Counts, Live, Records

if TYPE_CHECKING:
    from indexers.personal.vault.held import Held


class Unlocked:
    """An open vault; closing it forgets its keys. May be shared between threads."""

    def __init__(self, vault: Vault, master: Key) -> None:
        self.vault = vault
        self.keys = Keystore(vault.layout, vault.id, master)
        self.notes = Notes(vault.layout, vault.id, self.keys)
        self.records = Records(vault.layout, vault.id, self.keys, vault.built)
        self._mine = threading.RLock()
        self._depth = 0

    def __enter__(self) -> Unlocked:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lock()

    def lock(self) -> None:
        """Forget the keys. What was read before stays with whoever has it."""
        self.keys.wipe()

    def grants(self) -> list[str]:
        """The grants that have a key."""
        return self.keys.grants()

    @contextmanager
    def writing(self) -> Iterator[Records]:
        """Be the one writer of records; may be nested. Raises Locked where another process is."""
        with self._mine:
            if self._depth:
                yield self.records
                return
            with folder.writing(self.vault.layout):
                self._depth += 1
                try:
                    self._sweep()
                    yield self.records
                finally:
                    self._depth -= 1

    def _sweep(self) -> None:
        for part in (self.keys, self.notes, self.records):
            part.sweep()
        for grant in self.keys.turning():
            with suppress(NoKey, Corrupt):  # revoked meanwhile, or damaged, which who reads it is told
                self._renew(grant)

    def add(self, grant: str, batch: Batch, gone: Collection[bytes] = ()) -> Live:
        """Add passages to a grant, in the place of the records `gone`; durable when it returns. Raises NoKey."""
        with self.writing() as records:
            return records.commit(grant, batch, gone)

    def remove(self, grant: str, gone: Collection[bytes], renew: bool = True) -> Live:
        """Take records out of a grant by their ids, and overwrite what they stood in.

        `renew`: give the grant another key after it, so that they cannot be read in older copies of the vault either.
        """
        with self.writing() as records:
            records.commit(grant, None, gone)
            if renew:
                self.keys.turn(grant)
                self._renew(grant)
            return records.live(grant)

    def _renew(self, grant: str) -> None:
        """Seal everything of a grant under the key it has turned to. Whoever is stopped here, a sweep goes on for."""
        self.records.renew(grant)
        self.notes.renew(grant)
        self.keys.settle(grant)

    def counts(self, grant: str) -> Counts:
        """How much is kept of a grant."""
        return self.records.counts(grant)

    def leaves(self, grant: str) -> list[Leaf]:
        """What is known of a grant, so that the same is not added twice."""
        return self.records.leaves(grant)

    def destroy(self, grant: str) -> bool:
        """Destroy the key of a grant, then everything it sealed; False where there was no key (any more)."""
        had = self.keys.destroy(grant)
        self.records.clear(grant)
        self.notes.clear(grant)
        return had

    def held(self, grants: Sequence[str] | None = None, threads: int = 2) -> Held:
        """The records of some grants (all that have a key) in memory, as a snapshot that an engine can ask."""
        from indexers.personal.vault.held import hold

        return hold(self, self.grants() if grants is None else grants, threads)
