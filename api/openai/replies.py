"""Answers in the shapes of OpenAI's API: chat completions whole and in chunks, and what of an answer all shapes share.

Knows answers and JSON; knows nothing of requests or HTTP. Places in a text count code points.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from cascade import shapes
from cascade.data import Answer, Citation

Stream = Generator[str, None, Answer]
_CITED = re.compile(r"\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What every part of one reply repeats: its id, the model by the name it was asked by, the time it was made."""

    id: str
    model: str
    created: int = field(default_factory=lambda: int(time.time()))


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer and the text of it that the client has: what was streamed cannot be taken back."""

    answer: Answer
    text: str


def fresh(prefix: str) -> str:
    """An id that nobody can guess."""
    return f"{prefix}{secrets.token_hex(16)}"


def whole(stream: Stream) -> Shown:
    """The answer when all of it is there, its citations checked."""
    while True:
        try:
            next(stream)
        except StopIteration as done:
            answer: Answer = done.value
            return Shown(answer, answer.text)


def pieces(stream: Stream) -> Generator[str, None, Shown]:
    """The answer as it comes, then what checking added: the rest of the text, or numbers it does not have yet."""
    text = ""
    while True:
        try:
            piece = next(stream)
        except StopIteration as done:
            answer: Answer = done.value
            break
        text += piece
        yield piece
    rest = _rest(answer, text)
    if rest:
        yield rest
    return Shown(answer, text + rest)


def _rest(answer: Answer, said: str) -> str:
    if answer.text.startswith(said):
        return answer.text[len(said) :]
    if answer.query.manner.verbatim:
        return ""
    there = {number for found in _CITED.finditer(said) for number in _numbers(found[0])}
    return "".join(f" [{one.number}]" for one in answer.citations if one.number not in there)


def cited(shown: Shown, index: str) -> list[dict[str, Any]]:
    """Where each citation stands in the text, the url of its passage, and what it is called, in order."""
    known = {one.number: one for one in shown.answer.citations}
    return [
        {"start_index": found.start(), "end_index": found.end(), **_link(known[number], index)}
        for found in _CITED.finditer(shown.text)
        for number in _numbers(found[0])
        if number in known
    ]


def _link(one: Citation, index: str) -> dict[str, str]:
    passage = min(one.block.ranked, key=lambda each: each.rank).passage
    web = passage.locator.startswith(("https://", "http://"))
    home = "prompt" if passage.source == "prompt" and passage.locator.startswith("message ") else index
    url = passage.locator if web else f"cascade://{home}/{passage.id}"
    return {"url": url, "title": passage.name or passage.locator}


def _numbers(cited: str) -> list[int]:
    return [int(digits[:9]) for digits in re.findall(r"\d+", cited)]


def spent(answer: Answer) -> tuple[int, int]:
    """Tokens that the reader was sent and that it wrote: its server's own counts, or as the reader counts."""
    notes = [entry.notes for entry in answer.query.ledger.entries if entry.name == "generate"]
    read = sum(int(note.get("prompt_tokens", 0)) for note in notes)
    return read, sum(int(note.get("answer_tokens", 0)) for note in notes)


def considered(answer: Answer) -> dict[str, Any]:
    """What was read of the corpus for it."""
    given = {entry.name: entry.given for entry in answer.query.ledger.entries}
    return {
        "candidates": given.get("retrieve", 0),
        "ranked": len(answer.context.ranking),
        "passages": len(answer.context.passages),
        "context_tokens": answer.context.tokens,
    }


def told(answer: Answer) -> dict[str, Any]:
    """What Cascade knows of an answer and OpenAI's shapes have no field for."""
    found = shapes.answer(answer)
    return {
        name: found[name]
        for name in ("abstained", "complete", "missing", "citations", "unknown_citations", "stages", "reader")
        if name in found
    }


def usage(answer: Answer) -> dict[str, Any]:
    """The usage of a chat completion."""
    read, wrote = spent(answer)
    return {
        "prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote,
        "cascade": considered(answer),
    }  # fmt: skip


def completion(reply: Reply, shown: Shown, index: str) -> dict[str, Any]:
    """A chat completion."""
    answer = shown.answer
    message: dict[str, Any] = {"role": "assistant", "content": shown.text or None, "refusal": None}
    message["annotations"] = _urls(shown, index)
    if answer.ended.calls:
        message["tool_calls"] = [dict(call) for call in answer.ended.calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.ended.finish or "stop"}
    return {
        "id": reply.id, "object": "chat.completion", "created": reply.created, "model": reply.model,
        "choices": [choice], "usage": usage(answer), "cascade": told(answer),
    }  # fmt: skip


def chunks(reply: Reply, stream: Stream, index: str, with_usage: bool) -> Iterator[dict[str, Any]]:
    """A chat completion in chunks: the role, the text as it comes, citations and calls, the finish, the usage."""

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        head = {"id": reply.id, "object": "chat.completion.chunk", "created": reply.created, "model": reply.model}
        return {**head, "choices": [choice], **({"usage": None} if with_usage else {}), **more}

    coming = pieces(stream)
    began = False
    while True:
        try:
            piece = next(coming)
        except StopIteration as done:
            shown: Shown = done.value
            break
        yield chunk({"content": piece} if began else {"role": "assistant", "content": piece})
        began = True
    answer, last = shown.answer, dict[str, Any]()
    if found := _urls(shown, index):
        last["annotations"] = found
    if answer.ended.calls:
        last["tool_calls"] = [{"index": place, **call} for place, call in enumerate(answer.ended.calls)]
    if last:
        yield chunk(last if began else {"role": "assistant", "content": None, **last})
    yield chunk({}, answer.ended.finish or "stop", cascade=told(answer))
    if with_usage:
        yield {**chunk({}), "choices": [], "usage": usage(answer)}


def _urls(shown: Shown, index: str) -> list[dict[str, Any]]:
    return [{"type": "url_citation", "url_citation": one} for one in cited(shown, index)]
