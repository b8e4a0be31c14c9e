"""What git knows of a folder: the files it does not ignore, or the files of a revision.

Runs the `git` command, never a hook of the repository it looks at. Knows nothing of formats.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO, cast

from cascade.errors import NotFound, SourceError
from indexers.records import Skipped
from indexers.sources.blob import Blob
from indexers.sources.faults import Unreadable
from indexers.sources.globs import Globs
from indexers.sources.passed import LINK, path_reason
from indexers.sources.streams import Bounded, buffered

_FILE, _LINK = "100", "120"
"""How the modes of files and of links begin in a tree."""


def _command(folder: Path, *arguments: str) -> list[str]:
    """A git command that runs nothing of the repository's own: neither hooks nor a file system monitor.

    With `_environment` it fetches nothing either: a repository may name a command to fetch missing objects with.
    """
    safe = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "log.showSignature=false")
    return ["git", *safe, "-C", str(folder), *arguments]


def _environment() -> dict[str, str]:
    apart = {
        "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none",
    }
    return {**os.environ, **apart}


def _run(folder: Path, *arguments: str) -> bytes | None:
    """What a git command prints; None where git is missing or refuses."""
    if shutil.which("git") is None:
        return None
    ran = subprocess.run(_command(folder, *arguments), capture_output=True, check=False, env=_environment())
    return ran.stdout if ran.returncode == 0 else None


def worktree(folder: Path) -> list[str] | None:
    """Paths of the files in a working tree that are tracked, or new and not ignored; sorted.

    None where git is not installed or does not trust the folder: then all files count.
    """
    listed = _run(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    return None if listed is None else sorted(os.fsdecode(path) for path in listed.split(b"\0") if path)


def bare(folder: Path) -> bool:
    """Whether a folder is a repository without a working tree."""
    return all((folder / name).exists() for name in ("HEAD", "objects", "refs"))


@dataclass(frozen=True, slots=True)
class Revision:
    """The files of one commit of a repository. Each is dated by the last commit that touched it."""

    source: str
    folder: Path
    commit: str
    globs: Globs

    @classmethod
    def find(cls, source: str, folder: Path, name: str, globs: Globs) -> Revision:
        """The revision a user named. Raises `SourceError` without git, `NotFound` where there is no such commit."""
        if shutil.which("git") is None:
            raise SourceError("Reading a revision takes the git command. Install git, or add the working tree instead.")
        commit = _run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if commit is None:
            raise NotFound(f"{folder} has no revision {name}. See: git -C {folder} log --oneline --all")
        return cls(source, folder, commit.decode().strip(), globs)

    def __iter__(self) -> Iterator[Blob | Skipped]:
        tree = self._tree()
        times = self._times(path for _, _, path in tree)
        with subprocess.Popen(
            _command(self.folder, "cat-file", "--batch"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(),
        ) as objects:
            for mode, digest, path in tree:
                name = path.decode("utf-8", "backslashreplace")
                if not self.globs.allow(name):
                    continue
                if reason := path_reason(name) or (LINK if mode.startswith(_LINK) else ""):
                    yield Skipped(self.source, name, reason, fault=False)
                elif mode.startswith(_FILE):
                    stream = _Object(objects, digest)
                    yield Blob(self.source, name, name.rpartition("/")[2], stream.open, times.get(path, ""))
                    stream.drain()
            with suppress(BrokenPipeError):  # git may have given up at an object it cannot read
                cast(IO[bytes], objects.stdin).close()

    def _tree(self) -> list[tuple[str, str, bytes]]:
        listed = _run(self.folder, "ls-tree", "-r", "-z", "--full-tree", self.commit) or b""
        found = []
        for line in listed.split(b"\0")[:-1]:
            about, path = line.split(b"\t", 1)
            mode, _, digest = about.decode().split()
            found.append((mode, digest, path))
        return found

    def _times(self, paths: Iterable[bytes]) -> dict[bytes, str]:
        """Path -> ISO 8601 of the newest commit that touched it; looks back no further than the last of `paths` takes.

        A file that only merges changed is not among them.
        """
        missing = set(paths)
        times: dict[bytes, str] = {}
        when = ""
        arguments = ("log", "-z", "--no-renames", "--name-only", "--format=%x01%ct", self.commit)
        with subprocess.Popen(
            _command(self.folder, *arguments),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(),
        ) as log:  # fmt: skip
            for piece in _split(cast(BinaryIO, log.stdout)):
                if piece.startswith(b"\x01") and piece[1:].isdigit():
                    when = _dated(int(piece[1:]))
                elif piece in missing:
                    missing.discard(piece)
                    times[piece] = when
                if not missing:
                    log.kill()
                    break
        return times


def _dated(seconds: int) -> str:
    """ISO 8601 of a time since 1970; empty for one beyond the year 9999, which a commit may claim."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""


def _split(stream: BinaryIO) -> Iterator[bytes]:
    """Pieces of a stream between NULs, without the line ends before them."""
    held = b""
    while chunk := stream.read(1 << 16):
        *whole, held = (held + chunk).split(b"\0")
        yield from (piece.lstrip(b"\n") for piece in whole)


class _Object:
    """One git object, read once from the running `cat-file`; what the reader leaves is drained before the next."""

    def __init__(self, objects: subprocess.Popen[bytes], digest: str) -> None:
        self._pipe, self._digest = objects, digest
        self._rest: Bounded | None = None

    def open(self) -> BinaryIO:
        """The object's bytes."""
        stdin, stdout = cast(IO[bytes], self._pipe.stdin), cast(BinaryIO, self._pipe.stdout)
        stdin.write(self._digest.encode() + b"\n")
        stdin.flush()
        header = stdout.readline().split()
        if len(header) != 3:
            raise Unreadable("Its object is missing from the repository; run git fsck there.")
        self._rest = Bounded(stdout, int(header[2]))
        return buffered(self._rest)

    def drain(self) -> None:
        """Read the object to its end, and the line end after it."""
        if self._rest is not None:
            self._rest.drain()
            cast(BinaryIO, self._pipe.stdout).read(1)
