"""One question at one setting: what survives each stage, and what each stage takes. The engine's own path is run.

Settings that differ in what is packed alone share one ranking, and each is charged for it. Knows the engine from
outside; knows nothing of how settings are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import CEILING, Effort, Ranking, Rows
from cascade.engine import Engine
from eval.survival import times
from eval.tuning.asked import Wanted
from eval.tuning.knobs import CANDIDATES, RANKED, WINDOW, Setting, turned

NEAREST = "nearest"
"""Beside the stages: which of the exact nearest passages are candidates."""

PACKING = "pack."
"""How the names of settings begin that a ranking does not depend on."""

Flags = NDArray[np.bool_]


class Seen(NamedTuple):
    """What became of one question. `kept`: by stage, bool (things,), whether each thing that must survive did.

    `ms`: by stage, and `total`. `late`: words came too late to nominate. `tokens`: packed; 0 where nothing is.
    """

    id: str
    kind: str
    kept: dict[str, Flags]
    ms: dict[str, float]
    tokens: int
    late: bool


@dataclass(frozen=True, slots=True)
class Course:
    """Settings that share a ranking, each with an engine that is set so."""

    members: tuple[tuple[Setting, Engine], ...]


def courses(engine: Engine, settings: Sequence[Setting], kept: str) -> list[Course]:
    """Settings made ready to be asked, those that share a ranking together, in the order given."""
    reader = engine.reader if kept == WINDOW else None
    groups: dict[Setting, list[tuple[Setting, Engine]]] = {}
    for setting in settings:
        ranked = tuple(pair for pair in setting if not pair[0].startswith(PACKING))
        made = engine.turned(turned(engine.config, setting), reader, engine.refuse)
        groups.setdefault(ranked, []).append((setting, made))
    return [Course(tuple(members)) for members in groups.values()]


def ask(course: Course, wanted: Wanted, kept: str) -> dict[Setting, Seen]:
    """Ask a question at each setting of a course: up to the ranking, or up to the window where that is looked at."""
    engine = course.members[0][1]
    query = engine.query(wanted.text, history=wanted.history, effort=Effort.NORMAL)
    stage = engine.selecting(query) if kept == WINDOW else engine.ranking(CEILING, Effort.NORMAL)
    ranking = stage.run(query)
    ms, late = times(query.ledger), any(entry.notes.get("late") for entry in query.ledger.entries)
    found = {CANDIDATES: _held(ranking.candidates.rows, wanted), RANKED: _held(_rows(ranking), wanted)}
    if len(wanted.nearest):
        found[NEAREST] = np.isin(wanted.nearest, ranking.candidates.rows)
    if kept != WINDOW:
        return {setting: Seen(wanted.id, wanted.kind, found, ms, 0, late) for setting, _ in course.members}
    return {
        setting: _packed(of, ranking, wanted, Seen(wanted.id, wanted.kind, found, ms, 0, late))
        for setting, of in course.members
    }


def _packed(engine: Engine, ranking: Ranking, wanted: Wanted, seen: Seen) -> Seen:
    """What is left in the window, with the time that packing takes besides."""
    query = replace(ranking.query, ledger=ranking.query.ledger.aside())
    context = engine.pack(query.manner, Effort.NORMAL).run(replace(ranking, query=query))
    rows = np.array([one.row for block in context.blocks for one in block.ranked], dtype=np.int64)
    took = times(query.ledger)
    ms = {**seen.ms, **took, "total": seen.ms["total"] + took["total"]}
    return seen._replace(kept={**seen.kept, WINDOW: _held(rows, wanted)}, ms=ms, tokens=context.tokens)


def _rows(ranking: Ranking) -> Rows:
    return np.array([one.row for one in ranking.ranked[:CEILING]], dtype=np.int64)


def _held(rows: Rows, wanted: Wanted) -> Flags:
    """Whether some row of each thing is among these."""
    return np.array([bool(np.isin(thing, rows).any()) for thing in wanted.things], dtype=np.bool_)
