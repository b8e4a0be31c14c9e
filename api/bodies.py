"""What leaves the server: JSON in UTF-8, whatever the texts of an index hold, and server-sent events."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response


def encoded(content: Any) -> bytes:
    """JSON in UTF-8. Half of a surrogate pair, which UTF-8 cannot hold, becomes a question mark."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace")


class Json(Response):
    """Any of the stable shapes as a response."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of the body."""
        return encoded(content)


def event(name: str, content: Any) -> bytes:
    """One server-sent event with JSON in it, which has no line ends of its own."""
    return b"event: " + name.encode() + b"\ndata: " + encoded(content) + b"\n\n"
