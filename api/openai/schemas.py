"""What a client of OpenAI's API may send, checked by hand: a body may have 64 MB, and its texts are never copied.

Knows JSON; knows nothing of what becomes of it. What is refused is refused in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from api.openai.conversation import Conversation
from cascade.data import Effort, Manner
from cascade.errors import UsageError

OURS = frozenset({"filter", "effort", "deadline"})
"""Fields of Cascade's own: what narrows and bounds a question, as at every other door."""

_HANDLED = frozenset({
    "model", "messages", "stream", "stream_options", "stop", "max_tokens", "max_completion_tokens", "n", "user",
    "metadata", "store", "modalities", *OURS,
})  # fmt: skip
"""Fields that are not passed on to the reader as they are."""

TOKENS_ONLY = "Send text: the model's own tokens are not known to a client."


@dataclass(frozen=True, slots=True)
class Chat:
    """`POST /v1/chat/completions`, checked. `passed`: what goes on to a reader behind an endpoint as it is."""

    model: str
    messages: list[Mapping[str, Any]]
    stream: bool
    usage: bool
    stop: tuple[str, ...]
    most: int | None
    passed: Mapping[str, Any]
    how: Mapping[str, Any]

    def manner(self, said: Conversation) -> Manner:
        """How the answer is wanted."""
        shape = self.passed.get("response_format")
        verbatim = isinstance(shape, Mapping) and shape.get("type") not in (None, "text")
        passed = {**self.passed, "stream_options": {"include_usage": True}}
        return Manner(said.system, self.most, self.stop, verbatim, said.turns, said.place, passed)


@dataclass(frozen=True, slots=True)
class Embed:
    """`POST /v1/embeddings`, checked. `query`: the texts are questions, not passages."""

    model: str
    texts: list[str]
    base64: bool
    query: bool
    dimensions: int | None


def parsed(raw: bytes | bytearray) -> dict[str, Any]:
    """The object in a body. Raises UsageError."""
    try:
        found = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise UsageError(f"The body is not JSON: {error}. Send an object as OpenAI's API describes it.") from None
    if not isinstance(found, dict):
        raise UsageError("The body is not a JSON object. Send one as OpenAI's API describes it.")
    return found


def chat(body: Mapping[str, Any]) -> Chat:
    """A chat request. Raises UsageError."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise UsageError('messages is missing or empty. Send at least {"role": "user", "content": "..."}.')
    if body.get("n") not in (None, 1):
        raise UsageError("n is not supported: a question has one answer here. Leave it out.")
    if body.get("modalities") not in (None, ["text"]):
        raise UsageError("Answers are text alone. Leave modalities out.")
    stop = body.get("stop")
    stops = [stop] if isinstance(stop, str) else stop or []
    if not isinstance(stops, list) or len(stops) > 16 or not all(isinstance(each, str) and each for each in stops):
        raise UsageError("stop is neither a text nor a list of at most 16 texts.")
    most = _count(body, "max_completion_tokens") or _count(body, "max_tokens")
    passed = {name: value for name, value in body.items() if name not in _HANDLED and value is not None}
    if body.get("max_completion_tokens") is not None:
        passed["max_completion_tokens"] = most
    if stops:
        passed["stop"] = stops
    options = body.get("stream_options")
    usage = isinstance(options, Mapping) and options.get("include_usage") is True
    return Chat(
        named(body), messages, _flag(body, "stream"), usage, tuple(stops), most, passed, _how(body)
    )


def embed(body: Mapping[str, Any]) -> Embed:
    """An embeddings request. Raises UsageError."""
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts:
        raise UsageError("input is missing or empty. Send a text or a list of texts.")
    if len(texts) > 2048:
        raise UsageError(f"input has {len(texts):,} texts, more than the 2,048 one request may have. Send several.")
    if not all(isinstance(text, str) for text in texts):
        raise UsageError(f"input holds something that is no text. {TOKENS_ONLY}")
    form = body.get("encoding_format") or "float"
    if form not in ("float", "base64"):
        raise UsageError(f"There is no encoding_format {form!r}. There are: float, base64.")
    kind = body.get("input_type") or "passage"
    if kind not in ("passage", "document", "query"):
        raise UsageError(f"There is no input_type {kind!r}. There are: passage, query.")
    return Embed(named(body), texts, form == "base64", kind == "query", _count(body, "dimensions"))


def spoken(messages: list[Mapping[str, Any]]) -> str:
    """The last words of a conversation, for an audit that wants them."""
    last = messages[-1] if isinstance(messages[-1], Mapping) else {}
    content = last.get("content")
    return content[-2000:] if isinstance(content, str) else ""


def named(body: Mapping[str, Any]) -> str:
    """The model. Raises UsageError."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise UsageError("model is missing. Name an index as cascade/NAME; /v1/models lists them.")
    return model


def _how(body: Mapping[str, Any]) -> dict[str, Any]:
    how: dict[str, Any] = {}
    if body.get("filter") is not None:
        if not isinstance(body["filter"], str):
            raise UsageError('filter is no text. Write it as in: source = "mail" and time >= 2024-01.')
        how["filter"] = body["filter"]
    if body.get("effort") is not None:
        if body["effort"] not in list(Effort):
            raise UsageError(f"There is no effort {body['effort']!r}. There are: {', '.join(Effort)}.")
        how["effort"] = Effort(body["effort"])
    if body.get("deadline") is not None:
        seconds = body["deadline"]
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            raise UsageError("deadline is no number of seconds above 0.")
        how["deadline"] = float(seconds)
    return how


def _count(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise UsageError(f"{name} is no whole number above 0.")
    return value


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if not (value is None or isinstance(value, bool)):
        raise UsageError(f"{name} is neither true nor false.")
    return bool(value)
