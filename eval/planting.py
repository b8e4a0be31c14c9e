"""Needles in an index: planted in a copy of it, before or after the rest, changed by a second ingest, deleted again.

The index itself is left as it is, and the copy is gone afterwards; what a run that was killed left of one, the next
removes. Knows ingest from outside; knows nothing of questions or scores.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from cascade.data import Passage
from cascade.index import files
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

HELD = "held.lock"
"""Locked beside a copy for as long as it is used."""


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
    """A copy of an index beside it, gone afterwards. Files are linked where the system can: they never change.

    Removes copies that a killed run left. Raises Unwritable where there is no room, or no permission, beside it.
    """
    where, prefix = root.resolve().parent, f".{root.resolve().name}-needles-"
    with ExitStack() as stack:
        with files.writing(where):
            _forsaken(where, prefix)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix, dir=where)))
            stack.enter_context(FileLock(folder / HELD))
            copy = folder / root.resolve().name
            shutil.copytree(root, copy, copy_function=_link, ignore=shutil.ignore_patterns(LOCK, OWNER))
        yield copy


def _forsaken(where: Path, prefix: str) -> None:
    """Remove the copies whose makers are gone: nobody holds their locks."""
    for lock in where.glob(f"{prefix}*/{HELD}"):
        with suppress(Timeout), FileLock(lock, timeout=0):
            shutil.rmtree(lock.parent, ignore_errors=True)


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
