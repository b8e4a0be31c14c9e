"""Records of some grants in anonymous memory, as a snapshot that `cascade.engine.Engine` asks like any other.

Everything is compared exactly: there are no lists, no codes, nothing trained on a person. No byte of it is written
anywhere: not to a temporary file, nor to one in memory, which would outlive a process that is killed.
Knows which segments are held; knows nothing of keys or of what may be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cascade.data import Rows
from cascade.errors import Corrupt
from cascade.index import vectors
from cascade.index.catalog import CatalogBatch, Resident
from cascade.index.files import digest
from cascade.index.layout import Layout
from cascade.index.manifest import Built, Manifest
from cascade.index.numbered import Mask
from cascade.index.segment import Segment
from cascade.index.snapshot import Snapshot
from indexers.personal.vault.resident import HeldSegment

if TYPE_CHECKING:
    from indexers.personal.vault.unlocked import Unlocked

State = tuple[tuple[str, int], ...]
"""Which commit of each grant is held."""


class Held(Snapshot):
    """Segments in memory. `grants` says which commit of which grant; it changes with nothing that happens on disk."""

    def __init__(
        self, where: Layout, built: Built, segments: Sequence[HeldSegment], catalog: Resident, grants: State = (),
        threads: int = 2,
    ) -> None:  # fmt: skip
        self.layout, self.built, self.grants, self.threads = where, built, grants, threads
        self.rotation = vectors.rotation(built.dim)
        self.manifest = Manifest(built, digest(self.rotation.tobytes()), "")
        self.lists = {}
        self.held = list(segments)
        self.segments: list[Segment] = [*segments]
        self.live: list[Mask] = [np.ones(len(segment), dtype=bool) for segment in segments]
        self._left_out: dict[str, str] = {}
        self._resident = catalog
        self._lost: dict[str, str] = {}
        self._only = None
        self.number(catalog, threads)

    def only(self, grants: Collection[str]) -> Held:
        """The records of some of the grants; what is in memory is shared."""
        chosen = [number for number, segment in enumerate(self.held) if segment.grant in grants]
        state = tuple(one for one in self.grants if one[0] in grants)
        segments = [self.held[number] for number in chosen]
        return Held(self.layout, self.built, segments, self._resident.only(chosen), state, self.threads)

    def found(self, where: str) -> dict[str, list[bytes]]:
        """The ids of the records that a filter matches, by grant: to be removed, or counted. Raises BadFilter."""
        out: dict[str, set[bytes]] = {}
        for number, mask in enumerate(self.matching(where)):
            columns = self.catalog.identities(number)
            pairs = zip(columns["id_hi"][mask].tolist(), columns["id_lo"][mask].tolist(), strict=True)
            ids = {high.to_bytes(8, "big") + low.to_bytes(8, "big") for high, low in pairs}
            if ids:
                out.setdefault(self.held[number].grant, set()).update(ids)
        return {grant: sorted(ids) for grant, ids in out.items()}

    def hit(self, error: Corrupt) -> tuple[int, Rows | None]:
        """Raises the error: what is in memory was whole when it was unsealed."""
        raise error

    def newer(self) -> None:
        """Nothing: what is held changes when it is held anew."""
        return

    def verify(self) -> list[str]:
        """Nothing is wrong: every byte was authenticated when it was read."""
        return []


def hold(unlocked: Unlocked, grants: Sequence[str], threads: int = 2) -> Held:
    """Unseal all records of some grants. Raises NoKey, Corrupt."""
    vault, segments, state = unlocked.vault, [], []
    columns: list[CatalogBatch] = []
    for grant in dict.fromkeys(grants):
        commit, found = _of(unlocked, grant)
        segments += [segment for segment, _ in found]
        columns += [batch for _, batch in found]
        state.append((grant, commit))
    return Held(Layout(vault.layout.root), vault.built, segments, Resident(columns), tuple(state), threads)


def state(unlocked: Unlocked, grants: Sequence[str]) -> State:
    """Which commit of each grant is on disk now, to be compared with what is held."""
    return tuple((grant, unlocked.records.live(grant).commit) for grant in dict.fromkeys(grants))


def _of(unlocked: Unlocked, grant: str) -> tuple[int, list[tuple[HeldSegment, CatalogBatch]]]:
    """The live segments of a grant, read again where a writer has replaced them meanwhile."""
    vault, records = unlocked.vault, unlocked.records
    live = records.live(grant)
    while True:
        try:
            out = []
            for entry in live.segments:
                packed = records.segment(grant, entry.name)
                path = vault.layout.segment(grant, entry.name)
                out.append((HeldSegment(path, grant, packed, vault.built), packed.catalog))
            return live.commit, out
        except Corrupt:
            if (newer := records.live(grant)) == live:
                raise
            live = newer
