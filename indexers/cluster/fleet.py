"""The processes that hold an index between them: started where there is room, replaced when they end, told of commits.

A fleet holds every segment of a commit in one shard, and every shard on so many nodes. Who asks has a commit pinned: a
newer one is opened beside it in every process before anybody is told of it, and the older is closed when nobody asks it
any more. Knows processes, shards and commits; knows nothing of questions.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

from cascade.errors import CascadeError, Corrupt, Unreachable
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.index.manifest import Manifest
from indexers.cluster import placement
from indexers.cluster.asking import Copy
from indexers.cluster.machines import Gone, Machines, Node
from indexers.cluster.shard import Shard

_log = logging.getLogger("cascade.cluster")


@dataclass(frozen=True, slots=True)
class Form:
    """What a fleet is to be.

    `shards`: 0 for one a node. `replicas`: copies of each. `threads`: of one process for one question. `lanes`: calls
    that a process works on at once. `beat`: seconds between two looks at the processes. `silence`: seconds after which
    one that gives no sign is taken for dead. `opening`: seconds in which one must have opened its segments.
    `forgotten`: seconds after which a server that shares the fleet and gives no sign is taken to have ended. `shunned`:
    seconds in which nothing is started on a node from which a process was lost, if there is another: a cluster may
    take that long to notice that a node is gone (Ray 2.60: 15).
    """

    shards: int = 0
    replicas: int = 1
    threads: int = 1
    lanes: int = 4
    beat: float = 0.5
    silence: float = 10.0
    opening: float = 120.0
    forgotten: float = 60.0
    shunned: float = 30.0


@dataclass(frozen=True, slots=True)
class Crew:
    """One commit as the fleet holds it: its manifest, and the shard of each segment by name.

    `harms`: damage that was met since; all copies go on without what it lies in.
    """

    manifest: Manifest
    held: Mapping[str, int]
    harms: list[Corrupt] = field(default_factory=list)

    @property
    def shards(self) -> tuple[int, ...]:
        """The shards that hold something, ascending."""
        return tuple(sorted(set(self.held.values())))

    def segments(self, shard: int) -> tuple[str, ...]:
        """The segments of a shard, in the manifest's order."""
        return tuple(entry.name for entry in self.manifest.segments if self.held[entry.name] == shard)

    def bytes(self) -> dict[int, int]:
        """The bytes of each shard."""
        return placement.weights(self.manifest.segments, self.held)


class Keeping(Protocol):
    """What who asks needs of a fleet. `changed`: called when who asks may look anew."""

    layout: Layout
    changed: Callable[[], object] | None

    def copies(self, shard: int) -> list[Copy]:
        """The copies of a shard that are up."""
        ...

    def lost(self, copy: Copy) -> None:
        """A copy does not answer: it is asked no more."""
        ...

    def crew(self) -> Crew:
        """The newest commit, open in every process. Raises NoIndex, Corrupt, BadConfig, Unreachable."""
        ...

    def join(self, commit: int) -> None:
        """One more asks a commit that is open."""
        ...

    def leave(self, commit: int) -> None:
        """One who asked a commit does so no more. Waits for nobody."""
        ...

    def lacks(self, asker: object) -> None:
        """Somebody goes on without a shard: `changed` is called until nobody does."""
        ...

    def whole(self, crew: Crew) -> bool:
        """Whether every shard of a commit has a copy that is up."""
        ...

    def harm(self, commit: int, error: Corrupt, met: int) -> bool:
        """Have all copies go on without what damage lies in. False where that is no help."""
        ...

    def close(self) -> None:
        """Let the fleet go."""
        ...


