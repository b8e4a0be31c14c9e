"""Builds each rival once, in a process of its own, and remembers what that took or why it could not be.

Knows folders and processes; knows no rival by name.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascade.errors import CascadeError
from eval.bench.rivals.base import Rival
from eval.bench.rivals.given import Given
from eval.bench.rivals.talking import Child
from eval.rows import Circumstances, Finding

BUILT = "built.json"


@dataclass(frozen=True, slots=True)
class Built:
    """A rival that can be asked: where it lies, and the row that says what building it took, when and where."""

    rival: Rival
    folder: Path
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Care:
    """How a rival's process is treated: threads it may have, seconds an answer may take."""

    threads: int = 2
    patience: float = 1_800.0


def build(rival: Rival, given: Given, care: Care) -> Built | str:
    """The rival, built now or before; or the reason why it cannot be had. What failed is tried again the next time.

    Raises CascadeError where its folder was built from other passages.
    """
    if rival.most and len(given) > rival.most:
        return f"Not asked above {rival.most:,} passages. {rival.beyond}"
    folder = given.folder / (rival.shares or rival.name)
    said = folder / BUILT
    if not said.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            row = _row(rival, given, folder, care)
        except CascadeError as error:
            shutil.rmtree(folder)
            return str(error)
        said.write_text(json.dumps({"digest": given.digest, "row": row}), "utf-8")
    held = json.loads(said.read_text("utf-8"))
    if held["digest"] != given.digest:
        raise CascadeError(f"{folder} was built from other passages. Remove it, or name another folder.")
    return Built(rival, folder / "own", held["row"])


def about(name: str, given: Given, care: Care) -> dict[str, Any]:
    """The settings of a row about building."""
    return {"comparison": "build", "passages": len(given), "peer": name, "threads": care.threads}


def _row(rival: Rival, given: Given, folder: Path, care: Care) -> dict[str, Any]:
    name, circumstances = rival.shares or rival.name, Circumstances("peers", 0)
    with Child(name, given.folder, folder / "own", care.threads, care.patience) as child:
        took = child.order("build")
    return circumstances.row(Finding({**about(name, given, care), "page": rival.page}, took))
