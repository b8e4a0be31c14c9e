"""Damages files of an index and looks at what readers make of it. Run by test_damage.py, and at length by hand:

    python tests/faults/damage.py FOLDER COUNT SEED

Prints one line of JSON: how often each kind of damage was done, how often a search said that something is missing, and
every problem: an error other than ours, a wrong answer, damage that `verify` does not see.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from small import Given, record
from tally import Tally

from cascade.engine import Engine
from cascade.errors import CascadeError
from cascade.index import manifest, verify
from cascade.index.layout import Layout
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape
from indexers.ingest import IngestConfig, ingest
from indexers.remove import remove

Files = list[Path]
Harm = Callable[[Path, Random, Files], bool]
"""Damages a file (with others at hand); False where it left all bytes as they were."""

LISTS = IngestConfig(records=40, passages=80, shape=Shape(exact=100, most=150, small=1))
EXACT = IngestConfig(records=60, passages=60, shape=Shape(small=10_000))


def build(root: Path) -> None:
    """A small index with lists, deleted rows and two or more segments, then a few added without lists."""
    things = [record(f"f{n}", f"unique{n} words of record {n} about topic {n % 9} " * (1 + n % 4)) for n in range(240)]
    ingest(root, [Given("notes", things)], ToyEncoder(), LISTS)
    ingest(root, [Given("notes", [record(f"g{n}", f"late{n} words") for n in range(20)])], ToyEncoder(), EXACT)
    remove(root, 'locator = "f7"')


def flip(path: Path, random: Random, _: Files) -> bool:
    """One bit."""
    raw = bytearray(path.read_bytes())
    if not raw:
        return False
    raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    path.write_bytes(raw)
    return True


def zero(path: Path, random: Random, _: Files) -> bool:
    """A block of 512 bytes, as disks lose them."""
    raw = bytearray(path.read_bytes())
    at = random.randrange(max(1, len(raw))) // 512 * 512
    before = bytes(raw[at : at + 512])
    raw[at : at + 512] = bytes(len(before))
    path.write_bytes(raw)
    return any(before)


def cut(path: Path, random: Random, _: Files) -> bool:
    """The end is gone."""
    raw = path.read_bytes()
    path.write_bytes(raw[: random.randrange(len(raw))] if raw else raw)
    return bool(raw)


def gone(path: Path, _random: Random, _: Files) -> bool:
    """The whole file is gone."""
    path.unlink()
    return True


def swap(path: Path, random: Random, others: Files) -> bool:
    """Two files have changed places."""
    other = random.choice(others)
    here, there = path.read_bytes(), other.read_bytes()
    path.write_bytes(there)
    other.write_bytes(here)
    return here != there


def grow(path: Path, random: Random, _: Files) -> bool:
    """Something was written behind the end."""
    with path.open("ab") as out:
        out.write(random.randbytes(random.randrange(1, 64)))
    return True


UNSEEN = "verify does not see it"

KINDS: dict[str, Harm] = {
    "one bit flipped": flip, "a block zeroed": zero, "a file truncated": cut, "a file removed": gone,
    "two files swapped": swap, "bytes appended": grow,
}  # fmt: skip


class Truth:
    """What the undamaged index holds and answers."""

    def __init__(self, root: Path) -> None:
        self.questions = ["unique41 words", "late5", "topic 7 of record", "unique7", "unique199 record", "unique3"]
        engine = Engine.open(root, encoder=ToyEncoder())
        self.answers = {
            q: [(r.passage.id, r.passage.text) for r in engine.search(q, k=20).ranked] for q in self.questions
        }
        self.texts = {p.id: p.text for q in ("words", "record") for p in engine.search(q, k=1000).passages}
        engine.close()

    def problems(self, root: Path, random: Random) -> tuple[list[str], bool]:
        """What is wrong with two answers of a damaged index, and whether it said that something is missing."""
        try:
            engine = Engine.open(root, encoder=ToyEncoder())
        except CascadeError:
            return [], True
        found, said = [], False
        try:
            for question in random.sample(self.questions, 2):
                ranking = engine.search(question, k=20)
                given = [(r.passage.id, r.passage.text) for r in ranking.ranked]
                said |= not ranking.complete
                if ranking.complete and given != self.answers[question]:
                    found.append(f"{question}: another ranking, said to be complete")
                found += [f"{question}: {id_} has a wrong text" for id_, text in given if self.texts.get(id_) != text]
        except CascadeError:
            said = True
        finally:
            engine.close()
        return found, said


@cache
def _families(language: str, pieces: tuple[str, ...]) -> object:
    return FAMILIES(SimpleNamespace(built=SimpleNamespace(language=language)), pieces)


FAMILIES = Snapshot.families
Snapshot.families = lambda self, pieces: _families(self.built.language, tuple(pieces))  # a tenth of a second each time


def detected(root: Path) -> bool:
    """Whether `verify` sees that something is wrong."""
    where = Layout(root)
    try:
        return any(verify.damage(where, manifest.read(where)))
    except CascadeError:
        return True


def one(root: Path, harm: Harm, target: Path, random: Random, truth: Truth) -> dict[str, Any]:
    """Damage one file of a copy and look, in a child of its own."""
    others = [path for path in files_of(root) if path != target]
    if not harm(target, random, others):
        return {"skipped": True}
    problems, said = truth.problems(root, random)
    if not detected(root):
        problems.append(UNSEEN)
    return {"problems": problems, "said": said}


def files_of(root: Path) -> Files:
    """Every file that the index is made of."""
    return sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock")


def children(root: Path, work: Path, tasks: list[tuple[str, str, int]], truth: Truth) -> Iterator[dict[str, Any]]:
    """Do tasks in a forked child, each on a fresh copy; when it dies, its task is a crash and another child goes on."""
    out = work / "out"
    at = 0
    while at < len(tasks):
        out.write_text("")
        pid = os.fork()
        if not pid:
            code = 1
            try:
                with out.open("a") as told:
                    for kind, name, seed in tasks[at:]:
                        copy = work / "copy"
                        shutil.rmtree(copy, ignore_errors=True)
                        shutil.copytree(root, copy)
                        body = one(copy, KINDS[kind], copy / name, Random(seed), truth)
                        told.write(json.dumps({"kind": kind, "file": name, "seed": seed, **body}) + "\n")
                        told.flush()
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        done = [json.loads(line) for line in out.read_text().splitlines()]
        yield from done
        at += len(done)
        if status and at < len(tasks):
            kind, name, seed = tasks[at]
            died = [f"crashed with status {status}"]
            yield {"kind": kind, "file": name, "seed": seed, "problems": died, "said": False}
            at += 1


def tasks_of(root: Path, count: int, seed: int) -> list[tuple[str, str, int]]:
    """Every kind of damage to every file in a random order, round after round, until there are `count`."""
    names = [path.relative_to(root).as_posix() for path in files_of(root)]
    every = [(kind, name) for kind in KINDS for name in names]
    Random(seed).shuffle(every)
    return [(*every[n % len(every)], seed * 1_000_003 + n) for n in range(count)]


def main(folder: Path, count: int, seed: int) -> Tally:
    """Build, damage, count."""
    root, tally = folder / "index", Tally()
    build(root)
    truth, said = Truth(root), Counter[str]()
    for found in children(root, folder, tasks_of(root, count, seed), truth):
        if found.get("skipped"):
            continue
        kind = str(found["kind"])
        tally.add(kind)
        said[kind] += bool(found["said"])
        for problem in found["problems"]:
            where = f"{problem} ({found['file']}, seed {found['seed']})"
            tally.problem(kind, "undetected" if problem == UNSEEN else "wrong", where)
    tally.notes["said"] = dict(said)
    return tally


if __name__ == "__main__":
    told = main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    told.write()
    sys.stdout.write(f"{told.encode()}\n")
