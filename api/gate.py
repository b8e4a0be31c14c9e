"""What every request passes before its body is read: host, key, rate, room; and the headers it goes out with.

Plain ASGI, outside the routes, so that who may not enter costs nothing. Knows bytes and headers; knows no route.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import page, problems
from api.house import House
from api.keys import LOCAL, Key, Right
from api.limits import Limits
from api.refusals import BadRequest, Forbidden, Refusal, TooLarge, TooMany, TooSlow, Unauthorised
from api.traces import Asked

OPEN = frozenset({*page.PATHS, "/health", "/ready", "/version", "/openapi.json"})
"""What anyone may see."""

NOBODY = Key("", "nobody", Right.READ, ())
"""Who has no key: there is no index for them."""

SAFE = {"GET", "HEAD", "OPTIONS"}
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""Set on every response that does not set them itself."""

_ID = re.compile(rb"[\w.-]{1,64}")
_UPLOADS = re.compile(r"/indexes/[^/]+/records/(upload|stream)")
_PROMPTS = re.compile(r"/v1/(chat/completions|responses)")
_log = logging.getLogger("cascade.server")


def room(path: str, limits: Limits) -> int:
    """Bytes that a body sent to this path may have."""
    if _UPLOADS.fullmatch(path):
        return limits.upload
    return limits.prompt if _PROMPTS.fullmatch(path) else limits.body


@dataclass(slots=True)
class Leaving:
    """A response as it goes out: with the headers that all have, and its status noted.

    `due`: whether the request has a body; where it is answered before that is read, the rest is not waited for.
    """

    send: Send
    request: str
    due: bool = False
    status: int = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", []))
            given = {name.lower() for name, _ in headers}
            headers += [pair for pair in HEADERS if pair[0] not in given]
            headers += [(b"connection", b"close")] if self.due and b"connection" not in given else []
            message = {**message, "headers": [*headers, (b"x-request-id", self.request.encode())]}
        await self.send(message)


@dataclass(slots=True)
class Metered:
    """A request's body as it comes: no larger than there is room for, and no slower than is waited for."""

    receive: Receive
    room: int
    limits: Limits
    out: Leaving
    began: float = field(default_factory=time.monotonic)
    got: int = 0
    whole: bool = False

    async def __call__(self) -> Message:
        if self.whole:
            return await self.receive()
        left = self.began + self.limits.grace + self.got / self.limits.pace - time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, left)):
                message = await self.receive()
        except TimeoutError:
            raise TooSlow(f"After {self.got:,} bytes the body came too slowly. Send it in one go.") from None
        self.got += len(message.get("body", b""))
        if self.got > self.room:
            raise TooLarge(f"The body has more than the {self.room:,} bytes that are taken here. Send less at once.")
        self.whole = message["type"] != "http.request" or not message.get("more_body", False)
        self.out.due = not self.whole
        return message


