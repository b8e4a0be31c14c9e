"""Limits of the system, set for real on forked children: size of files, open files, memory; and permissions removed."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness import Scene, told
from tally import Tally
from works import ENCODER, OLD, UNHURRIED, WORKS, asked, seen, warm

from cascade.engine import Engine
from cascade.errors import CascadeError, Unwritable
from cascade.index.snapshot import Snapshot

NOBODY = 65534
SIZES = (0, 1, 100, 511, 4096, 5000, 12_288, 16_384, 60_000, 200_000, 300_000, 500_000, 800_000)
ROOM = (0, 8, 32, 64, 96, 128, 160, 200, 256, 400)
"""Megabytes beyond what a process has."""
PATIENCE = 45
"""Seconds after which a child is taken to hang, as Python may where a new thread has too little memory to begin."""


def run(folder: Path, tally: Tally, every: bool = False, **_: int) -> None:
    """Each limit at many heights, for adding and (files, memory) for searching."""
    warm(folder / "warm")
    works = {work.name: work for work in WORKS}
    for name in ("replace", "compact into lists", "backup"):
        scene = Scene(works[name], folder / name.replace(" ", "-"))
        sizes = sorted({*SIZES, *range(0, 1_000_000, 20_000)}) if every else SIZES
        _each(tally, f"size of files limited in {name}", scene, sizes, _sized)
        room = range(0, 420, 4) if every else ROOM
        if name == "replace":
            _each(tally, "memory limited in replace", scene, room, _squeezed)
            _searching(tally, scene, every)
            _locked_out(tally, scene)


def _each(tally: Tally, fault: str, scene: Scene, heights: Any, limited: Callable[[Scene, Path, int], object]) -> None:
    """Do the work under a limit in one child, and look at what it left in another."""
    for height in heights:
        here = scene.fresh()
        answer = told(lambda here=here, height=height: limited(scene, here, height), scene.out, PATIENCE)
        ended = answer.get("failed", "")
        milliseconds, bad = scene.after(here)
        tally.add(fault, 1, milliseconds)
        if "said" not in answer and "ended with status" not in ended:
            bad = "wrong", ended
        elif "ended with status" in ended:
            tally.add(f"{fault}: ended by a library")
        if bad:
            tally.problem(fault, bad[0], f"at {height}: {bad[1]}")
        scene.drop(here)


@contextmanager
def under(what: int, soft: int) -> Iterator[None]:
    """A soft limit, for as long as this lasts."""
    before = resource.getrlimit(what)
    resource.setrlimit(what, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(what, before)


def _sized(scene: Scene, here: Path, size: int) -> str:
    """A sentence must come; then the same process must complete the work."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    told = scene.acknowledging(here)
    try:
        with under(resource.RLIMIT_FSIZE, size):
            scene.work.run(here, told)
    except CascadeError as error:
        scene.work.run(here, told)
        return str(error)
    return "done"


def _squeezed(scene: Scene, here: Path, megabytes: int) -> str:
    asked(scene.before / "index")  # so that what is loaded lazily is there
    told = scene.acknowledging(here)
    try:
        with under(resource.RLIMIT_AS, _memory() + (megabytes << 20)):
            scene.work.run(here, told)
    except (CascadeError, MemoryError) as error:
        return str(error)
    return "done"


def _memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _searching(tally: Tally, scene: Scene, every: bool) -> None:
    """Open and search with few open files or little memory: a sentence, and the right answer once there is more."""
    here = scene.fresh()

    def ask() -> list[str]:
        snapshot = Snapshot(here / "index")
        try:
            found = Engine(snapshot, ENCODER, UNHURRIED).search(OLD[7].text, k=3).ranked
            return [one.passage.id for one in found]
        finally:
            snapshot.close()

    expected = Scene.check(told(ask, scene.out))

    def few(more: int) -> str:
        ask()
        with under(resource.RLIMIT_NOFILE, len([*Path("/proc/self/fd").iterdir()]) - 1 + more):
            said = _outcome(ask, expected)
        return said if said not in ("right", "told") else _outcome(ask, expected)

    def little(megabytes: int) -> str:
        ask()
        with under(resource.RLIMIT_AS, _memory() + (megabytes << 20)):
            said = _outcome(ask, expected)
        return said if said not in ("right", "told") else _outcome(ask, expected)

    for fault, limited, heights in (
        ("open files limited in a search", few, range(0, 40)),
        ("memory limited in a search", little, range(0, 420, 4) if every else ROOM),
    ):
        for height in heights:
            answer = told(lambda limited=limited, height=height: limited(height), scene.out, PATIENCE)
            tally.add(fault)
            if "ended with status" in answer.get("failed", ""):
                tally.add(f"{fault}: ended by a library")
            elif answer.get("said") != "right":
                tally.problem(fault, "wrong", f"at {height}: {answer}")
    scene.drop(here)


