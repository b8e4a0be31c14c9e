"""How like real texts woven ones are: words, lengths, growth of the vocabulary, and how near they come to questions.

Real, rewoven (`eval.needles.haystack`) and woven texts, as many of each; each lot is taken in by the ordinary ingest,
and questions of labelled sets are asked of it. Knows texts and rates; knows nothing of size.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from cascade.index import vectors
from cascade.index.snapshot import Snapshot
from cascade.models.base import Encoder
from eval.bench.scale.learned import stretches
from eval.bench.scale.woven import Woven
from eval.needles.haystack import Generated, Model
from eval.needles.wording import Wording
from indexers.ingest import ingest
from indexers.records import Record

TAUGHT = 20_000
"""Texts that the slow generator learns from: as many as it can hold in a few hundred megabytes."""
NEAREST = 10


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as a source."""

    texts: Sequence[str]
    name: str = "texts"

    def read(self) -> Iterator[Record]:
        """A record each."""
        for number, text in enumerate(self.texts):
            yield Record(self.name, str(number), text, key=str(number))


def compare(woven: Woven, asked: Sequence[str], encoder: Encoder, count: int) -> dict[str, dict[str, Any]]:
    """What `Wording` counts, how near the ten nearest to a question are (mean cosine and mean BM25), and the rate in
    texts a second, of `count` texts of each kind. The real ones are those that were learned, cut as they were."""
    lots = {"real": _timed(islice(stretches(woven.learned), count))}
    rewoven = Generated(Model.learn(islice(stretches(woven.learned), TAUGHT)), count, woven.seed)
    lots["rewoven"] = _timed(record.text for record in rewoven.read())
    list(Woven(woven.learned, woven.facts, 1, woven.seed).texts())  # compiles
    lots["woven"] = _timed(Woven(woven.learned, woven.facts, count, woven.seed).texts())
    return {
        name: {**_words(texts), **near(texts, asked, encoder), "a_second": rate} for name, (texts, rate) in lots.items()
    }


def _timed(texts: Iterable[str]) -> tuple[list[str], float]:
    begin = time.perf_counter()
    made = list(texts)
    return made, len(made) / (time.perf_counter() - begin)


def _words(texts: Sequence[str]) -> dict[str, Any]:
    counted = asdict(Wording.of(texts))
    counted["words_a_text"] = counted["words"] / max(1, counted["texts"])
    return counted


def near(texts: Sequence[str], asked: Sequence[str], encoder: Encoder) -> dict[str, float]:
    """Mean cosine and mean BM25 of the ten nearest texts to each question."""
    with tempfile.TemporaryDirectory() as folder:
        ingest(Path(folder) / "index", [Texts(texts)], encoder)
        with closing(Snapshot(Path(folder) / "index")) as snapshot:
            cosines, words = [], []
            for text in asked:
                vector = snapshot.rotate(encoder.encode_query(text))
                scores = np.concatenate([vectors.exact(one.vectors(), vector) for one in snapshot.segments])
                cosines.append(float(np.mean(np.sort(scores)[-NEAREST:])))
                found = [one.words.search(snapshot.terms(text), NEAREST, None)[1] for one in snapshot.segments]
                best = np.sort(np.concatenate(found))[-NEAREST:]
                words.append(float(best.mean()) if len(best) else 0.0)
    return {"cosine": float(np.mean(cosines)), "bm25": float(np.mean(words))}
