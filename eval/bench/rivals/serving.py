"""What runs in a rival's own process: it builds or opens one rival, and answers one JSON line for each it is sent.

Its standard output is kept for answers alone; whatever a library prints goes to standard error. Started by `talking`.
Knows one rival at a time; knows nothing of the others, nor of what its figures are for.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.bench.rivals.base import Asked, Rival, Setting
from eval.bench.rivals.given import Given
from eval.bench.rivals.resolve import rival
from eval.machine import Peak, field


class Desk:
    """One rival over what is given, and the orders it takes. `folder` is the rival's own."""

    def __init__(self, name: str, given: Path, folder: Path) -> None:
        self.rival: Rival = rival(name)
        self.given, self.folder = Given(given), folder

    def build(self) -> dict[str, Any]:
        """Index everything: facts, seconds by the clock and of processor time, and the most memory."""
        self.folder.mkdir(parents=True)
        with Peak() as peak:
            begin, spent = time.perf_counter(), time.process_time()
            facts = self.rival.build(self.given, self.folder)
            seconds, cpu = time.perf_counter() - begin, time.process_time() - spent
        size = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        memory = {"rss_anon_peak": peak.anonymous, "rss_peak": peak.high_water}
        return {"facts": facts, "seconds": seconds, "cpu_seconds": cpu, "bytes": size, **memory}

    def open(self, threads: int) -> dict[str, Any]:
        """Be ready for questions: seconds until then."""
        begin = time.perf_counter()
        self.rival.open(self.given, self.folder, threads)
        return {"seconds": time.perf_counter() - begin}

    def settings(self, k: int) -> dict[str, Any]:
        """The settings to try."""
        return {"series": [list(series) for series in self.rival.settings(k)]}

    def ask(self, k: int, setting: Setting, at: Sequence[int]) -> dict[str, Any]:
        """Some questions one by one, the first once more before the clock counts.

        Milliseconds by the clock (`ms`) and of processor time of all threads (`cpu`), survival, judged kept, found.
        """
        asked = [Asked(np.array(self.given.queries[place]), self.given.questions[place].text) for place in at]
        self.rival.search(asked[0], k, setting)
        return {"seen": [self._one(question, place, k, setting) for question, place in zip(asked, at, strict=True)]}

    def memory(self) -> dict[str, Any]:
        """Memory of this process now: anonymous, and in all with mapped files; and the most there was in all."""
        gc.collect()
        return {"rss_anon": field("RssAnon"), "rss": field("VmRSS"), "rss_peak": field("VmHWM")}

    def _one(self, asked: Asked, place: int, k: int, setting: Setting) -> dict[str, Any]:
        begin, spent = time.perf_counter(), time.process_time()
        found = self.rival.search(asked, k, setting)
        ms, cpu = ((time.perf_counter() - begin) * 1000, (time.process_time() - spent) * 1000)
        rows = self.rival.rows(found)[:k]
        kept, survival = self.given.kept(place, rows), self.given.survival(place, rows)
        return {"at": place, "ms": ms, "cpu": cpu, "survival": survival, "kept": kept, "found": len(rows)}


def main(name: str, given: str, folder: str) -> None:
    """Answer orders from standard input until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    desk = Desk(name, Path(given), Path(folder))
    for line in sys.stdin:
        order: Mapping[str, Any] = json.loads(line)
        work: Callable[..., dict[str, Any]] = getattr(desk, str(order["do"]))
        try:
            answer = work(**order["how"])
        except Exception as error:  # noqa: BLE001 - the edge of the process: whatever a library raises is told
            answer = {"failed": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, default=float) + "\n")
        answers.flush()
