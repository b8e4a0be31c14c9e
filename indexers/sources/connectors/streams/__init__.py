"""Exports of any size, piece by piece: the elements of JSON and their shapes, the rows of a table, ids seen already.

Knows bytes and how they are cut; knows nothing of any export.
"""

from __future__ import annotations

from indexers.sources.connectors.streams.elements import Broken, Element, elements
from indexers.sources.connectors.streams.guard import guarded, head
from indexers.sources.connectors.streams.seen import Drift, Seen
from indexers.sources.connectors.streams.shapes import listing, mapping, mappings
from indexers.sources.connectors.streams.tables import Row, rows

__all__ = [
    "Broken", "Drift", "Element", "Row", "Seen", "elements", "guarded", "head", "listing", "mapping", "mappings",
    "rows",
]  # fmt: skip
