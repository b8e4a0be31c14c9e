"""What one server holds in one process: shelf, pool, jobs, keys, limits, figures, audit. Every request gets at it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from api.audit import Audit
from api.jobs import Jobs
from api.keys import Keys
from api.limits import Buckets, Limits
from api.metrics import Metrics
from api.pool import Pool
from api.prompts import Prompts, default
from api.shelf import Shelf
from api.traces import Traces


@dataclass(frozen=True, slots=True)
class Rules:
    """How a server is to behave. `hosts`: the names it answers to, none for any. `origins`: pages of others that may
    call it from a browser (CORS). `share`: how many processes divide one key's rate between them. `prompts`: where long
    prompts are kept, if not in the usual place."""

    limits: Limits = field(default_factory=Limits)
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    share: int = 1
    drain: float = 20.0
    prompts: Path | None = None


@dataclass(slots=True)
class House:
    """Everything that is not of one request. Made before the event loop runs; `keys` None asks for none."""

    shelf: Shelf
    pool: Pool = field(default_factory=Pool)
    keys: Keys | None = None
    rules: Rules = field(default_factory=Rules)
    audit: Audit = field(default_factory=Audit)
    jobs: Jobs = field(default_factory=Jobs)
    traces: Traces | None = None
    buckets: Buckets = field(default_factory=Buckets)
    present: Counter[str] = field(default_factory=Counter)
    """Requests under way, by key."""

    metrics: Metrics = field(init=False)
    prompts: Prompts = field(init=False)

    def __post_init__(self) -> None:
        self.prompts = Prompts(self.rules.prompts or default(), self.shelf.config, self.shelf.reader)
        self.metrics = Metrics(lambda: self.pool.held, lambda: len(self.shelf.opened))

    @property
    def limits(self) -> Limits:
        """How much a client may send and ask for."""
        return self.rules.limits

    async def keep(self) -> None:
        """Close idle indexes and remove prompts that have expired, for as long as the server runs."""
        while True:
            await asyncio.sleep(min(30.0, self.shelf.idle / 2 + 0.01))
            await asyncio.to_thread(self.shelf.tidy)
            await asyncio.to_thread(self.prompts.sweep)

    async def leave(self) -> None:
        """Take no more work, finish what is under way, and close."""
        await self.pool.drain(self.rules.drain)
        await asyncio.to_thread(self.jobs.close)
        self.audit.close()
        self.prompts.close()
        if self.traces:
            await asyncio.to_thread(self.traces.close)
