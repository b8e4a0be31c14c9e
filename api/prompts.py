"""Private indexes of long prompts: made at the first turn, found again by content at the next, gone when they are old.

    FOLDER (0700)/  NAME/         an index; its name is a hash of whose it is and of every text in it
                    making-NAME/  one that is being made, or was when its process ended
                    locks/        one of 64 lock files for each NAME

An index is made aside and renamed when it is complete, so what has its name is whole. What makes, opens or removes NAME
holds its lock, and what uses one holds the leases of its segments: several processes may share the folder. A request
that continues another one's documents starts from a copy of its index and adds only what is new.

Knows documents and engines; knows nothing of messages or HTTP.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from cascade.config import Config
from cascade.engine import Engine
from cascade.errors import Cancelled, CascadeError, Locked, Unwritable
from cascade.index import files, segment
from cascade.index.layout import Layout
from cascade.ledger import Ledger
from cascade.models import resolve
from cascade.models.base import Encoder, Reader
from indexers.ingest import IngestConfig, Report, ingest
from indexers.records import Record

MAKING = "making-"
LOCKS = "locks"
SLICE = 200_000
"""Characters of a record: a document of millions is cut at line ends, so that memory does not grow with it."""

INGEST = IngestConfig(characters=2_000_000, seconds=3600.0)


@dataclass(frozen=True, slots=True)
class Document:
    """A long text of a request. `name` says where it stood: `message 1`, or `message 1 part 2`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is kept, and how long. `bytes`: on disk in all. `seconds`: since the last use. `open`: engines a process
    keeps open. `patience`: seconds to wait for another who makes the same index."""

    bytes: int = 4_000_000_000
    seconds: float = 3600.0
    open: int = 4
    patience: float = 300.0


@dataclass(frozen=True, slots=True)
class Prompt:
    """The documents of one request as a source."""

    documents: Sequence[Document]
    name: str = "prompt"

    def read(self) -> Iterator[Record]:
        """Each document in slices that end where a line does."""
        for document in self.documents:
            for at, text in _slices(document.text):
                locator = f"{document.name}#{at}" if at else document.name
                yield Record(self.name, locator, text, metadata={"offset": at})


class Prompts:
    """The private indexes in a folder, which is made when the first is. `reader`: gives the one that answers.

    May be used from any thread.
    """

    def __init__(
        self, folder: Path, config: Config, reader: Callable[[], Reader], bounds: Bounds | None = None
    ) -> None:
        self.folder, self.config, self.bounds = folder, config, bounds or Bounds()
        self._reader = reader
        self._open: OrderedDict[str, Engine] = OrderedDict()
        self._guard = threading.Lock()
        self._encoder: Encoder | None = None

    @property
    def reader(self) -> Reader:
        """What answers."""
        return self._reader()

    def engine(self, owner: str, documents: Sequence[Document], ledger: Ledger | None = None) -> Engine:
        """An engine over these documents, which nobody but `owner` ever sees.

        `ledger`: of the question that wants it; when that is stopped, so is this. Raises Locked, Unwritable, Cancelled.
        """
        _private(self.folder)
        _private(self.folder / LOCKS)
        names = self._names(owner, documents)
        name = names[-1]
        with self._guard:
            engine = self._open.pop(name, None)
            if engine is not None:
                self._open[name] = engine
        known = engine is not None
        if engine is None:
            engine = self._find(names, documents, ledger or Ledger())
            with self._guard:
                self._open[name] = engine
                while len(self._open) > self.bounds.open:
                    self._open.popitem(last=False)  # its files go when the last that asks it lets it go
        with suppress(OSError):
            os.utime(self.folder / name)
        if not known:
            self.sweep()
        return engine

    def sweep(self) -> None:
        """Remove what was not used for too long, then the oldest until the rest fits. What is in use stays.

        Done when an index is added, and now and then by the server, so that what has expired goes without a request.
        """
        now = time.time()
        found = sorted(((path.stat().st_mtime, path) for path in self._kept()), reverse=True)
        room = self.bounds.bytes
        for used, path in found:
            unfinished = path.name.startswith(MAKING)
            room -= 0 if unfinished else _bytes(path)
            if unfinished or room < 0 or now - used > self.bounds.seconds:
                self._remove(path)

    def close(self) -> None:
        """Let all engines go. The indexes stay for the next process."""
        with self._guard:
            for engine in self._open.values():
                engine.close()
            self._open.clear()

    def _find(self, names: list[str], documents: Sequence[Document], ledger: Ledger) -> Engine:
        name = names[-1]
        lock = self._lock(name)
        try:
            with lock.acquire(timeout=self.bounds.patience):
                if not (self.folder / name).is_dir():
                    self._make(names, documents, ledger)
                return Engine.open(self.folder / name, self.config, self._opened(), self.reader)
        except Timeout:
            raise Locked("Another request is reading the same prompt in. Ask again when it is done.") from None

    def _make(self, names: list[str], documents: Sequence[Document], ledger: Ledger) -> None:
        def heard(_: Report, __: bool) -> None:
            if ledger.stop.is_set():
                raise Cancelled("The question was withdrawn while its prompt was read in. Ask it again.")

        aside, final = self.folder / f"{MAKING}{names[-1]}", self.folder / names[-1]
        with files.writing(aside):
            shutil.rmtree(aside, ignore_errors=True)
            for older in reversed(names[:-1]):
                if self._copied(older, aside):
                    break
            ingest(aside, [Prompt(documents)], self._opened(), INGEST, heard=heard)
            aside.chmod(0o700)
            aside.rename(final)

    def _copied(self, older: str, aside: Path) -> bool:
        """Begin with the index of an earlier turn, if it is there: its segments are shared, never written again."""
        mine = self._lock(aside.name.removeprefix(MAKING)).lock_file
        held = self._lock(older)
        with suppress(OSError, Timeout, CascadeError), ExitStack() as stack:
            if held.lock_file != mine:
                stack.enter_context(held.acquire(timeout=0))
            if (self.folder / older).is_dir():
                shutil.copytree(self.folder / older, aside, copy_function=_share)
                return True
        shutil.rmtree(aside, ignore_errors=True)
        return False

    def _names(self, owner: str, documents: Sequence[Document]) -> list[str]:
        """A name for each beginning of the documents, the whole last: a chain of hashes."""
        state = hashlib.blake2b(digest_size=20)
        names = []
        for part in (owner, self._opened().fingerprint):
            _feed(state, part)
        for document in documents:
            _feed(state, document.name)
            _feed(state, document.text)
            names.append(state.copy().hexdigest())
        return names

    def _opened(self) -> Encoder:
        with self._guard:
            if self._encoder is None:
                self._encoder = resolve.encoder("static", self.config.threads)
            return self._encoder

    def _lock(self, name: str) -> FileLock:
        return FileLock(self.folder / LOCKS / f"{int(name[:2], 16) % 64:02d}", is_singleton=False)

    def _kept(self) -> list[Path]:
        there = self.folder.iterdir() if self.folder.is_dir() else ()
        return [path for path in there if path.name != LOCKS and path.is_dir()]

    def _remove(self, path: Path) -> None:
        """Remove an index unless somebody makes, opens or asks it."""
        name = path.name.removeprefix(MAKING)
        with self._guard:
            idle = self._open.pop(name, None) if not path.name.startswith(MAKING) else None
        del idle  # closes itself unless somebody still asks it
        with suppress(OSError, Timeout), self._lock(name).acquire(timeout=0):
            segments = Layout(path).segments
            if not any(segment.held(each) for each in (segments.iterdir() if segments.is_dir() else ())):
                shutil.rmtree(path)


def default() -> Path:
    """Where prompts are kept unless a folder is named: one of this user's own, in the system's temporary folder."""
    own = os.getuid() if hasattr(os, "getuid") else "own"
    return Path(tempfile.gettempdir()) / f"cascade-prompts-{own}"


def _private(folder: Path) -> None:
    """Make a folder that nobody else may look into. Raises Unwritable where it is a link or another's."""
    with files.writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        theirs = hasattr(os, "getuid") and found.st_uid != os.getuid()
        if theirs or not stat.S_ISDIR(found.st_mode):
            raise Unwritable(f"{folder} is a link or belongs to another user. Name another folder for prompts.")
        folder.chmod(0o700)


def _slices(text: str) -> Iterator[tuple[int, str]]:
    """(offset, slice): slices of about `SLICE` characters that end after a line, or after a space."""
    start = 0
    while len(text) - start > SLICE:
        least = start + SLICE // 2
        ends = (text.rfind(mark, least, start + SLICE) + len(mark) for mark in ("\n\n", "\n", " "))
        end = next((end for end in ends if end > least), start + SLICE)
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _feed(state: hashlib.blake2b, text: str) -> None:
    """Hash a text with its length, a slice at a time."""
    state.update(len(text).to_bytes(8, "little"))
    for at in range(0, len(text), SLICE):
        state.update(text[at : at + SLICE].encode("utf-8", "surrogatepass"))


def _share(source: str, target: str) -> str:
    """Give a file a second name where it is part of a segment, which is never written again; copy any other."""
    if f"{os.sep}{Layout(Path()).segments.name}{os.sep}" in source:
        with suppress(OSError):
            os.link(source, target)
            return target
    return str(shutil.copy2(source, target))


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
