"""A fleet that several servers share: it lives in a process of its own, and each asks the shards directly.

The keeper starts, replaces and refreshes; a server follows which copies are up, a beat behind. One that gives no sign
any more holds no commit open. Knows a fleet and who uses it; knows nothing of questions.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakSet

from cascade.errors import CascadeError, Corrupt, Unreachable
from cascade.index.files import digest
from cascade.index.layout import Layout
from indexers.cluster.asking import Copy
from indexers.cluster.fleet import Crew, Fleet, Form
from indexers.cluster.machines import Gone, Machines, Process

LANES = 32
"""Calls that a keeper works on at once: most wait for a commit to be opened."""


class Told(NamedTuple):
    """A copy that is up, as a server is told of it."""

    number: int
    shard: int
    process: Process


class Keeper:
    """What runs in the process: the fleet, and which server has which commits open."""

    def __init__(self, machines: Machines, root: str, form: Form) -> None:
        self._fleet, self._forgotten = Fleet(machines, Path(root), form), form.forgotten
        self._joined: dict[str, Counter[int]] = {}
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def crew(self, asker: str) -> Crew:
        """The newest commit, for a server that begins to ask it."""
        crew = self._fleet.crew()
        with self._lock:
            self._joined.setdefault(asker, Counter())[crew.manifest.commit] += 1
            self._seen[asker] = time.monotonic()
        return crew

    def follow(self, asker: str, joined: tuple[int, ...], left: tuple[int, ...]) -> tuple[Told, ...]:
        """The copies that are up, for a server that is alive, asks some commits once more, and some no more."""
        now = time.monotonic()
        with self._lock:
            self._seen[asker] = now
            for commit in joined:
                self._joined.setdefault(asker, Counter())[commit] += 1
                self._fleet.join(commit)
            gone = [(asker, commit) for commit in left]
            for other in [other for other, seen in self._seen.items() if now - seen > self._forgotten]:
                gone += [(other, commit) for commit in self._joined.get(other, Counter()).elements()]
                del self._seen[other]
            for other, commit in gone:
                self._joined.setdefault(other, Counter())[commit] -= 1
        for _, commit in gone:
            self._fleet.leave(commit)
        return tuple(Told(copy.number, copy.shard, copy.process) for copy in self._fleet.every())

    def lost(self, number: int) -> None:
        """A copy does not answer."""
        for copy in self._fleet.every():
            if copy.number == number:
                self._fleet.lost(copy)

    def harm(self, commit: int, error: Corrupt, met: int) -> bool:
        """Have all copies go on without what damage lies in."""
        return self._fleet.harm(commit, error, met)

    def close(self) -> None:
        """End all processes of the fleet."""
        self._fleet.close()


class Shared:
    """A fleet that others ask too. Implements `fleet.Keeping`; `close` leaves it to the others."""

    changed: Callable[[], object] | None = None

    def __init__(self, keeper: Process, root: Path, form: Form) -> None:
        self.layout = Layout(root.resolve())
        self._keeper, self._form = keeper, form
        self._name = secrets.token_hex(8)
        self._copies: dict[int, Copy] = {}
        self._held = False
        self._more: deque[int] = deque()
        self._left: deque[int] = deque()
        self._lacking: WeakSet[Any] = WeakSet()
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True, name="cascade-shared")

    def copies(self, shard: int) -> list[Copy]:
        """The copies of a shard that are up."""
        with self._lock:
            return [copy for copy in self._copies.values() if copy.shard == shard]

    def lost(self, copy: Copy) -> None:
        """A copy does not answer: it is asked no more."""
        with self._lock:
            self._copies.pop(copy.number, None)
        self._keeper.call("lost", copy.number)

    def crew(self) -> Crew:
        """The newest commit, open in every process. Raises NoIndex, Corrupt, BadConfig, Unreachable."""
        crew: Crew = self._asked("crew", self._name)
        self._held = bool(crew.shards)
        self._follow()
        if not self._thread.is_alive() and not self._stop.is_set():
            self._thread.start()
        return crew

    def join(self, commit: int) -> None:
        """One more asks a commit that is open. Waits for nobody."""
        self._more.append(commit)

    def leave(self, commit: int) -> None:
        """One who asked a commit does so no more. Waits for nobody."""
        self._left.append(commit)

    def lacks(self, asker: object) -> None:
        """Somebody goes on without a shard: `changed` is called until nobody does."""
        self._lacking.add(asker)

    def whole(self, crew: Crew) -> bool:
        """Whether every shard of a commit has a copy that is up."""
        return all(self.copies(shard) for shard in crew.shards)

    def harm(self, commit: int, error: Corrupt, met: int) -> bool:
        """Have all copies go on without what damage lies in. False where that is no help."""
        return bool(self._asked("harm", commit, error, met))

    def close(self) -> None:
        """Let the fleet go."""
        self._stop.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()
        with suppress(CascadeError):
            self._follow()

    def _asked(self, method: str, *given: Any) -> Any:
        try:
            return self._keeper.call(method, *given).result(self._form.opening)
        except (Gone, Late) as error:
            raise Unreachable(f"Nobody keeps the processes of {self.layout.root}. Serve it anew.") from error

    def _follow(self) -> bool:
        """Tell what is asked once more and no more, and learn which copies are up; True where one is that was not."""
        left = tuple(self._left.popleft() for _ in range(len(self._left)))
        more = tuple(self._more.popleft() for _ in range(len(self._more)))
        told: tuple[Told, ...] = self._asked("follow", self._name, more, left)
        if self._held and not told and not self._stop.is_set():  # the keeper is another, since its node ended
            self._asked("crew", self._name)
            told = self._asked("follow", self._name, (), ())
        with self._lock:
            before = self._copies
            self._copies = {
                one.number: before.get(one.number) or Copy(one.number, one.shard, one.process) for one in told
            }
            return not self._copies.keys() <= before.keys()

    def _keep(self) -> None:
        while not self._stop.wait(self._form.beat):
            with suppress(CascadeError):  # it may be back at the next beat
                news = self._follow()
                if self.changed and (news or self._lacking):
                    self.changed()


def name(root: Path) -> str:
    """What the keeper of an index is called in a cluster."""
    return f"cascade-{digest(str(root.resolve()).encode())[:16]}"


def shared(machines: Machines, root: Path, form: Form) -> Shared:
    """The fleet of an index that others ask too; the first who comes has it made."""
    given = (machines, str(root.resolve()), form)
    return Shared(machines.named(name(root), Keeper, given, LANES), root, form)


def end(machines: Machines, root: Path, form: Form) -> None:
    """End a shared fleet, whoever asks it."""
    keeper = machines.named(name(root), Keeper, (machines, str(root.resolve()), form), LANES)
    with suppress(Gone, Late):
        keeper.call("close").result(form.silence)
    keeper.end()
