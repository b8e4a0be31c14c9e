"""Passages to vectors, each text once: what the index or this run has embedded before is taken from there.

Knows texts, digests and an encoder; knows nothing of sources or segments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import Int8s, quantize
from cascade.models.base import Encoder
from indexers.known import Known


@runtime_checkable
class ReadsTokens(Protocol):
    """An encoder that takes ids of Cascade's own vocabulary, which ingest has made anyway."""

    def encode_tokens(self, tokens: NDArray[np.uint16], offsets: NDArray[np.int64]) -> Floats:
        """float32 (n, dim), unit length."""
        ...


def digests(texts: Sequence[str]) -> NDArray[np.uint64]:
    """64 bits of blake2b of each embedded text: uint64 (n,)."""
    raw = b"".join(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(raw, dtype=">u8").astype(np.uint64)


class Embedder:
    """Rotated int8 vectors of passages. Counts what it computed and what it reused.

    `known`: where texts that were embedded before are looked up; None: nowhere, for an encoder as quick as that.
    """

    def __init__(self, encoder: Encoder, rotation: Floats, known: Known | None) -> None:
        self.encoder, self.rotation, self.known = encoder, rotation, known
        self.computed = self.reused = 0

    def embed(self, texts: Sequence[str], keys: NDArray[np.uint64], tokens: TokenBatch) -> Int8s:
        """int8 (n, dim) of each embedded text; `keys` are its digests, `tokens` its ids."""
        distinct, first, back = np.unique(keys, return_index=True, return_inverse=True)
        have = np.zeros(len(distinct), dtype=bool)
        out = np.empty((len(distinct), self.encoder.dim), dtype=np.int8)
        if self.known:
            have, out = self.known.reuse(distinct, self.encoder.dim)
        missing = np.flatnonzero(~have)
        if len(missing):
            out[missing] = quantize(self._encode(texts, first[missing], tokens) @ self.rotation)
            if self.known:
                self.known.note(distinct[missing], out[missing])
        self.computed += len(missing)
        self.reused += len(texts) - len(missing)
        return out[back]

    def _encode(self, texts: Sequence[str], wanted: NDArray[np.int64], tokens: TokenBatch) -> Floats:
        if isinstance(self.encoder, ReadsTokens):
            chosen = tokens.take(wanted)
            return self.encoder.encode_tokens(chosen.ids, chosen.offsets)
        return self.encoder.encode_passages([texts[i] for i in wanted.tolist()])
