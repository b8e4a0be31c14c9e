"""What the OpenAPI document says of requests and answers under /v1, by example. OpenAI says what else they may hold."""

from __future__ import annotations

from typing import Any

from api.examples import REFUSALS, Said, answer

_MODEL = "cascade/notes"
_QUESTION, _TEXT = "When does the ferry leave?", "The ferry leaves at 14:15. [1]"
_TOLD = {
    "abstained": False, "complete": True, "unknown_citations": [],
    "citations": [{"number": 1, "quote": "The ferry leaves at 14:15.", "header": "[1] Ferries"}],
}  # fmt: skip


_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "object"}}}
ERRORS: Said = {
    code: {"description": said, "content": {"application/json": {"schema": _ERROR}}} for code, said in REFUSALS.items()
}
"""What any route under /v1 may answer instead, in the shape of OpenAI's API."""


def _taken(required: str, example: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": ["model", required], "properties": {"model": {"type": "string"}}}
    body = {"schema": schema, "example": {"model": _MODEL, required: example}}
    return {"requestBody": {"required": True, "content": {"application/json": body}}}


def _streamed(said: Said) -> Said:
    """The same where `stream` may ask for events."""
    said[200]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    return said


CHAT = _taken("messages", [{"role": "user", "content": _QUESTION}])
RESPONSES = _taken("input", _QUESTION)
EMBEDDINGS = _taken("input", ["The ferry leaves at 14:15."])

_ONE = {"id": _MODEL, "object": "model", "created": 0, "owned_by": "cascade"}
MODEL = answer(_ONE, "The model.")
MODELS = answer({"object": "list", "data": [_ONE]}, "The indexes as models, and `cascade`.")
VECTORS = answer(
    {
        "object": "list", "model": _MODEL, "usage": {"prompt_tokens": 9, "total_tokens": 9},
        "data": [{"object": "embedding", "index": 0, "embedding": [0.12, -0.03]}],
    },
    "A vector for each text.",
)  # fmt: skip
COMPLETION = _streamed(answer(
    {
        "id": "chatcmpl-1f", "object": "chat.completion", "created": 1_780_000_000, "model": _MODEL,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": _TEXT}}],
        "usage": {"prompt_tokens": 610, "completion_tokens": 12, "total_tokens": 622}, "cascade": _TOLD,
    },
    "The answer as a chat completion; with `stream`, in chunks.",
))  # fmt: skip
RESPONSE = _streamed(answer(
    {
        "id": "resp_1f", "object": "response", "created_at": 1_780_000_000, "model": _MODEL, "status": "completed",
        "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": _TEXT}]}],
        "usage": {"input_tokens": 610, "output_tokens": 12, "total_tokens": 622}, "cascade": _TOLD,
    },
    "The answer as a response; with `stream`, its events.",
))  # fmt: skip
