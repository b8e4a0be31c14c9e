"""A fake model behind a server."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Behind:
    """A fake OpenAI-compatible model: says the next of its replies, and keeps what it was asked."""

    def __init__(self, *replies: list[dict[str, Any]]) -> None:
        self.replies, self.asked = [*replies], list[dict[str, Any]]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                for event in outer.replies.pop(0) if len(outer.replies) > 1 else outer.replies[0]:
                    self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
                self.wfile.write(b"data: [DONE]\n\n")

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self.name = f"http://127.0.0.1:{self._http.server_port}/v1#m"

    def __enter__(self) -> Behind:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)


def says(text: str, finish: str = "stop", read: int = 70, wrote: int = 5) -> list[dict[str, Any]]:
    """The events of an answer in two pieces, with the server's own counts."""
    half = len(text) // 2
    return [
        {"choices": [{"delta": {"content": text[:half]}}]},
        {"choices": [{"delta": {"content": text[half:]}, "finish_reason": finish}]},
        {"choices": [], "usage": {"prompt_tokens": read, "completion_tokens": wrote}},
    ]
