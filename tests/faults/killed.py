"""SIGKILL at random moments of ingest: four commits, then a compaction that trains lists; looked at after each kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from itertools import count
from pathlib import Path
from random import Random

from harness import child, done, since
from small import Given, record
from tally import Tally
from works import ENCODER, warm

from cascade.index.reading import passages_in_order
from cascade.index.snapshot import Snapshot
from indexers.compact import Shape
from indexers.ingest import IngestConfig, ingest

RECORDS = 80
CONFIG = IngestConfig(records=20, passages=20, shape=Shape(exact=60, most=50, small=2))
FAULT = "SIGKILL at random moments of add"


def things(version: str):
    """Version `old` has the first half, `new` has everything; every fourth text is the same in both."""
    for number in range(RECORDS if version == "new" else RECORDS // 2):
        said = "same" if number % 4 == 0 else version
        yield record(f"f{number}", f"{said} words of record {number} about topic {number % 9}", title=f"T{number % 5}")


def add(root: Path, version: str, acknowledged: Path | None = None) -> None:
    """One run of ingest; after each commit the number of things read so far is written down."""
    source = Given("notes", things(version))
    handle = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if acknowledged else None

    def heard(_report, committed):
        if committed and handle is not None:
            os.write(handle, f"{source.met}\n".encode())

    ingest(root, [source], ENCODER, CONFIG, heard=heard)


def look(root: Path, replacing: bool, acknowledged: int, out: Path) -> None:
    """Open, verify, and compare with what may be there; the problems go to `out`, by kind."""
    new, old = ({r.locator: r.text for r in things(version)} for version in ("new", "old"))
    before = old if replacing else {}
    problems, took = [], 0.0
    if (root / "manifest.json").exists():
        began = time.perf_counter()
        snapshot = Snapshot(root)
        took = since(began)
        problems += [["wrong", problem] for problem in snapshot.verify()]
        found = list(passages_in_order(snapshot))
        by_locator = {p.locator: p.text for p in found}
        if len(by_locator) != len(found):
            problems.append(["wrong", "a record is there twice"])
        for at, (locator, text) in enumerate(new.items()):
            allowed = {text} if at < acknowledged else {text, before.get(locator)}
            if by_locator.get(locator) not in allowed:
                problems.append(["lost", f"{locator}: {by_locator.get(locator)!r}, {acknowledged} were acknowledged"])
        problems += [["wrong", f"{name} was never added"] for name in by_locator.keys() - new.keys()]
        snapshot.close()
    elif acknowledged:
        problems.append(["lost", "no index, yet something was acknowledged"])
    out.write_text(json.dumps([took, problems]))


def ids(root: Path, out: Path) -> None:
    """All live passages by id and text."""
    snapshot = Snapshot(root)
    out.write_text(json.dumps([[p.id, p.text, p.title] for p in passages_in_order(snapshot)]))
    snapshot.close()


def killed(work, after: float) -> bool:
    """Run a child and kill it after so many seconds; whether it was still running."""
    pid = child(work)
    ends = time.monotonic() + after
    while time.monotonic() < ends:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return False
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def run(folder: Path, tally: Tally, every: bool = False, seed: int = 7, kills: int = 200) -> None:
    """Kill until so many were killed; then finish what is under way and compare it with undisturbed runs."""
    random, out, struck = Random(seed), folder / "out", 0
    warm(folder / "warm")
    began = time.monotonic()
    assert done(child(lambda: add(folder / "undisturbed", "new")))
    usual = time.monotonic() - began
    assert done(child(lambda: ids(folder / "undisturbed", out)))
    expected = out.read_text()
    assert done(child(lambda: add(folder / "old", "old")))
    for number in count():
        root, acknowledgements = folder / f"index-{number}", folder / f"acknowledged-{number}"
        acknowledgements.touch()
        if number % 2:
            shutil.copytree(folder / "old", root)
        finished = False
        while not finished and struck < kills:
            finished = not killed(lambda: add(root, "new", acknowledgements), random.uniform(0, usual))  # noqa: B023
            struck += not finished
            acknowledged = max(map(int, acknowledgements.read_text().split()), default=0)
            if not done(child(lambda: look(root, bool(number % 2), acknowledged, out))):  # noqa: B023
                tally.problem(FAULT, "wrong", f"index-{number} cannot be opened after kill {struck}")
                continue
            took, problems = json.loads(out.read_text())
            tally.add(FAULT, int(not finished), took)
            for kind, sentence in problems:
                tally.problem(FAULT, kind, sentence)
        resumed = done(child(lambda: add(root, "new")))  # noqa: B023
        if not resumed or not done(child(lambda: ids(root, out))) or out.read_text() != expected:  # noqa: B023
            tally.problem(FAULT, "lost", f"index-{number} was not completed by resuming")
        shutil.rmtree(root)
        if struck >= kills:
            return
