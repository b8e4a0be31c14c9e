"""Asks rivals the same questions: first a few at every setting, then all at the settings that matter, taking turns.

Turns go block by block: each rival answers a block of questions at one setting in its own process while the others
wait, and the order moves on with every block, so that a busy spell of the machine falls on all alike and caches are
those of an engine that is asked often. Knows processes and settings; knows no rival by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cascade.errors import CascadeError
from eval.bench.rivals.base import Setting
from eval.bench.rivals.noting import Course, Notes
from eval.bench.rivals.talking import Child

SCOUTED = 12
"""Questions that settings are tried with."""

BLOCK = 10
"""Questions that a rival answers before the next one has its turn."""

LEAST, ENOUGH = 0.85, 0.998
"""Survival from which a setting is of interest, and from which more effort is not."""

WORSE = 1.3
"""A setting is left out where another finds as much and is this many times as fast by the clock and the processor."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A setting with its mean survival over a few questions, and median milliseconds by the clock and the processor."""

    setting: Setting
    survival: float
    ms: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """`k` rows for each of `questions`. A series of settings ends where an answer takes over `slowest` ms."""

    k: int
    questions: int
    slowest: float = 3_000.0


Told = Callable[[str], None]


def scout(child: Child, bounds: Bounds) -> list[Tried]:
    """The settings worth timing: around and above the survival of interest, and not beaten by another one."""
    at = np.unique(np.linspace(0, bounds.questions - 1, min(SCOUTED, bounds.questions)).astype(int)).tolist()
    found: list[Tried] = []
    for series in child.order("settings", k=bounds.k)["series"]:
        tried: list[Tried] = []
        for setting in series:
            seen = child.order("ask", k=bounds.k, setting=setting, at=at)["seen"]
            survival = float(np.mean([one["survival"] for one in seen]))
            ms, cpu = (float(np.median([one[clock] for one in seen])) for clock in ("ms", "cpu"))
            tried.append(Tried(setting, survival, ms, cpu))
            if survival >= ENOUGH or tried[-1].ms > bounds.slowest:
                break
        below = [one for one in tried if one.survival < LEAST]
        found += below[-1:] + [one for one in tried if one.survival >= LEAST]
    return [one for one in found if not any(_beats(other, one) for other in found)]


def measure(
    children: Mapping[str, Child], bounds: Bounds, notes: Notes, told: Told
) -> tuple[list[Course], dict[str, str]]:  # fmt: skip
    """Every course with all its answers, and why a rival could not go on, by name. Goes on where `notes` end."""
    lost: dict[str, str] = {}
    courses = [course for course in notes.held() if course.name in children]
    if not courses:
        courses, lost = _courses(children, bounds, told)
        notes.write(courses)
    for begin in range(min((len(course.seen) for course in courses), default=0), bounds.questions, BLOCK):
        end = min(begin + BLOCK, bounds.questions)
        told(f"questions {begin + 1} to {end} of {bounds.questions}")
        for place in range(len(courses)):
            course = courses[(place + begin // BLOCK) % len(courses)]
            if course.name in lost:
                continue
            how = {"k": bounds.k, "setting": dict(course.setting), "at": list(range(begin, end))}
            try:
                course.seen += children[course.name].order("ask", **how)["seen"]
            except CascadeError as error:
                lost[course.name] = str(error)
        courses = [course for course in courses if course.name not in lost]
        notes.write(courses)
    return courses, lost


def _courses(children: Mapping[str, Child], bounds: Bounds, told: Told) -> tuple[list[Course], dict[str, str]]:
    lost: dict[str, str] = {}
    courses: list[Course] = []
    for name, child in children.items():
        told(f"trying settings of {name}")
        try:
            courses += [Course(name, one.setting) for one in scout(child, bounds)]
        except CascadeError as error:
            lost[name] = str(error)
    return courses, lost


def _beats(other: Tried, one: Tried) -> bool:
    faster = other.ms * WORSE <= one.ms and other.cpu * WORSE <= one.cpu
    return other is not one and other.survival >= one.survival and faster
