"""A request made definite, before anybody is asked: real paths, whole days, each thing once and in order.

What is shown to the owner is what was settled; what is granted is that and nothing that is worked out later.
Knows requests and paths; looks at what is at a path, and reads nothing of it.
"""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

from cascade.errors import NotFound, OutsideScope, UsageError
from indexers.personal.grants import spans
from indexers.personal.grants.terms import Request


def settled(request: Request) -> Request:
    """The same request in its one spelling. Raises UsageError, NotFound or OutsideScope for what cannot be granted."""
    scope = request.scope
    return replace(
        request,
        source=request.source or request.connector,
        roots=_real(request.roots),
        purposes=tuple(sorted(set(request.purposes))),
        retention=spans.span(request.retention),
        expires=spans.day(request.expires, last=True),
        scope=replace(
            scope,
            since=spans.day(scope.since),
            until=spans.day(scope.until, last=True),
            kinds=tuple(sorted(set(scope.kinds))),
            cautions=tuple(sorted(set(scope.cautions))),
            choices=dict(sorted(scope.choices.items())),
        ),
    )


def _real(roots: tuple[str, ...]) -> tuple[str, ...]:
    """Absolute paths without links, each of a file or folder that is there. None lies in another."""
    if not roots:
        raise UsageError("A grant names what may be read: give at least one file or folder.")
    found = sorted({_one(root) for root in roots})
    for root in found:
        if any(root != other and Path(root).is_relative_to(other) for other in found):
            raise UsageError(f"{root} lies in another folder that is named too. Name one of them.")
    return tuple(found)


def _one(root: str) -> str:
    try:
        path = str(Path(root).expanduser().resolve(strict=True))
        mode = os.lstat(path).st_mode
        path.encode("utf-8")
    except UnicodeError:
        raise UsageError(f"{root!a} has a name that is not text. Rename it first.") from None
    except (OSError, ValueError, RuntimeError) as error:  # no such user, a loop of links, a zero byte
        why = getattr(error, "strerror", None) or error
        raise NotFound(f"{root!a} cannot be granted: {why}. Name a file or folder that is there.") from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OutsideScope(f"{root} is neither a file nor a folder, and is not read.")
    if path == Path(path).anchor:
        raise OutsideScope(f"{path} is the whole disk. Name the folders that may be read, one by one.")
    return path
