"""The archives that are open, the last used ones of them: a zip's directory is read once, not for each member.

Knows archives by where they lie; knows nothing of scopes.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from indexers.personal.granted import archives
from indexers.personal.granted.archives import Archive

OPEN = 64
"""Most archives that are open: the parts of an export are read in turns."""

SMALL = 64 << 20
"""A zip in a zip of at most so many bytes is held in memory; a larger one is sought in, which unpacks it repeatedly."""


@dataclass(frozen=True, slots=True)
class Unit:
    """An archive or file: in which root, at which path below it (empty: the root itself), and which zip in it."""

    root: int
    outer: str
    inner: str = ""


class Shelf:
    """Opens archives by way of `raw`, which gives the bytes of a unit."""

    def __init__(self, raw: Callable[[Unit], BinaryIO]) -> None:
        self._raw = raw
        self._open: OrderedDict[Unit, Archive] = OrderedDict()

    def archive(self, unit: Unit, name: str) -> Archive:
        """The archive in a unit, by its name. Raises what `faults.FAULTS` names, and what `raw` raises."""
        found = self._open.get(unit)
        if found is None:
            found = archives.opened(name, lambda: self._bytes(unit))
            self._open[unit] = found
            while len(self._open) > OPEN:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(unit)
        return found

    def close(self) -> None:
        """Let go of all."""
        while self._open:
            self._open.popitem()[1].close()

    def _bytes(self, unit: Unit) -> BinaryIO:
        stream = self._raw(unit)
        if not unit.inner:
            return stream
        data = stream.read(SMALL + 1)
        if len(data) > SMALL:
            stream.seek(0)
            return stream
        stream.close()
        return io.BytesIO(data)
