"""Reading an index through, record by record: for export, and for those who look what is there.

Knows a snapshot; memory holds 24 bytes a passage and a few thousand texts at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from cascade.data import Passage, Rows
from cascade.errors import Corrupt
from cascade.index.snapshot import Snapshot

AT_ONCE = 2048


def passages_in_order(snapshot: Snapshot, filter_: str = "") -> Iterator[Passage]:
    """Every live passage, by record id and then by place in the record. What is damaged is left out of the snapshot."""
    rows = _ordered(snapshot, filter_)
    while len(rows):
        try:
            found = snapshot.read(rows[:AT_ONCE])
        except Corrupt as error:
            left = _without(snapshot, rows, error)
            if len(left) == len(rows):
                raise
            rows = left
            continue
        yield from found
        rows = rows[AT_ONCE:]


def _without(snapshot: Snapshot, rows: Rows, error: Corrupt) -> Rows:
    """Rows that damage does not take; those it takes are left out of the snapshot."""
    number, gone = snapshot.hit(error)
    local = rows - snapshot.bases[number]
    here = (local >= 0) & (local < len(snapshot.segments[number]))
    lost = here if gone is None else here & np.isin(local, gone)
    snapshot.leave_out(number, gone, error)
    kept: Rows = rows[~lost]
    return kept


def records_in_order(snapshot: Snapshot, filter_: str = "") -> Iterator[dict[str, Any]]:
    """Every live record with its text. Passages tile their record, so it is the text that was added.

    One that damage has taken passages of says that it is `incomplete` (where the last are gone, it cannot know).
    """
    for _, found in groupby(passages_in_order(snapshot, filter_), key=lambda passage: passage.record):
        pieces = list(found)
        first = pieces[0]
        whole = all(one.end == other.start for one, other in pairwise(pieces)) and not first.start
        yield {
            "id": first.record,
            "key": first.key,
            "source": first.source,
            "locator": first.locator,
            "title": first.title,
            "time": first.time,
            "metadata": dict(first.metadata),
            "text": "".join(piece.text for piece in pieces),
            **({} if whole else {"incomplete": True}),
        }


def some_records(snapshot: Snapshot, most: int) -> list[Passage]:
    """A passage each of up to so many live records, in row order: a taste, at the same cost however large the index."""
    found: dict[str, Passage] = {}
    for number, mask in enumerate([*snapshot.live]):
        rows = np.flatnonzero(mask)[: most * 4] + snapshot.bases[number]
        for passage in snapshot.read(rows):
            if len(found) < most:
                found.setdefault(passage.record, passage)
        if len(found) == most:
            break
    return list(found.values())


def _ordered(snapshot: Snapshot, filter_: str) -> Rows:
    masks = snapshot.matching(filter_) if filter_ else snapshot.live
    high, low, ordinal, rows = [], [], [], []
    for number, mask in enumerate([*masks]):
        try:
            columns = snapshot.catalog.identities(number)
        except Corrupt as error:
            snapshot.leave_out(number, None, error)
            continue
        local = np.flatnonzero(mask)
        high.append(columns["id_hi"][local])
        low.append(columns["id_lo"][local])
        ordinal.append(columns["ordinal"][local])
        rows.append(local + snapshot.bases[number])
    if not rows:
        return np.empty(0, np.int64)
    order = np.lexsort((np.concatenate(ordinal), np.concatenate(low), np.concatenate(high)))
    return np.concatenate(rows)[order]
