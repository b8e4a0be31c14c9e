"""Any sentence-transformers encoder or cross-encoder, by hub name or folder.

The only module that may reach a model hub, and only for a model that was named and is not on this machine yet.
Knows nothing of Cascade's own models.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from cascade.data import Floats
from cascade.errors import ModelMissing
from cascade.models.threads import for_torch

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

T = TypeVar("T")

SECONDS = "5"
"""How long the hub may take to say whether it has a model."""


class SentenceEncoder:
    """An encoder of the library sentence-transformers. Opened at first use. `threads`: 0 means every core."""

    def __init__(self, model: str, threads: int = 0) -> None:
        self.name, self.threads = model, threads

    @cached_property
    def _model(self) -> SentenceTransformer:
        _before_import(self.threads)
        from sentence_transformers import SentenceTransformer

        name = self.name
        return _opened(name, lambda local: SentenceTransformer(name, device="cpu", local_files_only=local))

    @property
    def dim(self) -> int:
        """Values in a vector."""
        return len(self.encode_query("size"))

    @property
    def limit(self) -> int:
        """Tokens it reads of a passage; 512 where the model does not say."""
        return int(self._model.max_seq_length or 512)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of every weight, the prompts and the limit: the same model elsewhere is the same encoder."""
        import torch
        import xxhash

        state = xxhash.xxh3_128()
        for name, weight in sorted(self._model.state_dict().items()):
            state.update(name.encode())
            state.update(weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
        state.update(repr((sorted(self._model.prompts.items()), self.limit)).encode())
        return f"sentence-{state.hexdigest()[:16]}"

    def encode_query(self, text: str) -> Floats:
        """float32 (dim,), unit length, with the model's own query prompt. Raises ModelMissing."""
        vectors = _unit(self._model.encode_query([_clean(text)], show_progress_bar=False, convert_to_numpy=True))
        first: Floats = vectors[0]
        return first

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """float32 (n, dim), unit length, in the order given, with the model's own passage prompt."""
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        sent = [_clean(text) for text in texts]
        return _unit(self._model.encode_document(sent, show_progress_bar=False, convert_to_numpy=True))

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens each text costs, by the model's own tokenizer."""
        tokenizer = self._model.tokenizer
        return [len(tokenizer(_clean(text), truncation=False, verbose=False)["input_ids"]) for text in texts]


class CrossScorer:
    """A cross-encoder of the library sentence-transformers: reads query and passage together."""

    def __init__(self, model: str, threads: int = 0) -> None:
        self.name, self.threads = model, threads

    @cached_property
    def _model(self) -> CrossEncoder:
        _before_import(self.threads)
        from sentence_transformers import CrossEncoder

        name = self.name
        opened: CrossEncoder = _opened(name, lambda local: CrossEncoder(name, device="cpu", local_files_only=local))
        return opened

    def score(self, query: str, passages: Sequence[str]) -> Floats:
        """float32 (n,), the sigmoid of the model's score: 0..1. Raises ModelMissing."""
        if not passages:
            return np.empty(0, dtype=np.float32)
        import torch

        pairs = [(_clean(query), _clean(passage)) for passage in passages]
        found = self._model.predict(pairs, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
        return np.asarray(found, dtype=np.float32).reshape(len(passages))


def _opened(name: str, load: Callable[[bool], T]) -> T:
    """The model from this machine, else from the hub unless HF_HUB_OFFLINE is set. Raises ModelMissing."""
    try:
        return load(True)
    except (OSError, ValueError) as error:
        # A folder that is there holds a model or does not: the hub cannot help.
        if Path(name).exists() or os.environ.get("HF_HUB_OFFLINE", "0").lower() in {"1", "true", "yes", "on"}:
            raise _missing(name, error) from error
    try:
        return load(False)
    except (OSError, ValueError, RuntimeError) as error:
        raise _missing(name, error) from error


def _missing(name: str, error: Exception) -> ModelMissing:
    why = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return ModelMissing(
        f"The model {name} is not on this machine and could not be fetched ({why}). "
        "Give the folder of a downloaded copy, or use what works offline: the encoders `minilm` and `static`, "
        "the readers `local` and `extractive`."
    )


def _before_import(threads: int) -> None:
    # Read by huggingface_hub when it is first imported; a user's own setting stands.
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", SECONDS)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    for_torch(threads)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _unit(vectors: object) -> Floats:
    found = np.asarray(vectors, dtype=np.float32)
    lengths = np.sqrt((found * found).sum(axis=-1, keepdims=True))
    constant = np.float32(1 / np.sqrt(found.shape[-1]))
    result: Floats = np.where(lengths > 0, found / np.maximum(lengths, np.float32(1e-12)), constant)
    return result
