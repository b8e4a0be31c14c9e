"""Small deterministic models for tests and documentation: words and hashes, nothing to download.

They keep the promises of the three seams exactly, so a contract can compare them with values worked out by hand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np

from cascade.data import Floats
from cascade.models.base import Prompt
from cascade.models.blocks import SILENT, blocks, sentences

DIM = 64


def words(text: str) -> list[str]:
    """Runs of letters, digits and underscores, in lower case."""
    return re.findall(r"\w+", text.lower())


class ToyEncoder:
    """Each word adds one to one of 64 dimensions chosen by its hash; then unit length. Reads every word."""

    name = "toy"
    dim = DIM
    limit = 256
    fingerprint = "toy-1"

    def encode_query(self, text: str) -> Floats:
        """float32 (64,), unit length; text without words gives the constant vector."""
        vector = np.zeros(DIM, dtype=np.float32)
        for word in words(text)[: self.limit]:
            vector[_place(word)] += 1
        if not vector.any():
            vector[:] = 1
        unit: Floats = vector / np.sqrt((vector * vector).sum())
        return unit

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """float32 (n, 64): every passage as a query would be."""
        return np.array([self.encode_query(text) for text in texts], dtype=np.float32).reshape(len(texts), DIM)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Words in each text."""
        return [len(words(text)) for text in texts]


class ToyScorer:
    """The share of the query's words that the passage has: 0..1."""

    name = "toy"

    def score(self, query: str, passages: Sequence[str]) -> Floats:
        """float32 (n,); 0 for a query without words."""
        asked = set(words(query))
        return np.array([len(asked & set(words(p))) / max(len(asked), 1) for p in passages], dtype=np.float32)


class ToyReader:
    """Quotes the sentence of the context that shares most words with the question, first in a tie, and cites it."""

    name = "toy"

    def __init__(self, window: int | None = None) -> None:
        self.window = window or 1_000

    def count(self, text: str) -> int:
        """Words in a text."""
        return len(words(text))

    def read(self, prompt: Prompt, most: int = 256) -> Iterator[str]:
        """One word at a time. Says that the context does not say when no sentence shares a word."""
        asked = set(words(prompt.question))
        found = [
            (len(asked & set(words(sentence))), f"{sentence} [{block.number}]")
            for block in blocks(prompt.context)
            for sentence in sentences(block.text)
        ]
        shared, best = max(found, key=lambda pair: pair[0], default=(0, ""))
        answer = best if shared else SILENT
        yield from re.findall(r"\S+\s*", answer)[:most]


def _place(word: str) -> int:
    raw = word.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=2).digest(), "little") % DIM
