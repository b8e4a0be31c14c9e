"""Needles planted in a copy of an index, among its own lists, so that a search finds them no more easily than the rest.

A small segment of its own would have no lists and be searched whole: no share of lists could lose what lies in it.
The index itself is only read. Knows ingest and needles; knows nothing of settings or survival.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from cascade.errors import UnusableIndex
from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer
from cascade.models.base import Encoder
from eval.needles.classes import make
from eval.needles.filler import Filler
from eval.needles.needle import Kind, Needle
from eval.needles.plant import Planting
from eval.planting import copied, known
from indexers.known import Keys, Known
from indexers.making import Maker

MIX = (Kind.SINGLE, Kind.NO_OVERLAP, Kind.MULTI_KEY, Kind.MULTI_HOP, Kind.IDENTIFIER, Kind.IN_LONG)
"""Classes of needles that are planted, in equal parts: found by words, by meaning, among rivals, by a link, by a
number, within a long record. A mix without NO_OVERLAP would be found by words alone, and tell nothing of the lists."""

FILLED = 300
"""Passages whose sentences stand around planted facts."""


@contextmanager
def planted(root: Path, encoder: Encoder, count: int, seed: int) -> Iterator[tuple[Path, list[Needle]]]:
    """A copy of an index with so many needles in it, and the needles, their classes in turn. Gone afterwards."""
    with closing(Snapshot(root)) as snapshot:
        snapshot.whole()
        needles = _made(snapshot, count, seed)
        rotation = snapshot.rotation
    records = list(Planting(needles).first.read())
    with copied(root) as copy:
        batch = Maker(encoder, rotation, Known([])).batch(records, Keys.of(records))
        if batch is None:
            raise UnusableIndex("No needle gave a passage, which cannot be: report it, with the index's language.")
        with Writer(copy) as writer:
            writer.commit([writer.write(batch, writer.lists())])
        yield copy, needles


def _made(snapshot: Snapshot, count: int, seed: int) -> list[Needle]:
    share = -(-count // len(MIX))
    filler = Filler.of(passage.text for passage in snapshot.read(_some(snapshot, FILLED, seed)))
    of_class = [make(kind, share, seed, partial(known, snapshot), filler=filler) for kind in MIX]
    return [group[i] for i in range(share) for group in of_class][:count]


def _some(snapshot: Snapshot, count: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    live = np.flatnonzero(np.concatenate([*snapshot.live, np.empty(0, bool)]))
    return np.sort(np.random.default_rng(seed).choice(live, min(count, len(live)), replace=False))
