"""Whether power cuts would be noticed: one flush after the other is left out of the file layer, and must be missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crashes import FEW, Study
from harness import Scene, told
from tally import Tally
from works import WORKS, warm

from cascade.index import files


def _forgetful(path: Path, data: bytes) -> None:
    aside = path.with_name(f"{path.name}.0.tmp")
    files.disk.write(aside, data)
    files.disk.rename(aside, path)


def _hasty(aside: Path, final: Path) -> None:
    files.disk.rename(aside, final)
    files.disk.flush_folder(final.parent)


MUTANTS: tuple[tuple[str, str, Callable[..., None]], ...] = (
    ("create", "keep", lambda _folder: None),
    ("delete", "replace", _forgetful),
    ("add", "publish", _hasty),
)
"""A work, the function of the file layer that it calls, and that function without a flush."""


def run(folder: Path, tally: Tally, every: bool = False, seed: int = 7, **_: int) -> None:
    """Cut each mutant everywhere; a problem here is one that was not found."""
    warm(folder / "warm")
    works = {work.name: work for work in WORKS}
    for name, function, mutant in MUTANTS:
        scene = Scene(works[name], folder / function)
        answer = told(lambda s=scene, f=function, m=mutant: _found(s, f, m, seed), scene.out)
        tally.notes[function] = Scene.check(answer)
        tally.add("a flush left out of the code, and noticed")
        if not tally.notes[function]:
            tally.problem("a flush left out of the code, and noticed", "undetected", f"{function} in {name}")


def _found(scene: Scene, function: str, mutant: Callable[..., None], seed: int) -> int:
    with _instead(function, mutant):
        study = Study(scene, False, seed)
        recorder = study.recorded()
        for steps in range(len(recorder.log) + 1):
            study.cut(recorder, steps, "power cut", FEW)
    return len(study.tally.problems)


@contextmanager
def _instead(function: str, mutant: Any) -> Iterator[None]:
    before = getattr(files, function)
    setattr(files, function, mutant)
    try:
        yield
    finally:
        setattr(files, function, before)
