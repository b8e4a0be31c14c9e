"""Tells when something under a source changed. Needs the extra `watch`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from cascade.errors import SourceError, UsageError
from indexers.sources import globs
from indexers.sources.extras import need
from indexers.sources.faults import Unreadable
from indexers.sources.globs import MAGIC
from indexers.sources.passed import path_reason

QUIET_MS = 400
"""How long nothing may change before a change is told of: an editor saves in several steps."""


def changes(spec: str, stop: Event | None = None) -> Iterator[None]:
    """Yields once after each burst of changes to files that would be read; ends when `stop` is set.

    Raises `UsageError` for what cannot be watched (standard input, a revision), `SourceError` without the extra.
    """
    if spec == "-" or spec.startswith("git+"):
        raise UsageError(f"{spec} cannot be watched: only folders, files and globs can. Leave out --watch.")
    try:
        watchfiles = need("watchfiles", "watch")
    except Unreadable as error:
        raise SourceError("Watching takes the extra `watch`: pip install 'cascade-retrieval[watch]'.") from error
    path = Path(spec).expanduser()
    if not path.exists() and MAGIC.search(spec):
        path = Path(globs.split(path.as_posix())[0] or ".")
    root = path.resolve()

    def matters(_change: object, changed: str) -> bool:
        inner = Path(changed)
        return not (inner.is_relative_to(root) and path_reason(inner.relative_to(root).as_posix()))

    for _ in watchfiles.watch(root, watch_filter=matters, step=QUIET_MS, stop_event=stop, raise_interrupt=True):
        yield
