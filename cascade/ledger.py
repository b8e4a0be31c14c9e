"""What each stage of one query took in, gave out and cost, and the fate of the passages that are followed.

Knows numbers and names; knows nothing of what a stage does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from threading import Event
from typing import Any

from cascade.errors import Cancelled


@dataclass(slots=True)
class Entry:
    """One stage of one query.

    `ms` is wall-clock milliseconds; `bytes` counts what was read of the index; `began` is when, by
    `time.perf_counter`.
    """

    name: str
    taken: int = 0
    given: int = 0
    ms: float = 0.0
    bytes: int = 0
    notes: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    def as_json(self) -> dict[str, Any]:
        """The stable shape: name, in, out, ms, bytes and the stage's own notes."""
        return {
            "name": self.name,
            "in": self.taken,
            "out": self.given,
            "ms": round(self.ms, 3),
            "bytes": self.bytes,
            **self.notes,
        }


@dataclass(frozen=True, slots=True)
class Fate:
    """What one stage did to one followed passage.

    `rank` counts from 1 among what the stage saw; `margin` is the passage's score less the last kept score (negative:
    lost by that much; what is lost with a positive margin was lost for the reason in `why`). `rank`, `score` and
    `margin` are None where the stage never saw it.
    """

    stage: str
    passage: str
    kept: bool
    rank: int | None
    score: float | None
    margin: float | None
    why: str

    def as_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


Heard = Callable[[Entry, bool], None]
"""Called in the thread of the query when a stage begins (False) and when it has ended (True)."""


@dataclass(slots=True)
class Ledger:
    """Filled by the stages while a query runs. One per query; not shared between threads, save for `stop`.

    `heard`: who listens to stages as they begin and end. `stop`: set from any thread, it ends the query at its next
    stage, and sooner where a stage looks at the time that is left. `silent`: what did not answer in the time of the
    query and is asked no more for it, and what is said of each.
    """

    entries: list[Entry] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    heard: Heard | None = None
    stop: Event = field(default_factory=Event)
    silent: dict[Hashable, str] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, taken: int = 0) -> Iterator[Entry]:
        """Time a stage; the stage fills in what it gave. Raises Cancelled where the query was stopped before it."""
        if self.stop.is_set():
            raise Cancelled("The question was withdrawn before it was answered. Ask it again.")
        entry = Entry(name, taken)
        if self.heard:
            self.heard(entry, False)
        try:
            yield entry
        finally:
            entry.ms = (time.perf_counter() - entry.began) * 1000
            self.entries.append(entry)
            if self.heard:
                self.heard(entry, True)

    def aside(self) -> Ledger:
        """A ledger for work on the side of the same query: entries of its own, the same clock, stopped together."""
        return Ledger(began=self.began, stop=self.stop, silent=self.silent)

    def anew(self) -> Ledger:
        """The same ledger without what was entered: for a query that is run once more.

        The clock runs on. What was waited for in vain, and how long it took to know that, is entered as `waited`.
        """
        self.entries.clear()
        self.fates.clear()
        if self.silent:
            notes = {"late": True, "left_out": list(self.silent.values())}
            self.entries.append(Entry("waited", ms=self.elapsed * 1000, notes=notes))
        return self

    @property
    def elapsed(self) -> float:
        """Seconds since the query began."""
        return time.perf_counter() - self.began

    def left(self, deadline: float | None) -> float:
        """Seconds left of a deadline; infinite without one, none once the query is stopped."""
        if self.stop.is_set():
            return float("-inf")
        return float("inf") if deadline is None else deadline - self.elapsed

    def fate(self, fate: Fate) -> None:
        """Note what a stage did to a followed passage."""
        self.fates.append(fate)

    @property
    def blamed(self) -> str | None:
        """The first stage that lost a followed passage, if one did."""
        return next((f.stage for f in self.fates if not f.kept), None)
