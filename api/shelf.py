"""The indexes that are served, by name. Knows engines; knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from cascade.config import Config
from cascade.engine import Engine
from cascade.errors import UnknownName, UsageError


class Shelf:
    """Open indexes. An index is called by the name of its folder."""

    def __init__(self, engines: Mapping[str, Engine]) -> None:
        self._engines = dict(engines)

    @classmethod
    def open(cls, paths: Sequence[Path], config: Config | None = None) -> Shelf:
        """Open each index. Raises NoIndex, WrongEncoder, Corrupt; UsageError where two have the same name."""
        named = {path.resolve().name: path for path in paths}
        if len(named) < len(paths):
            raise UsageError("Two of these indexes have the same folder name, by which they are called. Rename one.")
        return cls({name: Engine.open(path, config) for name, path in named.items()})

    @property
    def names(self) -> tuple[str, ...]:
        """What the indexes are called, in the order given."""
        return tuple(self._engines)

    def engine(self, name: str) -> Engine:
        """The index called so, or `cascade/NAME`; the only one where the name is empty. Raises UnknownName."""
        short = name.removeprefix("cascade/") or (self.names[0] if len(self._engines) == 1 else "")
        if short not in self._engines:
            said = f"There is no index {name!r} here." if name else "Several indexes are served: say which."
            raise UnknownName(f"{said} Name one of: {', '.join(self.names)}.")
        return self._engines[short]

    def close(self) -> None:
        """Let all indexes go."""
        for engine in self._engines.values():
            engine.close()

    def __enter__(self) -> Shelf:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
