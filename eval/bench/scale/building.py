"""One index of a given size: what is fixed, real texts as far as they go, woven ones after them; and what that costs.

Knows ingest from outside, as `cascade add` does; knows nothing of questions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cascade import shapes
from cascade.index.snapshot import Snapshot
from cascade.models.base import Encoder
from eval.bench.corpus import Timed, TimedTokens
from eval.evenly import Evenly, Told, silent
from eval.machine import Peak
from indexers.compact import Shape
from indexers.ingest import IngestConfig, Report, ingest
from indexers.records import Record, Skipped, Source
from indexers.sources.open import open_source


@dataclass(frozen=True, slots=True)
class Hay:
    """So many records: real ones, evenly of some corpora; where these end, those that `further` makes of the rest."""

    files: Sequence[Path]
    count: int
    further: Callable[[int], Source]
    name: str = "hay"

    def read(self) -> Iterator[Record | Skipped]:
        """The real ones first."""
        came = 0
        for thing in Evenly([open_source(str(file)) for file in self.files], lambda: False, lambda: None).read():
            if came == self.count:
                return
            came += isinstance(thing, Record)
            yield thing
        yield from self.further(self.count - came).read()


@dataclass(slots=True)
class Clocked:
    """A source, and the seconds that it took to give its records."""

    whole: Source
    seconds: float = 0.0
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.whole.name

    def read(self) -> Iterable[Record | Skipped]:
        """The same records."""
        going = iter(self.whole.read())
        while True:
            begin = time.perf_counter()
            thing = next(going, None)
            self.seconds += time.perf_counter() - begin
            if thing is None:
                return
            yield thing


def build(
    root: Path, sources: Sequence[Source], encoder: Encoder, shape: Shape, told: Told = silent
) -> dict[str, Any]:  # fmt: skip
    """Make an index, or go on with one that a killed run began. What it cost: `seconds` by step, memory in bytes.

    The steps: `source`, the records are made or read; `encode`; `compact`, lists are trained and segments put in their
    order; `write`, the rest: texts are cut and segments written. `whole` is False where some of it was there before.
    """
    clocked = [Clocked(source) for source in sources]
    timed = (TimedTokens if hasattr(encoder, "encode_tokens") else Timed)(encoder, False)
    began: list[float] = []

    def heard(report: Report, _: bool) -> None:
        told("indexing", report.passages + report.unchanged, None)

    def compacting(what: str, done: int, of: int) -> None:
        if not began:
            began.append(time.perf_counter())
        told(what, done, of)

    with Peak() as peak:
        begin = time.perf_counter()
        report = ingest(root, clocked, timed, IngestConfig(shape=shape), heard=heard, told=compacting)
        end = time.perf_counter()
    source = sum(one.seconds for one in clocked)
    compact = end - began[0] if began else 0.0
    steps = {
        "source": source, "encode": timed.seconds, "compact": compact,
        "write": end - begin - source - timed.seconds - compact,
    }  # fmt: skip
    return {
        "seconds": round(end - begin, 3),
        "steps": {name: round(seconds, 3) for name, seconds in steps.items()},
        "passages_per_second": report.passages / (end - begin),
        "whole": not report.unchanged,
        "rss_anon_before": peak.before,
        "rss_anon_peak": peak.anonymous,
    }


def stored(root: Path) -> dict[str, Any]:
    """What an index holds: passages, records, segments, lists, and its bytes by kind of file."""
    with closing(Snapshot(root)) as snapshot:
        said = shapes.status(snapshot)
        newest = snapshot.manifest.generation
    rest = said["bytes"] - sum(said["bytes_by_kind"].values())
    return {
        "passages": said["passages"],
        "records": said["records"],
        "segments": len(said["segments"]),
        "lists": newest.lists if newest else 0,
        "bytes": said["bytes"],
        "bytes_by_kind": {**said["bytes_by_kind"], "model and manifest": rest},
        "bytes_per_passage": said["bytes"] / max(1, said["passages"]),
    }
