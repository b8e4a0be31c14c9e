"""Works that change an index are run in forked children with a disk that fails; what they leave is looked at.

Run in a process of its own that starts no thread (long.py), for it forks. Knows works and what they may leave; knows
nothing of which faults there are.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from cascade.index import files
from cascade.index.disk import Disk

Acknowledge = Callable[[], None]
"""Called by a work when what it did so far counts."""

NAMES = (
    (r"\d{8}T\d{6}Z-[0-9-]*", "LIST"), (r"[0-9a-f]{32}(-\d+)?", "H"), (r"objects/[0-9a-f]{2}", "objects/HH"),
    (r"\d{8}(?=/|$)", "N"), (r"\.\d+\.tmp$", ".tmp"), (r"generation-\d+", "generation-G"), (r"/\d+\.u32", "/C.u32"),
)  # fmt: skip
"""What differs from run to run in a path, and what stands for it in the name of a step."""


@dataclass(frozen=True)
class Found:
    """What a look found: how far things have come, everything there is, and how long opening took.

    `residue`: what the next writer puts right, and only a crash may leave.
    """

    mark: int
    content: str
    milliseconds: float = 0.0
    residue: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """Something that changes an index, in a folder of its own.

    `before` makes what is there before; `run` does the work and may be run again after it was stopped; `mark` tells
    (cheaply) how far it has come; `look` reads everything and raises if anything is wrong.
    """

    name: str
    before: Callable[[Path], None]
    run: Callable[[Path, Acknowledge], None]
    mark: Callable[[Path], int]
    look: Callable[[Path], Found]


class Stepped(Disk):
    """A disk that calls `at` with the name of each step before it is taken, and in the middle of each file written."""

    def __init__(self, base: Path, at: Callable[[str], None], reads: bool = False) -> None:
        self.base, self.at, self.reads = base, at, reads

    def step(self, kind: str, path: Path) -> None:
        """Meet one step."""
        self.at(f"{kind} {plain(os.path.relpath(path, self.base))}")

    def stream(self, path: Path, parts: Iterable[bytes | memoryview]) -> None:
        self.step("write", path)
        data = b"".join(parts)
        with path.open("wb") as out:
            out.write(data[: len(data) // 2])
            out.flush()
            self.step("write half", path)
            out.write(data[len(data) // 2 :])
            out.flush()
            os.fsync(out.fileno())

    def flush(self, path: Path) -> None:
        self.step("flush", path)
        super().flush(path)

    def flush_folder(self, path: Path) -> None:
        self.step("flush folder", path)
        super().flush_folder(path)

    def rename(self, path: Path, to: Path) -> None:
        self.step("rename to", to)
        super().rename(path, to)

    def make(self, folder: Path) -> None:
        self.step("make", folder)
        super().make(folder)

    def remove(self, path: Path) -> None:
        self.step("remove", path)
        super().remove(path)

    def clear(self, folder: Path) -> None:
        try:
            self.step("clear", folder)
        except OSError:  # it clears as far as it can
            return
        super().clear(folder)

    def read(self, path: Path) -> bytes:
        if self.reads:
            self.step("read", path)
        return super().read(path)

    def parts(self, path: Path) -> Iterator[bytes]:
        if self.reads:
            self.step("read", path)
        yield from super().parts(path)


def plain(path: str) -> str:
    """A path without what differs from run to run."""
    for pattern, name in NAMES:
        path = re.sub(pattern, name, path)
    return path


@contextmanager
def using(disk: Disk) -> Iterator[None]:
    """Have the file layer use this disk."""
    before, files.disk = files.disk, disk
    try:
        yield
    finally:
        files.disk = before


def child(work: Callable[[], object], patience: int = 0) -> int:
    """Fork; the child does the work and ends without cleaning up, or is ended after so many seconds (0: never)."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        signal.alarm(patience)
        code = 1
        try:
            work()
            code = 0
        except SystemExit as error:
            code = int(error.code or 0)
        except BaseException:  # noqa: BLE001
            import traceback

            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return pid


def done(pid: int) -> bool:
    """Wait for a child; whether it ended well."""
    return os.waitpid(pid, 0)[1] == 0


def told(work: Callable[[], Any], out: Path, patience: int = 0) -> Any:
    """What a child came back with; its complaint if it did not, or not in so many seconds (0: wait for ever)."""

    def carry_out() -> None:
        try:
            said = {"said": work()}
        except Exception as error:  # noqa: BLE001
            said = {"failed": f"{type(error).__name__}: {error}"}
        out.write_text(json.dumps(said))

    out.unlink(missing_ok=True)
    pid = child(carry_out, patience)
    status = os.waitpid(pid, 0)[1]
    if not out.exists():
        return {"failed": f"the child ended with status {status}"}
    return json.loads(out.read_text())


