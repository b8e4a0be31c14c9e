"""The records of an index as they went in, put together from their passages. Knows a snapshot alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cascade.index.snapshot import Snapshot
from indexers.records import Record

SLICE = 8_192
"""Passages whose text is held at once."""


def whole(snapshot: Snapshot, chosen: NDArray[np.bool_] | None = None) -> Iterator[Record]:
    """The live records, title and text, each with the number of its first row as its key.

    `chosen`: bool (rows,), the rows that count; a record is of those of its passages.
    """
    for number, segment in enumerate(snapshot.segments):
        base = int(snapshot.bases[number])
        live = snapshot.live[number] if chosen is None else snapshot.live[number] & chosen[base : base + len(segment)]
        rows = np.flatnonzero(live)
        if not len(rows):
            continue
        columns = snapshot.catalog.batch(number)
        titles, of = columns.records["title"], columns.passages["record"][rows]
        order = np.lexsort((columns.passages["ordinal"][rows], of))
        rows, of = rows[order], of[order]
        parts: list[str] = []
        first = 0
        for begin in range(0, len(rows), SLICE):
            raw, _ = segment.texts.read(rows[begin : begin + SLICE])
            for at, text in enumerate(raw, begin):
                first = first if parts else base + int(rows[at])
                parts.append(text.decode("utf-8", "surrogatepass"))
                if at + 1 == len(rows) or of[at + 1] != of[at]:
                    yield Record("", str(first), "".join(parts), title=str(titles[of[at]]), key=str(first))
                    parts.clear()
