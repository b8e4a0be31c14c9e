"""Small real indexes for tests: records, sources and batches made by hand, built by the real ingest with `toy`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from cascade.index.manifest import Built
from cascade.index.reading import passages_in_order
from cascade.index.segment import Batch
from cascade.index.snapshot import Snapshot
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import quantize
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape
from indexers.ingest import IngestConfig, Report, ingest
from indexers.known import Keys
from indexers.passages import Piece
from indexers.records import Record, Skipped
from indexers.segments import catalog_batch

LOOSE = Shape(small=10_000)
"""Leaves segments as ingest made them."""

TOPICS = (
    "river bridge boat harbour anchor current delta ferry tide canal",
    "violin concert sonata tempo chorus melody rhythm organ score quartet",
    "enzyme protein membrane nucleus genome receptor plasma tissue antigen cell",
    "mortgage ledger invoice dividend audit tariff budget pension bond credit",
    "glacier moraine basalt fault crater sediment quartz volcano strata erosion",
)


@dataclass
class Given:
    """A source of things given; `met` counts what has been read of it."""

    name: str
    things: Iterable[Record | Skipped]
    met: int = 0

    def read(self) -> Iterator[Record | Skipped]:
        for thing in self.things:
            self.met += 1
            yield thing


def record(locator: str, text: str, source: str = "notes", **more: Any) -> Record:
    """A record of the source `notes`."""
    return Record(source, locator, text, **more)


def prose(count: int, seed: int = 7, words: int = 24) -> list[Record]:
    """Records about five topics in turn, each with a word of its own (`unique17`) and metadata."""
    random = Random(seed)
    made = []
    for number in range(count):
        topic = TOPICS[number % len(TOPICS)].split()
        text = " ".join(random.choice(topic) for _ in range(words))
        made.append(
            record(
                f"f{number:05d}", f"{text} unique{number}.", title=f"About {topic[0]}", key=f"k{number}",
                metadata={"number": number, "topic": topic[0]}, time=f"20{number % 30:02d}-01-01",
            )
        )  # fmt: skip
    return made


def cut(passages: int, shape: Shape = LOOSE) -> IngestConfig:
    """Segments of so many records."""
    return IngestConfig(records=passages, passages=passages, shape=shape)


def build(root: Path, records: Iterable[Record | Skipped], config: IngestConfig | None = None, **how: Any) -> Report:
    """Add records to the index in `root`."""
    return ingest(root, [Given("notes", records)], how.pop("encoder", ToyEncoder()), config, **how)


def texts(snapshot: Snapshot) -> dict[str, str]:
    """The text of each live passage by its record's locator."""
    return {passage.locator: passage.text for passage in passages_in_order(snapshot)}


BUILT = Built("toy", 16, 256, "toy-1", "none", 200, "english")
"""How a segment of `random_batch` is built: 16 dimensions, 200 token ids."""


def random_batch(records: Sequence[Record], seed: int = 5, longest: int = 40) -> Batch:
    """One passage per record, with random unit vectors and random token ids, rare ones rarely."""
    random = np.random.default_rng(seed)
    count = len(records)
    vectors = random.standard_normal((count, BUILT.dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    heads = [random.integers(0, 200, size).astype(np.uint16) for size in random.integers(0, 6, count)]
    bodies = [
        (random.zipf(1.3, size).clip(1, 200) - 1).astype(np.uint16) for size in random.integers(0, longest, count)
    ]
    pieces = [[Piece(0, len(r.text), f"h{i}", body)] for i, (r, body) in enumerate(zip(records, bodies, strict=True))]
    digests = random.integers(0, 2**63, count).astype(np.uint64)
    return Batch(
        quantize(vectors),
        TokenBatch.of(heads, bodies),
        [r.text.encode("utf-8", "surrogatepass") for r in records],
        catalog_batch(records, pieces, Keys.of(records), digests),
    )
