"""What a fresh process does to open an index, timed from inside it: imports are not counted, every file is.

Run by `eval.bench.corpus` in a process of its own. Knows the parts of a segment; knows nothing of queries.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from cascade.index.snapshot import Snapshot


def timings(root: Path) -> dict[str, float]:
    """Milliseconds since the start: `open`, the snapshot is there; `ready`, every part of every segment is too."""
    import duckdb  # noqa: F401
    import faiss  # noqa: F401
    import tantivy  # noqa: F401

    begin = time.perf_counter()
    snapshot = Snapshot(root)
    opened = time.perf_counter()
    snapshot.each(lambda number: _part(snapshot, number))
    snapshot.frequencies.sum()
    snapshot.mean_length  # noqa: B018
    ready = time.perf_counter()
    snapshot.close()
    return {"open": (opened - begin) * 1000, "ready": (ready - begin) * 1000}


def _part(snapshot: Snapshot, number: int) -> None:
    segment = snapshot.segments[number]
    for part in (segment.mapped_vectors, segment.codes, segment.tokens, segment.words):
        del part
    first = np.zeros(min(1, len(segment)), dtype=np.int64)
    segment.texts.read(first)
    snapshot.catalog.fetch(number, first)


def main(root: str) -> None:
    """Print the timings as JSON."""
    sys.stdout.write(json.dumps(timings(Path(root))))
