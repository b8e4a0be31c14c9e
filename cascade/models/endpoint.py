"""HTTP to an OpenAI-compatible server: requests, streams, timeouts and retries, and a key that is never shown.

Knows HTTP and JSON; knows nothing of prompts or vectors. httpx is imported when a request is made.
"""

from __future__ import annotations

import email.utils
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cascade.errors import BadConfig, ReaderFailed

if TYPE_CHECKING:
    import httpx

_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Statuses that may be gone on the next try."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def key_from_environment() -> str:
    """CASCADE_READER_KEY, else OPENAI_API_KEY, else nothing: local servers often want none."""
    return (os.environ.get("CASCADE_READER_KEY") or os.environ.get("OPENAI_API_KEY") or "").strip()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go. `base` ends before `/chat/completions`. `key` appears in no repr, error or log.

    `timeout`: seconds without a byte. `tries`: attempts in all. `pause`: seconds before the second attempt, doubled
    before each further one unless the server says how long; never more than `patience` seconds at once.
    """

    base: str
    key: str = field(default="", repr=False)
    timeout: float = 60.0
    tries: int = 4
    pause: float = 0.5
    patience: float = 30.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise BadConfig(
                "The address of an endpoint must look like https://host/v1, without a password in it. "
                "Put the key in CASCADE_READER_KEY."
            )

    @property
    def here(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.base).hostname in _LOOPBACK

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.base).netloc

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send and receive JSON. Raises ReaderFailed."""
        with self._answer(path, body) as response:
            return self._object(response.read())

    def stream(self, path: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Send JSON and yield the objects of the event stream as they arrive, until `[DONE]`.

        A server that does not stream answers with one object, which is yielded alone. Raises ReaderFailed, also when
        the stream breaks off: what was already yielded is not asked for again.
        """
        import httpx

        with self._answer(path, body) as response:
            if "json" in response.headers.get("content-type", ""):
                yield self._object(response.read())
                return
            try:
                for line in response.iter_lines():
                    data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
                    if data == "[DONE]":
                        return
                    if data:
                        yield self._object(data)
            except httpx.HTTPError as error:
                raise ReaderFailed(
                    f"{self.host} broke off in the middle of its answer ({type(error).__name__}). Ask again."
                ) from None

    @contextmanager
    def _answer(self, path: str, body: dict[str, Any]) -> Iterator[httpx.Response]:
        """The first good response, closed at the end. Retries before a byte of an answer was used, never after."""
        import httpx

        # A proxy meant for the outside is not asked for this machine.
        outside = not self.here
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        patience = httpx.Timeout(self.timeout, connect=min(self.timeout, 10.0))
        with httpx.Client(timeout=patience, trust_env=outside, headers=headers) as client:
            for attempt in range(1, self.tries + 1):
                request = client.build_request("POST", f"{self.base.rstrip('/')}/{path}", json=body)
                try:
                    response = client.send(request, stream=True)
                except httpx.HTTPError as error:
                    if attempt == self.tries:
                        raise self._unreached(error) from None
                    time.sleep(self._wait(attempt, ""))
                    continue
                try:
                    if response.is_success:
                        yield response
                        return
                    if response.status_code not in _PASSING or attempt == self.tries:
                        raise self._refused(response)
                finally:
                    response.close()
                time.sleep(self._wait(attempt, response.headers.get("retry-after", "")))

    def _wait(self, attempt: int, asked: str) -> float:
        """Seconds until the next attempt. `asked` is a Retry-After header: seconds, a date, or empty."""
        seconds = self.pause * 2 ** (attempt - 1)
        if asked.strip().isdigit():
            seconds = float(asked)
        elif (date := email.utils.parsedate_tz(asked)) is not None:
            seconds = email.utils.mktime_tz(date) - time.time()
        return float(min(max(seconds, 0.0), self.patience))

    def _unreached(self, error: httpx.HTTPError) -> ReaderFailed:
        import httpx

        what = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "could not be reached"
        return ReaderFailed(
            f"{self.host} {what} in {self.tries} attempts ({type(error).__name__}). "
            "Check the address and that the server is up; `--reader extractive` works without one."
        )

    def _refused(self, response: httpx.Response) -> ReaderFailed:
        import httpx

        try:
            said = response.read().decode("utf-8", "replace")
        except httpx.HTTPError:
            said = ""
        if self.key:
            said = said.replace(self.key, "[key]")
        hint = {
            401: "Set CASCADE_READER_KEY or OPENAI_API_KEY to a valid key.",
            403: "The key may not use this model.",
            404: "Check the model's name and that the address ends in /v1.",
            429: "It is limiting requests: wait, or use another reader.",
        }.get(response.status_code, "Try again, or use `--reader extractive`.")
        return ReaderFailed(f"{self.host} answered {response.status_code}: {' '.join(said.split())[:300]} {hint}")

    def _object(self, raw: bytes | str) -> dict[str, Any]:
        try:
            found = json.loads(raw)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ReaderFailed(
                f"{self.host} sent something that is not JSON. Check that its address is that of an OpenAI-compatible "
                "API, usually ending in /v1."
            )
        if found.get("error"):
            said = str(found["error"])
            said = said.replace(self.key, "[key]") if self.key else said
            raise ReaderFailed(f"{self.host} stopped with an error: {said[:300]} Try again, or use another reader.")
        return found
