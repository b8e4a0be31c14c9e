"""Nomination over generated codes, in a process of its own: time cold and warm, bytes, memory, faults.

Three rounds. `first`: nothing is in memory, and every block's checksum is compared as it is met, as for the first
question of a process. `warm`, at each number of codes that a question may scan: everything was asked before. `cold`:
nothing is in memory, but checksums were compared before.

Run by `eval.bench.scale.run`. Knows codes and lists; knows no texts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from cascade.data import WIDTH, Floats
from cascade.index import coarse, files
from cascade.index.coarse import GROUPED, Lists
from cascade.index.codes import NO_MASK, Codes
from cascade.index.files import FileSum
from cascade.index.nominate import Nomination, Reach, nominate
from cascade.index.segment import Segment
from cascade.index.weighing import LocalWeighing, Part
from eval.bench.scale import cold
from eval.bench.scale.alone import tell
from eval.bench.scale.coded import BEGINS, CENTROIDS, MADE
from eval.machine import Peak
from eval.machine import field as told_by_system

FRESH = 21
"""Questions that are each asked as the first of a process, the one that compiles among them."""
FEWEST = 64
"""Lists that are probed at least, as the engine has it."""
ONE = 1
"""The only generation."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the process is told: a folder of generated codes, a file of rotated questions (.npy), where to answer, the
    numbers of codes to scan, the seconds they took to make, how many threads, and how many questions are asked cold."""

    folder: str
    vectors: str
    out: str
    scanned: tuple[int, ...]
    took: float = 0.0
    threads: int = 2
    cold: int = 50


class Entry(NamedTuple):
    """What nomination asks of a segment's entry."""

    generation: int = ONE


class Bare(NamedTuple):
    """A segment that has codes and nothing else."""

    entry: Entry = Entry()


class Held:
    """Generated segments, open for nomination."""

    def __init__(self, folder: Path, dim: int, threads: int) -> None:
        self.folder = folder
        centroids = np.fromfile(folder / CENTROIDS, dtype=np.float32).reshape(-1, dim)
        begins = np.fromfile(folder / BEGINS, dtype=np.int64)
        self.lists = Lists(centroids, begins if len(centroids) >= GROUPED else None)
        self.parts: list[Part] = []
        self.sizes = np.zeros(len(centroids), dtype=np.int64)
        base = 0
        for path in sorted(folder.glob("[0-9]*")):
            made = json.loads((path / MADE).read_text("utf-8"))
            sums = {name: FileSum(one["size"], tuple(one["blocks"])) for name, one in made["sums"].items()}
            codes = Codes(path, sums, self.lists, made["rows"])
            self.parts.append(Part(cast(Segment, Bare()), codes, base, NO_MASK))
            self.sizes += np.diff(codes.offsets)
            base += made["rows"]
        self.rows = base
        self._pool = ThreadPoolExecutor(threads, initializer=coarse.alone)

    def close(self) -> None:
        """Let threads go."""
        self._pool.shutdown()

    def each(self, work: Callable[[int], Any], over: Sequence[int]) -> list[Any]:
        """As a snapshot runs it."""
        return list(self._pool.map(work, over)) if len(over) > 1 else [work(number) for number in over]

    def ask(self, vector: Floats, scanned: int) -> Nomination:
        """The 30,000 best of at least so many codes."""
        weighing = LocalWeighing(self.each, self.parts, vector, False)
        return nominate(weighing, vector, {ONE: self.lists}, {ONE: self.sizes}, Reach(WIDTH, scanned, FEWEST))


def main(raw: str) -> None:
    """Do a task, given as JSON."""
    task = Task(**json.loads(raw))
    asked = np.load(task.vectors).astype(np.float32)
    asked = np.ascontiguousarray(asked / np.linalg.norm(asked, axis=1, keepdims=True))
    with Peak() as peak:
        rounds = [_first(task, asked[: min(FRESH, task.cold)])] if cold.possible() else []
        begin = time.perf_counter()
        held = Held(Path(task.folder), asked.shape[1], task.threads)
        opened = (time.perf_counter() - begin) * 1000
        for scanned in task.scanned:
            for vector in asked:
                held.ask(vector, scanned)
            for name, chilled in (("warm", False), ("cold", True)):
                if chilled and not cold.possible():
                    continue
                part = asked[: task.cold] if chilled else asked
                tell(f"{scanned:,} codes, {name}", 0, len(part))
                queries = [_one(held, vector, scanned, chilled) for vector in part]
                rounds.append({"scanned": scanned, "round": name, "queries": queries})
        resident = {"rss_anon": told_by_system("RssAnon"), "rss_file": told_by_system("RssFile")}
    memory = {"rss_anon_before": peak.before, "rss_anon_peak": peak.anonymous, **resident}
    said = {
        "rows": held.rows,
        "lists": len(held.lists),
        "open_ms": opened,
        "took": task.took,
        "memory": memory,
        "rounds": rounds,
    }
    files.replace(Path(task.out), json.dumps(said, default=float).encode())


def _first(task: Task, asked: Floats) -> dict[str, Any]:
    """Each question as the first of a process: opened anew, so that nothing was compared with its checksum."""
    queries = []
    for vector in asked:
        held = Held(Path(task.folder), asked.shape[1], task.threads)
        queries.append(_one(held, vector, task.scanned[0], True))
        held.close()
    return {"scanned": task.scanned[0], "round": "first", "queries": queries[1:]}  # the very first one compiles


def _one(held: Held, vector: Floats, scanned: int, chilled: bool) -> dict[str, float]:
    if chilled:
        cold.forget(held.folder)
    begin = time.perf_counter()
    held.lists.nearest(vector, FEWEST)
    coarse_ms = (time.perf_counter() - begin) * 1000
    before, begin, spent = cold.reads(), time.perf_counter(), time.process_time()
    found = held.ask(vector, scanned)
    ms, worked = (time.perf_counter() - begin) * 1000, (time.process_time() - spent) * 1000
    read = cold.reads().since(before)
    probed = sum(len(near) for near, _ in found.probes.values())
    spread = float(found.scores.max() - found.scores.min()) if len(found.scores) else 0.0
    return {
        "ms": ms, "cpu": worked, "coarse_ms": coarse_ms, "codes": found.codes, "lists": probed, "touched": found.bytes,
        "read_bytes": read.bytes, "faults": read.faults, "found": len(found.rows), "spread": spread,
    }  # fmt: skip
