"""What the server refuses before or beside the core, as one tree. Each is a sentence with a next step.

    Refusal
    ├── BadRequest        what was sent cannot be read (400)
    ├── Unauthorised      no key, or not one of ours (401)
    ├── Forbidden         a key that may not do this (403)
    ├── NoJob             no such job of this caller (404)
    ├── TooSlow           the body came too slowly (408)
    ├── TooLarge          body, upload, prompt or batch is larger than is taken (413)
    ├── TooMany           the key's own share is used up; `retry` says when to come back (429)
    └── Busy              the server's is; `retry` says when to come back (503)

Their statuses stand in the table of `problems`. Knows nothing of the rest of the package.
"""

from __future__ import annotations

from typing import ClassVar

from starlette.exceptions import HTTPException


class Refusal(HTTPException):
    """The server does not take this request. Its message is fit to send. `retry`: seconds until it may be taken."""

    code: ClassVar[int] = 400

    def __init__(self, message: str, retry: float | None = None) -> None:
        super().__init__(self.code, message)
        self.message, self.retry = message, retry

    def __str__(self) -> str:
        return self.message


class BadRequest(Refusal):
    """What was sent cannot be read."""


class Unauthorised(Refusal):
    """There is no key with the request, or it is not one of this server's."""

    code = 401


class Forbidden(Refusal):
    """The key may not do this."""

    code = 403


class NoJob(Refusal):
    """There is no such job of yours."""

    code = 404


class TooSlow(Refusal):
    """The body came too slowly."""

    code = 408


class TooLarge(Refusal):
    """More was sent than is taken at once."""

    code = 413


class TooMany(Refusal):
    """This key asks more often, or more at once, than it may."""

    code = 429


class Busy(Refusal):
    """The server has no room for this request at present."""

    code = 503
