"""What a user named -> a Source. The spine of `indexers.sources`.

    spec --open_source--> Source --read--> blobs --Read--> records

Opening touches the source only to see what it is; reading streams.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cascade.errors import NotFound, SourceError, UsageError
from indexers.records import Record, Skipped
from indexers.sources import git, globs
from indexers.sources.blob import Blob
from indexers.sources.files import Walk, one
from indexers.sources.globs import MAGIC, Globs
from indexers.sources.options import SourceOptions
from indexers.sources.read import Read

STDIN = "-"
_GIT = "git+"


@dataclass(frozen=True, slots=True)
class Blobs:
    """A source that is a number of blobs, each read in turn."""

    name: str
    find: Callable[[], Iterable[Blob | Skipped]]
    options: SourceOptions
    globs: Globs

    def read(self) -> Iterator[Record | Skipped]:
        """Everything in it, in a stable order."""
        from indexers.sources.connectors.mail.records import READERS

        read = Read(self.options, self.globs, beyond=READERS)
        for found in self.find():
            if isinstance(found, Skipped):
                yield found
            else:
                yield from read(found)


def open_source(spec: str, options: SourceOptions | None = None) -> Blobs:
    """The source that `spec` names: `-`, `git+FOLDER`, a folder, a bare repository, a file, an archive or a glob.

    Its `name` is the resolved absolute path (of a glob: with the glob after it; of a revision: with `@REVISION`), or
    `stdin`. Raises `NotFound` where nothing is there, `UsageError` for a URL or a revision of something else than a
    repository, `SourceError` where a revision cannot be read.
    """
    options = options or SourceOptions()
    if spec == STDIN:
        return _stdin(options)
    if "://" in spec:
        raise UsageError(f"{spec} is an address, and sources are read from this machine only. Fetch or clone it first.")
    path = Path(spec.removeprefix(_GIT)).expanduser()
    if options.revision or spec.startswith(_GIT) or (path.is_dir() and git.bare(path)):
        return _revision(path, options)
    if path.is_dir():
        root = path.resolve()
        chosen = Globs.of(options.include, options.exclude)
        return Blobs(str(root), lambda: Walk(str(root), root, chosen), options, chosen)
    if os.path.lexists(path):
        file = path.resolve()
        chosen = Globs.of(options.include, options.exclude)
        return Blobs(str(file), lambda: [one(str(file), file)], options, chosen)
    if MAGIC.search(spec):
        return _glob(path, options)
    raise NotFound(f"{spec} does not exist. Check the path; quote a glob so that the shell leaves it alone.")


def _glob(path: Path, options: SourceOptions) -> Blobs:
    fixed, below = globs.split(path.as_posix())
    root = Path(fixed or ".").resolve()
    if not root.is_dir():
        raise NotFound(f"{root} is not a folder, so {path} can match nothing. Check the path.")
    name = f"{root.as_posix().rstrip('/')}/{below}"
    chosen = Globs.of(options.include, options.exclude, below)

    def find() -> Iterator[Blob | Skipped]:
        matched = False
        for found in Walk(name, root, chosen):
            matched = matched or isinstance(found, Blob)
            yield found
        if not matched:
            yield Skipped(name, below, "No file that can be read matches this glob.")

    return Blobs(name, find, options, Globs.of((), options.exclude))


def _revision(path: Path, options: SourceOptions) -> Blobs:
    if not path.is_dir():
        raise UsageError(f"{path} is not a folder, so it has no revisions. Leave out --revision, or name a repository.")
    root = path.resolve()
    name = options.revision or "HEAD"
    chosen = Globs.of(options.include, options.exclude)
    revision = git.Revision.find(f"{root}@{name}", root, name, chosen)
    return Blobs(revision.source, lambda: revision, options, chosen)


def _stdin(options: SourceOptions) -> Blobs:
    def standard() -> BinaryIO:
        if sys.stdin is None or sys.stdin.closed:
            raise SourceError("Standard input is closed. Pipe something into it, or name a file.")
        return sys.stdin.buffer

    chosen = Globs.of(options.include, options.exclude)
    return Blobs("stdin", lambda: [Blob("stdin", "stdin", "stdin", standard)], options, chosen)
