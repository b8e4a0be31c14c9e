"""Work on hostile input in a forked child that may neither crash, hang, nor take more memory than it is given.

Fork from a process that has started no threads. Knows processes; knows nothing of what the work is.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cascade.errors import CascadeError

ROOM = 1 << 31
"""Bytes of address space a child may take beyond what it begins with."""

PATIENCE = 12
"""How many times as long as it may work a child may take on the clock."""


@dataclass
class Outcome:
    """How work ended: `fine`, `refused` (a CascadeError), `raised` (anything else), `crashed` or `hung`."""

    kind: str
    said: str = ""
    took: float = 0.0

    @property
    def allowed(self) -> bool:
        """Whether the work ended as it may."""
        return self.kind in ("fine", "refused")


class Watch:
    """Says when a child has worked too long: by its processor time, since others may be at work on the machine too,
    or by `PATIENCE` times as much on the clock."""

    def __init__(self, pid: int, seconds: float) -> None:
        self._pid, self._seconds = pid, seconds
        self.again()

    def again(self) -> None:
        """Begin to count anew."""
        self._clock, self._used = time.monotonic(), self._processor()

    def spent(self) -> float:
        """Seconds of processor time since then."""
        return self._processor() - self._used

    def hung(self) -> bool:
        """Whether it is enough."""
        return self.spent() > self._seconds or time.monotonic() - self._clock > PATIENCE * self._seconds

    def _processor(self) -> float:
        try:
            said = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            return 0.0
        return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")


def caged(work: Callable[[], object], seconds: float = 10.0, room: int = ROOM) -> Outcome:
    """Do the work in a child and say how it ended."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _child(work, writing, room)
    os.close(writing)
    watch, said, hung = Watch(pid, seconds), b"", False
    while not (hung := watch.hung()):
        if select.select([reading], [], [], 0.5)[0]:
            piece = os.read(reading, 1 << 16)
            if not piece:
                break
            said += piece
    took = watch.spent()
    os.close(reading)
    if hung:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return Outcome("hung", f"after {seconds} s", took)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return Outcome("crashed", f"by signal {os.WTERMSIG(status)}", took)
    try:
        kind, text = json.loads(said)
    except ValueError:
        return Outcome("crashed", f"with exit code {os.WEXITSTATUS(status)}", took)
    return Outcome(kind, text, took)


def _child(work: Callable[[], object], writing: int, room: int) -> None:
    kind, said = "raised", ""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + room,) * 2)
        said = str(work())
        kind = "fine"
    except CascadeError as error:
        kind, said = "refused", f"{type(error).__name__}: {error}"
    except BaseException as error:  # noqa: BLE001  whatever it is, it is what is looked for
        said = f"{type(error).__name__}: {error} ({where(error)})"
    finally:
        os.write(writing, json.dumps([kind, said[:4000]]).encode())
        os._exit(0)


def where(error: BaseException) -> str:
    """The last few lines of code that an error passed through."""
    places, trace = [], error.__traceback__
    while trace is not None:
        places.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " < ".join(reversed(places[-5:]))
