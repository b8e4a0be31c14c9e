"""The Responses API: its input as chat messages, and an answer as a response, whole or as events.

Text in, text out, functions as tools. Knows shapes; knows nothing of indexes or HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.openai.replies import Reply, Shown, Stream, cited, considered, fresh, pieces, spent, told
from cascade.errors import UsageError

_REFUSED = {
    "previous_response_id": "Nothing is stored here. Send the whole conversation as input; it is read once.",
    "conversation": "Nothing is stored here. Send the whole conversation as input; it is read once.",
    "prompt": "No prompt templates are stored here. Send instructions.",
    "background": "Nothing runs in the background here. Leave it out and wait, or stream.",
}
_ASIDE = frozenset({
    "model", "input", "instructions", "max_output_tokens", "stream", "store", "tools", "tool_choice", "text", "include",
    "metadata", "truncation", "stream_options", "reasoning", *_REFUSED, "filter", "effort", "deadline",
})  # fmt: skip
_TEXTS = frozenset({"input_text", "output_text", "text"})


def as_chat(body: Mapping[str, Any]) -> dict[str, Any]:
    """The request as a chat request that asks the same. Raises UsageError for what is not feasible here."""
    for name, said in _REFUSED.items():
        if body.get(name):
            raise UsageError(f"{name} is not supported. {said}")
    chat = {name: value for name, value in body.items() if name not in _ASIDE}
    chat |= {name: body[name] for name in ("model", "stream", "filter", "effort", "deadline") if name in body}
    chat["messages"] = _messages(body)
    if body.get("max_output_tokens") is not None:
        chat["max_completion_tokens"] = body["max_output_tokens"]
    if body.get("tools"):
        chat["tools"] = [_tool(tool) for tool in body["tools"]]
    choice = body.get("tool_choice")
    if choice is not None:
        named = isinstance(choice, Mapping) and choice.get("type") == "function"
        chat["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}} if named else choice
    shape = body.get("text")
    if isinstance(shape, Mapping) and isinstance(found := shape.get("format"), Mapping) and found.get("type") != "text":
        rest = {name: value for name, value in found.items() if name != "type"}
        chat["response_format"] = {"type": found.get("type"), **({"json_schema": rest} if rest else {})}
    return chat


def _tool(tool: Any) -> dict[str, Any]:
    if not isinstance(tool, Mapping) or tool.get("type") != "function":
        kind = tool.get("type") if isinstance(tool, Mapping) else tool
        raise UsageError(f"There is no tool of type {kind!r} here. Functions alone are passed on to the reader.")
    return {"type": "function", "function": {name: value for name, value in tool.items() if name != "type"}}


def _messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = body.get("input")
    found = [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
    if isinstance(given, str):
        return [*found, {"role": "user", "content": given}]
    if not isinstance(given, list):
        raise UsageError("input is neither a text nor a list of items. Write the question there.")
    return [*found, *(_item(item, number) for number, item in enumerate(given, 1))]


def _item(item: Any, number: int) -> dict[str, Any]:
    kind = item.get("type", "message") if isinstance(item, Mapping) else None
    if kind == "message":
        content = item.get("content")
        if isinstance(content, list):
            content = [_part(part, number) for part in content]
        return {"role": item.get("role"), "content": content}
    if kind == "function_call":
        function = {"name": item.get("name"), "arguments": item.get("arguments")}
        return {"role": "assistant", "content": None,
                "tool_calls": [{"id": item.get("call_id"), "type": "function", "function": function}]}  # fmt: skip
    if kind == "function_call_output":
        return {"role": "tool", "tool_call_id": item.get("call_id"), "content": item.get("output")}
    raise UsageError(f"Item {number} of input has type {kind!r}, which is not read here. Send messages of text.")


def _part(part: Any, number: int) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind in _TEXTS:
        return {"type": "text", "text": part.get("text")}
    if kind == "input_image" and part.get("image_url"):
        return {"type": "image_url", "image_url": {"url": part["image_url"]}}
    raise UsageError(
        f"Item {number} of input has a part of type {kind!r}, which is not read here. "
        "Send its text, or add the file to an index: cascade add INDEX FILE."
    )


def response(reply: Reply, shown: Shown, index: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A response, done."""
    answer = shown.answer
    output = [_message(fresh("msg_"), shown, index)] if shown.text or not answer.ended.calls else []
    output += [_call(call) for call in answer.ended.calls]
    read, wrote = spent(answer)
    cut = answer.ended.finish == "length"
    return {
        **_frame(reply, asked), "status": "incomplete" if cut else "completed", "output": output,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "usage": {
            "input_tokens": read, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": wrote,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": read + wrote,
            "cascade": considered(answer),
        },
        "cascade": told(answer),
    }  # fmt: skip


