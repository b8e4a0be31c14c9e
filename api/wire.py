"""A connection that is not waited for forever: a request's head must have come in time, and there are only so many.

Knows uvicorn's protocol over h11 and no more; bodies are timed in `gate`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD = 15.0
"""Seconds in which the head of a request must have come, from its connection or its first byte."""

MOST = 1_000
"""Connections that one process holds; more are closed at once."""


class Patient(H11Protocol):
    """uvicorn's protocol, with a clock for heads."""

    head = HEAD
    most = MOST
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take in bytes, and wait anew."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()  # a request is under way; from here on its body is timed
        elif self._clock is None:
            self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._stop()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop()
        self._clock = self.loop.call_later(self.head, self._late)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _late(self) -> None:
        idle: Any = self.cycle is None or self.cycle.response_complete
        if idle and not self.transport.is_closing():
            self.transport.close()
