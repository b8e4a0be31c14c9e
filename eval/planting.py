"""Needles in an index: planted in a copy of it, before or after the rest, changed by a second ingest, deleted again.

The index itself is left as it is, and the copy is gone afterwards. Knows ingest from outside; knows nothing of
questions or scores.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cascade.data import Passage
from cascade.index.filters import quoted
from cascade.index.layout import LOCK, OWNER
from cascade.index.snapshot import Snapshot
from cascade.models.base import Encoder
from eval.needles.needle import Needle
from eval.needles.plant import SOURCE, Planting, record
from eval.survival import Link
from indexers.ingest import ingest
from indexers.remove import remove

AT_ONCE = 200
"""Records deleted by one filter."""


def sow(root: Path, planting: Planting, encoder: Encoder, first: bool = True) -> None:
    """Plant needles in an index, change what is changed and delete what is deleted. `first`: the rest is in already."""
    if first:
        ingest(root, [planting.first], encoder)
    if planting.changes.records:
        ingest(root, [planting.changes], encoder)
    for begin in range(0, len(planting.deleted), AT_ONCE):
        keys = ", ".join(quoted(key) for key in planting.deleted[begin : begin + AT_ONCE])
        remove(root, f"source = {quoted(SOURCE)} and key in ({keys})")


def links(snapshot: Snapshot, needle: Needle) -> list[Link]:
    """The relevant records of a needle with the passages that hold its fact, as the index has them now."""
    found = []
    for key in needle.relevant:
        now = max((one for one in needle.records if one.key == key), key=lambda one: one.after)
        rows = snapshot.rows_of(record(needle, now).id)
        passages = dict(zip(rows.tolist(), snapshot.read(rows), strict=True))
        chosen = [row for row, passage in passages.items() if _holds(passage, now.span)] or list(passages)
        found.append(Link(key, tuple(chosen), tuple(passages[row].id for row in chosen)))
    return found


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of an index beside it, gone afterwards. Files are linked where the system can: they never change."""
    with tempfile.TemporaryDirectory(prefix=f".{root.name}-needles-", dir=root.resolve().parent) as folder:
        copy = Path(folder) / root.name
        shutil.copytree(root, copy, copy_function=_link, ignore=shutil.ignore_patterns(LOCK, OWNER))
        yield copy


def known(snapshot: Snapshot, name: str) -> bool:
    """Whether any word of a name occurs in the index."""
    return bool(snapshot.terms(name))


def _holds(passage: Passage, span: tuple[int, int]) -> bool:
    begin, end = span
    return begin < end and passage.start < end and begin < passage.end


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
