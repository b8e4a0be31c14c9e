"""A record's plan (sections and budgets) and the drafts of its passages: where the cuts fall.

Knows records, sections and tapes; knows nothing of vocabularies or encoders.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from indexers.boundaries import Places, Strength, Strengths, boundaries, graphemes, separates
from indexers.outline import Section, gathered, shared
from indexers.records import Record
from indexers.tape import Ids, Tape, choose

_CHOICES = 8
"""Places offered per budget inside a run without spaces: cuts come within an eighth of the ideal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A record to be cut: its sections, and the tokens that the head of each leaves to a passage under it."""

    place: int
    record: Record
    sections: list[Section]
    budgets: list[int]
    target: int

    @property
    def budget(self) -> int:
        """What every head of the record leaves."""
        return min(self.budgets)

    def within(self, start: int, end: int) -> slice:
        """The sections that have a part in text[start:end]."""
        first = bisect_right(self.sections, start, key=lambda section: section.start) - 1
        return slice(first, bisect_left(self.sections, end, key=lambda section: section.start))

    def heading(self, start: int, end: int) -> str:
        """What everything in text[start:end] stands under, as `A > B`."""
        return " > ".join(shared(section.path for section in self.sections[self.within(start, end)]))


@dataclass(frozen=True, slots=True)
class Draft:
    """text[start:end] of a plan, meant to be charged at most `budget`.

    `ids` is None where they must be found by tokenizing the draft alone, because it was cut where tokens do not part.
    """

    plan: Plan
    start: int
    end: int
    budget: int
    charge: int = 0
    ids: Ids | None = None

    @property
    def text(self) -> str:
        """The draft's part of the record."""
        return self.plan.record.text[self.start : self.end]


def drafts(plan: Plan, tape: Tape) -> Iterator[Draft]:
    """Cut a whole record, given its tape: in one if it fits, else section by section."""
    size = len(plan.record.text)
    if tape.total <= plan.budget:
        yield Draft(plan, 0, size, plan.budget, tape.total, tape.ids)
        return
    charges = [tape.between(section.start, section.end) for section in plan.sections]
    for group in gathered(plan.sections, charges, plan.target):
        budget = min(plan.budgets[plan.within(group.start, group.end)])
        yield from split(Draft(plan, group.start, group.end, budget), tape)


def split(whole: Draft, tape: Tape, alone: bool = False) -> Iterator[Draft]:
    """Cut one draft into drafts that fit its budget; itself, if it fits or cannot be cut.

    `tape` is the record's, or, if `alone`, the draft's own.
    """
    plan, start, end, budget = whole.plan, whole.start, whole.end, whole.budget
    origin = start if alone else 0
    edges = [start, end]
    if tape.between(start - origin, end - origin) > budget:
        places, strengths = _offered(whole, tape, origin)
        charges = tape.before(places - origin) - tape.before(np.array([start - origin]))
        total = tape.between(start - origin, end - origin)
        cuts = choose(charges, strengths, total, min(plan.target, budget), budget)
        edges[1:1] = places[cuts].tolist()
    text = plan.record.text
    clean = [separates(text, at) and not tape.inside(at - origin) for at in edges]
    if alone:
        clean[0] = clean[-1] = True
    for i, (a, b) in enumerate(pairwise(edges)):
        ids = tape.slice(a - origin, b - origin) if clean[i] and clean[i + 1] else None
        yield Draft(plan, a, b, budget, tape.between(a - origin, b - origin), ids)


def _offered(whole: Draft, tape: Tape, origin: int) -> tuple[Places, Strengths]:
    """Every boundary of a draft; sections begin at the best; runs longer than half the budget get places inside."""
    text = whole.plan.record.text
    places, strengths = boundaries(text, whole.start, whole.end, whole.plan.record.kind)
    begins = np.array([s.start for s in whole.plan.sections[whole.plan.within(whole.start, whole.end)]], np.int64)
    strengths[np.isin(places, begins)] = Strength.PARAGRAPH
    edges = np.concatenate([[whole.start], places, [whole.end]])
    charges = np.diff(tape.before(edges - origin))
    inner = [
        _inside(text, int(edges[i]), int(edges[i + 1]), int(charges[i]), whole.budget)
        for i in np.flatnonzero(charges * 2 > whole.budget)
    ]
    if not inner:
        return places, strengths
    extra = np.concatenate(inner)
    order = np.argsort(np.concatenate([places, extra]), kind="stable")
    runs = np.full(len(extra), Strength.RUN, np.int8)
    return np.concatenate([places, extra])[order], np.concatenate([strengths, runs])[order]


def _inside(text: str, start: int, end: int, charge: int, budget: int) -> Places:
    """Places between grapheme clusters inside a run charged `charge`, `_CHOICES` or more for each budget."""
    run = text[start:end]
    begin, stop = start + len(run) - len(run.lstrip()), start + len(run.rstrip())
    return graphemes(text, begin, stop, budget * len(run) // (charge * _CHOICES))
