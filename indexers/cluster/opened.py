"""An engine over a cluster: `cascade.engine.Engine`, whose index is held by processes on several machines.

    engine = opened(connect("auto"), Path("INDEX"), Way(Form(replicas=2)))
    engine.search("q").passages

Knows how the parts are put together; knows nothing of how any of them works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cascade.config import Config
from cascade.engine import Engine
from cascade.models import resolve
from cascade.models.base import Encoder, Reader
from indexers.cluster import pool
from indexers.cluster.asking import Asking, Patience
from indexers.cluster.fleet import Fleet, Form
from indexers.cluster.keeper import end, shared
from indexers.cluster.machines import Machines
from indexers.cluster.spread import Spread


@dataclass(frozen=True, slots=True)
class Way:
    """How an index is held by a cluster: what the fleet is to be, how long it is waited for, and whether others share
    it. Values only."""

    form: Form = field(default_factory=Form)
    patience: Patience = field(default_factory=Patience)
    share: bool = False


def opened(
    machines: Machines, root: Path, way: Way | None = None, config: Config | None = None,
    encoder: Encoder | None = None, reader: Reader | None = None,
) -> Engine:  # fmt: skip
    """Open an index on a cluster, with the encoder it names, or with one given.

    What is committed is seen after `refresh`, or when a process had to be replaced; a shard that answers again is asked
    again by itself. Raises NoIndex, WrongEncoder, Corrupt, BadConfig, Unreachable.
    """
    settings, way = config or Config(), way or Way()
    fleet = shared(machines, root, way.form) if way.share else Fleet(machines, root, way.form)
    with ExitStack() as undo:
        undo.callback(fleet.close)
        spread = Spread.of(fleet, Asking(fleet.copies, fleet.lost, way.patience))
        found = encoder or resolve.encoder_of(root, spread.built.encoder, settings.encoder)
        engine = Engine(spread, found, settings, reader)
        fleet.changed = engine.refresh
        undo.pop_all()
    return engine


@dataclass(frozen=True, slots=True)
class On:
    """Opens indexes on the cluster at an address: values only, so that servers in other processes can be told."""

    address: str
    way: Way

    def __call__(
        self, root: Path, config: Config | None = None, encoder: Encoder | None = None, reader: Reader | None = None
    ) -> Engine:  # fmt: skip
        """Open an index. Raises what `opened` raises, and UsageError where Ray is not installed."""
        return opened(pool.connect(self.address), root, self.way, config, encoder, reader)

    def serve(
        self, build: Callable[[], Any], host: str, port: int, servers: tuple[int, int], at_once: int
    ) -> None:  # fmt: skip
        """Have copies of a web application answer, from `servers[0]` to `servers[1]` of them: see `pool.serve`."""
        pool.connect(self.address)
        pool.serve(build, host, port, servers, at_once)

    def end(self, roots: Sequence[Path]) -> None:
        """End what was begun here: servers, and the processes that hold indexes."""
        machines = pool.connect(self.address)
        if self.way.share:
            pool.unserve()
            for root in roots:
                end(machines, root, self.way.form)
