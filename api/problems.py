"""Errors as HTTP: one table from class to status, one shape (problem details, RFC 9457). Knows no route."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.bodies import Json
from api.refusals import BadRequest, Busy, Forbidden, NoJob, Refusal, TooLarge, TooMany, TooSlow, Unauthorised
from cascade.errors import (
    Cancelled,
    CascadeError,
    Crowded,
    Locked,
    ModelError,
    NotAllowed,
    NotFound,
    ReaderFailed,
    SourceError,
    Unreachable,
    Unreadable,
    UnusableIndex,
    Unwritable,
    UsageError,
)

MEDIA = "application/problem+json"

STATUS: dict[type[Exception], int] = {
    UsageError: 400,
    SourceError: 400,
    NotAllowed: 403,
    NotFound: 404,
    Locked: 409,
    Cancelled: 499,
    CascadeError: 500,
    UnusableIndex: 500,
    ReaderFailed: 502,
    ModelError: 503,
    Unreachable: 503,
    Unreadable: 503,
    Unwritable: 507,
    **{kind: kind.code for kind in (
        Refusal, BadRequest, Unauthorised, Forbidden, NoJob, TooSlow, TooLarge, TooMany, Busy
    )},
}  # fmt: skip
"""The status of an error is that of the nearest class above it. 499 is nobody's: the client has gone."""


def status(kind: type[Exception]) -> int:
    """The HTTP status of a class of errors; 500 for one that is none of ours."""
    return next((STATUS[each] for each in kind.__mro__ if each in STATUS), 500)


def of(error: Exception) -> Json:
    """An error of ours, or a refusal, as a response. What is neither says nothing of itself."""
    said = body(error)
    found = Json(said, said["status"], media_type=MEDIA)
    if isinstance(error, Refusal) and error.retry is not None:
        found.headers["Retry-After"] = str(max(1, math.ceil(error.retry)))
    if isinstance(error, Crowded):
        found.headers["Retry-After"] = "1"
    if isinstance(error, Unauthorised):
        found.headers["WWW-Authenticate"] = 'Bearer realm="cascade"'
    return found


def at(path: str, found: Json) -> Json:
    """A problem as the door says it that it came in by: under /v1 in the shape of OpenAI's API."""
    if not _OPENAI.match(path):
        return found
    headers = {name: value for name, value in found.headers.items() if not name.startswith("content-")}
    return Json(openai(json.loads(bytes(found.body))), found.status_code, headers)


def openai(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A problem in the shape of OpenAI's API: its clients tell errors apart by status, people by message and code."""
    code, kind = problem["status"], problem["type"].rpartition(":")[2]
    named = "model_not_found" if kind == "no-index" else kind.replace("-", "_")
    family = _FAMILIES.get(code, "server_error" if code >= 500 else "invalid_request_error")
    return {"error": {"message": problem["detail"], "type": family, "param": None, "code": named}}


_FAMILIES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


_OPENAI = re.compile(r"/v1/(?!rerank$)")


def install(app: FastAPI) -> None:
    """Make every error of an app a problem."""
    app.add_exception_handler(CascadeError, _ours)
    app.add_exception_handler(Refusal, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _foreign)


def body(error: BaseException) -> dict[str, Any]:
    """The problem that an error is."""
    kind = type(error)
    if not issubclass(kind, (CascadeError, Refusal)):
        said = "Something failed in a way nobody foresaw. The log has it under this request's id."
        return _body(500, "Unforeseen", "The server failed.", said)
    return _body(status(kind), kind.__name__, (kind.__doc__ or kind.__name__).splitlines()[0], str(error))


def problem(code: int, kind: str, title: str, detail: str) -> Json:
    """One problem as a response; `kind` is the class name or a word of HTTP's own."""
    return Json(_body(code, kind, title, detail), code, media_type=MEDIA)


def _body(code: int, kind: str, title: str, detail: str) -> dict[str, Any]:
    slug = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).replace(" ", "-").lower()
    return {"type": f"urn:cascade:problem:{slug}", "title": title, "status": code, "detail": detail}


async def _ours(request: Request, error: Exception) -> Json:
    return at(request.url.path, of(error))


async def _invalid(request: Request, error: Exception) -> Json:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    said = "; ".join(map(_fault, found[:10]))
    title = "The request does not have the shape that is asked for."
    return at(request.url.path, problem(422, "InvalidRequest", title, said))


def _fault(one: Mapping[str, Any]) -> str:
    """One thing that is wrong with a request, and where."""
    place = [str(part) for part in one["loc"][1:]]
    if one["type"] == "json_invalid":
        return f"The body is no JSON: at character {place[0]}, {one['ctx']['error']}"
    return f"{'.'.join(place) or 'body'}: {one['msg']}"


async def _foreign(request: Request, error: Exception) -> Json:
    code, detail = (error.status_code, str(error.detail)) if isinstance(error, HTTPException) else (500, "")
    found = problem(code, detail or "Error", detail, f"{request.method} {request.url.path}: {detail}. See /docs.")
    headers: Mapping[str, str] = (error.headers or {}) if isinstance(error, HTTPException) else {}
    found.headers.update(headers)
    return at(request.url.path, found)
