"""One call to each of several shards, and the wait for all of them: hedged, bounded, and told who does not answer.

A call that takes longer than 95 of 100 recent ones of its kind is made once more, to another copy of the shard, and the
first answer wins ("The tail at scale", Dean and Barroso 2013: 5% more calls for most of the tail). Copies answer alike,
so it does not matter which does. A question that has little time waits for half of it, so that there is time to do
without whoever is silent. Knows shards, their copies and time; knows nothing of what is asked.
"""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cascade.errors import Crowded, Overdue, Unreachable
from indexers.cluster.machines import Gone, Process

RECENT = 128
"""Calls of a kind whose times are remembered."""

FEWEST = 20
"""Below so many, nothing is known of how long a call should take, and none is hedged."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, and how much is asked at once.

    `most`: calls that one process may have under way; a question that would need more is refused. `least`: seconds
    before any call is hedged. `hedges`: of all calls, the share that may be made twice. `gone`: seconds after which a
    process that has not answered is taken for dead, whoever still waits. `grace`: seconds that any call is waited for,
    however little time a question has left. `owed`: answers that a process may owe to questions that have given up;
    from then on those with a deadline do without it at once, until it has answered.
    """

    most: int = 64
    least: float = 0.02
    hedges: float = 0.1
    gone: float = 60.0
    grace: float = 0.25
    owed: int = 4


@dataclass(eq=False, slots=True)
class Copy:
    """One copy of a shard: the process that holds it, and how much it has to do. `number` tells copies apart.

    `under_way`: its calls that are not answered, the oldest first, and when each was made. `owed`: those of them that
    nobody waits for any more.
    """

    number: int
    shard: int
    process: Process
    under_way: dict[Future[Any], float] = field(default_factory=dict)
    owed: set[Future[Any]] = field(default_factory=set)

    @property
    def busy(self) -> int:
        """How many calls it has not answered."""
        return len(self.under_way)


@dataclass(frozen=True, slots=True)
class Call:
    """What a shard is asked. `kind`: calls of one kind take about as long."""

    method: str
    given: tuple[Any, ...] = ()
    kind: str = ""


@dataclass(slots=True)
class Wait:
    """A shard that has not answered: whom it was asked of, when, and whether by two."""

    call: Call
    began: float
    tried: list[Copy] = field(default_factory=list)
    hedged: bool = False


class Pace:
    """How long calls of each kind have taken. May be used from any thread."""

    def __init__(self, share: float) -> None:
        self._times: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=RECENT))
        self._share, self._credit = share, 1.0
        self.calls = self.hedges = 0

    def note(self, method: str, seconds: float) -> None:
        """A call has taken so long."""
        self._times[method].append(seconds)
        self.calls += 1
        self._credit = min(self._credit + self._share, 10.0)

    def slow(self, method: str) -> float:
        """Seconds that 95 of 100 recent calls took at most; endless where too few were made."""
        times = sorted(self._times[method])
        return times[int(len(times) * 0.95)] if len(times) >= FEWEST else float("inf")

    def may(self) -> bool:
        """Whether one more call may be made twice; it counts as made."""
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        self.hedges += 1
        return True


Left = Callable[[], float]
"""Seconds that a question has left."""


def endless() -> float:
    """What a question has left that has no deadline."""
    return math.inf


class Asking:
    """Asks shards. `copies` gives those of a shard that are up; `lost` is told of one that is not.

    May be used from any thread; each question waits in its own.
    """

    def __init__(
        self, copies: Callable[[int], Sequence[Copy]], lost: Callable[[Copy], None], patience: Patience | None = None
    ) -> None:  # fmt: skip
        self.copies, self.lost = copies, lost
        self.patience = patience or Patience()
        self.pace = Pace(self.patience.hedges)
        self._lock = threading.Lock()

    def all(self, calls: Mapping[int, Call], left: Left = endless) -> dict[int, Any]:
        """The answer of each shard. Raises Unreachable where none of a shard's copies answers, Crowded where they
        have too much to do, Overdue where some have not answered in half of what is `left`, and what a shard raises."""
        for shard in calls:
            self._bury(shard)
        return _Round(self, calls, left()).run()

    def _bury(self, shard: int) -> None:
        """Take copies for dead that owe an answer for too long: who asked for it may not be waiting any more."""
        now = time.monotonic()
        for copy in self.copies(shard):
            with self._lock:
                oldest = next(iter(copy.under_way.values()), now)
            if now - oldest >= self.patience.gone:
                self.lost(copy)

    def free(self, shard: int, tried: Sequence[Copy], hurried: bool = False) -> Copy | None:
        """The copy with least to do, of those not tried that may be given more. `hurried`: of those not silent."""
        fit = [
            copy
            for copy in self.copies(shard)
            if copy not in tried and copy.busy < self.patience.most and not (hurried and self.silent(copy))
        ]
        return min(fit, key=lambda copy: (copy.busy, copy.number), default=None)

    def silent(self, copy: Copy) -> bool:
        """Whether a copy owes so many answers that it is not worth waiting for, for who has little time."""
        return len(copy.owed) >= self.patience.owed

    def give(self, call: Call, copy: Copy) -> Future[Any]:
        """Have a copy answer a call, and count it as busy until it has."""
        future = copy.process.call(call.method, *call.given)
        with self._lock:
            copy.under_way[future] = time.monotonic()
        future.add_done_callback(partial(self._done, copy))
        return future

    def give_up(self, copy: Copy, future: Future[Any]) -> None:
        """Wait no more for what a copy was asked: it owes the answer."""
        with self._lock:
            if future in copy.under_way:
                copy.owed.add(future)

    def _done(self, copy: Copy, future: Future[Any]) -> None:
        with self._lock:
            copy.under_way.pop(future, None)
            copy.owed.discard(future)


