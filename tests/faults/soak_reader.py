"""The readers of the soak: threads that search, refresh and hold on to old snapshots. Run by soak.py."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import traceback
import warnings
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from soak_journal import Journal, text, word

from cascade.config import Config
from cascade.data import Passage
from cascade.engine import Engine
from cascade.index.reading import passages_in_order
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder

K = 5
"""Passages asked for."""

MOST = 20
"""Problems after which a process of readers stops."""

POOLED = 1
"""Threads that the pool of a library may gain, once in a process, when several ask at once. Of what is leaked by each
of hundreds of engines there would be more."""


@dataclass
class Watch:
    """What the threads of one process share: the index, the journal, counts and problems."""

    root: Path
    journal: Journal
    until: float
    hold: float
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    floor: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> Engine:
        """An engine as a program has it."""
        return Engine.open(self.root, Config(), ToyEncoder())

    def going(self) -> bool:
        """Whether there is time left."""
        return time.time() < self.until and len(self.problems) < MOST

    def count(self, what: str) -> None:
        """One more of something."""
        with self.lock:
            self.counts[what] += 1

    def problem(self, said: str) -> None:
        """Something is wrong."""
        with self.lock:
            self.problems.append(said)

    def search(self, engine: Engine, random: Random, bounds: Any) -> None:
        """Search for a record by the word of one of its last versions, and judge what comes back.

        `bounds`: called before and after the search, it gives what was acknowledged and begun for the snapshot.
        """
        drawn = self.journal.draw(random)
        if drawn is None:
            return
        key, version = drawn
        acknowledged, _ = bounds()
        how = {"filter": f"key = k{key}"} if random.random() < 0.1 else {}
        found = engine.search(word(key, version), K, **how).passages
        _, begun = bounds()
        self.count("searches")
        for passage in found:
            self.judge(passage, acknowledged, begun)
        if how and any(passage.key != f"k{key}" for passage in found):
            self.problem(f"the filter for k{key} let through {[passage.key for passage in found]}")
        may = self.journal.allowed(key, acknowledged, begun)
        same = [passage for passage in found if passage.key == f"k{key}"]
        if len(same) > 1:
            self.problem(f"k{key} was found {len(same)} times by {word(key, version)}")
        if may == {version}:
            self.count("found")
            if not same:
                self.problem(f"k{key} in version {version} was not found: {acknowledged=} {begun=}")
        elif version not in may:
            self.count("absent")

    def judge(self, passage: Passage, acknowledged: int, begun: int) -> None:
        """A passage is one that may be there, and exactly what was written."""
        key, version = int(passage.key[1:]), passage.metadata["version"]
        may = self.journal.allowed(key, acknowledged, begun)
        if version not in may:
            self.problem(f"k{key} came back in version {version}, not in one of {may}: {acknowledged=} {begun=}")
        if passage.text != text(key, version):
            self.problem(f"k{key} in version {version} came back as {passage.text!r}")


def sharing(watch: Watch, engine: Engine, seed: int) -> None:
    """Search an engine that other threads search and refresh too."""
    random = Random(seed)

    def bounds() -> tuple[int, int]:
        return watch.floor, watch.journal.read()[1]

    while watch.going():
        if random.random() < 0.2:
            acknowledged, _ = watch.journal.read()
            engine.refresh()
            with watch.lock:
                watch.floor = max(watch.floor, acknowledged)
            watch.count("refreshes")
        watch.search(engine, random, bounds)


def holding(watch: Watch, seed: int) -> None:
    """Search an engine of one's own; hold on to some snapshots for long, and look whether they stayed as they were."""
    random = Random(seed)
    acknowledged, _ = watch.journal.read()
    with closing(watch.open()) as engine:
        _, begun = watch.journal.read()
        while watch.going():
            acknowledged, begun = refreshed(watch, engine, acknowledged)
            held = random.random() < 0.1
            ends = min(watch.until, time.time() + (random.uniform(0.3, 1) * watch.hold if held else 0.0))
            before = contents(engine.snapshot) if held else ""
            for _ in range(random.randint(1, 10)):
                watch.search(engine, random, lambda a=acknowledged, b=begun: (a, b))
            while held and time.time() < ends and watch.going():
                watch.search(engine, random, lambda a=acknowledged, b=begun: (a, b))
                time.sleep(0.05)
            if held:
                unchanged(watch, engine.snapshot, before)


