"""What is kept of a ranking, and in which order: links of chains, variety, and where enough is enough.

Knows scores, features and passages; knows nothing of how they were found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cascade.config import RerankConfig
from cascade.data import Floats, Passage, Rows
from cascade.index import vectors
from cascade.index.fusion import standardized
from cascade.index.scan import Feature
from cascade.ledger import Entry

SURE = 0.5
"""Strength of a bridge from which a link goes to the early places."""

SURE_LINKS = 4
"""Most links that do."""

_WORD = re.compile(r"\w+")


class Found(NamedTuple):
    """The best candidates, read: rows, scores and passages, one each."""

    rows: Rows
    scores: Floats
    passages: list[Passage]


def led(scores: Floats, features: Floats, config: RerankConfig, strength: Floats) -> Floats:
    """What links are chosen by, float32 (n,): how much the best passages name each, say of it, and lead to it.

    `strength`: float32 (n,), of the bridge to each.
    """
    z = standardized(features[:, [Feature.ECHO]])[:, 0]
    drawn = config.own * scores + config.drawn * z + config.titled * features[:, Feature.NAMED]
    chosen: Floats = drawn + config.bridged * strength
    return chosen


def linked(scores: Floats, features: Floats, config: RerankConfig, links: int, path: Floats | None = None) -> Floats:
    """The scores, with at most `links` links of a chain raised: from place `first` on, every other place goes to one.

    A link is what the best passages lead to, name, or say much of, however little it shares with the question. Those
    that rare words surely lead to go to places from `early` on. Raised to where it stands between its new neighbours,
    so that the order of the first places, and of all that is not raised, stays. `path`: float32 (n,), what the best
    chain through each is worth; the links after the first `config.links` go by this.
    """
    if links < 1 or len(scores) <= config.first + 2:
        return scores
    order = vectors.first(scores, config.first + links + 1)
    levels, places = scores[order], np.full(len(scores), len(scores))
    places[order] = np.arange(len(order))
    bridge = features[:, Feature.BRIDGE]
    raised = scores.copy()
    soon = iter(range(config.early, min(config.early + SURE_LINKS, config.first)))
    early = next(soon, None)
    last, near = len(order) - 1, config.first + config.links
    turns = [(bridge, config.first, last)]
    if path is not None:
        turns = [(bridge, config.first, min(near, last)), (path, near, last)]
    for strength, begin, end in turns:
        later = iter(range(begin, end))
        late = next(later, None)
        for at in vectors.first(led(scores, features, config, strength), 2 * len(order)).tolist():
            sure = early is not None and bridge[at] >= SURE
            here = early if sure else late
            if here is None:
                break
            if places[at] > here and raised[at] == scores[at]:
                raised[at] = max(scores[at], _below(levels[here], levels[here + 1]))
                early, late = (next(soon, None), late) if sure else (early, next(later, None))
    return raised


def _below(level: np.float32, following: np.float32) -> np.float32:
    """A score between two, and under the first where they are equal."""
    between = np.float32((level + following) / 2)
    return between if between < level else np.nextafter(level, np.float32(-np.inf))


def levelled(scores: Floats, passages: Sequence[Passage]) -> Floats:
    """The scores, those of passages that say the same raised to the best of them, float32 (n,).

    Such differ by STEMS alone, which is told beside the mean length of a segment.
    """
    said = [(passage.name, passage.text) for passage in passages]
    best: dict[tuple[str, str], float] = {}
    for what, score in zip(said, scores.tolist(), strict=True):
        best[what] = max(score, best.get(what, score))
    return np.array([best[what] for what in said], dtype=np.float32)


def stop(relevance: Floats, enough: float) -> int:
    """How many of the first passages hold the share `enough` of the relevance expected of all of them.

    As relevance is a probability, 1 - `enough` of what is relevant is expected to be left out.
    """
    expected = np.cumsum(relevance, dtype=np.float64)
    if enough >= 1 or not len(expected):
        return len(expected)
    return int(np.searchsorted(expected, enough * expected[-1])) + 1


def varied(found: Found, order: list[int], known: Floats, config: RerankConfig, entry: Entry) -> list[int]:
    """Leave out repeats and prefer novelty a little: MMR (Carbonell and Goldstein 1998) on int8 vectors.

    A repeat says the same words in the same order. Likeness of vectors alone would drop a near-duplicate with one
    changed fact, which is just what a question may be about. `known`: float32 (n, dim), the vectors of what was found.
    """
    if not order:
        return []
    scores, passages = found.scores, found.passages
    said: dict[str, int] = {}
    for i in order:
        said.setdefault(" ".join(_WORD.findall(passages[i].text.casefold())), i)
    entry.notes["collapsed"] = len(order) - len(said)
    ordered = np.array(list(said.values()), dtype=np.int64)
    known = known[ordered]
    known /= np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-9)
    lowest, highest = float(scores[ordered].min()), float(scores[ordered].max())
    value = (scores[ordered].astype(np.float64) - lowest) / max(highest - lowest, 1e-9)
    nearest = np.zeros(len(ordered))
    open_ = np.ones(len(ordered), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < config.keep and open_.any():
        gain = np.where(open_, value * (1 - config.diversity * np.maximum(nearest, 0)), -np.inf)
        pick = int(np.argmax(gain))
        chosen.append(pick)
        cosines = known @ known[pick]
        open_[pick] = False
        nearest = np.maximum(nearest, cosines)
    varied: list[int] = ordered[chosen].tolist()
    return varied
