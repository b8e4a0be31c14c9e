"""Fuzzes every reader of a format of ours and every parser of sources with real files made worse.

    python tests/faults/fuzz.py --seconds 600 --seed 1 [--only GLOB] [--case N]

Cases run in forked children with bounds on time and memory, so that a crash of a native library is caught and told.
Prints one line of JSON: cases by target, and failures each with the command that repeats it. Real files are added from
the folder that FUZZ_SEEDS names.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ["OMP_NUM_THREADS"] = "1"

import seeds
from cage import Watch, caged, where
from readers import (
    Target,
    backup_targets,
    git_targets,
    index_targets,
    read_bytes,
    small_index,
    source_targets,
    text_targets,
    used,
)  # fmt: skip

from cascade.errors import CascadeError

SLOW = 10.0
"""Seconds a case may take."""

ROOM = 3 << 30
"""Bytes of address space a child may take beyond what it begins with."""

AT_ONCE = 100
"""A child runs at most so many cases."""

SCRATCH = Path("/dev/shm")


def targets(folder: Path) -> dict[str, Target]:
    """Everything that is fuzzed, by name."""
    base = folder / "base"
    made = caged(lambda: small_index(base), seconds=120, room=1 << 34)
    assert made.kind == "fine", made
    used(base)  # what is loaded here need not be loaded in every child
    found = seeds.files()
    for name, files in found.values():
        for data in files:
            list(read_bytes(name, data))
    if real := os.environ.get("FUZZ_SEEDS"):
        seeds.given(Path(real), found)
    return {
        **index_targets(folder, base), **backup_targets(folder, base), **text_targets(folder, base),
        **source_targets(found), **git_targets(folder),
    }  # fmt: skip


def run(target: Target, name: str, seed: int, number: int) -> str:
    """One case; what is wrong with how it ended, or nothing."""
    case = target(Random(f"{seed} {name} {number}"))
    try:
        case()
    except CascadeError as error:
        return "" if len(str(error)) > 10 else f"says only {error}"
    except BaseException as error:  # noqa: BLE001  whatever it is, it is what is looked for
        return f"{type(error).__name__}: {str(error)[:300]} ({where(error)})"
    return ""


def turn(target: Target, name: str, seed: int, first: int, lasts: float) -> tuple[int, list[tuple[int, str]]]:
    """A child's cases from `first` on, for so many seconds: how many there were, and the failures by number."""
    reading, writing = os.pipe()
    crash = tempfile.TemporaryFile()  # noqa: SIM115  closed by both processes when they let it go
    pid = os.fork()
    if pid == 0:
        faulthandler.enable(crash)
        _child(lambda number: run(target, name, seed, number), first, writing, lasts)
    os.close(writing)
    failures: list[tuple[int, str]] = []
    at, held, watch = first, b"", Watch(pid, SLOW)
    while True:
        if not select.select([reading], [], [], 0.5)[0]:
            if not watch.hung():
                continue
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(reading)
            return at + 1 - first, [*failures, (at, f"took more than {SLOW} s")]
        piece = os.read(reading, 1 << 16)
        if not piece:
            break
        *lines, held = (held + piece).split(b"\n")
        for line in lines:
            number, said = json.loads(line)
            if said:
                failures.append((number, said))
            at = number + 1
            watch.again()
    os.close(reading)
    status = os.waitpid(pid, 0)[1]
    if status:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
        crash.seek(0)
        seen = " | ".join(line.strip() for line in crash.read().decode("utf-8", "replace").splitlines()[:60])
        return at + 1 - first, [*failures, (at, f"the process ended with {how}: {seen}")]
    return at - first, failures


def _child(work: Callable[[int], str], first: int, writing: int, lasts: float) -> None:
    code = 3
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # panics are told there too
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM,) * 2)
        ends = time.monotonic() + lasts
        for number in range(first, first + AT_ONCE):
            said = work(number)
            os.write(writing, json.dumps([number, said]).encode() + b"\n")
            if time.monotonic() > ends:
                break
        code = 0
    finally:
        os._exit(code)  # whatever happens, the child does not clean up after its parent


def _forever() -> None:
    while True:
        pass


def _raises() -> None:
    raise RuntimeError("raised")


FAULTS: dict[str, Target] = {
    "raise": lambda random: _raises,
    "abort": lambda random: os.abort,
    "hang": lambda random: _forever,
    "memory": lambda random: lambda: bytearray(2 * ROOM),
}


def main() -> int:
    """Run for so many seconds, every target in turn; 1 where anything failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="*")
    parser.add_argument("--case", type=int)
    parser.add_argument("--fault", choices=FAULTS, help="fuzz a reader that has this fault, to try the harness")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=SCRATCH if SCRATCH.is_dir() else None) as temporary:
        folder = Path(temporary) / "inside"
        folder.mkdir()
        found = {"fault": FAULTS[asked.fault]} if asked.fault else targets(folder)
        chosen = {name: one for name, one in found.items() if fnmatchcase(name, asked.only)}
        if asked.case is not None:
            for name, target in chosen.items():
                sys.stdout.write(f"{name}: {run(target, name, asked.seed, asked.case) or 'as it may be'}\n")
            return 0
        cases, failures = fuzz(chosen, asked.seconds, asked.seed)
        outside = sorted(path.name for path in Path(temporary).iterdir() if path != folder)
    kinds = Counter(failure["target"] for failure in failures)
    told = {"seed": asked.seed, "cases": sum(cases.values()), "failed": len(failures), "escaped": outside}
    sys.stdout.write(json.dumps({**told, "by_target": cases, "by_failed": kinds, "failures": failures[:60]}) + "\n")
    return int(bool(failures or outside))


def fuzz(chosen: dict[str, Target], seconds: float, seed: int) -> tuple[dict[str, int], list[dict[str, str]]]:
    """Every target in turn until the time is over, each at least once; cases by target, and failures."""
    cases, failures = dict.fromkeys(chosen, 0), []
    ends, lasts = time.monotonic() + seconds, min(2.0, 0.5 * seconds / len(chosen))
    while True:
        for name, target in chosen.items():
            count, failed = turn(target, name, seed, cases[name], lasts)
            cases[name] += count
            for number, said in failed:
                again = f"python tests/faults/fuzz.py --seed {seed} --only '{name}' --case {number}"
                failures.append({"target": name, "said": said, "again": again})
            if time.monotonic() > ends and all(cases.values()):
                return cases, failures


if __name__ == "__main__":
    sys.exit(main())
