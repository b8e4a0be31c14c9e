"""The exact nearest of many questions at once, by int8 dot products with every row: what nomination is judged by.

Rows are read once, a slice at a time, for all questions together. Knows vectors and rows; knows nothing of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index import vectors
from cascade.index.numbered import Mask
from cascade.index.snapshot import Snapshot

SLICE: Final = 65_536
"""Rows compared at once: as float32 they take 100 MB at 384 dimensions."""

NONE: Final = np.float32(-4)
"""Under every cosine."""


class Nearest(NamedTuple):
    """The exact nearest `k` live rows of each question, nearest first: int64 and float32 (questions, k)."""

    rows: Rows
    scores: Floats


class Places(NamedTuple):
    """Of each target its cosine, float32, and how many live rows stand before it, int64: among those that stay the same
    when an index grows (`fixed`) and among the others. All (targets,)."""

    score: Floats
    fixed: NDArray[np.int64]
    grown: NDArray[np.int64]


class Target(NamedTuple):
    """A row that a question looks for."""

    question: int
    row: int


def nearest(
    snapshot: Snapshot, asked: Floats, keep: int, targets: Sequence[Target], fixed: Sequence[Mask],
    told: Callable[[int], None] = lambda _: None,
) -> tuple[Nearest, Places]:  # fmt: skip
    """Compare rotated questions, float32 (q, dim), with every live row. `fixed`: as `Places` has it, by segment.

    `told` hears of the rows that were compared.
    """
    scaled = np.ascontiguousarray(asked * np.float32(vectors.step(asked.shape[1])), dtype=np.float32)
    aims = _aims(snapshot, scaled, targets)
    before = np.zeros((len(targets), 2), dtype=np.int64)
    tops = [_Top(keep) for _ in asked]
    of_question = [np.flatnonzero(aims.question == number) for number in range(len(asked))]
    for number, segment in enumerate(snapshot.segments):
        segment.mapped_vectors.touch()
        base = int(snapshot.bases[number])
        for begin in range(0, len(segment), SLICE):
            part = slice(begin, min(begin + SLICE, len(segment)))
            rows = np.flatnonzero(snapshot.live[number][part])
            held = segment.mapped_vectors.data[part][rows].astype(np.float32)
            scores = scaled @ held.T
            stays = fixed[number][part][rows]
            for question, line in enumerate(scores):
                tops[question].add(rows + (base + begin), line)
                for at in of_question[question].tolist():
                    over = line > aims.score[at]
                    both = int(np.count_nonzero(over & stays))
                    before[at] += (both, int(np.count_nonzero(over)) - both)
            told(len(rows))
    best = [top.best() for top in tops]
    found = Nearest(np.array([rows for rows, _ in best]), np.array([scores for _, scores in best]))
    return found, Places(aims.score, before[:, 0], before[:, 1])


class _Aims(NamedTuple):
    question: NDArray[np.int64]
    score: Floats


def _aims(snapshot: Snapshot, scaled: Floats, targets: Sequence[Target]) -> _Aims:
    question = np.array([target.question for target in targets], dtype=np.int64)
    if not len(targets):
        return _Aims(question, np.empty(0, np.float32))
    held = snapshot.vectors(np.array([target.row for target in targets])).astype(np.float32)
    return _Aims(question, np.einsum("td,td->t", held, scaled[question]).astype(np.float32) + np.float32(1e-6))


class _Top:
    """The best rows so far: what cannot be among them any more is dropped now and then."""

    def __init__(self, keep: int) -> None:
        self.keep, self.least = keep, NONE
        self.rows: list[Rows] = []
        self.scores: list[Floats] = []
        self.held = 0

    def add(self, rows: Rows, scores: Floats) -> None:
        over = np.flatnonzero(scores > self.least)
        self.rows.append(rows[over])
        self.scores.append(scores[over])
        self.held += len(over)
        if self.held > 4 * self.keep:
            self._drop()

    def best(self) -> tuple[Rows, Floats]:
        """In order; rows of -1 where there are not so many."""
        self._drop()
        rows, scores = np.full(self.keep, -1, dtype=np.int64), np.full(self.keep, NONE, dtype=np.float32)
        order = np.lexsort((self.rows[0], -self.scores[0]))
        rows[: len(order)], scores[: len(order)] = self.rows[0][order], self.scores[0][order]
        return rows, scores

    def _drop(self) -> None:
        rows = np.concatenate([np.empty(0, np.int64), *self.rows])
        scores = np.concatenate([np.empty(0, np.float32), *self.scores])
        kept = vectors.best(scores, self.keep)
        self.rows, self.scores, self.held = [rows[kept]], [scores[kept]], len(kept)
        if len(kept) == self.keep:
            self.least = np.float32(scores[kept].min())
