"""The peers that search records (`eval.peers`), as rivals in whole retrieval: LanceDB's hybrid without a vector index,
and txtai's.

They keep nothing that another process could open, so they are built again where they are asked; and they return keys in
order, at most as many as a window holds makes sense of. Knows those peers and the protocol of rivals.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import Rows
from eval.bench.rivals.base import Asked, Comparison, Facts, Setting, Usual
from eval.bench.rivals.given import Given
from eval.bench.rivals.kept import Kept
from eval.peers.base import Peer
from eval.peers.resolve import Setup, peer
from indexers.records import Record


class _Records(Usual):
    """One of those peers, over a record a passage."""

    name = ""
    compares = Comparison.RETRIEVAL
    page = ""
    most, beyond = 100_000, "Built twice, and every vector compared: it would take most of the run."
    called = ""
    """What it is called among those peers."""

    def build(self, given: Given, folder: Path) -> Facts:
        """Index everything, to see what that takes."""
        self._built(given, folder)
        return {"index": f"eval.peers {self.called}"}

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Index everything again, since nothing was kept that can be opened."""
        self._peer = self._built(given, folder)

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """Keys of the best."""
        return self._peer.search(asked.text, k)

    def rows(self, found: Any) -> Rows:
        """Keys are rows."""
        return np.array([int(key) for key in found], dtype=np.int64)

    def _built(self, given: Given, folder: Path) -> Peer:
        made = peer(self.called, Setup(folder, Kept(given)))
        made.build(_records(given))
        return made


class Lance(_Records):
    """LanceDB's hybrid search, every vector compared."""

    name = "lancedb-hybrid-flat"
    called = "lancedb"
    page = "https://docs.lancedb.com/search/hybrid-search"


class Txt(_Records):
    """txtai's hybrid search as it comes."""

    name = "txtai-hybrid"
    called = "txtai"
    page = "https://neuml.github.io/txtai/embeddings/configuration/scoring/"


def _records(given: Given) -> Iterator[Record]:
    return (Record("passages", str(row), text, key=str(row)) for row, text in enumerate(given.texts()))
