"""One query's estimates over the segments of one process. Knows segments and masks; knows nothing of when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index import vectors, weigh
from cascade.index.codes import NO_MASK, Codes
from cascade.index.nominate import Probes
from cascade.index.segment import Segment
from cascade.index.weigh import Counts, Stretches

SMALL = 1 << 16
"""Estimates in one unit of work, about: enough to be worth a thread, few enough to share among threads."""

QUICK = 4
"""How many times quicker an estimate is selected than it is made."""

Each = Callable[[Callable[[int], Any], Sequence[int]], list[Any]]
"""Runs a function for each of some numbers, in parallel threads; results in order."""


class Part(NamedTuple):
    """What is searched of one segment: its first row in the snapshot, its rows that are allowed (empty: all)."""

    segment: Segment
    codes: Codes | None
    base: int
    only: NDArray[np.bool_]


class Found(NamedTuple):
    """Scores of one part: of stretches, or (None) of rows."""

    part: Part
    at: Stretches | None
    rows: Rows
    scores: Floats


class LocalWeighing:
    """Implements `nominate.Weighing`. `everything`: compare all vectors exactly, though there be codes."""

    def __init__(self, each: Each, parts: Sequence[Part], vector: Floats, everything: bool) -> None:
        self._each, self._vector, self._asked = each, vector, weigh.ask(vector)
        self._exact = [part for part in parts if everything or part.codes is None]
        self._coded = [(part, part.codes) for part in parts if part.codes is not None and not everything]
        self._found: list[Found] = []
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """What was read so far."""
        return self._bytes

    def exact(self) -> Counts:
        """Compare what has no codes. The histogram of the cosines. Raises Corrupt."""
        return self._taken(self._each(lambda number: self._compared(self._exact[number]), range(len(self._exact))))

    def wave(self, probes: Probes) -> Counts:
        """Estimate the rows of these lists. The histogram of the estimates. Raises Corrupt."""
        work = [
            (part, codes, stretches)
            for part, codes in self._coded
            if (probe := probes.get(part.segment.entry.generation)) is not None
            for stretches in _units(codes.stretches(*probe))
        ]
        bundles = _bundles([int((at.ends - at.begins).sum()) for _, _, at in work], SMALL)
        return self._taken(self._each(lambda number: self._estimated(work[bundles[number]]), range(len(bundles))))

    def above(self, least: float) -> tuple[Rows, Floats]:
        """All rows that reach a score, in any order, with their scores."""
        bundles = _bundles([len(found.scores) for found in self._found], QUICK * SMALL)

        def work(number: int) -> list[tuple[Rows, Floats]]:
            return [_above(found, least) for found in self._found[bundles[number]]]

        parts = [part for made in self._each(work, range(len(bundles))) for part in made]
        rows = np.concatenate([np.empty(0, np.int64), *(part[0] for part in parts)])
        return rows, np.concatenate([np.empty(0, np.float32), *(part[1] for part in parts)])

    def _taken(self, made: Sequence[tuple[list[Found], Counts, int]]) -> Counts:
        self._found += [one for found, _, _ in made for one in found]
        self._bytes += sum(spent for _, _, spent in made)
        return sum((counts for _, counts, _ in made), np.zeros(weigh.BINS, dtype=np.int64))

    def _compared(self, part: Part) -> tuple[list[Found], Counts, int]:
        rows = np.flatnonzero(part.only) if len(part.only) else np.arange(len(part.segment))
        held = part.segment.seen(rows)
        scores = vectors.exact(held, self._vector, None if len(rows) == len(part.segment) else rows)
        counts = np.zeros(weigh.BINS, dtype=np.int64)
        weigh.tally(scores, counts)
        return [Found(part, None, rows, scores)], counts, len(rows) * len(self._vector)

    def _estimated(self, work: Sequence[tuple[Part, Codes, Stretches]]) -> tuple[list[Found], Counts, int]:
        counts, found, spent = np.zeros(weigh.BINS, dtype=np.int64), [], 0
        for part, codes, at in work:
            scores = codes.weigh(at, self._asked, part.only, counts)
            found.append(Found(part, at, NO_ROWS, scores))
            spent += len(scores) * codes.bytes
        return found, counts, spent


NO_ROWS: Rows = np.empty(0, np.int64)


def part(segment: Segment, base: int, mask: NDArray[np.bool_], count: int) -> Part:
    """A segment of which `count` rows are allowed, those of a mask."""
    return Part(segment, segment.codes, base, NO_MASK if count == len(segment) else mask)


def _bundles(sizes: Sequence[int], most: int) -> list[slice]:
    """Units of work of so many rows in bundles of `most`, in order: what is small is done together in one thread, since
    handing it to another one costs more than doing it (measured: 5 ms of 12 segments for 1,700 codes in 48 units)."""
    begins, held = [0], 0
    for number, size in enumerate(sizes):
        if held and held + size > most:
            begins.append(number)
            held = 0
        held += size
    return [slice(begin, end) for begin, end in pairwise([*begins, len(sizes)]) if end > begin]


def _units(at: Stretches) -> list[Stretches]:
    rows = np.cumsum(at.ends - at.begins)
    count = round(int(rows[-1]) / SMALL) if len(rows) else 0
    if count < 2:
        return [at] if len(rows) else []
    edges = [0, *np.searchsorted(rows, np.linspace(0, int(rows[-1]), count + 1)[1:-1]).tolist(), len(rows)]
    return [at.part(begin, end) for begin, end in pairwise(edges) if end > begin]


def _above(found: Found, least: float) -> tuple[Rows, Floats]:
    if found.at is not None:
        rows, scores = weigh.above(found.at, found.scores, least)
        return rows + found.part.base, scores
    reached = np.flatnonzero(found.scores >= least)
    return found.rows[reached] + found.part.base, found.scores[reached]
