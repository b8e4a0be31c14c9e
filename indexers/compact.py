"""Compaction: drops deleted rows, merges small segments, and puts a large index into inverted lists.

While an index is small every search of vectors is exact. When it has grown large (or eight times larger than when its
lists were trained, or the lists are out of balance) a new generation of lists is trained on a sample of all segments
and every segment is rewritten in list order; then neighbours lie side by side on disk.
Knows segments and sizes; knows nothing of sources.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cascade.index import vectors
from cascade.index.manifest import Entry, Manifest
from cascade.index.segment import Batch
from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer

Told = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What compaction strives for.

    `exact`: up to so many passages vectors are searched exactly, without lists. `most`: passages in a segment.
    `small`: segments under a quarter of `most` are small; so many are put up with. `growth`: lists are trained anew
    when the index is so many times larger. `imbalance`: or when lists are so uneven.
    """

    exact: int = 200_000
    most: int = 131_072
    small: int = 8
    growth: float = 8.0
    imbalance: float = 4.0
    dead: float = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """Segments to rewrite, and whether lists are trained first. Empty: nothing to do."""

    rewrite: tuple[Entry, ...]
    train: bool

    def __bool__(self) -> bool:
        return bool(self.rewrite)


def plan(manifest: Manifest, shape: Shape, thorough: bool = False) -> Plan:
    """What should be rewritten now. `thorough`: any segment with deleted rows, and any two small ones."""
    entries = manifest.segments
    total = sum(e.passages for e in entries)
    if total > shape.exact:
        newest = manifest.generation
        uneven = max((e.imbalance for e in entries), default=1.0) > shape.imbalance
        if newest is None or total > newest.trained * shape.growth or (uneven and total > newest.trained * 1.5):
            return Plan(entries, train=True)
    dead = {e.name: 0 for e in entries}
    for grave in manifest.graves:
        dead[grave.segment] += grave.rows
    small = [e for e in entries if e.passages < shape.most // 4]
    decayed = [e for e in entries if dead[e.name] > (0 if thorough else shape.dead * e.passages)]
    merge = small if len(small) > (1 if thorough else shape.small) else []
    chosen = {e.name for e in (*decayed, *merge)}
    return Plan(tuple(e for e in entries if e.name in chosen), train=False)


def compact(writer: Writer, shape: Shape, thorough: bool = False, told: Told | None = None) -> int:
    """Carry out the plan in one commit per group of segments. Returns how many segments were rewritten."""
    chosen = plan(writer.manifest, shape, thorough)
    if not chosen:
        return 0
    snapshot = Snapshot(writer.layout.root)
    try:
        snapshot.whole()
        if chosen.train:
            _train(writer, snapshot, told)
        _rewrite(writer, snapshot, chosen, shape, told)
    finally:
        snapshot.close()
    writer.sweep()
    return len(chosen.rewrite)


def lists_for(passages: int) -> int:
    """How many inverted lists: the power of two nearest to 4 sqrt(n), as the FAISS guidelines have it."""
    return int(2 ** round(math.log2(4 * math.sqrt(max(passages, 1)))))


def _train(writer: Writer, snapshot: Snapshot, told: Told | None) -> None:
    count = lists_for(len(snapshot))
    if told:
        told(f"training {count:,} lists", 0, 1)
    sample = vectors.sample_of([segment.vectors() for segment in snapshot.segments], 50 * count)
    writer.train(vectors.train(sample, count, threads=os.cpu_count() or 1), len(snapshot))
    if told:
        told(f"training {count:,} lists", 1, 1)


def _rewrite(writer: Writer, snapshot: Snapshot, chosen: Plan, shape: Shape, told: Told | None) -> None:
    lists = writer.lists() if len(snapshot) > shape.exact else None
    names = {e.name for e in chosen.rewrite}
    numbers = [n for n, segment in enumerate(snapshot.segments) if segment.entry.name in names]
    total = sum(int(snapshot.live[n].sum()) for n in numbers)
    made, done = [], 0
    if told:
        told("organising", 0, total)
    for batch in _filled(_batches(snapshot, numbers), total, shape.most):
        made.append(writer.write(batch, lists))
        done += len(batch)
        if told:
            told("organising", done, total)
    writer.commit(made, dropped=sorted(names))


def _batches(snapshot: Snapshot, numbers: Sequence[int]) -> Iterator[Batch]:
    for number in numbers:
        rows = np.flatnonzero(snapshot.live[number])
        if len(rows):
            yield snapshot.segments[number].batch(rows, snapshot.catalog.batch(number))


def _filled(batches: Iterator[Batch], total: int, most: int) -> Iterator[Batch]:
    """Cut a stream of batches into as few equal ones as `most` allows."""
    size = math.ceil(total / max(1, math.ceil(total / most)))
    held: list[Batch] = []
    for batch in batches:
        held.append(batch)
        while sum(map(len, held)) >= size:
            whole = Batch.join(held)
            yield whole.take(np.arange(size))
            held = [whole.take(np.arange(size, len(whole)))] if len(whole) > size else []
    if held:
        yield Batch.join(held)
