"""Building: what a word and a passage take in each step, on one core; and how long the whole path takes.

Knows the parts of the building path; knows nothing of questions.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cascade.index import catalog, coarse, codes, texts
from cascade.index.coarse import Lists
from cascade.index.segment import Batch
from cascade.models.base import Encoder
from eval.planning.measuring.clock import seconds, worked
from eval.planning.measuring.drawn import Texts
from indexers.known import Keys, Known
from indexers.making import Maker
from indexers.slices import SliceConfig, build

LISTS = 256
ROUNDS = 10
SLICES = 4
SLOWLY = 150
"""Passages that the transformer encodes."""


class Timed:
    """An encoder that counts the time it takes. Stands in for one that reads tokens, or for one that reads texts."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.seconds = encoder, 0.0

    def __getattr__(self, name: str) -> object:
        found = getattr(self._encoder, name)
        if not name.startswith("encode_"):
            return found

        def timed(*args: object) -> object:
            begin = time.process_time()
            made = found(*args)
            self.seconds += time.process_time() - begin
            return made

        return timed


def measure(passages: Sequence[str], encoders: Mapping[str, Encoder]) -> dict[str, float]:
    """From texts of passages and the encoders `static` and `minilm`."""
    found: dict[str, float] = {}
    for name, encoder in encoders.items():
        some = passages if name == "static" else passages[:SLOWLY]
        batch, cut, encoding = _batch(some, encoder)
        words = sum(len(text.split()) for text in some)
        found[f"encode_{name}_us"] = encoding / words * 1e6
        if name == "static":
            found["cut_us"] = cut / words * 1e6
            found |= _stored(batch, words) | _listed(batch)
    return found


def whole(passages: Sequence[str], encoder: Encoder) -> float:
    """Seconds that the whole path takes for these passages in slices, without lists."""
    with tempfile.TemporaryDirectory(prefix="cascade-building-") as aside:
        config = SliceConfig(passages=max(1, len(passages) // SLICES))
        return seconds(lambda: build(Path(aside) / "index", [Texts(passages)], encoder, config))


def _batch(passages: Sequence[str], encoder: Encoder) -> tuple[Batch, float, float]:
    """A batch of passages, and the seconds that cutting and encoding took."""
    records, timed = list(Texts(passages).read()), Timed(encoder)
    maker = Maker(timed, np.eye(encoder.dim, dtype=np.float32), Known([]))  # type: ignore[arg-type]
    maker.batch(records[:8], Keys.of(records[:8]))
    timed.seconds, begin = 0.0, time.process_time()
    batch = maker.batch(records, Keys.of(records))
    whole = time.process_time() - begin
    assert batch is not None, "passages of an index hold text"
    return batch, whole - timed.seconds, timed.seconds


def _stored(batch: Batch, words: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="cascade-building-") as aside:
        text = worked(lambda: texts.framed(batch.texts))
        held = worked(lambda: catalog.write(Path(aside) / "passages.duckdb", batch.catalog))
    return {"text_us": text / words * 1e6, "catalog_us": held / len(batch) * 1e6}


def _listed(batch: Batch) -> dict[str, float]:
    """Training, finding each vector's list, and making codes, all on one core."""
    count, dim = batch.vectors.shape
    lists = min(LISTS, max(1, count // 40))
    trained: list[Lists] = []
    train = worked(lambda: trained.append(coarse.train(batch.vectors, lists, 1, coarse.Training(ROUNDS))))
    quantizer = trained[0]
    assign = worked(lambda: quantizer.assign(batch.vectors), 3)
    listed = quantizer.assign(batch.vectors)
    order = np.argsort(listed, kind="stable")
    vectors, listed = batch.vectors[order], listed[order]
    with tempfile.TemporaryDirectory(prefix="cascade-building-") as aside:
        pack = worked(lambda: codes.write(Path(aside), vectors, listed, quantizer))
    return {
        "train_ns": train / (count * dim * lists * ROUNDS) * 1e9,
        "assign_ns": assign / (count * dim * lists) * 1e9,
        "pack_ns": pack / (count * dim) * 1e9,
    }
