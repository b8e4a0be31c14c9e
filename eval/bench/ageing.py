"""`cascade bench ageing`: what thousands of small additions cost: time of each, bytes written, segments.

Each addition is a run of ingest of its own, as when `cascade add` is called for every file. Knows ingest from outside;
knows nothing of queries.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

from cascade.errors import UsageError
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.models.base import Encoder
from eval.bench.corpus import size
from eval.intervals import Spread, spread
from eval.rows import Finding
from indexers.ingest import ingest
from indexers.records import Record, Skipped

IO = Path("/proc/self/io")
WORDS = 40
"""Words of a record."""


@dataclass(frozen=True, slots=True)
class Setup:
    """`adds` additions of `records` short records each; `seed` draws their words."""

    adds: int = 5_000
    records: int = 10
    seed: int = 0


class Add(NamedTuple):
    """One addition: its time, bytes this process wrote, passages written again by merges, and segments after it."""

    ms: float
    written: int
    merged: int
    segments: int


@dataclass(frozen=True, slots=True)
class Notes:
    """A source of short records that are in no other."""

    number: int
    setup: Setup
    name: str = "notes"

    def read(self) -> Iterator[Record | Skipped]:
        """So many records of words drawn at random."""
        random = Random(self.setup.seed * 1_000_003 + self.number)
        for at in range(self.setup.records):
            words = " ".join(f"w{int(random.paretovariate(0.7)) % 50_000}" for _ in range(WORDS))
            yield Record(self.name, f"{self.number}/{at}", f"{words}.")


def measure(root: Path, encoder: Encoder, setup: Setup) -> Finding:
    """Make an index of many small additions. Raises UsageError where there is something already."""
    if root.exists():
        raise UsageError(f"{root} exists, and this measures a fresh index. Name a folder that does not.")
    found: list[Add] = []
    for number in range(setup.adds):
        found.append(added(root, Notes(number, setup), encoder))
    passages = setup.adds * setup.records
    part = max(1, min(500, setup.adds // 2))
    whole = size(root, passages, passages)["bytes"]
    written = sum(one.written for one in found)
    summary: dict[str, Any] = {
        "passages": passages,
        "first": _times(found[:part]),
        "last": _times(found[-part:]),
        "slowest_ms": max(one.ms for one in found),
        "seconds": sum(one.ms for one in found) / 1000,
        "passages_written": (passages + sum(one.merged for one in found)) / max(passages, 1),
        "bytes_written": written,
        "bytes": whole,
        "written_per_byte": written / max(whole, 1),
        "segments_most": max(one.segments for one in found),
        "segments_mean": float(np.mean([one.segments for one in found])),
        "segments": found[-1].segments,
    }
    settings = {"encoder": encoder.name, "adds": setup.adds, "records": setup.records}
    return Finding(settings, summary, [one._asdict() for one in found])


def added(root: Path, notes: Notes, encoder: Encoder) -> Add:
    """Add one source, and say what it cost."""
    merged = 0

    def told(_: str, done: int, total: int) -> None:
        nonlocal merged
        merged += total if done == total > 1 else 0

    before, begin = _written(), time.perf_counter()
    ingest(root, [notes], encoder, told=told)
    ms = (time.perf_counter() - begin) * 1000
    return Add(ms, _written() - before, merged, len(manifests.read(Layout(root)).segments))


def _times(found: list[Add]) -> Spread:
    return spread([one.ms for one in found])


def _written() -> int:
    """Bytes this process has handed to the system to write; 0 where that is not told."""
    if not IO.exists():
        return 0
    return next(int(line.split()[1]) for line in IO.read_text().splitlines() if line.startswith("wchar"))
