"""The indexes that are served, by name: opened when they are first asked, fresh, and let go when nobody asks.

Knows engines; knows nothing of HTTP, keys or threads of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from cascade.config import Config
from cascade.engine import Engine
from cascade.errors import CascadeError, NoIndex, UnknownName, UsageError
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.models import resolve
from cascade.models.base import Encoder, Reader

FRESH = 0.5
"""Seconds after which an index that is asked is looked at for a newer commit."""

Opens = Callable[[Path, Config, Encoder | None, Reader | None], Engine]
"""Opens an index."""

IDLE = 900.0
"""Seconds after which an index that nobody asks is closed."""


@dataclass(slots=True)
class Place:
    """One index's place on the shelf: where it lies, its engine while it is open, and who uses that."""

    path: Path
    engine: Engine | None = None
    users: int = 0
    used: float = 0.0
    looked: float = 0.0
    opening: threading.Lock = field(default_factory=threading.Lock)


class Shelf:
    """Indexes by the names of their folders. May be used from any thread."""

    def __init__(
        self, paths: dict[str, Path], config: Config | None = None, idle: float = IDLE, opens: Opens = Engine.open
    ) -> None:  # fmt: skip
        self.config, self.idle, self._opens = config or Config(), idle, opens
        self._places = {name: Place(path) for name, path in paths.items()}
        self._encoders: dict[str, Encoder] = {}
        self._reader: Reader | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls, paths: Sequence[Path], config: Config | None = None, idle: float = IDLE, opens: Opens = Engine.open
    ) -> Shelf:  # fmt: skip
        """A shelf of these; none is opened yet. `opens`: how one is: here, or on a cluster.

        Raises NoIndex; UsageError where two have the same name.
        """
        named = {path.resolve().name: path.resolve() for path in paths}
        if len(named) < len(paths):
            raise UsageError("Two of these indexes have the same folder name, by which they are called. Rename one.")
        for path in named.values():
            if not manifests.exists(Layout(path)):
                raise NoIndex(f"{path} holds no index. Make one: cascade add {path} SOURCE")
        return cls(named, config, idle, opens)

    @property
    def names(self) -> tuple[str, ...]:
        """What the indexes are called, in the order given."""
        return tuple(self._places)

    @property
    def opened(self) -> tuple[str, ...]:
        """Those that are open now."""
        return tuple(name for name, place in self._places.items() if place.engine)

    def called(self, name: str, among: Collection[str] | None = None) -> str:
        """The full name of the index called so, or `cascade/NAME`; of the only one where the name is empty.

        `among`: the names that are there for whoever asks (all of them, unless given). Raises UnknownName, which is
        the same whether an index is not there at all or not there for this one.
        """
        there = [each for each in self._places if among is None or each in among]
        short = name.removeprefix("cascade/") or (there[0] if len(there) == 1 else "")
        if short in there:
            return short
        said = f"There is no index {name!r} here." if name else "Say which index." if there else "No index is served."
        raise UnknownName(f"{said} Name one of: {', '.join(there)}." if there else said)

    def path(self, name: str) -> Path:
        """The folder of an index. Raises UnknownName."""
        return self._places[self.called(name)].path

    def engine(self, name: str) -> Engine:
        """The index called so, opened if it is not. Raises UnknownName, WrongEncoder, Corrupt."""
        return self._ready(self._places[self.called(name)])

    @contextmanager
    def lease(self, name: str) -> Iterator[Engine]:
        """An index for as long as it is used: open, as of its newest commit, and not closed meanwhile."""
        place = self._places[self.called(name)]
        with self._lock:
            place.users += 1
        try:
            engine = self._ready(place)
            self._freshen(place, engine)
            yield engine
        finally:
            with self._lock:
                place.users -= 1
                place.used = time.monotonic()

    def expecting(self, name: str, text: str) -> AbstractContextManager[None]:
        """For as long as this lasts, a question that waits for its turn, where the index is open: see Ahead."""
        engine = self._places[self.called(name)].engine
        expect = getattr(engine.encoder, "expect", None) if engine and text else None
        found: AbstractContextManager[None] = expect(text) if expect else nullcontext()
        return found

    def renew(self, name: str) -> None:
        """Look for a newer commit at once, where the index is open: something was written."""
        place = self._places[self.called(name)]
        place.looked = 0.0
        if place.engine:
            self._freshen(place, place.engine)

    def tidy(self) -> list[str]:
        """Close what nobody has asked for a while; the names."""
        closed = []
        for name, place in self._places.items():
            with self._lock:
                idle = place.engine and not place.users and time.monotonic() - place.used > self.idle
                engine, place.engine = (place.engine, None) if idle else (None, place.engine)
            if engine:
                engine.close()
                closed.append(name)
        return closed

    def close(self) -> None:
        """Let all indexes go."""
        for place in self._places.values():
            engine, place.engine = place.engine, None
            if engine:
                engine.close()

    def _ready(self, place: Place) -> Engine:
        with place.opening:
            engine = place.engine
            if engine is None:
                name = manifests.read(Layout(place.path)).built.encoder
                engine = self._opens(place.path, self.config, self._encoders.get(name), self.reader())
                self._encoders.setdefault(name, engine.encoder)
                place.looked = place.used = time.monotonic()
                place.engine = engine
            return engine

    def reader(self) -> Reader:
        """One reader for all: its model is in memory once."""
        with self._lock:
            if self._reader is None:
                self._reader = resolve.reader(self.config.reader, self.config.reads)
            return self._reader

    def _freshen(self, place: Place, engine: Engine) -> None:
        now = time.monotonic()
        if now - place.looked < FRESH:
            return
        place.looked = now
        try:
            engine.refresh()
        except CascadeError:  # what is open still answers; the next look may find it whole
            return

    def __enter__(self) -> Shelf:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
