"""SIGKILL at every step of every work: before it, and in the middle of every file that is written."""

from __future__ import annotations

import os
from pathlib import Path

from harness import Scene, Stepped, child, done, killing, using
from tally import Tally
from works import WORKS, asked, warm


def run(folder: Path, tally: Tally, every: bool = False, **_: int) -> None:
    """Kill each work at the first step of each name, or at `every` step; look, complete it, compare.

    Without `every`, the files inside a segment are left to the first work that writes one.
    """
    warm(folder / "warm")
    inside: set[str] = set()
    for work in WORKS:
        scene = Scene(work, folder / work.name.replace(" ", "-"))
        tally.notes[work.name] = sorted(set(scene.steps))
        for at, step in enumerate(scene.steps, 1):
            if every or (scene.steps.index(step) == at - 1 and step not in inside):
                _strike(scene, at, step, tally)
        inside |= {step for step in scene.steps if "segments/.unfinished-N/" in step}


def _strike(scene: Scene, at: int, step: str, tally: Tally) -> None:
    fault = f"SIGKILL at every step of {scene.work.name}"
    here = scene.fresh()

    def stopped() -> None:
        with using(Stepped(here, killing(at))):
            scene.work.run(here, scene.acknowledging(here))

    status = os.waitpid(child(stopped), 0)[1]
    if not os.WIFSIGNALED(status):
        tally.problem(fault, "wrong", f"step {at}, {step}, was not met")
    milliseconds, bad = scene.after(here)
    tally.add(fault, 1, milliseconds)
    if bad:
        tally.problem(fault, bad[0], f"killed at {at}, {step}: {bad[1]}")
    if at == len(scene.steps) and (here / "index").exists() and not done(child(lambda: asked(here / "index"))):
        tally.problem(fault, "wrong", f"killed at {at}, {step}: asking the engine failed")
    scene.drop(here)
