"""The protocol over standard input and output, for a client that starts the program itself. stdout is the protocol's.

Who started it is who asks: there are no keys, and each call is a visit of theirs.
"""

from __future__ import annotations

import asyncio
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message

from api.guard import Visit
from api.house import House
from api.keys import LOCAL
from api.mcp.server import made


def run(house: House) -> None:
    """Serve until standard input ends; what is under way then is stopped."""
    asyncio.run(_serve(house))


def server(house: House) -> Server[Any]:
    """The server of whoever is at this machine: no keys, all indexes."""
    return made(lambda _: Visit(_here(house)))


async def _serve(house: House) -> None:
    mine = server(house)
    keeping = asyncio.create_task(house.keep())
    try:
        async with stdio_server() as (heard, said):
            await mine.run(heard, said, mine.create_initialization_options())
    finally:
        keeping.cancel()
        await house.leave()


def _here(house: House) -> Request:
    """A request from this machine that never came over a network, so that a visit can be made of it."""
    app = Starlette()
    app.state.house = house
    scope: dict[str, Any] = {"type": "http", "app": app, "state": {"caller": LOCAL}}
    return Request(scope, _never)


async def _never() -> Message:
    """A client that does not leave: when it closes our input, all ends."""
    return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]
