"""Errors as HTTP: one table from class to status, one shape (problem details, RFC 9457). Knows no route."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cascade.errors import (
    CascadeError,
    Locked,
    ModelError,
    NotFound,
    ReaderFailed,
    SourceError,
    Unreadable,
    UnusableIndex,
    Unwritable,
    UsageError,
)

STATUS: dict[type[CascadeError], int] = {
    UsageError: 400,
    SourceError: 400,
    NotFound: 404,
    Locked: 409,
    CascadeError: 500,
    UnusableIndex: 500,
    ReaderFailed: 502,
    ModelError: 503,
    Unreadable: 503,
    Unwritable: 507,
}
"""The status of an error is that of the nearest class above it."""


def status(kind: type[CascadeError]) -> int:
    """The HTTP status of a class of errors."""
    return next(STATUS[each] for each in kind.__mro__ if each in STATUS)


def install(app: FastAPI) -> None:
    """Make every error of an app a problem."""
    app.add_exception_handler(CascadeError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _foreign)


def problem(code: int, kind: str, title: str, detail: str) -> JSONResponse:
    """One problem as a response; `kind` is the class name or a word of HTTP's own."""
    slug = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).replace(" ", "-").lower()
    body = {"type": f"urn:cascade:problem:{slug}", "title": title, "status": code, "detail": detail}
    return JSONResponse(body, code, media_type="application/problem+json")


async def _ours(_: Request, error: Exception) -> JSONResponse:
    kind = type(error)
    code = status(kind) if issubclass(kind, CascadeError) else 500
    return problem(code, kind.__name__, (kind.__doc__ or kind.__name__).splitlines()[0], str(error))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    said = "; ".join(f"{'.'.join(map(str, each['loc'][1:])) or 'body'}: {each['msg']}" for each in found)
    return problem(422, "InvalidRequest", "The request does not have the shape that is asked for.", said)


async def _foreign(request: Request, error: Exception) -> JSONResponse:
    code, detail = (error.status_code, str(error.detail)) if isinstance(error, HTTPException) else (500, "")
    return problem(code, detail or "Error", detail, f"{request.method} {request.url.path}: {detail}. See /docs.")
