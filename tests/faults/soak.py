"""One writer adds, updates and deletes while readers search; whatever is lost, wrong, left over or leaked is a problem.

    python tests/faults/soak.py --minutes 30 --readers 8 --seed 1

The writer is a process of its own. It writes down what it is about to do, does it, and writes down that it was
acknowledged. Half of the readers are threads that share one engine, which any of them refreshes; half are threads with
an engine each, in another process, that hold on to old snapshots through several compactions. What a reader may see of
a record lies between what was acknowledged before its snapshot was opened and what was begun before its search ended.
Prints progress, and one line of JSON at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from small import Given
from soak_journal import SHAPE, text, things
from soak_reader import read
from soak_writer import write

from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.index.reading import passages_in_order
from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer
from cascade.models.toy import ToyEncoder
from indexers.compact import compact
from indexers.ingest import IngestConfig, ingest

ROLES = {"write": write, "read": read}

GROWTH = 48_000_000
"""Bytes of anonymous memory that a process may gain from the second to the last fifth of a run."""

MORE, SPARE = 2, 100
"""Open files and threads swing with the segments there are; this many times those of the second fifth, and so many
more, are a leak."""

LEFT = 1.1
"""Times the bytes of a fresh index of the same passages that the index may take after the last compaction."""


@dataclass
class Course:
    """Samples of one process: open files, threads, and bytes of anonymous memory."""

    files: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)

    def sample(self, pid: int) -> None:
        """Look at a process, while it is there."""
        proc = Path(f"/proc/{pid}")
        try:
            counted = [len(os.listdir(proc / name)) for name in ("fd", "task")]  # noqa: PTH208
            said = (proc / "status").read_text()
            anonymous = next(int(line.split()[1]) for line in said.splitlines() if line.startswith("RssAnon"))
        except (OSError, StopIteration):
            return
        self.files.append(counted[0])
        self.threads.append(counted[1])
        self.memory.append(anonymous * 1024)


def early_and_late(values: Sequence[float]) -> tuple[float, float]:
    """Medians of the second and the last fifth."""
    fifth = max(1, len(values) // 5)
    return statistics.median(values[fifth : 2 * fifth] or values), statistics.median(values[-fifth:])


class Soak:
    """One run: the processes, their samples, and what they reported."""

    def __init__(self, folder: Path, minutes: float, readers: int, seed: int, live: int) -> None:
        self.folder, self.root, self.journal = folder, folder / "index", folder / "journal"
        self.minutes, self.readers, self.seed, self.live = minutes, readers, seed, live
        self.courses: dict[str, Course] = {}
        self.problems: list[str] = []
        self.sizes: list[int] = []
        self.segments: list[int] = []
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> dict[str, Any]:
        """Have all processes at work until it is time; the findings."""
        self.journal.touch()
        until = time.time() + 60 * self.minutes
        self.start("writer", "write", until=until, live=self.live)
        while not Layout(self.root).manifest.exists() and self.running["writer"].poll() is None:
            time.sleep(0.1)
        half, hold = self.readers // 2, min(40.0, 60 * self.minutes / 8)
        self.start("sharing", "read", until=until, threads=half, shared=True, hold=hold)
        self.start("holding", "read", until=until, threads=self.readers - half, shared=False, hold=hold)
        self.watch(until)
        return self.findings()

    def start(self, name: str, role: str, **how: Any) -> None:
        """Start a process."""
        settings = json.dumps({"seed": self.seed + 1000 * len(self.running), **how})
        command = [sys.executable, __file__, "--role", role, str(self.root), str(self.journal), str(self.out(name))]
        self.running[name] = subprocess.Popen([*command, settings])
        self.courses[name] = Course()

    def out(self, name: str) -> Path:
        """Where a process leaves its report."""
        return self.folder / f"{name}.json"

    def watch(self, until: float) -> None:
        """Sample until all have ended, and say how it goes."""
        every = max(0.5, 60 * self.minutes / 360)
        said = 0.0
        while any(process.poll() is None for process in self.running.values()) and time.time() < until + 120:
            if time.time() < until:
                for name, process in self.running.items():
                    self.courses[name].sample(process.pid)
                self.sizes.append(self.size(self.root))
                self.segments.append(len(manifests.read(Layout(self.root)).segments))
            if any(process.poll() not in (None, 0) for process in self.running.values()):
                break
            if time.monotonic() - said > max(10, 6 * self.minutes):
                said = time.monotonic()
                print(json.dumps({"seconds left": round(until - time.time()), **self.latest()}), flush=True)
            time.sleep(every)
        for name, process in self.running.items():
            if process.poll() is None:
                process.kill()
            if process.wait():
                self.problems.append(f"the process {name} ended with {process.returncode}")

    def latest(self) -> dict[str, Any]:
        """The last sample."""
        last = {
            name: [course.files[-1:], course.threads[-1:], course.memory[-1:]] for name, course in self.courses.items()
        }
        return {"bytes": self.sizes[-1:], "segments": self.segments[-1:], "files, threads, memory": last}

    def size(self, root: Path) -> int:
        """Bytes of all files, those that vanish meanwhile left out."""
        total = 0
        for folder, _, names in os.walk(root):
            for name in names:
                try:
                    total += (Path(folder) / name).stat().st_size
                except FileNotFoundError:
                    continue
        return total

    def findings(self) -> dict[str, Any]:
        """What all found, judged."""
        counts: Counter[str] = Counter()
        for name in ("sharing", "holding"):
            if self.out(name).exists():
                said = json.loads(self.out(name).read_text())
                counts.update(said["counts"])
                self.problems += [f"{name}: {problem}" for problem in said["problems"]]
        writer = json.loads(self.out("writer").read_text()) if self.out("writer").exists() else {}
        ends = self.finish({int(key): version for key, version in writer["live"].items()}) if writer else {}
        return {
            "minutes": self.minutes, "readers": self.readers, "seed": self.seed, "operations": writer.get("done"),
            "counts": counts, "courses": {name: self.judged(name, course) for name, course in self.courses.items()},
            "bytes_per_live_after_compaction": self.even("writer: bytes", writer.get("bytes_per_live", [])),
            "bytes_most": max(self.sizes, default=0), "segments_most": max(self.segments, default=0), **ends,
            "problems": self.problems[:20],
        }  # fmt: skip

    def judged(self, name: str, course: Course) -> dict[str, tuple[float, float]]:
        """Medians early and late of everything sampled; what grew is a problem."""
        found = {
            "files": self.even(f"{name}: files", course.files),
            "threads": self.even(f"{name}: threads", course.threads),
        }
        early, late = early_and_late(course.memory) if course.memory else (0, 0)
        if late > early + GROWTH:
            self.problems.append(f"{name}: memory grew from {early:,.0f} to {late:,.0f} bytes")
        return {**found, "memory": (early, late)}

    def even(self, what: str, values: Sequence[float]) -> tuple[float, float]:
        """Medians early and late, which should be about the same."""
        early, late = early_and_late(values) if values else (0, 0)
        if late > MORE * early + SPARE:
            self.problems.append(f"{what} grew from {early:,.1f} to {late:,.1f}")
        return early, late

    def finish(self, live: dict[int, int]) -> dict[str, Any]:
        """Compact once more: the index holds what is live and nothing else, in as many bytes as a fresh one."""
        with Writer(self.root) as writer:
            compact(writer, SHAPE, thorough=True)
            named = {entry.name for entry in writer.manifest.segments}
        with closing(Snapshot(self.root)) as snapshot:
            self.problems += snapshot.verify()
            found = {passage.key: passage.text for passage in passages_in_order(snapshot)}
        expected = {f"k{key}": text(key, version) for key, version in live.items()}
        if found != expected:
            wrong = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
            self.problems.append(f"at the end {len(wrong)} records are not as they were acknowledged: {wrong[:10]}")
        for strange in {path.name for path in Layout(self.root).segments.iterdir()} ^ named:
            self.problems.append(f"the folder of segment {strange} is left over, or missing")
        if left := [path.name for path in self.root.rglob("*.tmp")]:
            self.problems.append(f"left over: {left}")
        fresh = self.folder / "fresh"
        ingest(fresh, [Given("notes", things(live))], ToyEncoder(), IngestConfig(shape=SHAPE))
        taken, needed = self.size(self.root), self.size(fresh)
        if taken > LEFT * needed:
            self.problems.append(f"the index takes {taken:,} bytes after compaction, a fresh one {needed:,}")
        return {"live": len(live), "bytes": taken, "bytes_of_a_fresh_index": needed}


def main() -> None:
    """Read the arguments and run, or play the role of one process."""
    if sys.argv[1:2] == ["--role"]:
        role, *paths, how = sys.argv[2:]
        ROLES[role](*map(Path, paths), json.loads(how))
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="How long (default: 30).")
    parser.add_argument("--readers", type=int, default=8, help="Threads that search (default: 8).")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--live", type=int, default=2000, help="About so many records there are (default: 2000).")
    parser.add_argument("--folder", type=Path, help="Where (default: the system's folder for temporary files).")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        found = Soak(Path(folder), given.minutes, given.readers, given.seed, given.live).run()
    print(json.dumps(found), flush=True)
    sys.exit(1 if found["problems"] else 0)


if __name__ == "__main__":
    main()
