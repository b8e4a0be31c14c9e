"""What an index takes on the disk, a word and a passage. Knows files by kind; opens no vector, asks nothing."""

from __future__ import annotations

import numpy as np

from cascade.index.snapshot import Snapshot

SAMPLE = 4_000
"""Passages whose words are counted."""


def words(snapshot: Snapshot, seed: int) -> float:
    """Words of a passage, split at white space, on average over a sample."""
    live = np.flatnonzero(np.concatenate(snapshot.live))
    rows = np.sort(np.random.default_rng(seed).choice(live, min(SAMPLE, len(live)), replace=False))
    counts = [len(text.split()) for text in snapshot.texts(rows)]
    return max(1.0, sum(counts) / len(counts))


def measure(snapshot: Snapshot, a_passage: float) -> dict[str, float]:
    """Bytes by kind and tokens, given how many words a passage has."""
    kinds: dict[str, int] = {}
    for segment in snapshot.segments:
        for name, total in segment.sums.items():
            kind = name.split("/")[0].split(".")[0]
            kinds[kind] = kinds.get(kind, 0) + total.size
    passages = sum(len(segment) for segment in snapshot.segments)
    tokens = sum(segment.tokens.total for segment in snapshot.segments)
    whole = passages * a_passage
    return {
        "tokens_per_word": tokens / whole,
        "text_bytes": (kinds["text"] - 4 * passages) / whole,
        "words_bytes": kinds["words"] / whole,
        "passages_bytes": kinds["passages"] / passages,
    }
