"""The protocol over HTTP: an ASGI application to be mounted behind the gate, which knows who asks.

Every request stands alone (no sessions), so that any of several processes may answer it. Importing this module does not
import the SDK: that takes a second, and is done when the first client comes.
"""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from api import problems
from api.guard import Visit

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH = "/mcp"


class Door:
    """Streamable HTTP at one path. Made for one event loop; `close` ends it."""

    path = PATH
    """As the figures and the audit name it."""

    def __init__(self) -> None:
        self._opening = asyncio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None
        self._closing = asyncio.Event()
        self._living: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. A body that is too large or too slow is refused by whoever hands it in."""
        scope["route"] = self
        if scope["method"] != "POST":
            said = "The protocol is spoken in POST requests here: there are no sessions, and no streams to wait on."
            refused = problems.problem(405, "Method Not Allowed", "Method Not Allowed", said)
            refused.headers["Allow"] = "POST"
            await refused(scope, receive, send)
            return
        if find_spec("mcp") is None:
            said = "MCP takes the extra `mcp`, which the server has not: pip install 'cascade-retrieval[mcp]'."
            await problems.problem(404, "Not Installed", "Not installed", said)(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        manager = await self._open()
        await manager.handle_request(scope, _again(body, receive), send)

    async def close(self) -> None:
        """Let go of what is under way."""
        self._closing.set()
        if self._living is not None:
            await self._living

    async def _open(self) -> StreamableHTTPSessionManager:
        async with self._opening:
            if self._manager is None:
                self._manager = await asyncio.to_thread(_manager)
                begun = asyncio.Event()
                self._living = asyncio.create_task(self._live(self._manager, begun))
                await begun.wait()
            return self._manager

    async def _live(self, manager: StreamableHTTPSessionManager, begun: asyncio.Event) -> None:
        async with manager.run():
            begun.set()
            await self._closing.wait()


def _manager() -> StreamableHTTPSessionManager:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from api.mcp.server import Asked, made

    def visit(asked: Asked) -> Visit:
        request: Request | None = asked.request
        if request is None:
            raise TypeError("A message that came over HTTP has its request.")
        return Visit(request)

    server = made(visit)
    return StreamableHTTPSessionManager(server, json_response=True, stateless=True)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read, and then what comes after it: the client's leaving."""
    parts = [body]

    async def given() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return given
