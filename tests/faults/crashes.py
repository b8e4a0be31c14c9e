"""Power cuts: every state that a file system may legally show after a crash, for every work on a small index.

Three kinds: a work cut anywhere; a work killed before a folder was flushed, done again, and cut anywhere; a work on a
disk that does not flush what it was told to, where damage may be, but never unseen.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from harness import Found, Scene, cleared, told, using
from recorder import Cut, Recorder, Stopped, Tree, every, lay, visible
from tally import Tally
from works import WORKS, warm

from cascade.errors import CascadeError

MOST, FEW = 1 << 12, 16
"""States of one cut that are enumerated; beyond, as many are drawn. A test, and a cut after a kill, take few."""


def run(folder: Path, tally: Tally, every_: bool = False, seed: int = 7, works: Sequence[str] = ()) -> None:
    """Every work, or those named: each in one child, for reading starts threads."""
    warm(folder / "warm")
    for work in WORKS:
        if works and work.name not in works:
            continue
        scene = Scene(work, folder / work.name.replace(" ", "-"))
        answer = told(lambda scene=scene: Study(scene, every_, seed).all(), scene.out)
        if "failed" in answer:
            tally.problem(f"power cut in {work.name}", "wrong", answer["failed"])
            continue
        found = Tally.decode(answer["said"])
        for row in found.rows.values():
            tally.add(row.fault, row.times, row.slowest, lost=row.lost, wrong=row.wrong, undetected=row.undetected)
        tally.problems += found.problems
        tally.notes[f"cuts of {work.name}"] = found.notes
        cleared(scene.folder)


class Study:
    """All cuts of one work."""

    def __init__(self, scene: Scene, thorough: bool, seed: int) -> None:
        self.scene, self.thorough, self.random = scene, thorough, Random(seed)
        self.tally = Tally()
        self.notes: dict[str, int] = dict.fromkeys(("cuts", "drawn", "states", "opened", "completed"), 0)
        self._seen: dict[Tree, tuple[str, Any]] = {}
        self._known: set[tuple[Tree, int]] = set()
        self._resumed: set[Tree] = set()
        self._pool = scene.folder / "pool"
        self._pool.mkdir()
        self._at = scene.folder / "state"

    def all(self) -> str:
        """The tally of all three kinds, encoded."""
        recorder = self.recorded()
        name = self.scene.work.name
        for steps in range(len(recorder.log) + 1):
            self.cut(recorder, steps, f"power cut in {name}", MOST if self.thorough else FEW)
        for at in self._renamed(recorder):
            twice = self.recorded(at)
            for steps in range(at, len(twice.log) + 1):
                if self.thorough or steps == len(twice.log) or twice.log[steps].kind == "flush folder":
                    self.cut(twice, steps, f"{name} killed before a flush, done again, power cut", FEW)
        for _ in range(400 if self.thorough else 40):
            self._lie(recorder, f"flushes lost in {name}, power cut")
        self.tally.notes = dict(self.notes)
        return self.tally.encode()

    def _renamed(self, recorder: Recorder) -> list[int]:
        """Steps before which a kill leaves names that are not flushed: of a folder that readers look at."""
        flushes = [n for n, step in enumerate(recorder.log) if step.kind == "flush folder"]
        shown = [n for n in flushes if "unfinished" not in recorder.log[n].label]
        return shown if self.thorough else [n for n in shown if recorder.log[n].label in ("index", ".")]

    def recorded(self, stop_at: int | None = None) -> Recorder:
        """The log of the work; where it is to stop at a step, of what came before and of the work done again."""
        here = self.scene.fresh()
        recorder = Recorder(here, {})

        def acknowledge() -> None:
            recorder.acknowledge(self.scene.work.mark(here))

        with using(recorder):
            if stop_at is not None:
                recorder.stop_at = stop_at
                try:
                    self.scene.work.run(here, acknowledge)
                except Stopped:
                    recorder.stop_at = None
            self.scene.work.run(here, acknowledge)
        self.scene.drop(here)
        return recorder

    def cut(self, recorder: Recorder, steps: int, fault: str, most: int) -> None:
        """Look at all that a power cut after so many steps may leave, and count it under `fault`."""
        cut = Cut(recorder, steps)
        self.notes["cuts"] += 1
        for tree, drawn in every(cut, most, self.random):
            if (tree, cut.acknowledged) in self._known:
                continue
            self._known.add((tree, cut.acknowledged))
            self.notes["states"] += 1
            self.notes["drawn"] += drawn
            kind, found = self._look(tree, recorder)
            self.tally.add(fault, 1, found.milliseconds if kind == "found" else 0.0)
            what = f"after {steps} of {len(recorder.log)} steps"
            if kind == "failed":
                self.tally.problem(fault, "wrong", f"{what}: {found}")
            elif found.content not in self._allowed(cut.acknowledged):
                kind = "lost" if found.content in self.scene.states.values() else "wrong"
                self.tally.problem(fault, kind, f"{what}: {found.mark} is there, acknowledged was {cut.acknowledged}")
            else:
                self._complete(tree, recorder, fault, what)

    def _allowed(self, acknowledged: int) -> set[str]:
        """What may be there when so much was acknowledged. Done again, a work may come further than undisturbed."""
        floor = min(acknowledged, max(self.scene.states))
        return {content for mark, content in self.scene.states.items() if mark >= floor}

    def _look(self, tree: Tree, recorder: Recorder) -> tuple[str, Any]:
        seen = tree if self.thorough else visible(tree)
        if seen not in self._seen:
            self.notes["opened"] += 1
            lay(seen, self._at, self._pool, recorder)
            try:
                self._seen[seen] = ("found", self.scene.work.look(self._at))
            except Exception as error:  # noqa: BLE001
                self._seen[seen] = ("failed", f"{type(error).__name__}: {error}")
            cleared(self._at)
        return self._seen[seen]

    def _complete(self, tree: Tree, recorder: Recorder, fault: str, what: str) -> None:
        """Do the work again on states that readers can tell apart, and on a few of the others."""
        seen = visible(tree)
        share = 0.02 if seen in self._resumed else 1.0 if len(self._resumed) < FEW else 0.5 if self.thorough else 0.05
        if self.random.random() >= share:
            return
        self._resumed.add(seen)
        self.notes["completed"] += 1
        lay(tree, self._at, self._pool, recorder, link=False)
        try:
            self.scene.work.run(self._at, lambda: None)
            found = self.scene.work.look(self._at)
            if found.content != self.scene.final or found.residue:
                self.tally.problem(fault, "lost", f"{what}: doing the work again did not complete it")
        except Exception as error:  # noqa: BLE001
            self.tally.problem(fault, "wrong", f"{what}: doing the work again: {type(error).__name__}: {error}")
        cleared(self._at)

    def _lie(self, recorder: Recorder, fault: str) -> None:
        cut = Cut(recorder, self.random.randrange(len(recorder.log) + 1), lying=True)
        share = self.random.choice((0.02, 0.1, 0.5))
        tree = cut.left(lambda n: self.random.randrange(n) if self.random.random() < share else 0, self.random)
        self.tally.add(fault)
        lay(tree, self._at, self._pool, recorder, link=False)
        try:
            found: Found | None = self.scene.work.look(self._at)
        except (CascadeError, AssertionError):  # told of: by opening, or by verifying
            found = None
        except Exception as error:  # noqa: BLE001
            self.tally.problem(fault, "wrong", f"{type(error).__name__}: {error}")
            found = None
        seen = bool(found and found.content and json.loads(found.content)[0])  # damage
        if found and not seen and found.content not in self.scene.states.values():
            self.tally.problem(fault, "undetected", f"{found.mark} is there, with what was never there")
        cleared(self._at)
