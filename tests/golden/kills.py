"""Kills an upgrade, a commit, a writer's entry and a creation before each thing they ask of the disk (of a commit: what
it asks of the manifests and of the folder they are in).

Run by test_upgrade.py. Each run, and each look at what it left, is a forked child of a process that has imported
everything and opened nothing. Prints one line of JSON: how many were killed, which manifests were met (format of the
truth, then of the twin), and every problem found.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

import duckdb  # noqa: F401
import faiss  # noqa: F401
import tantivy  # noqa: F401
from make import ranked, seen
from small import BUILT, prose, random_batch

from cascade.index import files, tokens, verify
from cascade.index import manifest as manifests
from cascade.index.disk import Disk
from cascade.index.layout import Layout
from cascade.index.snapshot import Snapshot
from cascade.index.upgrade import upgrade
from cascade.index.writer import Writer, create

HERE = Path(__file__).parent
CHANGES = ("write", "flush", "flush_folder", "rename", "make", "remove", "clear")


class Dying(Disk):
    """Kills its process before the step of a given number, of those in one folder where it is given."""

    def __init__(self, at: int, folder: Path | None) -> None:
        self.left, self.folder = at, folder

    def __getattribute__(self, name: str):
        found = super().__getattribute__(name)
        if name not in CHANGES:
            return found

        def step(path: Path, *more):
            if self.folder in (None, path, path.parent):
                if not self.left:
                    os.kill(os.getpid(), signal.SIGKILL)
                self.left -= 1
            return found(path, *more)

        return step


def child(work) -> bool:
    """Run something in a process of its own; whether it came to its end."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def dying(work, at: int, folder: Path | None = None) -> bool:
    """Run something on a disk that kills; whether it came to its end."""

    def run() -> None:
        files.disk = Dying(at, folder)
        work()

    return child(run)


def grow(root: Path, said: Path) -> None:
    """Two commits: a segment more, then one in its place and rows less. What is acknowledged is written down."""
    said.unlink(missing_ok=True)
    with Writer(root) as writer:
        first = writer.write(random_batch(prose(8)), None)
        writer.commit([first])
        said.write_text("1")
        second = writer.write(random_batch(prose(5)), None)
        writer.commit([second], dead={second.name: [0, 1]}, dropped=[first.name])
        said.write_text("2")


def state(root: Path) -> str:
    """The format of each manifest that is there."""
    both = (Layout(root).manifest, Layout(root).twin)
    return "".join(str(json.loads(path.read_bytes())["format"]) for path in both if path.exists())


