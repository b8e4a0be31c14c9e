"""From the name of a rival to the rival. Knows where each one stands; a process loads the module of its own alone, so
that no engine's memory holds another one's libraries."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from cascade.errors import UnknownName
from eval.bench.rivals.base import OURS, Rival

_RIVALS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({
    OURS: ("ours", "Nomination"),
    "cascade-codes": ("ours", "Coded"),
    "cascade-retrieve": ("ours", "Retrieval"),
    "bm25s": ("lexical", "Words"),
    "faiss-flat": ("plain", "Flat"),
    "faiss-ivf-pqfs": ("plain", "Product"),
    "faiss-ivf-rabitq": ("plain", "Binary"),
    "lancedb-flat": ("lance", "Unindexed"),
    "lancedb-ivf-pq": ("lance", "Product"),
    "lancedb-ivf-rq": ("lance", "Binary"),
    "lancedb-hybrid": ("lance", "Hybrid"),
    "lancedb-hybrid-flat": ("whole", "Lance"),
    "txtai-hybrid": ("whole", "Txt"),
    "qdrant-local": ("qdrant", "Local"),
    "faiss-hnsw32": ("plain", "Graph"),
    "lancedb-ivf-hnsw-sq": ("lance", "Graph"),
    "qdrant-edge": ("qdrant", "Edge"),
})  # fmt: skip

NAMES: Final = tuple(_RIVALS)
"""Ours first, then those that are quickly built, graphs last."""


def rival(name: str) -> Rival:
    """The rival of that name. Raises UnknownName."""
    if name not in _RIVALS:
        raise UnknownName(f"There is no rival called {name!r}. Choose of: {', '.join(NAMES)}.")
    module, kind = _RIVALS[name]
    return cast(Rival, getattr(import_module(f"eval.bench.rivals.{module}"), kind)())
