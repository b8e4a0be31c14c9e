"""The encoder `minilm`: all-MiniLM-L6-v2, from the package that ships its weights.

Queries run through NumPy in float32, so that a cold start needs no torch and the same text always gives the same
bytes. Passages run through torch (`cascade.models.bert`), in bfloat16 where the CPU has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.models import pinned
from cascade.models.ahead import Ahead
from cascade.models.threads import one_for_numpy
from cascade.models.vocabulary import Tokens, Vocabulary, model_folder
from cascade.models.weights import mapped

if TYPE_CHECKING:
    from cascade.models.bert import TorchBert

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BEGIN, END = 101, 102
"""The ids of [CLS] and [SEP], which the model saw around every text in training."""

HEADS = 12
LAYERS = 6
EPSILON = 1e-12


class MiniLM:
    """all-MiniLM-L6-v2: 384 dimensions, 256 tokens with its two markers. Opened at first use.

    `threads` bounds torch's threads for passages; 0 means every core this process may use. `int8`: passages in 8-bit
    products, for CPUs without bfloat16 matrices; an encoder of its own, since its vectors differ (cosine .995).
    """

    dim = 384
    limit = 254

    def __init__(self, threads: int = 0, int8: bool = False) -> None:
        self.threads, self.int8 = threads, int8
        self.name = "minilm-int8" if int8 else "minilm"
        self.fingerprint = f"{self.name}-{WEIGHTS_SHA256[:16]}"
        self.vocabulary = Vocabulary()
        self._ahead = Ahead(self.encode_queries)

    @cached_property
    def weights(self) -> dict[str, NDArray[Any]]:
        """The model's arrays by their published names, float32, mapped from the file. Raises ModelMissing."""
        one_for_numpy()
        return mapped(pinned.check(model_folder() / "model.safetensors", WEIGHTS_SHA256))[0]

    @cached_property
    def _torch(self) -> TorchBert:
        from cascade.models.bert import Products, TorchBert

        return TorchBert(self.weights, self.threads, Products.INT8 if self.int8 else None)

    def encode_query(self, text: str) -> Floats:
        """float32 (384,), unit length; about 10 ms."""
        return self._ahead.vector(text)

    def expect(self, text: str) -> AbstractContextManager[None]:
        """For as long as this lasts, a query that may soon be encoded, together with others that wait."""
        return self._ahead.expect(text)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """float32 (n, 384), unit length, in the order given."""
        ids = [np.concatenate(([BEGIN], one[: self.limit], [END])) for one in self.vocabulary.encode(texts)]
        states = forward(self.weights, ids)
        return np.stack([_unit(state.mean(axis=0)) for state in states])

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """float32 (n, 384), unit length, in the order given."""
        ids = self.vocabulary.encode(texts)
        offsets = np.concatenate(([0], np.cumsum([len(i) for i in ids], dtype=np.int64)))
        return self.encode_tokens(np.concatenate([*ids, np.empty(0, np.uint16)]), offsets)

    def encode_tokens(self, tokens: Tokens, offsets: NDArray[np.int64]) -> Floats:
        """As `encode_passages`, from ids of `Vocabulary`: passage i is tokens[offsets[i]:offsets[i+1]]."""
        return self._torch.encode([tokens[a:b][: self.limit] for a, b in pairwise(offsets)])

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens each text costs, without the two markers."""
        return self.vocabulary.count(texts)


def forward(weights: dict[str, NDArray[Any]], texts: Sequence[NDArray[Any]]) -> list[Floats]:
    """The last hidden state of each text: float32 (tokens, 384). BERT (arXiv:1810.04805) with exact GELU.

    `texts` hold ids. All go through each weight together, and attend each to itself.
    """
    ends = list(accumulate((len(ids) for ids in texts), initial=0))
    cuts = [slice(*pair) for pair in pairwise(ends)]
    places = np.concatenate([np.arange(len(ids)) for ids in texts])
    state = (
        weights["embeddings.word_embeddings.weight"][np.concatenate(texts)]
        + weights["embeddings.position_embeddings.weight"][places]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    state = _norm(weights, "embeddings.LayerNorm", state)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}."
        mixed = _linear(weights, layer + "attention.output.dense", _attention(weights, layer, state, cuts))
        state = _norm(weights, layer + "attention.output.LayerNorm", mixed + state)
        wide = _gelu(_linear(weights, layer + "intermediate.dense", state))
        state = _norm(weights, layer + "output.LayerNorm", _linear(weights, layer + "output.dense", wide) + state)
    return [state[cut] for cut in cuts]


def _attention(weights: dict[str, NDArray[Any]], layer: str, state: Floats, cuts: Sequence[slice]) -> Floats:
    parts = [_linear(weights, f"{layer}attention.self.{part}", state) for part in ("query", "key", "value")]
    out: Floats = np.empty_like(parts[0])
    for cut in cuts:
        size = cut.stop - cut.start
        query, key, value = (part[cut].reshape(size, HEADS, -1).transpose(1, 0, 2) for part in parts)
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[2]))
        scores = np.exp(scores - scores.max(axis=2, keepdims=True))
        scores /= scores.sum(axis=2, keepdims=True)
        out[cut] = (scores @ value).transpose(1, 0, 2).reshape(size, -1)
    return out


def _linear(weights: dict[str, NDArray[Any]], name: str, state: Floats) -> Floats:
    result: Floats = (weights[name + ".weight"] @ state.T).T + weights[name + ".bias"]  # twice as fast as state @ W.T
    return result


def _norm(weights: dict[str, NDArray[Any]], name: str, state: Floats) -> Floats:
    state = state - state.mean(axis=1, keepdims=True)
    scale = np.sqrt((state * state).mean(axis=1, keepdims=True) + np.float32(EPSILON))
    result: Floats = state / scale * weights[name + ".weight"] + weights[name + ".bias"]
    return result


def _gelu(x: Floats) -> Floats:
    """x * Phi(x), with erf by Abramowitz and Stegun 7.1.26 (absolute error under 1.5e-7)."""
    z = np.abs(x) * np.float32(1 / np.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * z)
    poly = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        poly = (poly + np.float32(factor)) * t
    erf = np.copysign(1 - poly * np.exp(-z * z), x)
    result: Floats = x * np.float32(0.5) * (1 + erf)
    return result


def _unit(vector: Floats) -> Floats:
    result: Floats = vector / np.sqrt((vector * vector).sum())
    return result