class Fleet:
    """Keeps an index's shards up. May be used from any thread. `changed`: called when who asks may look anew.

    `replaced`: for each copy that was, the seconds from when its loss was noticed until another answered.
    """

    def __init__(
        self, machines: Machines, root: Path, form: Form | None = None, changed: Callable[[], object] | None = None
    ) -> None:  # fmt: skip
        self.machines, self.layout, self.form = machines, Layout(root.resolve()), form or Form()
        self.changed, self.replaced = changed, list[float]()
        self._copies: list[Copy] = []
        self._crews: dict[int, Crew] = {}
        self._users: dict[int, int] = {}
        self._left: deque[int] = deque()
        self._lacking: WeakSet[Any] = WeakSet()
        self._losses: deque[float] = deque()
        self._lost_from: dict[str, float] = {}
        self._lock, self._changing = threading.RLock(), threading.Lock()
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._keep, daemon=True, name="cascade-fleet")

    def copies(self, shard: int) -> list[Copy]:
        """The copies of a shard that are up."""
        with self._lock:
            return [copy for copy in self._copies if copy.shard == shard]

    def every(self) -> list[Copy]:
        """All copies that are up."""
        with self._lock:
            return list(self._copies)

    def lost(self, copy: Copy) -> None:
        """A copy does not answer: it is asked no more, and another will be started for it."""
        with self._lock:
            if copy not in self._copies:
                return
            self._copies.remove(copy)
            self._losses.append(time.monotonic())
            self._lost_from[copy.process.node] = self._losses[-1]
        copy.process.end()

    def crew(self) -> Crew:
        """The newest commit, open in every process, for one who begins to ask it: see `leave`.

        Raises NoIndex, Corrupt, BadConfig, Unreachable.
        """
        with self._changing:
            manifest = manifests.read(self.layout)
            with self._lock:
                crew = self._crews.get(manifest.commit)
            if crew is None or crew.manifest != manifest:
                crew = self._opened(manifest)
            self.join(manifest.commit)
            return crew

    def join(self, commit: int) -> None:
        """One more asks a commit that is open."""
        with self._lock:
            self._users[commit] = self._users.get(commit, 0) + 1

    def leave(self, commit: int) -> None:
        """One who asked a commit does so no more; when the last has left an older one, it is closed before long.

        The interpreter may call this at any moment, so it waits for nobody.
        """
        self._left.append(commit)

    def lacks(self, asker: object) -> None:
        """Somebody goes on without a shard: `changed` is called until nobody does."""
        self._lacking.add(asker)

    def whole(self, crew: Crew) -> bool:
        """Whether every shard of a commit has a copy that is up."""
        return all(self.copies(shard) for shard in crew.shards)

    def harm(self, commit: int, error: Corrupt, met: int) -> bool:
        """Have all copies go on without what damage lies in. False where that is no help.

        `met`: how much damage was known to whom this happened. What was known to it took too little: then all of the
        segment is left out.
        """
        with self._lock:
            crew = self._crews.get(commit)
            if crew is None:
                return True
            if any(_same(error, other) for other in crew.harms[met:]):
                return True
            if any(_same(error, other) for other in crew.harms[:met]):
                error = Corrupt(str(error), error.path)
                if any(_same(error, other) for other in crew.harms):
                    return False
            crew.harms.append(error)
            copies = list(self._copies)
        told = [copy.process.call("ask", commit, "suffer", error) for copy in copies]
        return sum(_answer(future, self.form.silence) for future in told) > 0

    def close(self) -> None:
        """End all processes."""
        self._stop.set()
        with self._lock:
            copies, self._copies = self._copies, []
        for copy in copies:
            copy.process.end()
        if self._watch.is_alive() and threading.current_thread() is not self._watch:
            self._watch.join()

    def _opened(self, manifest: Manifest) -> Crew:
        """Have a commit opened in every process, and those started that it takes."""
        nodes = self.machines.nodes()
        placement.enough(nodes, self.form.replicas)
        with self._lock:
            before = self._crews[max(self._crews)].held if self._crews else None
        crew = Crew(manifest, placement.spread(manifest.segments, self.form.shards or len(nodes), before))
        with self._lock:
            there = [copy for copy in self._copies if copy.shard in crew.shards]
            self._crews[manifest.commit] = crew
        try:
            self._settle([(copy, self._open(copy, crew)) for copy in there])
            self._fill()
            if not self.whole(crew):
                raise Unreachable(f"Not every shard of {self.layout.root} could be opened. See to the cluster's nodes.")
        except CascadeError:
            with self._lock:
                del self._crews[manifest.commit]
            raise
        if not self._watch.is_alive() and not self._stop.is_set():
            self._watch.start()
        return crew

    def _open(self, copy: Copy, crew: Crew) -> Future[Any]:
        return copy.process.call("open", crew.manifest, crew.segments(copy.shard), tuple(crew.harms))

    def _settle(self, opening: Sequence[tuple[Copy, Future[Any]]]) -> set[Copy]:
        """Wait until copies have opened what they were told to; those that could not are ended. Raises Corrupt."""
        until = time.monotonic() + self.form.opening
        failed: set[Copy] = set()
        for copy, future in opening:
            try:
                future.result(max(0.0, until - time.monotonic()))
            except (Gone, Late):
                failed.add(copy)
        for copy in failed:
            self.lost(copy)
            copy.process.end()
        return {copy for copy, _ in opening} - failed

    def _fill(self) -> int:
        """Start the copies that are missing, where there is a node for them; how many are up now that were not."""
        with self._lock:
            crews = [self._crews[commit] for commit in sorted(self._crews)]
        starting: list[Copy] = []
        nodes = self.machines.nodes() if crews else ()
        wanted = sorted({shard for crew in crews for shard in crew.shards})
        sizes = {shard: size for crew in crews for shard, size in crew.bytes().items()}
        for shard in wanted:
            for _ in range(self.form.replicas - len(self.copies(shard))):
                copy = self._start(shard, sizes, nodes, starting)
                starting += [copy] if copy else []
        opening = [(copy, self._open(copy, crew)) for copy in starting for crew in crews if copy.shard in crew.shards]
        ready = self._settle(opening)
        with self._lock:
            self._copies += [copy for copy in starting if copy in ready]
        return len(ready)

    def _start(
        self, shard: int, sizes: Mapping[int, int], nodes: Sequence[Node], starting: Sequence[Copy]
    ) -> Copy | None:  # fmt: skip
        with self._lock:
            there = [*self._copies, *starting]
        load: dict[str, int] = {}
        for copy in there:
            load[copy.process.node] = load.get(copy.process.node, 0) + sizes.get(copy.shard, 0)
        taken = [copy.process.node for copy in there if copy.shard == shard]
        trusted = [node for node in nodes if not self._shunned(node)]
        node = placement.seat(sizes[shard], trusted, load, taken) or placement.seat(sizes[shard], nodes, load, taken)
        if node is None:
            return None
        given = (str(self.layout.root), self.form.threads)
        return Copy(secrets.randbits(52), shard, self.machines.start(Shard, given, node, self.form.lanes))

    def _shunned(self, node: Node) -> bool:
        """Whether something was lost from a node not long ago."""
        with self._lock:
            return time.monotonic() - self._lost_from.get(node.name, -self.form.shunned) < self.form.shunned

    def _keep(self) -> None:
        """Look after the processes until the fleet is closed."""
        while not self._stop.wait(self.form.beat):
            self._bury()
            try:
                with suppress(CascadeError, Gone):  # a node may be gone just now; the next look will find another
                    self._look()
            except Exception:  # noqa: BLE001 - the edge of a thread: who looks after others has to go on
                _log.exception("looking after the processes of %s failed; the next look is due", self.layout.root)

    def _bury(self) -> None:
        """Close older commits that nobody asks any more."""
        closed = []
        with self._lock:
            while self._left:
                self._users[self._left.popleft()] -= 1
            for commit in sorted(self._crews)[:-1]:
                if not self._users.get(commit):
                    del self._crews[commit]
                    closed.append(commit)
            copies = list(self._copies)
        for commit in closed:
            for copy in copies:
                copy.process.call("close", commit)

    def _look(self) -> None:
        """Take the dead off, and put others in their place."""
        beats = [(copy, copy.process.sign()) for copy in self.every()]
        until = time.monotonic() + self.form.silence
        for copy, future in beats:
            try:
                future.result(max(0.0, until - time.monotonic()))
            except (Gone, Late):
                self.lost(copy)
        with self._changing:
            filled = 0 if self._stop.is_set() else self._fill()
        if filled:
            now = time.monotonic()
            self.replaced += [now - self._losses.popleft() for _ in range(min(filled, len(self._losses)))]
        if self.changed and (filled or self._lacking):
            self.changed()


def _same(error: Corrupt, other: Corrupt) -> bool:
    return (error.path, error.spans) == (other.path, other.spans)


def _answer(future: Future[Any], seconds: float) -> bool:
    """What a copy answers; False where it does not."""
    try:
        return bool(future.result(seconds))
    except (Gone, Late):
        return False
