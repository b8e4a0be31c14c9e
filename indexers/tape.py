"""A tape along a text: how much of the token budget lies before each offset, and where to cut so that pieces fit.

Knows numbers: offsets, charges, strengths of boundaries. Knows nothing of records, headings or vocabularies.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexers.boundaries import Places, Strengths

Ids = NDArray[np.uint16]
Offsets = NDArray[np.int32]

RUN_CHARACTERS: Final = 3
"""Characters of an unknown run that are charged as one token.

A run that a WordPiece vocabulary calls one unknown token (Thai, a long hash) would otherwise be free, however long.
"""

_PENALTY: Final = np.array([4.0, 1.0, 0.5, 0.3, 0.12, 0.0])
"""By `Strength`. The squared distance from the ideal place, as a share, is at most .25: so a sentence is preferred to a
line, clause or word anywhere in its window, and a paragraph to a sentence within a third of the ideal."""


class Tape:
    """The tokens of a text and what each is charged: 1, or by its characters when it is unknown.

    `starts` and `ends`: code-point offsets of each token, ascending.
    """

    __slots__ = ("_ends", "_starts", "_sums", "ids")

    def __init__(self, ids: Ids, starts: Offsets, ends: Offsets, unknown: int) -> None:
        charges = np.ones(len(ids), np.int64)
        run = ids == unknown
        charges[run] = np.maximum(1, (ends[run] - starts[run] + RUN_CHARACTERS - 1) // RUN_CHARACTERS)
        self.ids = ids
        self._starts, self._ends = starts.astype(np.int64), ends.astype(np.int64)  # a search would convert each time
        self._sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(charges)])

    @property
    def total(self) -> int:
        """The charge of the whole text."""
        return int(self._sums[-1])

    def before(self, places: Places) -> Places:
        """int64 (n,): the charge of text[:place], for each place. A place inside an unknown run divides its charge."""
        begun = np.searchsorted(self._starts, places, "left")
        sums = self._sums[begun]
        if not len(self.ids):
            return sums
        last = np.maximum(begun - 1, 0)
        beyond = np.maximum(self._ends[last] - places, 0) // RUN_CHARACTERS
        own = self._sums[last + 1] - self._sums[last]
        return sums - np.where((begun > 0) & (own > 1), np.minimum(beyond, own - 1), 0)

    def between(self, start: int, end: int) -> int:
        """The charge of text[start:end]."""
        low, high = self.before(np.array([start, end], np.int64)).tolist()
        return int(high - low)

    def slice(self, start: int, end: int) -> Ids:
        """A copy of the ids of the tokens that begin in text[start:end]."""
        low, high = np.searchsorted(self._starts, np.array((start, end), np.int64), "left")
        return self.ids[low:high].copy()

    def inside(self, place: int) -> bool:
        """Whether a token begins before `place` and ends after it."""
        begun = int(np.searchsorted(self._starts, place, "left"))
        return begun > 0 and int(self._ends[begun - 1]) > place


def choose(charges: Places, strengths: Strengths, total: int, target: int, budget: int) -> list[int]:
    """Indices of the boundaries to cut at, so that pieces come near `target` and none exceeds `budget`.

    `charges`: int64 (n,), ascending, what lies before each boundary; `total`: what lies before the end. The rest is
    always shared out evenly before the next cut is placed, so no tiny tail remains. Where two boundaries are further
    apart than the budget, the piece between them exceeds it.
    """
    cuts: list[int] = []
    done, first = 0, 0
    while first < len(charges):
        rest = total - done
        pieces = max(-(-rest // budget), round(rest / target))
        if pieces <= 1:
            break
        ideal = rest / pieces
        low, high = np.searchsorted(charges, (done + ideal / 2, done + min(budget, 1.5 * ideal) + 1e-9), "left")
        low = max(int(low), first)
        if high > low:
            window = charges[low:high]
            cost = ((window - done) / ideal - 1) ** 2 + _PENALTY[strengths[low:high]]
            cut = low + int(np.argmin(cost))
        else:
            cut = _nearest(charges, first, done, budget)
            if cut == len(charges):
                break
        cuts.append(cut)
        done, first = int(charges[cut]), cut + 1
    return cuts


def _nearest(charges: Places, first: int, done: int, budget: int) -> int:
    """The last boundary within the budget that leaves a piece, else the first beyond it, else len(charges)."""
    reach = int(np.searchsorted(charges, done + budget, "right")) - 1
    if reach >= first and charges[reach] > done:
        return reach
    return max(first, reach + 1)
