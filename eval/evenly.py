"""Several sources as one, by turns, ending where enough has been taken in. Knows records and the course of ingest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from indexers.ingest import Report
from indexers.records import Record, Skipped, Source

Told = Callable[[str, int, int | None], None]
"""Called with what is being done, how much of it, and of how much where that is known."""


def silent(what: str, done: int, total: int | None) -> None:
    """Tells nobody."""


class Counted:
    """How many passages a run has taken in, so that a source can end where enough are."""

    def __init__(self, told: Told, wanted: int) -> None:
        self.passages, self.wanted, self._told = 0, wanted, told
        self.base: int | None = None

    def heard(self, report: Report, committed: bool) -> None:
        """Ingest went on."""
        self.passages = report.passages
        self._told("indexing", report.passages, None)

    def enough(self) -> bool:
        """Whether as many as are wanted came since this was first asked."""
        if self.base is None:
            self.base = self.passages
        return bool(self.wanted) and self.passages - self.base >= self.wanted


@dataclass(frozen=True, slots=True)
class Evenly:
    """Several sources by turns, one record each, until there are enough; then what is left over, if that is too few."""

    parts: Sequence[Source]
    enough: Callable[[], bool]
    more: Callable[[], Source | None]
    name: str = "a haystack, evenly"

    def read(self) -> Iterator[Record | Skipped]:
        """In a stable order."""
        going = deque(iter(part.read()) for part in self.parts)
        while going and not self.enough():
            part = going.popleft()
            for thing in islice(part, 1):
                yield thing
                going.append(part)
        if not self.enough() and (further := self.more()) is not None:
            for thing in further.read():
                if self.enough():
                    return
                yield thing
