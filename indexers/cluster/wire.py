"""What travels between who asks and the shards, made small: a question's arrays hold little but one value.

Nothing is rounded: what arrives is what was sent, bit for bit. Knows arrays; knows nothing of processes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index.feedback import Echo
from cascade.index.probe import Probe
from cascade.index.weigh import BINS, Counts


class Thin(NamedTuple):
    """An array that is `fill` but at some places: `at` uint32, `values` there."""

    size: int
    fill: float
    at: NDArray[np.uint32]
    values: NDArray[Any]

    @classmethod
    def of(cls, whole: NDArray[Any], fill: float = 0) -> Thin:
        """A one-dimensional array, thinned."""
        at = np.flatnonzero(whole != fill).astype(np.uint32)
        return cls(len(whole), fill, at, whole[at])

    def whole(self) -> NDArray[Any]:
        """The array as it was."""
        out = np.full(self.size, self.fill, dtype=self.values.dtype)
        out[self.at] = self.values
        return out


class Narrow(NamedTuple):
    """A histogram of estimates: the counts from the first bin that is not empty to the last, uint32."""

    begin: int
    counts: NDArray[np.uint32]

    @classmethod
    def of(cls, counts: Counts) -> Narrow:
        """A histogram, int64 (BINS,), narrowed."""
        filled = np.flatnonzero(counts)
        if not len(filled):
            return cls(0, np.empty(0, np.uint32))
        begin, end = int(filled[0]), int(filled[-1]) + 1
        return cls(begin, counts[begin:end].astype(np.uint32))

    def add_to(self, counts: Counts) -> None:
        """Add it to another."""
        counts[self.begin : self.begin + len(self.counts)] += self.counts


def histogram(parts: list[Narrow]) -> Counts:
    """The sum of some histograms: int64 (BINS,)."""
    out = np.zeros(BINS, dtype=np.int64)
    for part in parts:
        part.add_to(out)
    return out


class ThinProbe(NamedTuple):
    """A probe whose two arrays over the vocabulary are thinned."""

    probe: Probe
    exact: Thin
    slots: Thin

    @classmethod
    def of(cls, probe: Probe) -> ThinProbe:
        """A probe, thinned."""
        sight = probe.sight
        exact, slots = Thin.of(sight.exact, -1), Thin.of(sight.likeness.slots)
        bare = sight._replace(exact=sight.exact[:0], likeness=sight.likeness._replace(slots=sight.likeness.slots[:0]))
        return cls(replace(probe, sight=bare), exact, slots)

    def whole(self) -> Probe:
        """The probe as it was."""
        probe, sight = self.probe, self.probe.sight
        likeness = sight.likeness._replace(slots=self.slots.whole())
        return replace(probe, sight=sight._replace(exact=self.exact.whole(), likeness=likeness))


class ThinEcho(NamedTuple):
    """An echo whose arrays over the vocabulary are thinned.

    `rarity`: the whole of it, or (where the shards have it from before) what it is called there; it is 0 at `news`.
    """

    slots: Thin
    weights: Floats
    names: Thin
    rarity: Floats | str
    none: NDArray[np.uint32]
    mean_length: np.float32

    @classmethod
    def of(cls, echo: Echo, base: Floats, called: str) -> ThinEcho:
        """An echo, thinned. `base`: float32 (vocabulary,), the rarity that shards know as `called`."""
        none = np.flatnonzero(echo.rarity == 0).astype(np.uint32)
        expected = base.copy()
        expected[none] = 0
        rarity: Floats | str = called if np.array_equal(expected, echo.rarity) else echo.rarity
        return cls(Thin.of(echo.slots), echo.weights, Thin.of(echo.names), rarity, none, echo.mean_length)

    def whole(self, base: Floats) -> Echo:
        """The echo as it was. `base`: the rarity that it names."""
        rarity = base.copy()
        rarity[self.none] = 0
        return Echo(self.slots.whole(), self.weights, self.names.whole(), rarity, self.mean_length)
