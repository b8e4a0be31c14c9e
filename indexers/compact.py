"""Compaction: drops deleted rows, merges small segments, and puts a large index into inverted lists.

Small segments are merged by tiers of size, so that thousands of small additions rewrite each passage a few times only.
While an index is small every search of vectors is exact. When it has grown large (or eight times larger than when its
lists were trained, or the lists are out of balance) a new generation of lists is trained on a sample of all segments
and every segment is rewritten in list order; then neighbours lie side by side on disk.
Knows segments and sizes; knows nothing of sources.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cascade.data import Rows
from cascade.index import coarse, layout, vectors
from cascade.index.coarse import Lists
from cascade.index.manifest import Entry, Manifest
from cascade.index.segment import Batch, Placed, Segment
from cascade.index.snapshot import Snapshot
from cascade.index.vectors import Int8s
from cascade.index.writer import Writer
from indexers.segments import Pending

SLAB = 32_768
"""Passages read at once. Merging holds the catalog of one segment, one slab and one segment that is written."""

Told = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What compaction strives for.

    `exact`: up to so many passages vectors are searched exactly, without lists. `most`: passages in a segment while the
    index is small; see `room`. `small`: segments under a quarter of the room are small; so many are put up with in each
    tier, and the largest of a tier is less than `ratio` times the smallest that belongs there. `growth`: lists are
    trained anew when the index is so many times larger. `imbalance`: or when lists are so uneven. `dead`: a segment is
    rewritten when a larger share of its rows is deleted.
    """

    exact: int = 200_000
    most: int = 131_072
    small: int = 8
    ratio: int = 8
    growth: float = 8.0
    imbalance: float = 4.0
    dead: float = 0.2

    def room(self, passages: int) -> int:
        """Passages in a segment of an index of so many: a tenth of them, so that lists of a large index are not cut
        into many short pieces, between `most` and eight times `most`, which bounds the memory of a merge (1 GB)."""
        return min(8 * self.most, max(self.most, passages // 10))


@dataclass(frozen=True, slots=True)
class Plan:
    """Segments to rewrite, those of each group into as few as may be, and whether lists are trained first."""

    groups: tuple[tuple[Entry, ...], ...]
    train: bool = False

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def rewrite(self) -> tuple[Entry, ...]:
        """All segments to rewrite."""
        return tuple(entry for group in self.groups for entry in group)


def plan(manifest: Manifest, shape: Shape, thorough: bool = False) -> Plan:
    """What should be rewritten now. `thorough`: any segment with deleted rows, and any two small ones."""
    entries = manifest.segments
    total = sum(e.passages for e in entries)
    if total > shape.exact and manifest.format >= layout.LISTED:
        newest = manifest.generation
        uneven = max((e.imbalance for e in entries), default=1.0) > shape.imbalance
        if newest is None or total > newest.trained * shape.growth or (uneven and total > newest.trained * 1.5):
            return Plan((entries,), train=True)
    return merges(manifest, shape, thorough)


def merges(manifest: Manifest, shape: Shape, thorough: bool = False) -> Plan:
    """What `plan` says where no lists are to be trained: tiers that are full, and segments with many deleted rows."""
    entries = manifest.segments
    live = {e.name: e.passages for e in entries}
    for grave in manifest.graves:
        live[grave.segment] -= grave.rows
    small = [e for e in entries if e.passages < shape.room(sum(live.values())) // 4]
    decayed = [e for e in entries if e.passages - live[e.name] > (0 if thorough else shape.dead * e.passages)]
    if thorough:
        chosen = {e.name for e in (*decayed, *(small if len(small) > 1 else []))}
        groups = [chosen]
    else:
        groups = full({e.name: live[e.name] for e in small}, shape)
        groups.append({e.name for e in decayed}.difference(*groups))
    return Plan(tuple(tuple(e for e in entries if e.name in group) for group in groups if group))


def full(live: Mapping[str, int], shape: Shape) -> list[set[str]]:
    """The tiers with too many segments, each with those below that are to be merged into it.

    A segment of n live passages is in tier floor(log n), base `ratio`. What a merge makes counts in the tier it falls
    into: where that is too many, all are merged at once. So a passage is rewritten about once a tier.
    """
    tiers: dict[int, list[set[str]]] = {}
    for name, passages in live.items():
        tiers.setdefault(tier(passages, shape.ratio), []).append({name})
    merged: list[set[str]] = []
    for at in range(max(tiers, default=-1) + 1):
        if len(of_tier := tiers.get(at, [])) <= shape.small:
            merged += [names for names in of_tier if len(names) > 1]
            continue
        names = set[str]().union(*of_tier)
        above = tier(sum(live[name] for name in names), shape.ratio)
        if above > at and above in tiers:
            tiers[above].append(names)
        else:
            merged.append(names)
    return merged


def tier(passages: int, ratio: int) -> int:
    """floor(log(passages)) to the base `ratio`, without rounding errors."""
    found = 0
    while passages >= ratio:
        passages //= ratio
        found += 1
    return found


def compact(writer: Writer, shape: Shape, thorough: bool = False, told: Told | None = None) -> int:
    """Carry out the plan in one commit per group of segments. Returns how many segments were rewritten."""
    return carry_out(plan(writer.manifest, shape, thorough), writer, shape, told)


def carry_out(chosen: Plan, writer: Writer, shape: Shape, told: Told | None = None) -> int:
    """Rewrite what a plan names. Returns how many segments that were."""
    if not chosen:
        return 0
    snapshot = Snapshot(writer.layout.root)
    try:
        snapshot.whole()
        if chosen.train:
            total = len(snapshot)
            parts = [segment.vectors() for segment in snapshot.segments]
            train(writer, vectors.sample_of(parts, wanted(total, writer.manifest.built.dim)), total, told)
        for group in chosen.groups:
            _rewrite(writer, snapshot, group, shape, told)
    finally:
        snapshot.close()
    writer.sweep()
    return len(chosen.rewrite)


def lists_for(passages: int) -> int:
    """How many inverted lists: the power of two nearest to 4 sqrt(n), as the FAISS guidelines have it."""
    return int(2 ** round(math.log2(4 * math.sqrt(max(passages, 1)))))


PER_LIST = 50
"""Vectors that lists are trained on, for each of them (faiss#2301)."""

SAMPLE = 1 << 30
"""Bytes of the largest sample."""


def wanted(passages: int, dim: int, most: int = SAMPLE) -> int:
    """How many vectors the lists of an index of so many passages are trained on. `most`: bytes of them."""
    return min(PER_LIST * lists_for(passages), most // dim)


def train(writer: Writer, sample: Int8s, passages: int, told: Told | None = None) -> None:
    """Train the lists of an index of so many passages on a sample of its vectors, as many as there are at most."""
    count = min(lists_for(passages), len(sample))

    def heard(done: int) -> None:
        if told:
            told(f"training {count:,} lists", done, count)

    heard(0)
    writer.train(coarse.train(sample, count, threads=os.cpu_count() or 1, told=heard), passages)
    heard(count)


def _rewrite(writer: Writer, snapshot: Snapshot, group: Sequence[Entry], shape: Shape, told: Told | None) -> None:
    lists = writer.lists() if len(snapshot) > shape.exact else None
    names = {e.name for e in group}
    numbers = [n for n, segment in enumerate(snapshot.segments) if segment.entry.name in names]
    total = sum(int(snapshot.live[n].sum()) for n in numbers)
    made, done = [], 0
    if told:
        told("organising", 0, total)
    for batch, listed in _filled(_slabs(snapshot, numbers, lists), total, shape.room(len(snapshot))):
        made.append(writer.write(batch, lists, Placed.of(listed, lists) if lists else None))
        done += len(batch)
        if told:
            told("organising", done, total)
    writer.commit(made, dropped=sorted(names))


def _slabs(snapshot: Snapshot, numbers: Sequence[int], lists: Lists | None) -> Iterator[tuple[Batch, Rows]]:
    """The live passages of some segments, a slab at a time, and the list of each (0 without lists)."""
    for number in numbers:
        rows, segment = np.flatnonzero(snapshot.live[number]), snapshot.segments[number]
        columns = snapshot.catalog.batch(number) if len(rows) else None
        for begin in range(0, len(rows), SLAB):
            if columns:
                part = rows[begin : begin + SLAB]
                batch = segment.batch(part, columns)
                yield batch, _listed(segment, part, batch, lists)


def _listed(segment: Segment, rows: Rows, batch: Batch, lists: Lists | None) -> Rows:
    """The list of each row: where the segment has them from the same lists, without looking for it again."""
    if lists is None:
        return np.zeros(len(rows), dtype=np.int64)
    held = segment.listed(rows) if segment.under(lists) else None
    return lists.assign(batch.vectors, threads=os.cpu_count() or 1) if held is None else held


def _filled(slabs: Iterator[tuple[Batch, Rows]], total: int, most: int) -> Iterator[tuple[Batch, Rows]]:
    """Cut a stream of batches into as few equal ones as `most` allows."""
    size = math.ceil(total / max(1, math.ceil(total / most)))
    held, lists = Pending(), list[Rows]()
    for slab, of_slab in slabs:
        rest, listed = slab, of_slab
        while len(held) + len(rest) >= size:
            need = size - len(held)
            held.add(rest.take(np.arange(need)))
            yield held.take(), np.concatenate([*lists, listed[:need]])
            lists.clear()
            rest, listed = rest.take(np.arange(need, len(rest))), listed[need:]
        if len(rest):
            held.add(rest)
            lists.append(listed)
    if len(held):
        yield held.take(), np.concatenate(lists)
