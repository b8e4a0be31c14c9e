"""One call to each of several shards, and the wait for all of them: hedged, bounded, and told who does not answer.

A call that takes longer than 95 of 100 recent ones of its kind is made once more, to another copy of the shard, and the
first answer wins ("The tail at scale", Dean and Barroso 2013: 5% more calls for most of the tail). Copies answer alike,
so it does not matter which does. Knows shards, their copies and time; knows nothing of what is asked.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from cascade.errors import Crowded, Unreachable
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
    process that has not answered is taken for dead.
    """

    most: int = 64
    least: float = 0.02
    hedges: float = 0.1
    gone: float = 60.0


@dataclass(eq=False, slots=True)
class Copy:
    """One copy of a shard: the process that holds it, and how much it has to do. `number` tells copies apart."""

    number: int
    shard: int
    process: Process
    busy: int = 0


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

    def all(self, calls: Mapping[int, Call]) -> dict[int, Any]:
        """The answer of each shard. Raises Unreachable where none of a shard's copies answers, Crowded where they
        have too much to do, and what a shard raises."""
        return _Round(self, calls).run()

    def free(self, shard: int, tried: Sequence[Copy]) -> Copy | None:
        """The copy with least to do, of those not tried that may be given more."""
        fit = [copy for copy in self.copies(shard) if copy not in tried and copy.busy < self.patience.most]
        return min(fit, key=lambda copy: (copy.busy, copy.number), default=None)

    def give(self, call: Call, copy: Copy) -> Future[Any]:
        """Have a copy answer a call, and count it as busy until it has."""
        with self._lock:
            copy.busy += 1
        future = copy.process.call(call.method, *call.given)
        future.add_done_callback(lambda _: self._done(copy))
        return future

    def _done(self, copy: Copy) -> None:
        with self._lock:
            copy.busy -= 1


class _Round:
    """One call to each of several shards, until all have answered."""

    def __init__(self, asking: Asking, calls: Mapping[int, Call]) -> None:
        self.asking = asking
        self.open = {shard: Wait(call, time.monotonic()) for shard, call in calls.items()}
        self.asked: dict[Future[Any], tuple[int, Copy]] = {}
        self.answers: dict[int, Any] = {}

    def run(self) -> dict[int, Any]:
        """Ask, wait, and ask others; the answers by shard."""
        for shard in self.open:
            self._send(shard)
        while self.open:
            done, _ = wait(self.asked, timeout=self._until(), return_when=FIRST_COMPLETED)
            for future in done:
                shard, copy = self.asked.pop(future)
                if shard in self.open:
                    self._take(future, shard, copy)
            for shard in list(self.open):
                self._look(shard)
        return self.answers

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
            other = self.asking.free(shard, one.tried)
            if other is not None and self.asking.pace.may():
                self._give(shard, other)

    def _due(self, one: Wait) -> float:
        return one.began + max(self.asking.patience.least, self.asking.pace.slow(one.call.kind))

    def _until(self) -> float:
        """Seconds until something is to be done about a shard that has not answered."""
        moments = [one.began + self.asking.patience.gone for one in self.open.values()]
        moments += [self._due(one) for one in self.open.values() if not one.hedged]
        return max(0.0, min(moments) - time.monotonic())

    def _send(self, shard: int) -> None:
        """Ask a copy that was not asked yet. Raises Unreachable, Crowded."""
        one = self.open[shard]
        if all(copy in one.tried for copy in self.asking.copies(shard)):
            raise Unreachable(
                f"No process that holds shard {shard} answers. Ask again: it is started anew where there is a node.",
                shard,
            )
        copy = self.asking.free(shard, one.tried)
        if copy is None:
            raise Crowded("The cluster has all the questions that it takes at once. Ask again in a moment.")
        one.began = time.monotonic()
        self._give(shard, copy)

    def _give(self, shard: int, copy: Copy) -> None:
        one = self.open[shard]
        one.tried.append(copy)
        self.asked[self.asking.give(one.call, copy)] = (shard, copy)
