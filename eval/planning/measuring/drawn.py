"""What constants are measured on: passages of an index at random, as texts and as a source, and questions to it.

Knows snapshots and records; knows nothing of what is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cascade.index.snapshot import Snapshot
from eval import datasets
from indexers.records import Record

WORDS = 8
"""Words of a passage that make a question, where none are given."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as a source, a record each."""

    texts: Sequence[str]
    name: str = "texts"

    def read(self) -> Iterator[Record]:
        """The records in order."""
        return (Record(self.name, str(at), text, key=str(at)) for at, text in enumerate(self.texts))


def passages(snapshot: Snapshot, most: int, seed: int) -> list[str]:
    """The texts of passages at random, without those that are blank."""
    live = np.flatnonzero(np.concatenate(snapshot.live))
    rows = np.random.default_rng(seed).choice(live, min(most, len(live)), replace=False)
    return [text for text in snapshot.texts(rows) if text.strip()]


def questions(sets: Sequence[Path], texts: Sequence[str], most: int, seed: int) -> list[str]:
    """Questions drawn evenly from labelled sets; without any, words that stand together in passages."""
    if sets:
        return [one.text for _, one in datasets.spread([datasets.read(folder) for folder in sets], most, seed)]
    random = np.random.default_rng(seed)
    chosen = [text.split() for text in texts[:most]]
    begins = [int(random.integers(0, max(1, len(words) - WORDS))) for words in chosen]
    return [" ".join(words[begin : begin + WORDS]) for words, begin in zip(chosen, begins, strict=True)]
