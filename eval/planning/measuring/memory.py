"""The anonymous memory of a process that opened an index and was asked some questions: a process of its own says it.

Run as a module by itself. Knows an engine from outside; knows nothing of other costs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from itertools import combinations
from pathlib import Path

import numpy as np

from cascade.errors import UnusableIndex
from cascade.index.snapshot import Snapshot
from cascade.models.base import Encoder
from eval.machine import STATUS, field
from eval.planning.measuring.drawn import Texts
from indexers.compact import Shape
from indexers.ingest import IngestConfig, ingest

FEW = 20
"""Passages of a segment that takes as little as one can."""

LEAST = 1.0
"""Bytes a row takes in any case: whether it is live."""

MANY = 12
"""Segments of an index that shows what one takes."""

POINTS = 6
"""Sizes of the index, by whole segments, that show what a row takes."""


def measure(root: Path, texts: Sequence[str], encoder: Encoder) -> dict[str, float]:
    """From an index, that index without some of its segments, and small ones made of its texts with the same encoder.

    What questions need while they are answered, whatever the size, counts as the process's. Nothing without /proc.
    """
    if not STATUS.exists():
        return {}
    with tempfile.TemporaryDirectory(prefix="cascade-memory-") as aside:
        few = [_said(_small(Path(aside) / f"{count}", texts[: FEW * count], encoder), texts) for count in (1, MANY)]
    a_segment = max(0.0, (few[1] - few[0]) / (MANY - 1))
    with closing(Snapshot(root)) as snapshot:
        sizes = [len(segment) for segment in snapshot.segments]
        lists = sum(len(each) for each in snapshot.lists.values())
        dim = snapshot.built.dim
    whole, a_row = _said(root, texts), LEAST
    a_segments_lists = a_segment + lists * 8
    if len(sizes) > 1:
        less = np.unique(np.linspace(1, len(sizes) - 1, POINTS - 1).round().astype(int)).tolist()
        held = [(sum(sizes), whole), *((sum(sizes[:-without]), _said(root, texts, without)) for without in less)]
        a_row = max(LEAST, _slope([(rows, said + without * a_segments_lists)
                                   for (rows, said), without in zip(held, [0, *less], strict=True)]))  # fmt: skip
    own = whole - sum(sizes) * a_row - len(sizes) * a_segments_lists - 2 * lists * dim * 4
    return {"process_bytes": max(own, 1.0), "segment_bytes": a_segment, "row_bytes": a_row}


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """How much the second grows with the first: the median over all pairs (Theil-Sen), as single ones are noisy."""
    return float(np.median([
        (b - a) / (after - before) for (before, a), (after, b) in combinations(points, 2) if after != before
    ]))


def _small(root: Path, texts: Sequence[str], encoder: Encoder) -> Path:
    """An index of one passage a text, so many a segment, and none of them ever merged."""
    shape = Shape(small=10_000)
    ingest(root, [Texts(texts)], encoder, IngestConfig(records=FEW, passages=FEW, shape=shape))
    return root


def _said(root: Path, texts: Sequence[str], without: int = 0) -> float:
    asked = [" ".join(text.split()[:12]) for text in texts[:6]]
    command = [sys.executable, "-m", "eval.planning.measuring.memory", str(root), str(without), *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise UnusableIndex(f"{root} could not be opened in a process of its own: {done.stderr.strip()[-300:]}")
    return float(done.stdout)


def main(root: str, without: str, *asked: str) -> None:
    """Print the bytes of anonymous memory after some questions to an index without its last so many segments."""
    from cascade.config import Config
    from cascade.engine import Engine
    from cascade.index import manifest
    from cascade.index.layout import Layout
    from cascade.models import resolve

    said = manifest.read(Layout(Path(root)))
    asked_of = said.segments[: len(said.segments) - int(without)]
    snapshot = Snapshot(Path(root), only=[entry.name for entry in asked_of])
    engine = Engine(snapshot, resolve.encoder_of(Path(root), said.built.encoder, ""), Config())
    for text in asked:
        engine.search(text, k=10)
    sys.stdout.write(str(field("RssAnon")))


if __name__ == "__main__":
    main(*sys.argv[1:])
