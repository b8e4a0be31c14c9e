"""A snapshot: the live segments of one commit of an index, opened from disk, and what damage leaves of them.

Knows the manifest and the folders it names; what is asked of the segments is `numbered`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from cascade.data import Query, Rows
from cascade.errors import Corrupt, Unreachable
from cascade.index import checks, files, model, verify
from cascade.index import manifest as manifests
from cascade.index.catalog import Catalog
from cascade.index.coarse import Lists
from cascade.index.layout import PASSAGES, Layout
from cascade.index.manifest import Entry, Generation, Manifest
from cascade.index.numbered import Mask, Numbered
from cascade.index.segment import Segment


class Snapshot(Numbered):
    """One commit of an index, open for reading by any number of threads. `only`: some of its segments, by name."""

    def __init__(
        self, root: Path, threads: int = 2, without: Mapping[str, str] | None = None,
        only: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        self.layout, self._only = Layout(root), only
        self.manifest: Manifest = manifests.read(self.layout)
        self._left_out: dict[str, str] = {**(without or {})}
        while True:
            try:
                self._open(strict=True)
                break
            except Corrupt:  # or was replaced by a writer since the manifest was read
                newer = manifests.read(self.layout)
                if newer.commit == self.manifest.commit:
                    self._open(strict=False)
                    break
                self.manifest = newer
        self._lost: dict[str, str] = {}
        self.number(Catalog([(s.folder / PASSAGES, s.sums[PASSAGES], len(s)) for s in self.segments]), threads)

    def _open(self, strict: bool) -> None:
        """Open what the manifest names. Not `strict`: a damaged segment is left out, one without its lists searched
        exactly."""
        self.built = self.manifest.built
        self.rotation = model.rotation(self.layout, self.manifest)
        self.lists: dict[int, Lists] = {}
        self.segments: list[Segment] = []
        self.live: list[Mask] = []
        for generation in self.manifest.generations:
            if any(entry.generation == generation.number for entry in self._entries()):
                self._list(generation, strict)
        for entry in self._entries():
            if entry.name not in self._left_out:
                self._take_in(entry, strict)

    def _entries(self) -> list[Entry]:
        return [entry for entry in self.manifest.segments if self._only is None or entry.name in self._only]

    def _list(self, generation: Generation, strict: bool) -> None:
        try:
            self.lists[generation.number] = model.lists(self.layout, self.manifest, generation)
        except Corrupt:
            if strict:
                raise

    def _take_in(self, entry: Entry, strict: bool) -> None:
        folder = self.layout.segment(entry.name)
        try:
            opened = Segment(folder, entry, self.built, self.lists.get(entry.generation))
            live = self._live(entry)
        except Corrupt as error:
            if strict:
                raise
            self._left_out[entry.name] = str(error)
            return
        self.segments.append(opened)
        self.live.append(live)

    @property
    def missing(self) -> tuple[str, ...]:
        """What damage keeps from being found in this snapshot, in sentences. Empty: nothing."""
        folders = [f"{self.layout.segment(name)} is left out: {said}" for name, said in self._left_out.items()]
        return (*folders, *self._lost.values(), *(segment.harm for segment in self.segments if segment.harm))

    def hit(self, error: Corrupt) -> tuple[int, Rows | None]:
        """The segment that damage lies in, and the rows that it takes (None: all). Raises the error if in none."""
        for number, segment in enumerate(self.segments):
            if error.path is not None and error.path.is_relative_to(segment.folder):
                try:
                    return number, segment.lost(error.path.relative_to(segment.folder).as_posix(), error.spans)
                except Corrupt:
                    return number, None
        raise error

    def leave_out(self, number: int, rows: Rows | None, error: Corrupt) -> None:
        """Go on without some rows of a segment (None: all). Questions under way keep what they began with."""
        gone = self.drop(number, rows)
        self._lost[f"{number} {error.path} {error.spans}"] = f"{gone:,} passages are left out: {error}"

    def within(self, query: Query) -> Snapshot:
        """This: files of this machine are not waited for, and work between them looks at the time itself."""
        return self

    def at_hand(self) -> Snapshot:
        """This: it is open here."""
        return self

    def mended(self, error: Corrupt | Unreachable, began: Sequence[Mask]) -> Snapshot:
        """What is left when work that began with these live rows met damage: this snapshot with fewer of them, or
        another without the segment. Raises the error where that is no help."""
        if isinstance(error, Unreachable):
            raise error
        number, rows = self.hit(error)
        if self.live[number] is not began[number]:  # somebody else met it first
            return self
        if rows is not None and self.live[number][rows].any():
            self.leave_out(number, rows, error)
            return self
        left = {**self._left_out, self.segments[number].entry.name: str(error)}
        return Snapshot(self.layout.root, self.threads, left, self._only)

    def newer(self) -> Snapshot | None:
        """What has been committed since; looks anew where something is missing. None where there is nothing new."""
        if manifests.read(self.layout) == self.manifest and not self.missing:
            return None
        return Snapshot(self.layout.root, self.threads, only=self._only)

    def whole(self) -> None:
        """Raise Corrupt where something is known to be missing: nothing may be built on that."""
        if self.missing:
            raise Corrupt(f"{self.layout.root} is damaged: {self.missing[0]}")

    def fusion(self) -> bytes | None:
        """The file of the index's own fusion, if it has one that is whole."""
        stated = self.manifest.notes.get("fusion")
        if stated is None:
            return None
        try:
            return files.named(self.layout.fusion(str(stated)), str(stated))
        except Corrupt as error:
            self._lost["fusion"] = f"Passages are ranked by the fusion that is shipped: {error}"
            return None

    def verify(self) -> list[str]:
        """Read every byte; one sentence for each thing that is wrong. Of an older commit only the segments are held."""
        if manifests.read(self.layout).commit == self.manifest.commit:
            return [str(error) for error in verify.damage(self.layout, self.manifest)]
        held = (verify.segment(segment.folder, segment.entry.hash) for segment in self.segments)
        return [str(error) for found in held for error in found]

    def close(self) -> None:
        """Let all files go."""
        self.shut()

    def _live(self, entry: Entry) -> Mask:
        mask = np.ones(entry.passages, dtype=bool)
        for grave in self.manifest.graves:
            if grave.segment == entry.name:
                path = self.layout.tombstone(grave.segment, grave.commit)
                mask[checks.dead(path, grave.hash, grave.rows, len(mask))] = False
        return mask
