"""Makes the golden index of the format that is current: run once when a format is released, and commit what it wrote.

    python tests/golden/make.py

Holds two segments with inverted lists, one without, and deleted rows in two of them; the content is the same in every
format. `ranked.json` is what format 1 ranked when it was the only one, and is never written again.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from cascade.index.layout import FORMAT
from cascade.index.reading import records_in_order
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape
from indexers.ingest import IngestConfig, ingest
from indexers.records import Record
from indexers.remove import remove

QUESTIONS = ("a verse about the violin", "mark_919", "東京の橋", "tariff of Gdańsk")
TOPICS = ("harbour", "violin", "quartz", "tariff", "東京の橋", "Gdańsk")


class Verses:
    """Short records, the same every time."""

    def __init__(self, name: str, first: int, last: int) -> None:
        self.name, self._numbers = name, range(first, last)

    def read(self) -> list[Record]:
        """One record a number."""
        return [
            Record(
                self.name,
                f"{number}.txt",
                f"Verse {number} is about {TOPICS[number % 6]}.\n\nIts mark is mark_{number * 7919 % 1000}.",
                title=f"Verse {number}",
                key=f"k{number}",
                time=f"2024-0{number % 9 + 1}-01",
                metadata={"number": number},
            )
            for number in self._numbers
        ]


def make(root: Path) -> None:
    """Write the index into a folder that is not there yet."""
    config = IngestConfig(shape=Shape(exact=50, most=40, small=100))
    ingest(root, [Verses("first", 0, 70)], ToyEncoder(), config)
    ingest(root, [Verses("second", 70, 80)], ToyEncoder(), config)
    remove(root, "key in (k3, k5, k72)")


def seen(root: Path) -> dict[str, object]:
    """What a reader finds in it."""
    snapshot = Snapshot(root)
    try:
        terms = {word: snapshot.terms(word) for word in ("violin", "mark_919", "東京")}
        return {
            "segments": [[e.passages, e.generation] for e in snapshot.manifest.segments],
            "passages": len(snapshot),
            "records": list(records_in_order(snapshot)),
            "occurrences": dict(zip(("violin", "verse"), snapshot.occurrences(["violin", "verse"]), strict=True)),
            "words": {
                word: sorted(
                    snapshot.read(rows + snapshot.bases[n])[i].key
                    for n, segment in enumerate(snapshot.segments)
                    for rows, _ in [segment.words.search(found, 20, snapshot.live[n])]
                    for i in range(len(rows))
                )
                for word, found in terms.items()
            },
            "filtered": [int(mask.sum()) for mask in snapshot.matching("number >= 30 and time < 2024-05")],
        }
    finally:
        snapshot.close()


def ranked(root: Path) -> dict[str, list[str]]:
    """The ten nearest passages of some questions by the stored vectors alone, which no change of fusion touches."""
    snapshot = Snapshot(root)
    try:
        rows = np.flatnonzero(np.concatenate(snapshot.live))
        stored = snapshot.vectors(rows).astype(np.float64)
        out: dict[str, list[str]] = {}
        for question in QUESTIONS:
            scores = np.round(stored @ snapshot.rotate(ToyEncoder().encode_query(question)), 3)
            found = list(zip((-scores).tolist(), (passage.id for passage in snapshot.read(rows)), strict=True))
            out[question] = [identity for _, identity in sorted(found)[:10]]
        return out
    finally:
        snapshot.close()


if __name__ == "__main__":
    folder = Path(__file__).parent / f"format-{FORMAT}"
    shutil.rmtree(folder, ignore_errors=True)
    make(folder / "index")
    for left in ("writer.lock", "writer.json", ".tantivy-meta.lock"):
        for path in (folder / "index").rglob(left):
            path.unlink()
    (folder / "seen.json").write_text(json.dumps(seen(folder / "index"), ensure_ascii=False, indent=1, sort_keys=True))
