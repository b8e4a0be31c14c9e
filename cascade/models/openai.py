"""Readers and encoders behind an OpenAI-compatible server: chat completions and embeddings.

Knows the two request formats; HTTP is `cascade.models.endpoint`'s.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from cascade.data import Ended, Floats
from cascade.errors import ReaderFailed
from cascade.models.base import Prompt
from cascade.models.endpoint import Endpoint

WINDOW = 8_000
"""Effective window assumed for a served model whose own has not been measured; set it with `--window`."""

BATCH = 128
"""Texts in one embeddings request."""


class OpenAIReader:
    """A chat model behind an endpoint, asked at temperature 0. `window`: what it can really use, in tokens."""

    def __init__(self, endpoint: Endpoint, model: str, window: int = WINDOW) -> None:
        self.endpoint, self.model, self.window = endpoint, model, window
        self.usage: dict[str, int] = {}
        """Tokens the server reported for the last answer, where it did."""

    def __repr__(self) -> str:
        return f"OpenAIReader({self.endpoint!r}, {self.model!r}, window={self.window})"

    @property
    def name(self) -> str:
        """Model and host."""
        return f"{self.model}@{self.endpoint.host}"

    def count(self, text: str) -> int:
        """An estimate, since the server's tokenizer is not here; see `estimate`."""
        return estimate(text)

    def read(self, prompt: Prompt, most: int = 256) -> Generator[str, None, Ended]:
        """Stream the answer as it arrives; return how the server says it ended. Raises ReaderFailed."""
        allowance = "max_completion_tokens" if "max_completion_tokens" in prompt.manner.passed else "max_tokens"
        body = {
            "model": self.model, "messages": messages(prompt), "temperature": 0, **prompt.manner.passed,
            allowance: most, "stream": True,
        }  # fmt: skip
        heard = _Heard()
        for event in self.endpoint.stream("chat/completions", body):
            self.usage = event.get("usage") or self.usage
            if text := heard.take(event):
                yield text
        return heard.ended


class OpenAIEncoder:
    """An embedding model behind an endpoint. `limit`: tokens it reads of a passage, which it does not say itself.

    Its size is asked for once, with one request. The server alone decides whether the same text always gives the
    same bytes.
    """

    def __init__(self, endpoint: Endpoint, model: str, limit: int = 512) -> None:
        self.endpoint, self.model, self.limit = endpoint, model, limit

    def __repr__(self) -> str:
        return f"OpenAIEncoder({self.endpoint!r}, {self.model!r})"

    @property
    def name(self) -> str:
        """Model and host."""
        return f"{self.model}@{self.endpoint.host}"

    @cached_property
    def dim(self) -> int:
        """Values in a vector, as the server answers."""
        return int(self._ask(["size"]).shape[1])

    @property
    def fingerprint(self) -> str:
        """Model and size: the same model served elsewhere is the same encoder."""
        return f"openai-{self.model}-{self.dim}"

    def encode_query(self, text: str) -> Floats:
        """float32 (dim,), unit length. Raises ReaderFailed."""
        vector: Floats = self._ask([text])[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """float32 (n, dim), unit length, in the order given. Raises ReaderFailed."""
        parts = [self._ask(texts[begin : begin + BATCH]) for begin in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, self.dim), dtype=np.float32)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Estimates; see `estimate`."""
        return [estimate(text) for text in texts]

    def _ask(self, texts: Sequence[str]) -> Floats:
        # Servers refuse empty text; a space gives it a vector too.
        sent = [_sendable(text) or " " for text in texts]
        found = self.endpoint.post("embeddings", {"model": self.model, "input": sent, "encoding_format": "float"})
        try:
            rows = sorted(found["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
            lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
        except (KeyError, TypeError, ValueError):
            raise self._nonsense() from None
        if len(vectors) != len(texts) or not np.isfinite(lengths).all() or not lengths.all():
            raise self._nonsense()
        result: Floats = vectors / lengths
        return result

    def _nonsense(self) -> ReaderFailed:
        return ReaderFailed(
            f"{self.endpoint.host} did not send one vector for each text. "
            f"Check that {self.model} is an embedding model; the encoders `minilm` and `static` work offline."
        )


def messages(prompt: Prompt) -> list[dict[str, Any]]:
    """The prompt as chat messages: system, the conversation before, and the context with its question.

    Where the asker's own messages came along they are sent as they are, with the instruction behind their system
    message and the context in the one that asks.
    """
    if prompt.manner.turns:
        return _theirs(prompt)
    roles = ("user", "assistant")
    found = [{"role": "system", "content": prompt.system}] if prompt.system else []
    found += [{"role": roles[place % 2], "content": text} for place, text in enumerate(prompt.history)]
    found.append({"role": "user", "content": prompt.user})
    return [{"role": turn["role"], "content": _sendable(turn["content"])} for turn in found]


def _theirs(prompt: Prompt) -> list[dict[str, Any]]:
    turns = [dict(turn) for turn in prompt.manner.turns]
    asking = turns[prompt.manner.place]
    beside = asking["content"] if isinstance(asking.get("content"), list) else []
    seen = [part for part in beside if part.get("type") != "text"]
    asked = _sendable(prompt.user)
    asking["content"] = [{"type": "text", "text": asked}, *seen] if seen else asked
    if prompt.system and turns[0]["role"] in ("system", "developer"):
        turns[0]["content"] = _sendable(prompt.system)
    elif prompt.system:
        turns.insert(0, {"role": "system", "content": _sendable(prompt.system)})
    return turns


def estimate(text: str) -> int:
    """Tokens of a text, rounded up: 3.5 ASCII characters each, which is more than most tokenizers need for English,
    and one for every other character."""
    plain = sum(character < "\x80" for character in text)
    return math.ceil(plain / 3.5) + len(text) - plain


def _sendable(text: str) -> str:
    # Half of a surrogate pair cannot be sent as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


class _Heard:
    """What a stream of events has said so far, beside its text. What has another shape is passed over."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, Any]] = {}
        self._finish, self._usage = "", {"prompt_tokens": 0, "completion_tokens": 0}

    def take(self, event: Mapping[str, Any]) -> str:
        """Take in one event, streamed or whole from a server that does not stream; its piece of text."""
        if isinstance(usage := event.get("usage"), dict):
            self._usage |= {name: usage[name] for name in self._usage if isinstance(usage.get(name), int)}
        choices = event.get("choices") or [{}]
        choice = choices[0] if isinstance(choices, list) and isinstance(choices[0], dict) else {}
        if isinstance(choice.get("finish_reason"), str):
            self._finish = choice["finish_reason"]
        part = choice.get("delta") or choice.get("message") or {}
        if not isinstance(part, dict):
            return ""
        for place, call in enumerate(part.get("tool_calls") or ()):
            self._call(call, place)
        text = part.get("content")
        return text if isinstance(text, str) else ""

    def _call(self, piece: Any, place: int) -> None:
        """A piece of a call: its id and name come once, its arguments in many pieces."""
        function = piece.get("function") if isinstance(piece, dict) else None
        if not isinstance(function, dict):
            return
        empty = {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
        call = self._calls.setdefault(piece.get("index", place), empty)
        call["id"] = call["id"] or str(piece.get("id") or "")
        for name in ("name", "arguments"):
            call["function"][name] += str(function.get(name) or "")

    @property
    def ended(self) -> Ended:
        """How it ended."""
        calls = tuple(self._calls[place] for place in sorted(self._calls))
        return Ended(self._finish, calls, self._usage["prompt_tokens"], self._usage["completion_tokens"])