def killing(at: int) -> Callable[[str], None]:
    """Kills this process at the step of this number, counted from 1."""
    numbers = count(1)

    def meet(_step: str) -> None:
        if next(numbers) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return meet


def cleared(folder: Path) -> None:
    """Remove a folder, again where a thread of a library that looks after its files made a lock file meanwhile."""
    for _ in range(100):
        with suppress(OSError):
            shutil.rmtree(folder)
            return
        time.sleep(0.02)
    shutil.rmtree(folder)


class Scene:
    """A work with what was there before it, the steps of an undisturbed run, and what may be seen after each."""

    def __init__(self, work: Work, folder: Path) -> None:
        self.work, self.folder = work, folder
        self.folder.mkdir(parents=True)
        self.before, self.out = folder / "before", folder / "out"
        self.before.mkdir()
        self._numbers = count()
        self.check(told(lambda: work.before(self.before), self.out))
        said = self.check(told(self._undisturbed, self.out))
        self.steps: list[str] = said["steps"]
        self.states: dict[int, str] = {int(mark): content for mark, content in said["states"].items()}
        self.final: str = said["final"]

    @staticmethod
    def check(answer: dict[str, Any]) -> Any:
        """What a child said. Raises RuntimeError where it failed."""
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer["said"]

    def _undisturbed(self) -> dict[str, Any]:
        here, steps = self.fresh(), []
        states: dict[int, str] = {}

        def meet(step: str) -> None:
            steps.append(step)
            mark = self.work.mark(here)
            if mark not in states:
                with using(Disk()):
                    states[mark] = self.work.look(here).content

        with using(Stepped(here, meet)):
            self.work.run(here, lambda: None)
            meet("end")
        final = self.work.look(here)
        cleared(here)
        return {"steps": steps[:-1], "states": states, "final": final.content}

    def fresh(self) -> Path:
        """A copy of what was there before."""
        here = self.folder / f"run-{next(self._numbers)}"
        shutil.copytree(self.before, here)
        return here

    def acknowledging(self, here: Path) -> Acknowledge:
        """Notes the mark at each acknowledgement, in a way that outlives the process."""
        handle = os.open(self.noted(here), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        return lambda: void(os.write(handle, f"{self.work.mark(here)}\n".encode()))

    def noted(self, here: Path) -> Path:
        """Where acknowledgements of a run are noted."""
        return here.with_name(f"{here.name}.acknowledged")

    def acknowledged(self, here: Path) -> int:
        """The highest mark that was acknowledged; -1 for none."""
        noted = self.noted(here)
        return max(map(int, noted.read_text().split()), default=-1) if noted.exists() else -1

    def judge(self, found: Found, acknowledged: int) -> tuple[str, str] | None:
        """What is wrong with what was found: its kind, and a sentence."""
        if found.mark < acknowledged:
            return "lost", f"{acknowledged} was acknowledged, but {found.mark} is there"
        if found.mark not in self.states:
            return "wrong", f"{found.mark} is there, which no undisturbed run has"
        if found.content != self.states[found.mark]:
            return "wrong", f"{found.mark} holds what it does not hold undisturbed"
        return None

    def aftermath(self, here: Path) -> dict[str, Any]:
        """Look, do the work again, look again. Runs in a child."""
        first = self.work.look(here)
        self.work.run(here, lambda: None)
        last = self.work.look(here)
        if last.residue:
            raise AssertionError(" ".join(last.residue))
        return {"found": [first.mark, first.content, first.milliseconds], "final": last.content}

    def after(self, here: Path) -> tuple[float, tuple[str, str] | None]:
        """Look at what a stopped run left, and complete it: milliseconds to open, and what is wrong."""
        answer = told(lambda: self.aftermath(here), self.out)
        if "failed" in answer:
            return 0.0, ("wrong", answer["failed"])
        found = Found(*answer["said"]["found"])
        bad = self.judge(found, self.acknowledged(here))
        if not bad and answer["said"]["final"] != self.final:
            bad = ("lost", "doing the work again did not complete it")
        return found.milliseconds, bad

    def drop(self, here: Path) -> None:
        """Remove a copy."""
        shutil.rmtree(here, ignore_errors=True)
        self.noted(here).unlink(missing_ok=True)


def void(_: object) -> None:
    """Nothing."""


def since(began: float) -> float:
    """Milliseconds since a moment."""
    return (time.perf_counter() - began) * 1000