class Gate:
    """Lets requests in, or turns them away with a problem."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app, self.house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await (self.app(scope, receive, send) if scope["type"] == "lifespan" else send({"type": "websocket.close"}))
            return
        headers = _headers(scope)
        given = headers.get(b"x-request-id", [b""])[0]
        due = b"transfer-encoding" in headers or headers.get(b"content-length", [b"0"]) != [b"0"]
        leaving = Leaving(send, given.decode() if _ID.fullmatch(given) else secrets.token_hex(8), due)
        state: dict[str, Any] = scope.setdefault("state", {})
        state.update(request=leaving.request, caller=NOBODY)
        began = time.perf_counter()
        try:
            await self._through(scope, headers, receive, leaving)
        except Refusal as error:
            await self._answer(error, scope, receive, leaving)
        except Exception as error:  # noqa: BLE001 - the edge of the process: the client gets a 500, the log the rest
            _log.exception("request %s failed", leaving.request)
            await self._answer(error, scope, receive, leaving)
        finally:
            self._note(scope, headers, leaving, began)

    async def _through(self, scope: Scope, headers: dict[bytes, list[bytes]], receive: Receive, out: Leaving) -> None:
        self._addressed(scope, headers)
        caller = await self._caller(scope, headers)
        scope["state"]["caller"] = caller
        limits = self.house.limits
        space = room(scope["path"], limits)
        length = headers.get(b"content-length", [b"0"])[0]
        if length.isdigit() and int(length[:18]) > space:
            raise TooLarge(f"The body has more than the {space:,} bytes that are taken here. Send less at once.")
        present = self.house.present
        if scope["path"] not in OPEN:
            self._counted(caller)
        present[caller.id] += 1
        try:
            await self.app(scope, Metered(receive, space, limits, out), out)
        finally:
            present[caller.id] -= 1
            if not present[caller.id]:
                del present[caller.id]

    def _addressed(self, scope: Scope, headers: dict[bytes, list[bytes]]) -> None:
        """Refuse what was sent to another name (a rebound one), or by a page of another site."""
        hosts = headers.get(b"host", [])
        host = hosts[0].decode("latin-1") if len(hosts) == 1 else ""
        rules = self.house.rules
        if rules.hosts and re.sub(r":\d*$", "", host).lower() not in rules.hosts:
            raise BadRequest(f"This server answers to {', '.join(rules.hosts)} alone. Use one of these names.")
        origin = headers.get(b"origin", [b""])[0].decode("latin-1")
        if origin and origin not in rules.origins and origin.partition("://")[2] != host and (
            scope["method"] not in SAFE
        ):
            raise Forbidden("Pages of other sites may not write here. Name them with --origin if they should.")

    async def _caller(self, scope: Scope, headers: dict[bytes, list[bytes]]) -> Key:
        """Whose request it is. Raises Unauthorised; TooMany where an address tries too many wrong keys."""
        keys = self.house.keys
        if keys is None:
            return LOCAL
        token = _token(headers)
        if not token:
            if scope["path"] in OPEN:
                return NOBODY
            raise Unauthorised("A key is needed here. Send it as `Authorization: Bearer KEY`.")
        if known := keys.known(token):
            return known
        address = f"from {(scope.get('client') or ('nowhere',))[0]}"
        failures = self.house.limits.failures
        if wait := self.house.buckets.wait(address, failures, 0):
            raise TooMany("Too many wrong keys came from this address. Wait a while.", wait)
        found = await asyncio.to_thread(keys.recognise, token)
        if found is None:
            self.house.buckets.wait(address, failures)
            raise Unauthorised("This is not a key of this server, or no longer. `cascade keys create` makes one.")
        return found

    def _counted(self, caller: Key) -> None:
        """Count a request against its key's share, where keys are asked for. Raises TooMany."""
        if self.house.keys is None:
            return
        limits, share = self.house.limits, self.house.rules.share
        rate = caller.rate or limits.rate
        if wait := self.house.buckets.wait(f"key {caller.id}", max(1, rate // share)):
            raise TooMany(f"This key may ask {rate:,} times a minute. Ask again later.", wait)
        most = caller.concurrent or limits.concurrent
        if self.house.present[caller.id] >= most:
            raise TooMany(f"This key may ask {most:,} questions at once. Wait for one to be answered.", 1)

    async def _answer(self, error: Exception, scope: Scope, receive: Receive, out: Leaving) -> None:
        if not out.status:
            await problems.at(scope["path"], problems.of(error))(scope, receive, out)

    def _note(self, scope: Scope, headers: dict[bytes, list[bytes]], out: Leaving, began: float) -> None:
        route, seconds = getattr(scope.get("route"), "path", "none"), time.perf_counter() - began
        self.house.metrics.request(route, out.status, seconds)
        state = scope["state"]
        if self.house.traces:
            parent = headers.get(b"traceparent", [b""])[0].decode("latin-1")
            asked = Asked(
                route, scope["method"], out.status, out.request, began, seconds, state.get("index", ""), parent
            )
            self.house.traces.request(asked, state.get("ledger"))
        line = {
            "request": out.request, "key": state["caller"].id, "index": state.get("index", ""),
            "method": scope["method"], "route": route, "status": out.status, "ms": round(seconds * 1000, 1),
        }  # fmt: skip
        self.house.audit.write(line, state.get("question", ""))


def _headers(scope: Scope) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.lower(), []).append(value)
    return found


def _token(headers: dict[bytes, list[bytes]]) -> str:
    """The key in the headers; nothing where there is none. Raises Unauthorised where there are several."""
    sent = [value for name in (b"authorization", b"x-api-key") for value in headers.get(name, [])]
    if len(sent) > 1:
        raise Unauthorised("Several keys came with one request. Send one.")
    if not sent:
        return ""
    kind, _, token = sent[0].decode("latin-1").strip().rpartition(" ")
    if kind.strip().lower() not in ("bearer", "") or (b"authorization" in headers and not kind):
        raise Unauthorised("Send the key as `Authorization: Bearer KEY`, or as `X-API-Key: KEY`.")
    return token
