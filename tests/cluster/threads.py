"""A cluster within this process, for what needs no Ray: each node is a name, each process a pool of threads.

It keeps the promises of `indexers.cluster.machines`, so that everything above the seam is tested without Ray. Nodes can
be taken away, and processes be made slow.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from indexers.cluster.machines import Gone, Node
from indexers.cluster.shard import Shard

T = TypeVar("T")
R = TypeVar("R")


MADE: list[Thread] = []
"""All that were ever made: what is sent of one is its number."""


class Thread:
    """A process that is a pool of threads. `delay`: seconds that each of its answers waits, as a slow machine's would;
    `sent`: bytes of what it was asked, and answered, were they pickled."""

    def __init__(self, kind: Callable[..., object], given: Sequence[Any], node: str, lanes: int) -> None:
        self.node, self.delay, self.asked, self.sent = node, 0.0, 0, 0
        self._pool = ThreadPoolExecutor(lanes)
        self._over = threading.Event()
        self._made = self._pool.submit(kind, *given)
        self._open: set[Future[Any]] = set()
        self._number = len(MADE)
        MADE.append(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self._number,)

    @property
    def alive(self) -> bool:
        return not self._over.is_set()

    def call(self, method: str, *given: Any) -> Future[Any]:
        out: Future[Any] = Future()
        if self._over.is_set():
            out.set_exception(Gone(f"{self.node} has ended"))
            return out
        self.asked += 1
        self._open.add(out)
        self._pool.submit(self._answer, out, method, pickle.dumps(given))
        return out

    def sign(self) -> Future[Any]:
        out: Future[Any] = Future()
        out.set_result(None) if self.alive else out.set_exception(Gone(f"{self.node} has ended"))
        return out

    def _answer(self, out: Future[Any], method: str, given: bytes) -> None:
        try:
            self._over.wait(self.delay)
            raw = pickle.dumps(getattr(self._made.result(), method)(*pickle.loads(given)))
            self.sent += len(given) + len(raw)
            answer, error = pickle.loads(raw), None
        except Exception as raised:  # noqa: BLE001 - whatever the method raises is for who asked
            answer, error = None, raised
        self._tell(out, answer, error)

    def _tell(self, out: Future[Any], answer: Any, error: BaseException | None) -> None:
        if out in self._open:
            self._open.discard(out)
            out.set_exception(error) if error else out.set_result(answer)

    def end(self) -> None:
        if not self._over.is_set():
            self._pool.submit(self._let_go)
        self._over.set()
        for out in list(self._open):
            self._tell(out, None, Gone(f"{self.node} has ended"))
        self._pool.shutdown(wait=False)

    def _let_go(self) -> None:
        """Close what was open, as the end of a process does."""
        made, self._made = self._made, Future()
        self._made.set_exception(Gone(f"{self.node} has ended"))
        if made.exception() is None and isinstance(shard := made.result(), Shard):
            for commit in shard.commits():
                shard.close(commit)


def _made(number: int) -> Thread:
    return MADE[number]


class Threads:
    """A cluster of so many nodes. `full`: while it is set, no node takes another process."""

    def __init__(self, nodes: int = 4) -> None:
        self.up = [f"node-{number}" for number in range(nodes)]
        self.processes: list[Thread] = []
        self.called: dict[str, Thread] = {}
        self.full = False

    def nodes(self) -> tuple[Node, ...]:
        return () if self.full else tuple(Node(name, 1 << 30) for name in self.up)

    def start(self, kind: Callable[..., object], given: Sequence[Any], node: str, lanes: int) -> Thread:
        made = Thread(kind, given, node, lanes)
        if node not in self.up:
            made.end()
        self.processes.append(made)
        return made

    def named(self, name: str, kind: Callable[..., object], given: Sequence[Any], lanes: int) -> Thread:
        if name not in self.called or not self.called[name].alive:
            self.called[name] = Thread(kind, given, name, lanes)
        return self.called[name]

    def each(self, work: Callable[[T], R], over: Iterable[T], workers: int, gpus: float = 0.0) -> Iterator[R]:
        for thing in reversed(list(over)):
            yield work(thing)

    def kill(self, node: str) -> None:
        """Take a node away, with all that runs on it."""
        self.up.remove(node)
        for process in self.processes:
            if process.node == node:
                process.end()

    def close(self) -> None:
        """End everything. What is called by name keeps others up until it is told to stop."""
        for process in self.called.values():
            if process.alive:
                process.call("close").result()
        for process in [*self.processes, *self.called.values()]:
            process.end()
