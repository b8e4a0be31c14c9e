"""Upgrades: an index of an older format becomes one of the newest, a step a format, a commit a step.

A program that is stopped leaves the index in one of the formats, whole; the next upgrade goes on from there.
Knows what changed between formats; knows nothing of how a commit is made.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cascade.data import Rows
from cascade.index import checks, files
from cascade.index import manifest as manifests
from cascade.index.layout import FORMAT, LISTED, OLD_CODES, Layout
from cascade.index.manifest import Entry
from cascade.index.segment import Placed, Segment
from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer


@dataclass(frozen=True, slots=True)
class Step:
    """From one format to the next. `work` ends in one commit, after which the index is of the format `to`."""

    to: int
    says: str
    work: Callable[[Writer], object]


def _twinned(writer: Writer) -> None:
    writer.manifest = replace(writer.manifest, format=2)
    writer.commit()


def _listed(writer: Writer) -> None:
    """Write the codes of every segment in lists anew, in one commit; rows keep their order."""
    writer.manifest = replace(writer.manifest, format=LISTED)
    instead: dict[str, Entry] = {}
    dead: dict[str, Rows] = {}
    with closing(Snapshot(writer.layout.root)) as snapshot:
        snapshot.whole()
        lists = snapshot.lists
        for number, segment in enumerate(snapshot.segments):
            if (generation := segment.entry.generation) == 0:
                continue
            listed = _lists_of(segment, len(lists[generation]))
            batch = segment.batch(np.arange(len(segment)), snapshot.catalog.batch(number))
            placed = Placed.of(listed, lists[generation])
            entry = replace(writer.write(batch, lists[generation], placed), generation=generation)
            instead[segment.entry.name] = entry
            dead[entry.name] = np.flatnonzero(~snapshot.live[number])
    writer.manifest = replace(
        writer.manifest,
        segments=tuple(instead.get(one.name, one) for one in writer.manifest.segments),
        graves=tuple(one for one in writer.manifest.graves if one.segment not in instead),
    )
    writer.commit(dead=dead)


def _lists_of(segment: Segment, lists: int) -> NDArray[np.int64]:
    """Which list each row of a segment of format 2 is in, ascending, from how long faiss says that they are.

    The file is a `faiss.IndexIVFRaBitQ` over an empty `IndexFlatIP`, whose head is of a fixed length. Raises Corrupt.
    """
    path = segment.folder / OLD_CODES
    files.check(path, segment.sums[OLD_CODES])
    raw = files.read(path)[HEAD:]
    kind, (count,) = raw[20:24], struct.unpack("<Q", raw[24:32].ljust(8, b"\xff"))
    said = np.frombuffer(raw[32 : 32 + 8 * min(count, 2 * lists)], "<u8").astype(np.int64)
    numbers, sizes = (said[::2], said[1::2]) if kind == b"sprs" else (np.arange(len(said)), said)
    fits = raw[:4] == b"ilar" and len(said) == count and len(numbers) == len(sizes) <= lists
    if not fits or (numbers >= lists).any() or (np.diff(numbers) < 1).any() or int(sizes.sum()) != len(segment):
        checks.refuse(path, f"holds no codes of {len(segment):,} rows in {lists:,} lists")
    return np.repeat(numbers, sizes)


HEAD = 0x89
"""Bytes before the lists in a file of codes of format 2."""

STEPS: Mapping[int, Step] = {
    1: Step(2, "a second copy of the manifest, so that damage to either leaves the index readable", _twinned),
    2: Step(3, "codes without ids, several times faster to search; segments in lists are written anew", _listed),
}
"""The step that leads out of each older format."""


def steps(version: int) -> tuple[Step, ...]:
    """What leads from a format to the newest, in order."""
    out: list[Step] = []
    while version != FORMAT:
        out.append(STEPS[version])
        version = out[-1].to
    return tuple(out)


def planned(root: Path) -> tuple[int, tuple[Step, ...]]:
    """The format of an index and the steps it lacks. Raises NoIndex, WrongFormat or Corrupt."""
    version = manifests.read(Layout(root)).format
    return version, steps(version)


def upgrade(root: Path) -> tuple[int, tuple[Step, ...]]:
    """Take the steps an index lacks. Returns the format it had and what was done. Raises what a Writer raises.

    Readers go on reading the snapshot they have; programs that know only the older format refuse the index afterwards.
    """
    with Writer(root) as writer:
        version = writer.manifest.format
        taken = steps(version)
        for step in taken:
            step.work(writer)
    return version, taken
