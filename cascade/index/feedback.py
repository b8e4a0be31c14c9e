"""Pseudo-relevance feedback: what the best passages say that the question does not.

The rarer pieces of the best few passages become terms of their own, weighted as a relevance model weighs them
(Lavrenko and Croft 2001; RM3 of Abdul-Jaleel et al. 2004), with the square of their rarity, so that names count for
more than topics: a name that one passage gives is what leads to the next. Every candidate is read once more for these
terms, and its title is looked for in each of the best: what a good passage names is likely the next link of a chain.
The mean of the best passages' vectors (Rocchio 1971) nominates more. What helped is in docs/log.md.
Knows ids, rows and statistics; knows nothing of text, fusion or ranking.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index.probe import Statistics
from cascade.index.segment import Segment
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import Int8s, dequantize

TERMS = 30
"""Most terms that are taken over."""

K1, B = 0.9, 0.4
"""BM25 as in `cascade.index.scan`."""


LEADS = 16
"""Most passages in which titles are looked for: the bits of a uint16."""

FULL = 8.0
"""Rarity of a title at which a mention of it counts half: `Berlin` is little, `Robert Florey` is much."""


class Echo(NamedTuple):
    """What the best passages say, made ready for reading.

    `slots`: uint8 (vocabulary,), 0 for an id that counts for nothing, else 1 + its term. `weights`: float32 (terms,),
    share of the term times its rarity. `names`: which of the best passages hold an id, a bit each, uint16
    (vocabulary,). `rarity`: float32 (vocabulary,), 0 for ids of the question. `mean_length`: tokens in a passage on
    average.
    """

    slots: NDArray[np.uint8]
    weights: Floats
    names: NDArray[np.uint16]
    rarity: Floats
    mean_length: np.float32


def centre(vectors: Int8s, shares: Floats) -> Floats:
    """The middle of some vectors, int8 (n, dim), weighed by shares: float32 (dim,), unit length."""
    middle = (dequantize(vectors) * shares[:, None]).sum(axis=0)
    unit: Floats = (middle / max(float(np.linalg.norm(middle)), 1e-9)).astype(np.float32)
    return unit


def listen(best: TokenBatch, shares: Floats, asked: NDArray[np.uint16], statistics: Statistics) -> Echo:
    """What these passages say, the best first, at most LEADS.

    `shares`: float32 (n,), how far each is believed; sum 1. `asked`: the ids of the question; they and their forms are
    no news.
    """
    said = np.zeros(len(statistics.frequencies), dtype=np.float64)
    names = np.zeros(len(said), dtype=np.uint16)
    for number, share in enumerate(shares.tolist()):
        ids = best.ids[best.offsets[number] : best.offsets[number + 1]]
        np.add.at(said, ids, share / max(len(ids), 1))
        names[ids] |= np.uint16(1 << number)
    known = np.isin(statistics.families, statistics.families[asked])
    said[known] = 0.0
    rarity = statistics.rarity(statistics.frequencies.astype(np.float64))
    heard = np.flatnonzero(said)
    value = said[heard] * rarity[heard].astype(np.float64) ** 2
    chosen = np.argsort(-value, kind="stable")[:TERMS]
    slots = np.zeros(len(said), dtype=np.uint8)
    slots[heard[chosen]] = np.arange(1, len(chosen) + 1, dtype=np.uint8)
    weights = value[chosen] / max(float(value[chosen].sum()), 1e-12) * rarity[heard[chosen]]
    rarity[known] = 0.0
    return Echo(slots, weights.astype(np.float32), names, rarity, np.float32(max(statistics.mean_length, 1.0)))


def hear(segment: Segment, rows: Rows, echo: Echo) -> Floats:
    """How much of it each row of a segment says: float32 (n, 2).

    BM25 of the terms, and how far its title is named by one of the best.
    """
    out = np.zeros((len(rows), 2), dtype=np.float32)
    view = segment.tokens.view(rows)
    _count(view, echo.slots, echo.weights, echo.mean_length, out)
    _named(view, echo.names, echo.rarity, out)
    return out


@numba.njit(nogil=True, cache=True)
def _named(view, names, rarity, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    ids, begins, heads = view.ids, view.begins, view.heads
    covered = np.zeros(LEADS, np.float32)
    for i in range(len(begins)):
        whole = np.float32(0)
        covered[:] = 0
        for at in range(begins[i], begins[i] + heads[i]):
            weight = rarity[ids[at]]
            whole += weight
            holders = names[ids[at]]
            lead = 0
            while holders:
                if holders & 1:
                    covered[lead] += weight
                holders >>= 1
                lead += 1
        if whole > 0:
            most = np.float32(0)
            for lead in range(LEADS):
                share = covered[lead] / whole
                most = max(most, share * share * whole / (whole + np.float32(FULL)) / np.float32(np.log2(2 + lead)))
            out[i, 1] = most


@numba.njit(nogil=True, cache=True)
def _count(view, slots, weights, mean_length, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    ids, begins, ends = view.ids, view.begins, view.ends
    times = np.zeros(len(weights) + 1, np.int32)
    for i in range(len(begins)):
        begin, end = begins[i], ends[i]
        any_ = False
        for at in range(begin, end):
            slot = slots[ids[at]]
            if slot:
                times[slot] += 1
                any_ = True
        if any_:
            norm = np.float32(K1) * (np.float32(1 - B) + np.float32(B) * np.float32(end - begin) / mean_length)
            total = np.float32(0)
            for term in range(len(weights)):
                tf = np.float32(times[term + 1])
                if tf > 0:
                    total += weights[term] * tf * np.float32(K1 + 1) / (tf + norm)
                    times[term + 1] = 0
            out[i, 0] = total
