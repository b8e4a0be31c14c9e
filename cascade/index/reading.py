"""Reading an index through, record by record: for export.

Knows a snapshot; memory holds 24 bytes a passage and a few thousand texts at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np

from cascade.data import Passage, Rows
from cascade.index.snapshot import Snapshot

AT_ONCE = 2048


def passages_in_order(snapshot: Snapshot, filter_: str = "") -> Iterator[Passage]:
    """Every live passage, by record id and then by place in the record."""
    rows = _ordered(snapshot, filter_)
    for begin in range(0, len(rows), AT_ONCE):
        yield from snapshot.read(rows[begin : begin + AT_ONCE])


def records_in_order(snapshot: Snapshot, filter_: str = "") -> Iterator[dict[str, Any]]:
    """Every live record with its text. Passages tile their record, so it is the text that was added."""
    for _, found in groupby(passages_in_order(snapshot, filter_), key=lambda passage: passage.record):
        pieces = list(found)
        first = pieces[0]
        yield {
            "id": first.record,
            "key": first.key,
            "source": first.source,
            "locator": first.locator,
            "title": first.title,
            "time": first.time,
            "metadata": dict(first.metadata),
            "text": "".join(piece.text for piece in pieces),
        }


def _ordered(snapshot: Snapshot, filter_: str) -> Rows:
    masks = snapshot.matching(filter_) if filter_ else snapshot.live
    high, low, ordinal, rows = [], [], [], []
    for number, mask in enumerate(masks):
        local = np.flatnonzero(mask)
        columns = snapshot.catalog.identities(number)
        high.append(columns["id_hi"][local])
        low.append(columns["id_lo"][local])
        ordinal.append(columns["ordinal"][local])
        rows.append(local + snapshot.bases[number])
    if not rows:
        return np.empty(0, np.int64)
    order = np.lexsort((np.concatenate(ordinal), np.concatenate(low), np.concatenate(high)))
    return np.concatenate(rows)[order]