def alone(root: Path, look) -> list[str]:
    """What a look finds with both manifests, with each of them damaged, and with neither."""
    where, out = Layout(root), []
    out += look()
    for path in (where.manifest, where.twin):
        if where.twin.exists() and where.manifest.exists():  # a creation that was stopped may leave the twin alone
            good = path.read_bytes()
            path.write_bytes(good[: len(good) // 2])
            out += [f"{problem} without {path.name}" for problem in look()]
            path.write_bytes(good)
    return out


def passages(root: Path) -> int:
    """How many an index holds; every byte of it is read."""
    snapshot = Snapshot(root)
    problems = [str(p) for s in snapshot.segments for p in verify.segment(s.folder, s.entry.hash)]
    assert not problems and not snapshot.missing, problems
    return len(snapshot)


def upgraded(root: Path, _: Path) -> list[str]:
    """What is wrong with a golden index of any format."""
    return [
        f"{name} is another"
        for name, found, file in (("content", seen, "format-1/seen.json"), ("ranking", ranked, "ranked.json"))
        if found(root) != json.loads((HERE / file).read_text())
    ]


def grown(root: Path, said: Path) -> list[str]:
    """What is wrong with an index under `grow`: each commit is there once it was acknowledged, or the one after it."""
    sizes = (0, 8, 3)
    done = int(said.read_text() or 0) if said.exists() else 0
    found = passages(root)
    return [] if found in sizes[done : done + 2] else [f"{found} passages after {done} commits"]


def created(root: Path, _: Path) -> list[str]:
    """What is wrong with an index under creation."""
    return [] if not manifests.exists(Layout(root)) or passages(root) == 0 else ["it is not empty"]


def born(root: Path, _: Path) -> None:
    """Make an index as ingest does: where there is none yet, and then open it for writing."""
    if not manifests.exists(Layout(root)):
        create(root, BUILT)
    with Writer(root):
        pass


def enter(root: Path, _: Path) -> None:
    """What every writer does first."""
    with Writer(root):
        pass


def torn(folder: Path) -> Path:
    """An index killed between the twin of its second commit and the truth of it, whose first is acknowledged."""
    for at in count():
        root = folder / f"torn-{at}"
        assert child(lambda: create(root, BUILT))  # noqa: B023
        assert not dying(lambda: grow(root, root / "said"), at, root)  # noqa: B023
        commits = [json.loads(path.read_bytes())["commit"] for path in (Layout(root).manifest, Layout(root).twin)]
        if commits == [1, 2]:
            return root
        shutil.rmtree(root)
    raise AssertionError


def empty(folder: Path) -> Path:
    """An index of nothing."""
    assert child(lambda: create(folder / "empty", BUILT))
    return folder / "empty"


WORKS = {
    "upgrade": (lambda root, _: upgrade(root), upgraded, lambda _: HERE / "format-1" / "index"),
    "commit": (grow, grown, empty),
    "enter": (enter, grown, torn),
    "create": (born, created, lambda _: None),
}


def chosen(name: str, done: int, finished: Path) -> bool:
    """Whether to kill before this step: of an upgrade, which copies segments, before each of the last, in which the
    commit is made, and before every fifth of the others, since all of those leave the same."""
    whole = int(finished.read_text()) if finished.exists() else 0
    return name != "upgrade" or not done % 5 or done > whole - 20


def counted(work, root: Path, said: Path, out: Path) -> None:
    """Run something without a kill, and write down how many steps it took."""

    def run() -> None:
        files.disk = disk = Dying(10**9, None)
        work(root, said)
        out.write_text(str(10**9 - disk.left))

    assert child(run)
    shutil.rmtree(root)


def main(folder: Path, name: str) -> None:
    """Kill at the steps; look; run it again; look."""
    work, look, prepared = WORKS[name]
    states, problems, kills, out = set(), [], 0, folder / "out"
    tokens.write(folder, random_batch(prose(1)).tokens, BUILT.vocabulary_size)  # loads the compiled loops once for all
    given, whole = prepared(folder), folder / "steps"
    if name == "upgrade":
        counted(work, shutil.copytree(given, folder / "counted"), folder, whole)
    for at in count():
        if not chosen(name, at, whole):
            continue
        root = folder / f"index-{at}"
        said = root / "said" if name in ("commit", "enter") else root
        if given:
            shutil.copytree(given, root)
        finished = dying(lambda: work(root, said), at, root if name == "commit" else None)  # noqa: B023
        states.add(state(root))
        if not child(lambda: out.write_text(json.dumps(alone(root, lambda: look(root, said))))):  # noqa: B023
            problems.append(f"it cannot be opened after a kill at step {at}")
        else:
            problems += [f"{problem}, killed at step {at}" for problem in json.loads(out.read_text())]
        if finished:
            break
        kills += 1
        if not child(lambda: work(root, said)):  # noqa: B023
            problems.append(f"it cannot go on after a kill at step {at}")
        elif state(root) != "33" or Layout(root).manifest.read_bytes() != Layout(root).twin.read_bytes():
            problems.append(f"the manifests are not the same after a kill at step {at} and another run")
        elif name == "upgrade" and not child(lambda: out.write_text(json.dumps(look(root, said)))):  # noqa: B023
            problems.append(f"it cannot be opened after a kill at step {at} and another run")
        shutil.rmtree(root)
    sys.stdout.write(json.dumps({"kills": kills, "states": sorted(states), "problems": problems[:20]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
