"""One index of a given size: what is fixed, real texts as far as they go, woven ones after them; and what that costs.

Knows building in slices from outside, as `cascade add --bulk` does; knows nothing of questions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

from cascade import shapes
from cascade.index.snapshot import Snapshot
from cascade.models.base import Encoder
from eval.bench.corpus import Timed, TimedTokens
from eval.evenly import Evenly, Told, silent
from eval.machine import Peak
from indexers import slices
from indexers.compact import Shape
from indexers.ingest import IngestConfig, Report
from indexers.records import Record, Skipped, Source
from indexers.slices import SliceConfig
from indexers.sources.open import open_source


@dataclass(frozen=True, slots=True)
class Hay:
    """So many records, real and woven in the shares that the largest haystack has: each is a fair part of that one.

    The largest holds `most` records: all that the corpora hold, and woven ones for the rest. Real ones are taken evenly
    from each corpus over its whole length. `held`: how many each holds. `further`: makes so many woven ones.
    """

    files: Sequence[Path]
    held: Sequence[int]
    count: int
    most: int
    further: Callable[[int], Source]
    name: str = "hay"

    @property
    def real(self) -> int:
        """How many records are real."""
        total = sum(self.held)
        return self.count * total // max(total, self.most, 1)

    def read(self) -> Iterator[Record | Skipped]:
        """The real ones first, of the corpora by turns."""
        firsts = accumulate(self.held, initial=0)
        share = Fraction(self.real, max(sum(self.held), 1))
        parts = [Part(open_source(str(file)), share, first) for file, first in zip(self.files, firsts, strict=False)]
        yield from Evenly(parts, lambda: False, lambda: None).read()
        yield from self.further(self.count - self.real).read()


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a source's records, evenly over its length. `first`: the number of its first record among all."""

    whole: Source
    share: Fraction
    first: int

    @property
    def name(self) -> str:
        """Of the source."""
        return self.whole.name

    def read(self) -> Iterator[Record | Skipped]:
        """In order; record n is taken where n + 1 of them make one more than n do."""
        at = self.first
        for thing in self.whole.read():
            if not isinstance(thing, Record):
                yield thing
                continue
            if int((at + 1) * self.share) > int(at * self.share):
                yield thing
            at += 1


def records(files: Sequence[Path]) -> list[int]:
    """How many records each corpus holds."""
    return [sum(isinstance(thing, Record) for thing in open_source(str(file)).read()) for file in files]


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
    root: Path, sources: Sequence[Source], encoder: Encoder, shape: Shape, expected: int, told: Told = silent
) -> dict[str, Any]:  # fmt: skip
    """Make an index, or go on with one that a killed run began. What it cost: `seconds` by step, memory in bytes.

    `expected`: passages in all, about. The steps: `source`, the records are made or read, once for the sample and once
    for the index; `encode`; `train`, lists; `compact`, small segments at the end; `write`, the rest: texts are cut, and
    segments are written beside that. `whole` is False where some of it was there before.
    """
    clocked = [Clocked(source) for source in sources]
    timed = (TimedTokens if hasattr(encoder, "encode_tokens") else Timed)(encoder, False)
    steps = Steps(told)
    with Peak() as peak:
        begin = time.perf_counter()
        config = SliceConfig(expected=expected, ingest=IngestConfig(shape=shape))
        report = slices.build(root, clocked, timed, config, heard=steps.heard, told=steps.told)
        seconds = time.perf_counter() - begin
    took = {"source": sum(one.seconds for one in clocked), "encode": timed.seconds, **steps.seconds()}
    took["write"] = seconds - sum(took.values())
    return {
        "seconds": round(seconds, 3),
        "steps": {name: round(one, 3) for name, one in took.items()},
        "passages_per_second": report.passages / seconds,
        "whole": not report.unchanged,
        "rss_anon_before": peak.before,
        "rss_anon_peak": peak.anonymous,
    }


class Steps:
    """Listens to a build, passes on what it hears, and tells how long lists were trained and segments merged."""

    def __init__(self, told: Told) -> None:
        self._told, self._since = told, time.perf_counter()
        self._spent: dict[str, float] = {"train": 0.0, "compact": 0.0}

    def heard(self, report: Report, _: bool) -> None:
        """Passages were taken in."""
        self._told("indexing", report.passages + report.unchanged, None)

    def told(self, what: str, done: int, of: int) -> None:
        """Something else goes on; `done` is 0 when it begins."""
        now = time.perf_counter()
        name = {"training": "train", "organising": "compact"}.get(what.split(maxsplit=1)[0])
        if name and done:
            self._spent[name] += now - self._since
        self._since = now
        self._told(what, done, of)

    def seconds(self) -> dict[str, float]:
        """By step."""
        return dict(self._spent)


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
