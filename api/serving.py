"""Running a server: one process or several, over the same indexes, listening where it may.

A `Plan` is values only, so that it can be handed to other processes; each makes its own house of it. Knows uvicorn.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import threading
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from api.app import create
from api.audit import Audit
from api.house import House, Rules
from api.jobs import Jobs
from api.keys import Keys
from api.pool import Pool
from api.shelf import IDLE, Opens, Shelf
from api.traces import Traces
from cascade.config import Config
from cascade.engine import Engine
from cascade.errors import UsageError

if TYPE_CHECKING:
    import uvicorn

    from indexers.cluster.opened import On

NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What this machine is called by itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be served, and how. Called, it gives the application."""

    indexes: tuple[Path, ...]
    config: Config
    keys: Path | None = None
    rules: Rules = field(default_factory=Rules)
    threads: int = 2
    queue: int = 32
    audit: Path | None = None
    audit_text: bool = False
    idle: float = IDLE
    traces: str = ""
    folder: Path | None = None
    """Where jobs lie that several processes share."""

    opens: Opens = Engine.open
    """How an index is opened: here, or on a cluster."""

    def __call__(self) -> FastAPI:
        """The application over a house of its own. Raises NoIndex, UsageError, BadConfig."""
        keys = Keys(self.keys) if self.keys else None
        if keys:
            keys.all()
        shelf = Shelf.open(self.indexes, self.config, self.idle, self.opens)
        pool, audit = Pool(self.threads, self.queue), Audit(self.audit, self.audit_text)
        traces = Traces(self.traces) if self.traces else None
        return create(House(shelf, pool, keys, self.rules, audit, Jobs(self.folder), traces))


def local(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def allowed(host: str, keys: Path | None) -> None:
    """Raise UsageError where others could reach a server that asks for no keys."""
    if local(host):
        return
    if keys is None:
        raise UsageError(
            f"At {host} others may reach the server, and it asks for no keys. Make one with `cascade keys create NAME` "
            "and serve with --keys FILE, or listen at 127.0.0.1."
        )
    if not any(not key.revoked for key in Keys(keys).all()):
        raise UsageError(f"{keys} holds no key, so nobody could ask. Make one: cascade keys create NAME --keys {keys}")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises UsageError where that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; else each answer waits 40 ms for an ACK.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise UsageError(f"{host}:{port} cannot be listened at: {error.strerror}. Choose another --port.") from error
    made.set_inheritable(True)
    return made


def run(plan: Plan, listening: socket.socket, workers: int = 1) -> None:
    """Serve until stopped by SIGINT or SIGTERM; what is under way is finished first."""
    from uvicorn import Server
    from uvicorn.supervisors import Multiprocess

    if workers == 1:
        Server(_settings(plan, 1)).run([listening])
        return
    with tempfile.TemporaryDirectory(prefix="cascade-") as folder:
        figures, jobs = Path(folder) / "figures", Path(folder) / "jobs"
        figures.mkdir()
        jobs.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(figures)
        settings = _settings(replace(plan, folder=jobs), workers)
        Multiprocess(settings, sockets=[listening]).run()


def spread(plan: Plan, on: On, host: str, port: int, servers: tuple[int, int]) -> None:
    """Serve from several processes on a cluster, more of them while there is more to do, until stopped by a signal.

    `servers`: the fewest and the most. Raises Unreachable, UsageError.
    """
    on.serve(plan, host, port, servers, plan.threads + plan.queue)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()


def _settings(plan: Plan, workers: int) -> uvicorn.Config:
    import uvicorn

    from api.wire import Patient

    return uvicorn.Config(
        plan, factory=True, http=Patient, loop="asyncio", ws="none", workers=workers, log_level="warning",
        access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=10,
        timeout_graceful_shutdown=round(plan.rules.drain) + 5,
    )  # fmt: skip
