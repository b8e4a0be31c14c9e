"""What the rerank stage reads with: vocabulary, token table, statistics of a snapshot, and a fusion of what it finds.

Made once for a snapshot. Knows which fusion the settings name; knows no candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cascade.config import RerankConfig
from cascade.data import Floats
from cascade.index.corpus import Corpus
from cascade.index.fusion import Circumstance, Fusion, shipped
from cascade.index.probe import Statistics
from cascade.index.scan import Feature

HAND_SET = "hand-set"
"""The name of the fusion that the settings' weights make."""


class Vocabulary(Protocol):
    """What the scan needs of the vocabulary."""

    @property
    def unknown(self) -> int:
        """The id of pieces that mean nothing."""
        ...

    @property
    def size(self) -> int:
        """How many pieces there are."""
        ...

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The pieces as written."""
        ...

    def encode(self, texts: list[str]) -> list[NDArray[np.uint16]]:
        """Token ids of each text."""
        ...


class Table(Protocol):
    """What the scan needs of the token table."""

    def similarity(self, ids: NDArray[np.uint16]) -> Floats:
        """float32 (q, vocabulary): cosines of these tokens with all."""
        ...


class Eyes(NamedTuple):
    """What the scan reads with, and how what it finds is fused: made once for a snapshot."""

    vocabulary: Vocabulary
    table: Table
    statistics: Statistics
    fusion: Fusion

    @classmethod
    def of(
        cls, snapshot: Corpus, vocabulary: Vocabulary, table: Table, config: RerankConfig | None = None
    ) -> Eyes:  # fmt: skip
        """Gather what the scan needs to know of a snapshot: about 0.1 s. Raises BadConfig for a fusion that is none."""
        families = snapshot.families(vocabulary.pieces(list(range(vocabulary.size))))
        return cls(vocabulary, table, _statistics(snapshot, families), fusion_of(snapshot, config or RerankConfig()))

    def renewed(self, snapshot: Corpus, config: RerankConfig | None = None) -> Eyes:
        """The same for another commit of the same index: which words are of a family is known already."""
        stats = _statistics(snapshot, self.statistics.families)
        return self._replace(statistics=stats, fusion=fusion_of(snapshot, config or RerankConfig()))


def _statistics(snapshot: Corpus, families: NDArray[np.int64]) -> Statistics:
    return Statistics(snapshot.total, snapshot.frequencies, snapshot.mean_length, families)


def hand_set(config: RerankConfig) -> Fusion:
    """The weights of the settings, and the calibration that was fitted to them (docs/log.md).

    Those of vectors, BM25 and cubed late interaction began as DESIGN section 10's.
    """
    weights = np.zeros(len(Feature), np.float32)
    weights[[Feature.DENSE, Feature.BM25, Feature.LATE]] = config.dense, config.bm25, config.late
    weights[[Feature.PAIRS, Feature.HEAD]] = config.pairs, config.head
    weights[[Feature.STEMS, Feature.ECHO]] = config.stems, config.echo
    turns = np.zeros((len(Circumstance), len(Feature)), np.float32)
    turns[Circumstance.AHEAD, Feature.DENSE] = config.ahead
    turns[Circumstance.FOREIGN, Feature.STEMS] = config.foreign
    calibration = np.array([5.9, 1.35, 1.3, 2.3, -7.65], np.float32)
    return Fusion("hand-set", weights, turns, calibration)


def alike(one: RerankConfig, other: RerankConfig) -> bool:
    """Whether two settings fuse features the same, over one snapshot."""
    if one.fusion != other.fusion or one.fusion != HAND_SET:
        return one.fusion == other.fusion
    return hand_set(one).encode() == hand_set(other).encode()


def fusion_of(snapshot: Corpus, config: RerankConfig) -> Fusion:
    """The fusion that the settings name, or the index's own, or what is shipped for its encoder. Raises BadConfig."""
    if config.fusion == HAND_SET:
        return hand_set(config)
    if config.fusion:
        return Fusion.open(Path(config.fusion))
    own = snapshot.fusion()
    if own is None:
        return Fusion.open(shipped(snapshot.built.encoder))
    return Fusion.parse(own, f"The fusion of {snapshot.layout.root}")
