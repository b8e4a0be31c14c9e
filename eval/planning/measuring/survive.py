"""How much of all codes must be compared to keep what matters: curves at the size of an index, and at parts of it.

What matters are the exact nearest 117 to each question. At the size of the index its own lists are used; smaller sizes
are random parts of its rows, with lists trained on them as an index of that size would have. A row is kept from the
point on at which its list is read. What the codes themselves lose among the candidates is measured once, by nominating
with every code, and taken off each curve.
Knows vectors and lists; knows nothing of words or time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cascade.data import CEILING, WIDTH, Floats
from cascade.index import coarse, vectors
from cascade.index.coarse import Lists
from cascade.index.nominate import Reach
from cascade.index.snapshot import Snapshot
from eval.planning.survival import Curve
from indexers.compact import lists_for

PARTS = (64, 16, 4)
LEAST = 20_000
"""Parts of fewer rows are left out: their lists hold too little to say anything."""

SHARES = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75)
COUNTED = 60_000
"""Rows that are put into lists to know how large each list is."""

A_LIST = 50
"""Vectors a list is trained on, as in an index."""


def measure(snapshot: Snapshot, asked: Sequence[Floats], cores: int, seed: int = 0) -> list[Curve]:
    """From rotated vectors of questions, one curve a size. The index must have lists."""
    scores = np.stack([_scores(snapshot, vector) for vector in asked])
    kept = _by_codes(snapshot, asked, scores)
    random, total = np.random.default_rng(seed), scores.shape[1]
    curves = []
    for part in PARTS:
        if total // part >= LEAST:
            rows = np.sort(random.choice(total, total // part, replace=False))
            lists = _trained(snapshot, rows, cores, random)
            curves.append(_curve(snapshot, asked, (rows, scores[:, rows]), lists, kept))
    newest = snapshot.lists[max(snapshot.lists)]
    curves.append(_curve(snapshot, asked, (np.arange(total), scores), newest, kept))
    return curves


def _scores(snapshot: Snapshot, vector: Floats) -> Floats:
    """The exact cosine of every row; -2 where it is deleted."""
    found = [
        np.where(mask, vectors.exact(segment.vectors(), vector), np.float32(-2))
        for segment, mask in zip(snapshot.segments, snapshot.live, strict=True)
    ]
    return np.concatenate(found)


def _by_codes(snapshot: Snapshot, asked: Sequence[Floats], scores: Floats) -> float:
    """The share of the nearest that is among the candidates when all codes are compared."""
    reach = Reach(WIDTH, int(snapshot.bases[-1]), 1)
    shares = []
    for vector, every in zip(asked, scores, strict=True):
        found = snapshot.nominate(vector, None, False, reach)
        shares.append(np.isin(vectors.best(every, CEILING), found.rows).mean())
    return float(np.mean(shares))


def _trained(snapshot: Snapshot, rows: NDArray[np.int64], cores: int, random: np.random.Generator) -> Lists:
    count = lists_for(len(rows))
    sample = np.sort(random.choice(rows, min(len(rows), A_LIST * count), replace=False))
    return coarse.train(snapshot.vectors(sample), count, cores)


def _curve(
    snapshot: Snapshot, asked: Sequence[Floats], part: tuple[NDArray[np.int64], Floats], lists: Lists, by_codes: float
) -> Curve:
    """The curve of some rows, with their exact scores (questions, rows), in their lists."""
    rows, scores = part
    some = rows[:: max(1, len(rows) // COUNTED)]
    sizes = np.bincount(lists.assign(snapshot.vectors(some)), minlength=len(lists)) / len(some)
    kept = np.zeros(len(SHARES))
    for vector, every in zip(asked, scores, strict=True):
        top = rows[vectors.best(every, CEILING)]
        near, _ = lists.nearest(vector, len(lists))
        before = np.empty(len(lists))
        before[near] = np.cumsum(sizes[near])
        reached = before[lists.assign(snapshot.vectors(top))]
        kept += [(reached <= share).mean() for share in SHARES]
    return Curve(len(rows), len(lists), SHARES, tuple((kept / len(asked) * by_codes).tolist()))
