"""The system refuses: no room, a failing disk, no permission, at every step of every work. The process lives on."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from harness import Scene, Stepped, told, using
from tally import Tally
from works import ENCODER, OLD, UNHURRIED, WORKS, warm

from cascade.engine import Engine
from cascade.errors import CascadeError, Corrupt, Unreadable
from cascade.index.snapshot import Snapshot

WRITING = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)
READING = ((errno.EIO, Corrupt), (errno.EMFILE, Unreadable), (errno.EACCES, Unreadable))


def run(folder: Path, tally: Tally, every: bool = False, **_: int) -> None:
    """Refuse each work its steps, one after the other: another kind of refusal at each, or all kinds at `every` one."""
    warm(folder / "warm")
    inside: set[str] = set()
    for work in WORKS:
        scene = Scene(work, folder / work.name.replace(" ", "-"))
        chosen = [n for n, step in enumerate(scene.steps, 1) if scene.steps.index(step) == n - 1 and step not in inside]
        if every:
            chosen = list(range(1, len(scene.steps) + 1))
        else:
            inside |= {step for step in scene.steps if "segments/.unfinished-N/" in step}
        pairs = [(at, WRITING[at % 4]) for at in chosen] if not every else [(at, e) for at in chosen for e in WRITING]
        fault = f"a step of {work.name} refused"
        answer = told(lambda s=scene, p=pairs: [_refuse(s, at, number) for at, number in p], scene.out)
        _count(tally, fault, answer, [f"{os.strerror(e)} at {at}, {scene.steps[at - 1]}" for at, e in pairs])
        if work.name in ("compact into lists", "replace"):
            answer = told(lambda s=scene: _unread(s), scene.out)
            _count(tally, f"a read refused, of {work.name}", answer, [])


def _count(tally: Tally, fault: str, answer: dict[str, Any], names: list[str]) -> None:
    if "failed" in answer:
        tally.problem(fault, "wrong", answer["failed"])
        return
    for number, bad in enumerate(answer["said"]):
        tally.add(fault)
        if bad:
            tally.problem(fault, bad[0], f"{names[number] if names else number}: {bad[1]}")


def refusing(at: int, number: int, lasting: bool) -> Callable[[str], None]:
    """Refuses the step of this number, and where it is `lasting` all that come after."""
    numbers = count(1)

    def meet(_step: str) -> None:
        met = next(numbers)
        if met == at or (lasting and met > at):
            raise OSError(number, os.strerror(number))

    return meet


def _refuse(scene: Scene, at: int, number: int) -> tuple[str, str] | None:
    """What is wrong after a refusal, in this very process: a sentence must come, and the work go on when it is over."""
    here, work = scene.fresh(), scene.work
    try:
        with using(Stepped(here, refusing(at, number, lasting=number == errno.ENOSPC))):
            work.run(here, scene.acknowledging(here))
    except CascadeError as error:
        if not str(error).endswith((".", "SOURCE")):
            return "wrong", f"no sentence: {error}"
    except BaseException as error:  # noqa: BLE001
        return "wrong", f"{type(error).__name__}: {error}"
    try:
        if bad := scene.judge(work.look(here), scene.acknowledged(here)):
            return bad
        work.run(here, lambda: None)
        if work.look(here).content != scene.final:
            return "lost", "doing the work again did not complete it"
    except Exception as error:  # noqa: BLE001
        return "wrong", f"afterwards: {type(error).__name__}: {error}"
    finally:
        scene.drop(here)
    return None


def _unread(scene: Scene) -> list[tuple[str, str] | None]:
    """Refuse each read of opening, verifying and searching; afterwards everything must work again."""
    here = scene.fresh()
    scene.work.run(here, lambda: None)
    steps: list[str] = []
    with using(Stepped(here, steps.append, reads=True)):
        expected = _read(here / "index")
    out: list[tuple[str, str] | None] = []
    for at, step in enumerate(steps, 1):
        for number, kind in READING:
            bad = None
            try:
                with using(Stepped(here, refusing(at, number, lasting=False), reads=True)):
                    said, answer = _read(here / "index")
                if number != errno.EIO:
                    bad = "undetected", f"{os.strerror(number)} at {step} was not told of"
                if answer != expected[1] and not said:  # what is there twice, or derived, is made up for
                    bad = "wrong", f"{os.strerror(number)} at {step}: another answer, and nothing is said to be missing"
            except (Corrupt, Unreadable) as error:
                if not isinstance(error, kind):
                    bad = "wrong", f"{os.strerror(number)} at {step} is {type(error).__name__}"
            except Exception as error:  # noqa: BLE001
                bad = "wrong", f"{os.strerror(number)} at {step}: {type(error).__name__}: {error}"
            out.append(bad)
        if _read(here / "index") != expected:
            out.append(("wrong", f"after {step} was refused, the answer differs"))
    scene.drop(here)
    return out


def _read(index: Path) -> tuple[list[str], list[str]]:
    """What is said to be damaged or missing, and what a search finds."""
    snapshot = Snapshot(index)
    try:
        problems = snapshot.verify()
        found = Engine(snapshot, ENCODER, UNHURRIED).search(OLD[7].text, k=3)
        return [*problems, *found.candidates.missing], [one.passage.id for one in found.ranked]
    finally:
        snapshot.close()
