"""Long ingests: begun by a request, done in the background, asked about and withdrawn by later ones.

A job is a small file in a folder that all processes of a server share, so that any of them can tell of it. What was
uploaded lies beside it under names of ours, and is gone when the job ends. Knows sources and ingest; nothing of HTTP.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from api.refusals import Busy, NoJob
from cascade.errors import Cancelled, CascadeError, Locked
from cascade.models.base import Encoder
from indexers.ingest import Report, ingest
from indexers.records import Record, Skipped, Source

_log = logging.getLogger("cascade.server")

WAITING = 16
"""Jobs that wait or run in one process."""

KEPT = 86_400.0
"""Seconds that an ended job can be asked about."""

PATIENCE = 600.0
"""Seconds that a job waits for another writer of its index."""


class State(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """One ingest. `owner`: the id of the key that began it. `report`: what it has done so far."""

    id: str
    index: str
    owner: str
    source: str
    state: State = State.WAITING
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    ended: str = ""
    report: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (State.DONE, State.FAILED, State.CANCELLED)

    def shown(self) -> dict[str, Any]:
        """As a client sees it."""
        return {name: value for name, value in asdict(self).items() if name != "owner"}


@dataclass(frozen=True, slots=True)
class Watched:
    """A source that ends with Cancelled once it is no longer wanted; what was read before is committed."""

    source: Source
    unwanted: Callable[[], bool]

    @property
    def name(self) -> str:
        """The source's own."""
        return self.source.name

    def read(self) -> Iterator[Record | Skipped]:
        """Everything in it, until then."""
        for thing in self.source.read():
            if self.unwanted():
                raise Cancelled("The job was cancelled. What it had added stays; what it had not is left out.")
            yield thing


@dataclass(frozen=True, slots=True)
class Target:
    """The index that a job adds to. `encoder` is called when the job's turn comes, `changed` when it has committed."""

    name: str
    root: Path
    encoder: Callable[[], Encoder]
    changed: Callable[[], None]


class Jobs:
    """The jobs in one folder; one thread of this process does those begun here, one after another."""

    def __init__(self, folder: Path | None = None) -> None:
        self._given = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="jobs")
        self._lock = threading.Lock()
        self._mine: set[str] = set()
        self._closing = threading.Event()

    @cached_property
    def folder(self) -> Path:
        """Where they lie: the one given, or one of its own that is made when it is needed."""
        return self._given or Path(tempfile.mkdtemp(prefix="cascade-jobs-"))

    def spool(self) -> tuple[str, Path]:
        """The id of a job to be, and a folder of its own for what is uploaded."""
        self.sweep()
        made = secrets.token_hex(8)
        folder = self.folder / f"{made}.d"
        folder.mkdir(mode=0o700)
        return made, folder

    def drop(self, job: str) -> None:
        """Let go what was uploaded for a job, begun or not."""
        shutil.rmtree(self.folder / f"{job}.d", ignore_errors=True)

    def begin(self, target: Target, owner: str, source: Source, job: str = "") -> Job:
        """Begin a job, with the id that `spool` gave where something was uploaded. Raises Busy."""
        with self._lock:
            if len(self._mine) >= WAITING or self._closing.is_set():
                raise Busy("There are as many jobs as wait at once. Begin this one later.", 10)
            made = Job(job or secrets.token_hex(8), target.name, owner, source.name)
            self._mine.add(made.id)
        self._write(made)
        self._thread.submit(self._do, made, target, source)
        return made

    def find(self, job: str) -> Job:
        """A job by its id. Raises NoJob."""
        try:
            if not job.isalnum() or len(job) != 16:
                raise FileNotFoundError
            body = json.loads((self.folder / f"{job}.json").read_bytes())
        except FileNotFoundError:
            raise NoJob(f"There is no job {job[:40]!r} of yours. Jobs are forgotten a day after they end.") from None
        return Job(**{**body, "state": State(body["state"])})

    def all(self) -> list[Job]:
        """Every job that is remembered, newest first."""
        self.sweep()
        found = [self.find(path.stem) for path in self.folder.glob("*.json")]
        return sorted(found, key=lambda job: (job.created, job.id), reverse=True)

    def cancel(self, job: Job) -> None:
        """Ask that a job be given up, in whichever process it is."""
        if not job.over:
            (self.folder / f"{job.id}.cancel").touch()

    def sweep(self) -> None:
        """Forget jobs that ended long ago."""
        for path in self.folder.glob("*.json"):
            if time.time() - path.stat().st_mtime > KEPT and self.find(path.stem).over:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give up what is under way, keeping what it committed, and let the folder go if it is ours."""
        self._closing.set()
        self._thread.shutdown(wait=True)
        if self._given is None and "folder" in self.__dict__:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _unwanted(self, job: str) -> bool:
        return self._closing.is_set() or (self.folder / f"{job}.cancel").exists()

    def _do(self, job: Job, target: Target, source: Source) -> None:
        """One job, from its turn to its end."""
        now = replace(job, state=State.RUNNING)

        def heard(report: Report, committed: bool) -> None:
            nonlocal now
            now = replace(now, report=_figures(report))
            self._write(now)
            if committed:
                target.changed()

        try:
            if self._unwanted(job.id):
                raise Cancelled("The job was cancelled before its turn came.")
            self._write(now)
            report = self._added(target, Watched(source, lambda: self._unwanted(job.id)), heard)
            now = replace(now, state=State.DONE, report=_figures(report))
        except Cancelled as error:
            now = replace(now, state=State.CANCELLED, error=str(error))
        except CascadeError as error:
            now = replace(now, state=State.FAILED, error=str(error).replace(str(target.root), target.name))
        except Exception:  # noqa: BLE001 - the edge of a thread: nobody else would hear of it
            _log.exception("job %s failed", job.id)
            now = replace(now, state=State.FAILED, error="Something failed in a way nobody foresaw; the log has it.")
        finally:
            target.changed()
            self._end(now)

    def _added(self, target: Target, source: Watched, heard: Callable[[Report, bool], None]) -> Report:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return ingest(target.root, [source], target.encoder(), heard=heard)
            except Locked:
                if source.unwanted() or time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def _end(self, job: Job) -> None:
        self._write(replace(job, ended=datetime.now(UTC).isoformat(timespec="seconds")))
        self.drop(job.id)
        (self.folder / f"{job.id}.cancel").unlink(missing_ok=True)
        with self._lock:
            self._mine.discard(job.id)

    def _write(self, job: Job) -> None:
        aside = self.folder / f".{job.id}.{os.getpid()}.{threading.get_ident()}"
        aside.write_text(json.dumps(asdict(job), default=str), "utf-8")
        aside.replace(self.folder / f"{job.id}.json")


def _figures(report: Report) -> dict[str, Any]:
    body = asdict(report)
    body["skipped"] = [{"locator": one.locator, "reason": one.reason} for one in report.skipped[:100]]
    return {**body, "seconds": round(report.seconds, 3)}
