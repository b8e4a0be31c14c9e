"""Builds each rival once, in a process of its own, and remembers what that took or why it could not be.

Knows folders and processes; knows no rival by name.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascade.errors import CascadeError
from eval.bench.rivals.base import Rival
from eval.bench.rivals.given import Given
from eval.bench.rivals.talking import Child
from eval.rows import Finding

BUILT = "built.json"
TOLD = ("facts", "seconds", "cpu_seconds", "bytes", "rss_anon_peak", "rss_peak")


@dataclass(frozen=True, slots=True)
class Built:
    """A rival that can be asked: where it lies, and what building it took."""

    rival: Rival
    folder: Path
    took: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Care:
    """How a rival's process is treated: threads it may have, seconds an answer may take."""

    threads: int = 2
    patience: float = 1_800.0


def build(rival: Rival, given: Given, care: Care) -> Built | str:
    """The rival, built now or before; or the reason why it cannot be had, which is remembered too."""
    if rival.most and len(given) > rival.most:
        return f"Not asked above {rival.most:,} passages. {rival.beyond}"
    folder = given.folder / (rival.shares or rival.name)
    said = folder / BUILT
    if not said.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        took = _built(rival.shares or rival.name, given, folder, care)
        said.write_text(json.dumps({"digest": given.digest, "threads": care.threads, **took}), "utf-8")
    took = json.loads(said.read_text("utf-8"))
    if took["digest"] != given.digest:
        raise CascadeError(f"{folder} was built from other passages. Remove it, or name another folder.")
    return str(took["failed"]) if "failed" in took else Built(rival, folder / "own", took)


def findings(built: Sequence[Built], refused: dict[str, str], given: Given, threads: int) -> list[Finding]:
    """What building each took, and why others could not be built; one that shares a folder is told by the other."""
    about = {"comparison": "build", "passages": len(given), "threads": threads}
    made = [
        Finding({**about, "peer": one.rival.name, "page": one.rival.page}, {key: one.took[key] for key in TOLD})
        for one in built
        if not one.rival.shares
    ]
    return made + [Finding({**about, "peer": name}, {"refused": why}) for name, why in refused.items()]


def _built(name: str, given: Given, folder: Path, care: Care) -> dict[str, Any]:
    try:
        with Child(name, given.folder, folder / "own", care.threads, care.patience) as child:
            return child.order("build")
    except CascadeError as error:
        shutil.rmtree(folder / "own", ignore_errors=True)
        return {"failed": str(error)}