def _frame(reply: Reply, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": reply.id, "object": "response", "created_at": reply.created, "status": "in_progress",
        "model": reply.model, "output": [], "error": None, "incomplete_details": None, "usage": None,
        "instructions": asked.get("instructions"), "max_output_tokens": asked.get("max_output_tokens"),
        "temperature": asked.get("temperature"), "top_p": asked.get("top_p"), "tools": asked.get("tools") or [],
        "tool_choice": asked.get("tool_choice") or "auto", "metadata": asked.get("metadata") or {},
        "parallel_tool_calls": asked.get("parallel_tool_calls") is not False, "store": False,
        "previous_response_id": None, "text": asked.get("text") or {"format": {"type": "text"}},
    }  # fmt: skip


def _message(id_: str, shown: Shown, index: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": shown.text, "annotations": _notes(shown, index), "logprobs": []}
    return {"id": id_, "type": "message", "role": "assistant", "status": "completed", "content": [part]}


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": fresh("fc_"), "type": "function_call", "call_id": call["id"], "status": "completed",
            **call["function"]}  # fmt: skip


def _notes(shown: Shown, index: str) -> list[dict[str, Any]]:
    return [{"type": "url_citation", **one} for one in cited(shown, index)]


def events(reply: Reply, stream: Stream, index: str, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A response as its events, numbered in the order of the API."""
    for number, event in enumerate(_events(reply, stream, index, asked)):
        yield {**event, "sequence_number": number}


def _events(reply: Reply, stream: Stream, index: str, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    frame, at = _frame(reply, asked), {"output_index": 0, "content_index": 0, "item_id": fresh("msg_")}
    coming, began = pieces(stream), False
    while True:
        try:
            piece = next(coming)
        except StopIteration as done:
            shown: Shown = done.value
            break
        if not began:
            yield {"type": "response.created", "response": frame}
            yield {"type": "response.in_progress", "response": frame}
            yield from _opening(at)
            began = True
        yield {"type": "response.output_text.delta", "delta": piece, "logprobs": [], **at}
    if not began:
        yield {"type": "response.created", "response": frame}
    final = response(reply, shown, index, asked)
    if began:
        final["output"][0]["id"] = at["item_id"]
        yield from _closing(at, final["output"][0])
    for place, item in enumerate(final["output"]):
        if item["type"] == "function_call":
            yield from _called(place, item)
    kind = "incomplete" if final["status"] == "incomplete" else "completed"
    yield {"type": f"response.{kind}", "response": final}


def _opening(at: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    item = {"id": at["item_id"], "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    yield {"type": "response.output_item.added", "output_index": 0, "item": item}
    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    yield {"type": "response.content_part.added", "part": empty, **at}


def _closing(at: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    (part,) = item["content"]
    for place, note in enumerate(part["annotations"]):
        yield {"type": "response.output_text.annotation.added", "annotation_index": place, "annotation": note, **at}
    yield {"type": "response.output_text.done", "text": part["text"], "logprobs": [], **at}
    yield {"type": "response.content_part.done", "part": part, **at}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}


def _called(place: int, item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    at = {"output_index": place, "item_id": item["id"]}
    yield {"type": "response.output_item.added", "output_index": place,
           "item": {**item, "arguments": "", "status": "in_progress"}}  # fmt: skip
    yield {"type": "response.function_call_arguments.delta", "delta": item["arguments"], **at}
    yield {"type": "response.function_call_arguments.done", "arguments": item["arguments"], "name": item["name"], **at}
    yield {"type": "response.output_item.done", "output_index": place, "item": item}
