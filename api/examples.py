"""What the OpenAPI document says of answers: the shape of each, with an example, and the problems all may give.

Documentation only: what is sent is shaped by `cascade.shapes`; a test holds the two together.
"""

from __future__ import annotations

from typing import Any

from api.problems import MEDIA

Said = dict[int | str, dict[str, Any]]

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}  # fmt: skip

REFUSALS = {
    400: "What was sent cannot be taken.", 401: "A key is needed.", 403: "The key may not do this.",
    404: "There is no such thing for you.", 408: "The body came too slowly.", 409: "Another writer is at work.",
    413: "It is too large.", 422: "It has not the shape that is asked for.", 429: "Too often, or too much at once.",
    499: "The client had gone.", 502: "The reader's server failed.", 503: "There is no room at present.",
    507: "There is no room on the disk.",
}  # fmt: skip
"""What a status other than of success means, at every door."""

PROBLEMS: Said = {
    code: {"description": said, "content": {MEDIA: {"schema": PROBLEM}}} for code, said in REFUSALS.items()
}
"""What any route may answer instead."""


def _kind(value: Any) -> dict[str, Any]:
    """The schema that an example has."""
    match value:
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case str():
            return {"type": "string"}
        case list():
            return {"type": "array", **({"items": _kind(value[0])} if value else {})}
        case dict():
            return {"type": "object", "properties": {name: _kind(one) for name, one in value.items()}}
        case _:
            return {}


def answer(example: dict[str, Any], said: str, also: dict[int, str] | None = None) -> Said:
    """A response like this example, under 200 and under other statuses."""
    schema = {**_kind(example), "required": sorted(example)}
    content = {"application/json": {"schema": schema, "example": example}}
    return {code: {"description": text, "content": content} for code, text in {200: said, **(also or {})}.items()}


_STAGE = {"name": "retrieve", "in": 12_345, "out": 12_345, "ms": 4.9, "bytes": 4096}
_PASSAGE = {
    "id": "ba736adf6628280d45b8eafb6ec7307e-0", "record": "ba736adf6628280d45b8eafb6ec7307e", "key": "f1",
    "source": "notes", "locator": "ferry", "title": "Ferries", "heading": "", "time": "2024-05-01", "start": 0,
    "end": 36, "metadata": {}, "text": "The ferry to Anholt leaves at 14:15.",
}  # fmt: skip
_RECORD = {name: _PASSAGE[name] for name in ("key", "source", "locator", "title", "time", "metadata", "text")}
_RECORD = {"id": _PASSAGE["record"], **_RECORD}
_RANKED = {"rank": 1, "score": 4.1, "relevance": 0.93, **{k: v for k, v in _PASSAGE.items() if k != "text"}}
_CITED = {"number": 1, "quote": "The ferry to Anholt leaves at 14:15.", "header": "[1] Ferries", "passage": _PASSAGE}
_JOB = {
    "id": "5f0c9a4e1b2d3c4f", "index": "harbour", "source": "api", "state": "done",
    "created": "2026-01-01T12:00:00+00:00", "ended": "2026-01-01T12:00:01+00:00",
    "report": {"records": 1, "passages": 1, "failed": 0}, "error": "",
}  # fmt: skip
_OUTLINE = {
    "name": "harbour", "passages": 12_345, "deleted": 0, "segments": 1, "bytes": 9_000_000, "encoder": "static",
    "snapshot": 3, "created": "2026-01-01T12:00:00+00:00", "open": True,
}  # fmt: skip

SEARCH = answer(
    {"query": "when does the ferry leave", "complete": True, "passages": [_RANKED], "stages": [_STAGE]},
    "The passages that answer best.",
)
CONTEXT = answer(
    {
        "query": "when does the ferry leave", "text": "[1] Ferries\nThe ferry to Anholt leaves at 14:15.", "tokens": 22,
        "budget": 620, "complete": True, "passages": [{"number": 1, **_RANKED}], "stages": [_STAGE],
    },
    "The packed window.",
)  # fmt: skip
ASK = answer(
    {
        "question": "When does the ferry leave?", "answer": "The ferry to Anholt leaves at 14:15. [1]",
        "abstained": False, "citations": [_CITED], "unknown_citations": [],
        "context": {"tokens": 22, "budget": 620, "passages": 1}, "complete": True, "stages": [_STAGE],
        "reader": "local",
    },
    "The answer with its citations; with `stream`, events `stage`, `token`, `citations`, `answer`, `done` or `error`.",
)  # fmt: skip
ASK[200]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
EXPLAIN = answer(
    {
        "query": "when does the ferry leave", "passage": _PASSAGE["id"], "lost": "rerank",
        "stages": [{"stage": "rerank", "passage": _PASSAGE["id"], "kept": False, "why": "below the last kept"}],
    },
    "What each stage did to the passage; `lost` is null where none lost it.",
)  # fmt: skip
EXPLAIN[200]["content"]["application/json"]["schema"]["properties"]["lost"] = {"type": ["string", "null"]}
INDEXES = answer({"indexes": [_OUTLINE], "open": 1}, "The indexes that are there for you.")
STATUS = answer({"index": "harbour", "passages": 12_345, "records": 4_000, "sources": {"notes": 4_000}}, "The index.")
STATUS[200]["content"]["application/json"]["schema"]["properties"]["sources"] = {"type": "object"}
STATS = answer(_OUTLINE, "The index in a few figures.")
JOB = answer(_JOB, "The job, which has ended.", {202: "The job, which goes on."})
JOBS = answer({"jobs": [_JOB]}, "Your jobs.")
RECORDS = answer({"records": [_RECORD], "more": False}, "The records, and whether there are more.")
RECORD = answer(_RECORD, "The record.")
PASSAGE = answer(_PASSAGE, "The passage.")
AROUND = answer(
    {
        "passage": _PASSAGE["id"], **{k: v for k, v in _PASSAGE.items() if k not in ("id", "heading")},
        "passages": [{"id": _PASSAGE["id"], "heading": "", "start": 0, "end": 36}],
    },
    "The passage between its neighbours.",
)  # fmt: skip
DELETED = answer({"passages": 3, "records": 1, "dry_run": False}, "What is gone.")
RERANK = answer(
    {"id": "5f0c9a4e1b2d3c4f", "model": "cascade/harbour", "results": [{"index": 0, "relevance_score": 0.93}]},
    "The documents' places in the request, best first.",
)
LINES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {
                "schema": {"type": "string"},
                "example": '{"_id": "f1", "text": "The ferry to Anholt leaves at 14:15."}\n',
            }
        },
    }
}
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object", "required": ["files"],
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            }
        },
    }
}  # fmt: skip