def refreshed(watch: Watch, engine: Engine, acknowledged: int) -> tuple[int, int]:
    """Refresh; what was acknowledged before and begun after that."""
    before = watch.journal.read()[0]
    engine.refresh()
    watch.count("refreshes")
    return max(acknowledged, before), watch.journal.read()[1]


def contents(snapshot: Snapshot) -> str:
    """A hash of all that a snapshot holds."""
    state = hashlib.blake2b()
    for passage in passages_in_order(snapshot):
        state.update(f"{passage.id} {passage.text}\n".encode())
    return state.hexdigest()


def unchanged(watch: Watch, snapshot: Snapshot, before: str) -> None:
    """A snapshot that was held is whole, and what it was; how many commits went by is counted."""
    watch.count("held")
    with closing(Snapshot(watch.root)) as newest:
        passed = newest.manifest.commit - snapshot.manifest.commit
        names = {segment.entry.name for segment in newest.segments}
    with watch.lock:
        watch.counts["held through commits"] += passed
        watch.counts["segments held after they were replaced"] += sum(
            segment.entry.name not in names for segment in snapshot.segments
        )
    for said in snapshot.verify():
        watch.problem(f"a snapshot held through {passed} commits: {said}")
    if contents(snapshot) != before:
        watch.problem(f"a snapshot held through {passed} commits has other contents")


def guarded(watch: Watch, work: Any) -> None:
    """No exception passes unseen."""
    try:
        work()
    except BaseException:  # noqa: BLE001
        watch.problem(traceback.format_exc())


def read(root: Path, journal: Path, out: Path, how: dict[str, Any]) -> None:
    """Search in so many threads until it is time, and leave a report."""
    watch = Watch(root, Journal(journal), how["until"], how["hold"])
    warnings.simplefilter("always")
    warnings.showwarning = lambda message, kind, file, line, *_: watch.count(
        f"{kind.__name__} at {file}:{line}: {message}"
    )
    with closing(watch.open()) as engine:
        engine.search("common1 common2", K)
    del engine
    before = handles()
    if how["shared"]:
        watch.floor, _ = watch.journal.read()
        engine = watch.open()
        works = [lambda n=n: sharing(watch, engine, how["seed"] + n) for n in range(how["threads"])]
    else:
        works = [lambda n=n: holding(watch, how["seed"] + n) for n in range(how["threads"])]
    threads = [threading.Thread(target=guarded, args=(watch, work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if how["shared"]:
        engine.close()
        del engine
    del works, threads
    after = settled(before)
    watch.journal.close()
    if after["files"] > before["files"] or after["threads"] > before["threads"] + POOLED:
        watch.problem(f"closing every engine left {after} behind, of {before} before; threads: {tasks()}")
    out.write_text(json.dumps({"counts": watch.counts, "problems": watch.problems, "before": before, "after": after}))


def handles() -> dict[str, int]:
    """Open files and threads of this process."""
    return {"files": len(os.listdir("/proc/self/fd")), "threads": len(os.listdir("/proc/self/task"))}  # noqa: PTH208


def tasks() -> list[str]:
    """The names of this process's threads."""
    return sorted(path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm"))


def settled(wanted: dict[str, int]) -> dict[str, int]:
    """Open files and threads, once those that are ending have ended."""
    for _ in range(50):
        found = handles()
        if all(found[name] <= wanted[name] for name in wanted):
            break
        time.sleep(0.1)
    return found