class _Round:
    """One call to each of several shards, until all have answered or half of the time is over."""

    def __init__(self, asking: Asking, calls: Mapping[int, Call], left: float) -> None:
        self.asking = asking
        now = time.monotonic()
        self.open = {shard: Wait(call, now) for shard, call in calls.items()}
        self.asked: dict[Future[Any], tuple[int, Copy]] = {}
        self.answers: dict[int, Any] = {}
        self.end = now + max(asking.patience.grace, left / 2)

    @property
    def hurried(self) -> bool:
        """Whether the question has a deadline."""
        return self.end < math.inf

    def run(self) -> dict[int, Any]:
        """Ask, wait, and ask others; the answers by shard."""
        if silent := [shard for shard in self.open if self._silent(shard)]:
            raise Overdue.of(silent)
        for shard in self.open:
            self._send(shard)
        while self.open:
            done, _ = wait(self.asked, timeout=self._until(), return_when=FIRST_COMPLETED)
            for future in done:
                shard, copy = self.asked.pop(future)
                if shard in self.open:
                    self._take(future, shard, copy)
            if self.open and time.monotonic() >= self.end:
                self._give_up()
            for shard in list(self.open):
                self._look(shard)
        return self.answers

    def _silent(self, shard: int) -> bool:
        """Whether there are copies to ask yet, but none that is worth waiting for in the time there is."""
        copies = [copy for copy in self.asking.copies(shard) if copy not in self.open[shard].tried]
        return self.hurried and bool(copies) and all(self.asking.silent(copy) for copy in copies)

    def _give_up(self) -> None:
        """Do without who has not answered. Raises Overdue."""
        for future, (shard, copy) in self.asked.items():
            if shard in self.open:
                self.asking.give_up(copy, future)
        raise Overdue.of(list(self.open))

    def _take(self, future: Future[Any], shard: int, copy: Copy) -> None:
        """An answer, or the end of who was to give it: then another copy is asked, if it was not."""
        one = self.open[shard]
        try:
            self.answers[shard] = future.result()
        except Gone:
            self.asking.lost(copy)
            if not any(other == shard for other, _ in self.asked.values()):
                self._send(shard)
            return
        self.asking.pace.note(one.call.kind, time.monotonic() - one.began)
        del self.open[shard]

    def _look(self, shard: int) -> None:
        """Hedge a call that takes long, and give up on who has not answered for too long."""
        one, now = self.open[shard], time.monotonic()
        if now - one.began >= self.asking.patience.gone:
            for future in [future for future, (other, _) in self.asked.items() if other == shard]:
                self.asking.lost(self.asked.pop(future)[1])
            self._send(shard)
        elif not one.hedged and now >= self._due(one):
            one.hedged = True
            other = self.asking.free(shard, one.tried, self.hurried)
            if other is not None and self.asking.pace.may():
                self._give(shard, other)

    def _due(self, one: Wait) -> float:
        """When a call is made once more: when it takes longer than others, or half of the wait for it is over."""
        wait_ = min(self.asking.pace.slow(one.call.kind), (self.end - one.began) / 2)
        return one.began + max(self.asking.patience.least, wait_)

    def _until(self) -> float:
        """Seconds until something is to be done about a shard that has not answered."""
        moments = [self.end, *(one.began + self.asking.patience.gone for one in self.open.values())]
        moments += [self._due(one) for one in self.open.values() if not one.hedged]
        return max(0.0, min(moments) - time.monotonic())

    def _send(self, shard: int) -> None:
        """Ask a copy that was not asked yet. Raises Unreachable, Crowded, Overdue."""
        one = self.open[shard]
        if all(copy in one.tried for copy in self.asking.copies(shard)):
            raise Unreachable(
                f"No process that holds shard {shard} answers. Ask again: it is started anew where there is a node.",
                shard,
            )
        if self._silent(shard):
            raise Overdue.of([shard])
        copy = self.asking.free(shard, one.tried, self.hurried)
        if copy is None:
            raise Crowded("The cluster has all the questions that it takes at once. Ask again in a moment.")
        one.began = time.monotonic()
        self._give(shard, copy)

    def _give(self, shard: int, copy: Copy) -> None:
        one = self.open[shard]
        one.tried.append(copy)
        self.asked[self.asking.give(one.call, copy)] = (shard, copy)
