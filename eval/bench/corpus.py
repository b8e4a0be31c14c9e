"""`cascade bench corpus`: what it costs to take a corpus in: time, memory, disk, and the time to open the result.

Knows ingest from outside, as `cascade add` does; knows nothing of queries.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.errors import UnusableIndex, UsageError
from cascade.models.base import Encoder
from eval.intervals import spread
from eval.machine import Peak
from eval.rows import Finding
from indexers.ingest import ingest
from indexers.records import Record, Skipped, Source
from indexers.sources.open import open_source

OPENINGS = 7


@dataclass(frozen=True, slots=True)
class Share:
    """The first `most` things of a source, under its name."""

    whole: Source
    most: int

    @property
    def name(self) -> str:
        """The source's own."""
        return self.whole.name

    def read(self) -> Iterator[Record | Skipped]:
        """So many things, and no more."""
        return islice(iter(self.whole.read()), self.most)


class Timed:
    """An encoder that times its passages. `kept` are the texts it was given, for the encoder alone to do again."""

    def __init__(self, encoder: Encoder, keep: bool) -> None:
        self.encoder, self.keep = encoder, keep
        self.seconds, self.passages = 0.0, 0
        self.kept: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.encoder, name)

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """As the encoder does."""
        return self._time(lambda: self.encoder.encode_passages(texts), len(texts), list(texts))

    def again(self) -> float:
        """Seconds the encoder alone takes for all it was given, in one call."""
        texts = [text for part in self.kept for text in part]
        begin = time.perf_counter()
        self.encoder.encode_passages(texts)
        return time.perf_counter() - begin

    def _time(self, work: Callable[[], Floats], passages: int, given: Any) -> Floats:
        begin = time.perf_counter()
        vectors = work()
        self.seconds += time.perf_counter() - begin
        self.passages += passages
        if self.keep:
            self.kept.append(given)
        return vectors


class TimedTokens(Timed):
    """The same for an encoder that takes ids of Cascade's own vocabulary."""

    def encode_tokens(self, tokens: NDArray[np.uint16], offsets: NDArray[np.int64]) -> Floats:
        """As the encoder does."""
        work: Any = self.encoder
        return self._time(lambda: work.encode_tokens(tokens, offsets), len(offsets) - 1, (tokens, offsets))

    def again(self) -> float:
        """Seconds the encoder alone takes for all it was given, in one call."""
        lengths = np.concatenate([np.diff(offsets) for _, offsets in self.kept])
        tokens = np.concatenate([tokens[offsets[0] : offsets[-1]] for tokens, offsets in self.kept])
        work: Any = self.encoder
        begin = time.perf_counter()
        work.encode_tokens(tokens, np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))))
        return time.perf_counter() - begin


@dataclass(frozen=True, slots=True)
class Setup:
    """`limit`: records in all, 0 for every one, shared evenly. `alone`: time the encoder alone on the same passages."""

    limit: int = 0
    alone: bool = False
    openings: int = OPENINGS


def measure(root: Path, files: Sequence[Path], encoder: Encoder, setup: Setup) -> Finding:
    """Make an index of corpus files in one run. Raises UsageError where there is something already."""
    if root.exists():
        raise UsageError(f"{root} exists, and this measures a fresh index. Name a folder that does not.")
    sources: list[Source] = [open_source(str(path)) for path in files]
    if setup.limit:
        sources = [Share(source, -(-setup.limit // len(sources))) for source in sources]
    encoder.encode_passages(["opened before the clock starts"])
    timed = (TimedTokens if hasattr(encoder, "encode_tokens") else Timed)(encoder, setup.alone)
    with Peak() as peak:
        begin = time.perf_counter()
        report = ingest(root, sources, timed)
        seconds = time.perf_counter() - begin
    rate = report.passages / seconds
    summary = {
        "records": report.records,
        "passages": report.passages,
        "failed": report.failed,
        "seconds": round(seconds, 3),
        "passages_per_second": rate,
        "encoding_seconds": round(timed.seconds, 3),
        "rss_anon_peak": peak.anonymous,
        "rss_anon_before": peak.before,
        "vm_hwm": peak.high_water,
        **size(root, report.records, report.passages),
        **(against_alone(timed, rate) if setup.alone else {}),
        **opening(root, setup.openings),
    }
    settings = {"encoder": encoder.name, "limit": setup.limit, "sources": [source.name for source in sources]}
    return Finding(settings, summary)


def size(root: Path, records: int, passages: int) -> dict[str, float]:
    """Bytes of everything in a folder, in all, by document and by passage."""
    whole = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    return {
        "bytes": whole,
        "bytes_per_document": whole / max(records, 1),
        "bytes_per_passage": whole / max(passages, 1),
    }


def against_alone(timed: Timed, rate: float) -> dict[str, float]:
    """The encoder alone on the same passages, in the same run: `of_alone` is the rate of ingest relative to it."""
    alone = timed.passages / timed.again()
    return {"encoded": timed.passages, "alone_per_second": alone, "of_alone": rate / alone}


def opening(root: Path, times: int) -> dict[str, Any]:
    """Opening the index in fresh processes, in ms: `open` a snapshot, `ready` every part that a first search needs."""
    code = "import sys; from eval.bench.opening import main; main(sys.argv[1])"
    found = []
    for _ in range(times):
        done = subprocess.run(
            [sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=False, timeout=600
        )
        if done.returncode:
            raise UnusableIndex(f"{root} could not be opened by another process: {done.stderr.strip()[-300:]}")
        found.append(json.loads(done.stdout))
    return {f"{name}_ms": spread([one[name] for one in found]) for name in ("open", "ready")} if found else {}
