"""Kills ingest with SIGKILL at random moments and looks at what is left. Run by test_killed.py in a process of its own.

Everything heavy is imported once; each run of ingest, and each look at what it left, is a forked child.
Prints one line of JSON: how many were killed, and every problem found.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from itertools import count
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

import duckdb  # noqa: F401
import faiss  # noqa: F401
import numpy as np
import tantivy  # noqa: F401
from small import Given, record

from cascade.index import tokens
from cascade.index.reading import passages_in_order
from cascade.index.snapshot import Snapshot
from cascade.index.tokens import TokenBatch
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape
from indexers.ingest import IngestConfig, ingest

RECORDS = 300
CONFIG = IngestConfig(records=25, passages=50, shape=Shape(exact=200, most=160, small=3))
"""Six commits, then a compaction that trains lists."""


def things(version: str):
    """Version `old` has the first half, `new` has everything; every fourth text is the same in both."""
    for number in range(RECORDS if version == "new" else RECORDS // 2):
        said = "same" if number % 4 == 0 else version
        yield record(f"f{number}", f"{said} words of record {number} about topic {number % 9}", title=f"T{number % 5}")


def warm(folder: Path) -> None:
    """Have the compiled loops loaded once, here, and not in every child. Starts no thread."""
    batch = TokenBatch.of([np.zeros(1, np.uint16)], [np.zeros(1, np.uint16)])
    tokens.write(folder, batch.take(np.arange(1)), 1)


def child(work) -> int:
    """Fork; the child does the work and ends without cleaning up."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    return pid


def add(root: Path, version: str, acknowledged: Path | None = None) -> None:
    """One run of ingest; after each commit the number of things read so far is written down."""
    source = Given("notes", things(version))
    handle = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if acknowledged else None

    def heard(_report, committed):
        if committed and handle is not None:
            os.write(handle, f"{source.met}\n".encode())

    ingest(root, [source], ToyEncoder(), CONFIG, heard=heard)


def look(root: Path, replacing: bool, acknowledged: int, out: Path) -> None:
    """Open, verify, and compare with what may be there; the problems go to `out`."""
    new, old = ({r.locator: r.text for r in things(version)} for version in ("new", "old"))
    before = old if replacing else {}
    problems = []
    if (root / "manifest.json").exists():
        snapshot = Snapshot(root)
        problems += snapshot.verify()
        found = list(passages_in_order(snapshot))
        by_locator = {p.locator: p.text for p in found}
        if len(by_locator) != len(found):
            problems.append("a record is there twice")
        for at, (locator, text) in enumerate(new.items()):
            allowed = {text} if at < acknowledged else {text, before.get(locator)}
            if by_locator.get(locator) not in allowed:
                problems.append(f"{locator}: {by_locator.get(locator)!r} after {acknowledged} were acknowledged")
        problems += [f"{name} was never added" for name in by_locator.keys() - new.keys()]
        snapshot.close()
    elif acknowledged:
        problems.append("no index, yet something was acknowledged")
    out.write_text(json.dumps(problems))


def ids(root: Path, out: Path) -> None:
    """All live passages by id and text."""
    snapshot = Snapshot(root)
    out.write_text(json.dumps([[p.id, p.text, p.title] for p in passages_in_order(snapshot)]))
    snapshot.close()


def done(pid: int) -> bool:
    """Wait for a child; whether it ended well."""
    return os.waitpid(pid, 0)[1] == 0


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


def main(folder: Path, wanted: int, seed: int) -> None:
    """Kill until `wanted` were killed; then finish what is under way and compare it with undisturbed runs."""
    random, out, problems, kills = Random(seed), folder / "out", [], 0
    warm(folder)
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
        while not finished and kills < wanted:
            finished = not killed(lambda: add(root, "new", acknowledgements), random.uniform(0, usual))  # noqa: B023
            kills += not finished
            acknowledged = max(map(int, acknowledgements.read_text().split()), default=0)
            if not done(child(lambda: look(root, bool(number % 2), acknowledged, out))):  # noqa: B023
                problems.append(f"index-{number} cannot be opened after kill {kills}")
            else:
                problems += json.loads(out.read_text())
        resumed = done(child(lambda: add(root, "new")))  # noqa: B023
        if not resumed or not done(child(lambda: ids(root, out))) or out.read_text() != expected:  # noqa: B023
            problems.append(f"index-{number} was not completed by resuming")
        shutil.rmtree(root)
        if kills >= wanted:
            break
    sys.stdout.write(json.dumps({"kills": kills, "indexes": number + 1, "problems": problems[:20]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
