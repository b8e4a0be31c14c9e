"""Deleting records: noted in one commit, gone from every answer at once.

Knows filters and rows; knows nothing of sources.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer


def remove(root: Path, filter_: str, dry_run: bool = False) -> tuple[int, int]:
    """Delete every record that has a passage matching a filter. Returns passages and records. Raises BadFilter."""
    with Writer(root) as writer:
        snapshot = Snapshot(root)
        try:
            snapshot.whole()  # what is left out now would be back after a repair
            dead, passages, records = {}, 0, 0
            whole = _records(snapshot, snapshot.matching(filter_))
            for number, rows in enumerate(whole):
                dead[snapshot.segments[number].entry.name] = rows
                passages += len(rows)
            records = len({key for keys in _keys(snapshot, whole) for key in keys})
        finally:
            snapshot.close()
        if passages and not dry_run:
            writer.commit(dead=dead)
    return passages, records


def _records(snapshot: Snapshot, masks: list[np.ndarray]) -> list[np.ndarray]:
    """All live rows of the records that the masks touch: a record goes whole, in whichever segments it lies."""
    touched = {key for keys in _keys(snapshot, [np.flatnonzero(mask) for mask in masks]) for key in keys}
    if not touched:
        return [np.empty(0, np.int64) for _ in masks]
    wanted = np.array(sorted(high for high, _ in touched), dtype=np.uint64)
    out = []
    for number in range(len(masks)):
        columns = snapshot.catalog.identities(number)
        near = np.flatnonzero(np.isin(columns["id_hi"], wanted) & snapshot.live[number])
        sure = [i for i in near.tolist() if (int(columns["id_hi"][i]), int(columns["id_lo"][i])) in touched]
        out.append(np.array(sure, dtype=np.int64))
    return out


def _keys(snapshot: Snapshot, rows: list[np.ndarray]) -> list[list[tuple[int, int]]]:
    out = []
    for number, chosen in enumerate(rows):
        if not len(chosen):
            continue
        columns = snapshot.catalog.identities(number)
        out.append(list(zip(columns["id_hi"][chosen].tolist(), columns["id_lo"][chosen].tolist(), strict=True)))
    return out
