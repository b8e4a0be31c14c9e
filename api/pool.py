"""Where the core's work is done: a few threads, a short queue, and a plain no when both are full.

The core is synchronous and takes a core of the machine; the event loop only waits. Knows work and ledgers; knows
nothing of what the work is.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from api.refusals import Busy
from cascade.errors import Cancelled
from cascade.ledger import Ledger

T = TypeVar("T")


class Pool:
    """`workers` threads, and `queue` places to wait for one. `run` is called from one event loop."""

    def __init__(self, workers: int = 2, queue: int = 32) -> None:
        self.workers, self.queue = workers, queue
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="pool")
        self._held = 0
        self._took = 0.1
        self._lock = threading.Lock()
        self._closed = False

    @property
    def held(self) -> int:
        """Works that run or wait."""
        return self._held

    @property
    def full(self) -> bool:
        """Whether the next work would be refused."""
        return self._closed or self._held >= self.workers + self.queue

    @property
    def wait(self) -> float:
        """Seconds a work that came now would wait, by what the last ones took."""
        return max(0, self._held - self.workers + 1) * self._took / self.workers

    async def run(self, work: Callable[[], T], ledger: Ledger | None = None, deadline: float | None = None) -> T:
        """Do work in a thread. Its ledger is stopped when the caller is cancelled.

        Raises Busy where all places are taken, or the ledger's deadline passed before its turn came.
        """
        mine = ledger or Ledger()
        try:
            return await asyncio.wrap_future(self.submit(work, mine, deadline))
        except asyncio.CancelledError:
            mine.stop.set()
            raise

    def submit(self, work: Callable[[], T], ledger: Ledger | None = None, deadline: float | None = None) -> Future[T]:
        """As `run`, for a caller that does not wait, and stops the ledger itself where it no longer wants it."""
        with self._lock:
            if self.full:
                said = "The server is stopping." if self._closed else "Every place in the queue is taken."
                raise Busy(f"{said} Ask again in a moment.", max(1.0, self.wait))
            self._held += 1
        future = self._threads.submit(self._turn, work, ledger or Ledger(), deadline)
        future.add_done_callback(self._left)
        return future

    def _turn(self, work: Callable[[], T], ledger: Ledger, deadline: float | None) -> T:
        if ledger.stop.is_set():
            raise Cancelled("The question was withdrawn before its turn came. Ask it again.")
        if ledger.left(deadline) <= 0:
            raise Busy("The deadline passed before the question's turn came. Ask again with more time.", self.wait)
        began = time.perf_counter()
        try:
            return work()
        finally:
            self._took += 0.1 * (time.perf_counter() - began - self._took)

    def _left(self, _: Future[T]) -> None:
        with self._lock:
            self._held -= 1

    async def drain(self, seconds: float = 30.0) -> bool:
        """Take no more work, and wait for what is under way; False where time ran out first."""
        self._closed = True
        end = time.monotonic() + seconds
        while self._held and time.monotonic() < end:
            await asyncio.sleep(0.02)
        self._threads.shutdown(wait=False, cancel_futures=True)
        return not self._held