def _outcome(ask: Callable[[], list[str]], expected: list[str]) -> str:
    try:
        return "right" if ask() == expected else "another answer"
    except (CascadeError, MemoryError):
        return "told"
    except Exception as error:  # noqa: BLE001
        thin = "new thread" in str(error) or "shared object" in str(error)  # how Python tells of too little memory
        return "told" if thin else f"{type(error).__name__}: {error} {traceback.format_tb(error.__traceback__)[-2:]}"


def _locked_out(tally: Tally, scene: Scene) -> None:
    """Permissions removed, by a process that is not root; and a file system that is mounted read-only."""
    if os.getuid() != 0:
        tally.notes["skipped"] = "permissions and a read-only file system: only root can make them"
        return
    scene.folder.parent.parent.chmod(0o755)
    scene.folder.chmod(0o777)
    for mode, can_read in ((0o555, True), (0o000, False)):
        here = scene.fresh()
        for path in [here, *here.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
            path.chmod(mode if path.is_dir() else mode & 0o666)
        answer = told(lambda here=here, can=can_read: _as_nobody(scene, here, can), scene.out)
        tally.add("permissions removed")
        if answer.get("said") != "as it should be":
            tally.problem("permissions removed", "wrong", f"{mode:o}: {answer}")
        scene.drop(here)
    here = scene.fresh()
    tally.add("a read-only file system")
    script = f"mount -t tmpfs none {here} && cp -r {scene.before}/. {here} && mount -o remount,ro {here} && exec "
    script += f"{sys.executable} {Path(__file__).with_name('long.py')} --read-only {here}"
    ran = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    if "read-only as it should be" not in ran.stdout:
        if "Operation not permitted" in ran.stderr or "permission denied" in ran.stderr:
            tally.notes["skipped"] = "a read-only file system: mounting is not permitted here"
        else:
            tally.problem("a read-only file system", "wrong", ran.stdout + ran.stderr)
    scene.drop(here)


def _as_nobody(scene: Scene, here: Path, can_read: bool) -> str:
    asked(scene.before / "index")  # a stranger may not be able to load Python's own files
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if can_read:
        seen(here / "index")
        asked(here / "index")
    else:
        _sentence(lambda: Snapshot(here / "index"), CascadeError)
    _sentence(lambda: scene.work.run(here, lambda: None), Unwritable if can_read else CascadeError)
    return "as it should be"


def _sentence(work: Callable[[], object], kind: type[Exception]) -> None:
    try:
        work()
    except kind:
        return
    raise AssertionError("nothing was refused")


def read_only(here: Path) -> None:
    """Everything that reads must work on a read-only file system, through the command line too; nothing else may."""
    index = here / "index"
    seen(index)
    asked(index)
    passage = json.loads(seen(index).content)[1][0][0]
    asking = ["search", "river"], ["ask", "river"], ["explain", "river", "--passage", passage]
    for command in (["status"], ["verify"], *asking):
        ran = _cascade(command[0], str(index), *command[1:])
        assert ran.returncode == 0, (command, ran.stderr)
    for command in (["delete", str(index), "--key", "k1"], ["add", str(index), __file__], ["compact", str(index)]):
        ran = _cascade(*command)
        assert ran.returncode == Unwritable.exit_code and ran.stderr.startswith("cascade: "), (command, ran.stderr)
    sys.stdout.write("read-only as it should be\n")


def _cascade(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cascade", *arguments], capture_output=True, text=True, check=False, timeout=300
    )
