"""The anonymous memory of a process that opened an index and was asked some questions: a process of its own says it.

Run as a module by itself. Knows an engine from outside; knows nothing of other costs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cascade.errors import UnusableIndex
from cascade.index.snapshot import Snapshot
from cascade.models.base import Encoder
from eval.machine import STATUS, field
from eval.planning.measuring.drawn import Texts
from indexers.compact import Shape
from indexers.ingest import IngestConfig, ingest

FEW = 20
"""Passages of a segment that takes as little as one can."""

MANY = 12
"""Segments of an index that shows what one takes."""


def measure(root: Path, texts: Sequence[str], encoder: Encoder) -> dict[str, float]:
    """From an index, and small ones that are made of its texts with the same encoder. Nothing without /proc."""
    if not STATUS.exists():
        return {}
    whole = _said(root, texts)
    with tempfile.TemporaryDirectory(prefix="cascade-memory-") as aside:
        few = [_said(_small(Path(aside) / f"{count}", texts[: FEW * count], encoder), texts) for count in (1, MANY)]
    opened = Snapshot(root)
    passages, segments = len(opened), len(opened.segments)
    dim = opened.built.dim
    lists = sum(len(each) for each in opened.lists.values())
    opened.close()
    a_segment = max(0.0, (few[1] - few[0]) / (MANY - 1))
    shared = few[0] + segments * (a_segment + lists * 8) + 2 * lists * dim * 4
    return {
        "process_bytes": few[0] - a_segment,
        "segment_bytes": a_segment,
        "row_bytes": max(1.0, (whole - shared) / passages),
    }


def _small(root: Path, texts: Sequence[str], encoder: Encoder) -> Path:
    """An index of one passage a text, so many a segment, and none of them ever merged."""
    shape = Shape(small=10_000)
    ingest(root, [Texts(texts)], encoder, IngestConfig(records=FEW, passages=FEW, shape=shape))
    return root


def _said(root: Path, texts: Sequence[str]) -> float:
    asked = [" ".join(text.split()[:12]) for text in texts[:6]]
    command = [sys.executable, "-m", "eval.planning.measuring.memory", str(root), *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise UnusableIndex(f"{root} could not be opened in a process of its own: {done.stderr.strip()[-300:]}")
    return float(done.stdout)


def main(root: str, *asked: str) -> None:
    """Print the bytes of anonymous memory after some questions."""
    from cascade.engine import Engine

    engine = Engine.open(root)
    for text in asked:
        engine.search(text, k=10)
    sys.stdout.write(str(field("RssAnon")))


if __name__ == "__main__":
    main(*sys.argv[1:])
