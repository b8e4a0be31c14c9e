"""Nomination by vectors: which rows of a whole snapshot are nearest to a query, by codes in inverted lists.

Lists are read nearest first, in waves, until as many codes are compared as a query may cost, or a wave brings almost
nothing new. One threshold holds for all segments: each wave adds the histogram of its estimates, so nobody collects
more than is kept, and it costs the same whether 10 rows are kept or 30,000. Where estimates lie, in one process or in
many, does not matter here.
Knows lists, estimates and rows; knows nothing of files, text or stages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np

from cascade.data import Floats, Rows
from cascade.index.coarse import Lists
from cascade.index.weigh import LEAST, WIDTH, Counts, least

WAVES = 4
"""Parts in which lists are read, where one may be the last; else there is one, since each costs time of its own."""

Probes = dict[int, tuple[Rows, Floats]]
"""By generation: lists, nearest first, and their similarities."""


class Reach(NamedTuple):
    """How far nomination goes.

    `keep`: rows to find. `scanned`: codes that are compared at most, but those of the `fewest` nearest lists in any
    case. `patience`: a wave that brings less than this share of `keep` is the last. `wanted`: rows that must be found,
    as far as there are so many, however many codes that takes.
    """

    keep: int
    scanned: int
    fewest: int
    patience: float = 0.0
    wanted: int = 0


class Nomination(NamedTuple):
    """The nearest rows, unordered, int64 (n,), with their cosines, estimated or exact, float32 (n,).

    `probes`: the lists that were read. `codes`: how many codes were compared. `bytes`: what was read for it.
    """

    rows: Rows
    scores: Floats
    probes: Probes
    codes: int
    bytes: int


class Placed(NamedTuple):
    """Where a row lies. `cosine`: with the query, exact. `generation`: 0 where it is in no list; else `home`, its list,
    and `estimate`, of the cosine by its code."""

    cosine: float
    generation: int = 0
    home: int = -1
    estimate: float = 0.0


class Weighing(Protocol):
    """One query's estimates, wherever the segments are."""

    def exact(self) -> Counts:
        """Compare what has no codes. The histogram of the cosines."""
        ...

    def wave(self, probes: Probes) -> Counts:
        """Estimate the rows of these lists. The histogram of the estimates."""
        ...

    def above(self, least: float) -> tuple[Rows, Floats]:
        """All rows that reach a score, in any order, with their scores."""
        ...

    @property
    def bytes(self) -> int:
        """What was read so far."""
        ...


def nominate(
    weighing: Weighing, vector: Floats, lists: Mapping[int, Lists], sizes: Mapping[int, Counts], reach: Reach
) -> Nomination:
    """The best `reach.keep` rows. `sizes`: by generation, rows of each list in all segments; none: all was compared."""
    counts = weighing.exact()
    scanned, probes = reach.scanned, _none(sizes)
    while sizes:
        before, probes = probes, _order(vector, lists, sizes, scanned, reach.fewest)
        for wave in _waves(before, probes, sizes, WAVES if reach.patience else 1):
            brought = weighing.wave(wave)
            counts = counts + brought
            line = least(counts, reach.keep)
            news = int(brought[_bin(line) :].sum())
            if reach.patience and line > -np.inf and news < reach.patience * reach.keep:
                probes = _until(probes, wave)
                break
        if int(counts.sum()) >= reach.wanted or all(len(near) == len(lists[g]) for g, (near, _) in probes.items()):
            break
        scanned *= 2
    rows, scores = cut(*weighing.above(least(counts, reach.keep)), reach.keep)
    codes = sum(int(sizes[generation][near].sum()) for generation, (near, _) in probes.items())
    return Nomination(rows, scores, probes, codes, weighing.bytes)


def cut(rows: Rows, scores: Floats, keep: int) -> tuple[Rows, Floats]:
    """The best `keep` rows, unordered; of equals at the cut, the first rows, wherever they came from."""
    if len(rows) <= keep:
        return rows, scores
    line = np.partition(scores, len(scores) - keep)[len(scores) - keep] if keep else np.inf
    over, equal = np.flatnonzero(scores > line), np.flatnonzero(scores == line)
    equal = equal[np.argsort(rows[equal], kind="stable")][: keep - len(over)]
    chosen = np.concatenate([over, equal])
    return rows[chosen], scores[chosen]


def _none(sizes: Mapping[int, Counts]) -> Probes:
    return {generation: (np.empty(0, np.int64), np.empty(0, np.float32)) for generation in sizes}


def _order(
    vector: Floats, lists: Mapping[int, Lists], sizes: Mapping[int, Counts], scanned: int, fewest: int
) -> Probes:  # fmt: skip
    """The lists to read: of each generation the nearest, that hold its share of what may be compared."""
    rows = {generation: int(held.sum()) for generation, held in sizes.items()}
    whole = max(1, sum(rows.values()))
    out: Probes = {}
    for generation, held in sizes.items():
        budget = max(1, scanned * rows[generation] // whole)
        guess = max(fewest, 5 * budget * len(held) // (4 * max(1, rows[generation])) + 1)
        near, similar = lists[generation].nearest(vector, min(len(held), guess))
        full = int(np.searchsorted(np.cumsum(held[near]), budget)) + 1
        if full > len(near) < len(held):  # small lists lie near: there is room for more
            near, similar = lists[generation].nearest(vector, len(held))
            full = int(np.searchsorted(np.cumsum(held[near]), budget)) + 1
        chosen = slice(0, max(full, fewest))
        out[generation] = near[chosen], similar[chosen]
    return out


def _waves(before: Probes, probes: Probes, sizes: Mapping[int, Counts], count: int) -> list[Probes]:
    """What `probes` has and `before` has not, in `count` parts of about as many rows."""
    parts: list[Probes] = [{} for _ in range(count)]
    for generation, (near, similar) in probes.items():
        done = len(before[generation][0])
        rows = np.cumsum(sizes[generation][near[done:]])
        marks = np.searchsorted(rows, np.linspace(0, int(rows[-1]) if len(rows) else 0, count + 1)[1:-1]) + 1
        edges = [0, *np.minimum(marks, len(rows)).tolist(), len(rows)]
        for part, begin, end in zip(parts, edges[:-1], edges[1:], strict=True):
            if end > begin:
                part[generation] = near[done + begin : done + end], similar[done + begin : done + end]
    return [part for part in parts if part]


def _until(probes: Probes, wave: Probes) -> Probes:
    """What was read, when this wave was the last."""
    out: Probes = {}
    for generation, (near, similar) in probes.items():
        last = wave[generation][0][-1] if generation in wave else None
        end = len(near) if last is None else int(np.flatnonzero(near == last)[0]) + 1
        out[generation] = near[:end], similar[:end]
    return out


def _bin(line: float) -> int:
    return 0 if line == -np.inf else max(0, round((line - LEAST) / WIDTH))
