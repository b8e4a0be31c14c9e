"""The comparison, step by step: lay down -> build -> open -> ask in turns -> findings. What is done is not done again.

Knows the order of the steps; each step is somebody else's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cascade.errors import CascadeError
from cascade.models.base import Encoder
from eval.bench.rivals.asking import Bounds, Told, measure
from eval.bench.rivals.base import Comparison
from eval.bench.rivals.building import Built, Care, about, build
from eval.bench.rivals.given import Given
from eval.bench.rivals.laying import Wanted, lay
from eval.bench.rivals.noting import Course, Notes
from eval.bench.rivals.resolve import NAMES, rival
from eval.bench.rivals.talking import Child
from eval.intervals import spread
from eval.rows import Circumstances, Finding


@dataclass(frozen=True, slots=True)
class Plan:
    """`sizes`: passages. `ks`: rows asked for. `names`: rivals, all where empty. `slowest`: ms of one answer.
    `ask`: so many of the questions laid down, 0: all."""

    sizes: tuple[int, ...] = (100_000, 1_000_000)
    ks: tuple[int, ...] = (117, 30_000)
    names: tuple[str, ...] = NAMES
    care: Care = field(default_factory=Care)
    slowest: float = 3_000.0
    ask: int = 0


class Way(NamedTuple):
    """How one comparison is asked, what it has found so far, and who is told."""

    bounds: Bounds
    care: Care
    notes: Notes
    told: Told


def run(work: Path, plan: Plan, wanted: Wanted, encoder: Encoder, told: Told) -> Iterator[dict[str, Any]]:
    """The rows of every size, each as soon as it is there. `work`: a folder that may be used again to go on."""
    rivals = [rival(name) for name in plan.names]
    for size in plan.sizes:
        told(f"laying down {size:,} passages")
        given = lay(work / str(size), size, wanted, encoder)
        built: list[Built] = []
        refused: dict[str, str] = {}
        for one in rivals:
            told(f"{size:,} passages: building {one.name}")
            made = build(one, given, plan.care)
            if isinstance(made, Built):
                built.append(made)
            else:
                refused[one.name] = made
        yield from (one.row for one in built if not one.rival.shares)
        for name, why in refused.items():
            yield Circumstances("peers", wanted.seed).row(Finding(about(name, given, plan.care), {"refused": why}))
        for comparison in Comparison:
            some = [one for one in built if one.rival.compares is comparison]
            for k in plan.ks if some else ():
                bounds = Bounds(k, min(plan.ask or len(given.questions), len(given.questions)), plan.slowest)
                yield from _asked(given, some, bounds, plan.care, told)


def _asked(given: Given, built: Sequence[Built], bounds: Bounds, care: Care, told: Told) -> list[dict[str, Any]]:
    """Rows of one comparison at one k: measured now, or before by the same rivals over the same questions."""
    comparison = built[0].rival.compares
    said = json.dumps([given.digest, [one.rival.name for one in built], asdict(bounds), asdict(care)])
    key = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
    file = given.folder / f"{comparison}-{bounds.k}.json"
    if file.exists():
        held = json.loads(file.read_text("utf-8"))
        if held["key"] == key:
            rows: list[dict[str, Any]] = held["rows"]
            return rows
    circumstances = Circumstances("peers", 0)
    notes = Notes(file.with_suffix(".notes"), key)
    what = f"{len(given):,} passages, {comparison}, k {bounds.k:,}"
    found = _measured(given, built, Way(bounds, care, notes, lambda said: told(f"{what}: {said}")))
    made = [json.loads(json.dumps(circumstances.row(one), default=float)) for one in found]
    file.write_text(json.dumps({"key": key, "rows": made}), "utf-8")
    notes.clear()
    return made


def _measured(given: Given, built: Sequence[Built], way: Way) -> list[Finding]:
    shared = {"comparison": str(built[0].rival.compares), "passages": len(given), "k": way.bounds.k}
    shared["threads"] = way.care.threads
    settings = {one.rival.name: {**shared, "peer": one.rival.name, "page": one.rival.page} for one in built}
    lost: dict[str, str] = {}
    with ExitStack() as stack:
        children: dict[str, Child] = {}
        for one in built:
            name = one.rival.name
            child = stack.enter_context(Child(name, given.folder, one.folder, way.care.threads, way.care.patience))
            try:
                child.order("open", threads=way.care.threads)
                children[name] = child
            except CascadeError as error:
                lost[name] = str(error)
        courses, fell = measure(children, way.bounds, way.notes, way.told)
        memory = {name: child.order("memory") for name, child in children.items() if name not in fell}
    found = [_finding(course, given, settings[course.name], memory[course.name]) for course in courses]
    return found + [Finding(settings[name], {"refused": why}) for name, why in {**lost, **fell}.items()]


def _finding(course: Course, given: Given, settings: dict[str, Any], memory: dict[str, Any]) -> Finding:
    seen = course.seen
    survival = [one["survival"] for one in seen]
    summary = {
        "ms": spread([one["ms"] for one in seen]),
        "cpu": spread([one["cpu"] for one in seen]),
        "survival": float(np.mean(survival)),
        "survival_least": float(np.min(survival)),
        "judged": float(np.mean([one["kept"] for one in seen])),
        "found": float(np.median([one["found"] for one in seen])),
        **memory,
    }
    queries = [
        {"_id": given.questions[one["at"]].id, "set": given.questions[one["at"]].set,
         **{key: round(one[key], 4) for key in ("ms", "cpu", "survival", "kept")}}
        for one in seen
    ]  # fmt: skip
    return Finding({**settings, "setting": dict(course.setting)}, summary, queries)
