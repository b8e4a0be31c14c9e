"""What is known of a commit as a whole, from what its shards say of their parts: the same for every question.

Knows sums over shards; knows nothing of processes, of questions, or of which shards answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index import files, model
from cascade.index.coarse import Lists
from cascade.index.layout import Layout
from cascade.index.manifest import Built, Manifest
from cascade.index.probe import Statistics
from cascade.index.snapshot import Snapshot
from cascade.index.weigh import Counts
from indexers.cluster.shard import Facts


@dataclass(frozen=True)
class Whole:
    """One commit. `facts`: what each shard says of its rows. `total`: passages, deleted ones among them."""

    layout: Layout
    built: Built
    total: int
    facts: Mapping[int, Facts]
    rotation: Floats
    lists: dict[int, Lists]

    @classmethod
    def of(cls, layout: Layout, manifest: Manifest, facts: Mapping[int, Facts]) -> Whole:
        """A commit, of which all shards have told. Raises Corrupt."""
        total = sum(entry.passages for entry in manifest.segments)
        lists = {one.number: model.lists(layout, manifest, one) for one in manifest.generations}
        return cls(layout, manifest.built, total, facts, model.rotation(layout, manifest), lists)

    @cached_property
    def frequencies(self) -> NDArray[np.int64]:
        """In how many passages each token id occurs: int64 (vocabulary,)."""
        nothing = np.zeros(self.built.vocabulary_size, dtype=np.int64)
        return sum((one.frequencies for one in self.facts.values()), nothing)

    @cached_property
    def mean_length(self) -> float:
        """Tokens in a passage, on average."""
        return sum(one.tokens for one in self.facts.values()) / max(1, self.total)

    @cached_property
    def sizes(self) -> dict[int, Counts]:
        """By generation: how many rows each list holds in all segments that have codes. int64 (lists,)."""
        out: dict[int, Counts] = {}
        for one in self.facts.values():
            for generation, held in one.sizes.items():
                out[generation] = out[generation] + held if generation in out else held
        return out

    @cached_property
    def rarity(self) -> tuple[Floats, str]:
        """How rare each id is, float32 (vocabulary,), and what shards call that: its hash."""
        nobody = np.empty(0, np.int64)
        stats = Statistics(self.total, self.frequencies, self.mean_length, nobody)
        rarity = stats.rarity(self.frequencies.astype(np.float64))
        return rarity, files.digest(rarity.tobytes())

    @cached_property
    def here(self) -> Snapshot:
        """The index on this machine, as it is when this is first asked for."""
        return Snapshot(self.layout.root)
