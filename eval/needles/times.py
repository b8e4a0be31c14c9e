"""Classes in which time decides: accounts that disagree, facts that were changed after indexing, terms of office.

Every date stands in the text and, as ISO 8601, in the record. Knows forms; knows nothing of the other classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from eval.needles.forms import FORMS, Form
from eval.needles.names import MONTHS, Entity
from eval.needles.scene import Draft, Plan, Scene

CHANGING: Final = tuple(form for form in FORMS if form.changes)

_SOURCES: Final = (
    "Register, entry of {d}: {f}",
    "Note dated {d}: {f}",
    "Minutes of the meeting on {d}: {f}",
    "Bulletin of {d}: {f}",
    "Directory, edition of {d}: {f}",
)
_LATEST: Final = ("according to the latest entry", "by the most recent account", "going by the newest record")
_NOW: Final = ("now", "today", "at present")


@dataclass(frozen=True, slots=True)
class Term:
    """Something held for some years. `trap` says something else of the subject in the year asked for."""

    subject: Entity
    value: Entity
    statements: tuple[str, ...]
    question: str
    trap: str


TERMS: Final = (
    Term(Entity.TOWN, Entity.PERSON,
         ("{v} was harbour master of {s} from {a} to {b}.", "From {a} to {b} the harbour master of {s} was {v}."),
         "Who was harbour master of {s} in {y}?", "In {y} the harbour of {s} was dredged for the third time."),
    Term(Entity.TOWN, Entity.PERSON,
         ("{v} ran the post office of {s} between {a} and {b}.", "Between {a} and {b} the postmaster of {s} was {v}."),
         "Who ran the post office of {s} in {y}?", "The post office of {s} got its second telephone in {y}."),
    Term(Entity.SHIP, Entity.FIRM,
         ("The {s} belonged to {v} from {a} until {b}.", "From {a} until {b} the owner of the {s} was {v}."),
         "To which firm did the {s} belong in {y}?", "In {y} the {s} lost an anchor, and its owner bought a new one."),
    Term(Entity.FIRM, Entity.TOWN,
         ("{s} had its head office in {v} from {a} to {b}.", "From {a} to {b}, {v} housed the head office of {s}."),
         "Where was the head office of {s} in {y}?", "The head office of {s} was closed for a week in {y}."),
    Term(Entity.PERSON, Entity.TOWN,
         ("{s} lived in {v} from {a} to {b}.", "Between {a} and {b} the address of {s} was in {v}."),
         "Where did {s} live in {y}?", "In {y} a newspaper asked where {s} lived, and got no reply."),
    Term(Entity.PERSON, Entity.FIRM,
         ("From {a} to {b}, {s} worked for {v}.", "{v} employed {s} from {a} to {b}."),
         "For which firm did {s} work in {y}?", "{s} broke a leg in {y} and could not work for a month."),
    Term(Entity.WORK, Entity.TOWN,
         ("The score of “{s}” was kept in {v} from {a} to {b}.", "From {a} to {b}, {v} held the score of “{s}”."),
         "In which town was the score of “{s}” kept in {y}?", "In {y} a page of the score of “{s}” was photographed."),
    Term(Entity.TOWN, Entity.NUMBER,
         ("The toll number of {s} was {v} from {a} to {b}.", "From {a} to {b}, {s} had the toll number {v}."),
         "Which toll number did {s} have in {y}?", "The toll house of {s} was painted in {y}."),
)  # fmt: skip


def conflict(scene: Scene) -> Plan:
    """Three dated accounts that disagree, the newest of which holds, and one of a sibling that is newer still."""
    form, days = scene.random.choice(CHANGING), dates(scene, 4)
    subject = scene.names.name(form.subject)
    values = [scene.names.name(form.value) for _ in range(3)]
    drafts = [_dated(scene, form, (subject, value), day) for value, day in zip(values[:2], days[:2], strict=True)]
    newest = _dated(scene, form, (subject, values[2]), days[2], relevant=True)
    other = scene.names.name(form.value)
    sibling = _dated(scene, form, (scene.names.sibling(subject), other), days[3])
    question = _ended(form.question(subject, scene.random.randrange(2)), f", {scene.random.choice(_LATEST)}?")
    return Plan(question, (newest, *drafts, sibling), (values[2],), (*values[:2], other), (subject,))


def updated(scene: Scene) -> Plan:
    """A second ingest changes the fact: even numbers replace the record, odd ones put a later one beside it.

    A sibling's fact is planted before, and another sibling's after.
    """
    form, days = scene.random.choice(CHANGING), dates(scene, 3)
    subject = scene.names.name(form.subject)
    old, new, early, late = (scene.names.name(form.value) for _ in range(4))
    thing = "" if scene.number % 2 else "changed"
    before, after = scene.names.siblings(subject, 2)
    drafts = (
        _dated(scene, form, (subject, new), days[1], relevant=True, after=True, thing=thing),
        _dated(scene, form, (subject, old), days[0], thing=thing),
        _dated(scene, form, (before, early), days[0]),
        _dated(scene, form, (after, late), days[2], after=True),
    )
    question = _ended(form.question(subject, scene.random.randrange(2)), f" {scene.random.choice(_NOW)}?")
    return Plan(question, drafts, (new,), (old, early, late), (subject,))


def time_bounded(scene: Scene) -> Plan:
    """Four terms that follow one another; the year asked for lies within one and is written in none.

    A sibling has a term over the same years, and one record says something else of that year.
    """
    term, random = TERMS[scene.number % len(TERMS)], scene.random
    subject = scene.names.name(term.subject)
    begins = [random.randrange(1850, 1940)]
    while len(begins) < 5:
        begins.append(begins[-1] + random.randrange(5, 14))
    values = [scene.names.name(term.value) for _ in range(5)]
    right = random.randrange(4)
    year = random.randrange(begins[right] + 2, begins[right + 1] - 1)
    drafts = [_term(scene, term, (subject, values[at]), (begins[at], begins[at + 1]), at == right) for at in range(4)]
    same = (begins[right] + random.choice((-1, 1)), begins[right + 1] + random.choice((-1, 1)))
    drafts.append(_term(scene, term, (scene.names.sibling(subject), values[4]), same))
    drafts.append(Draft(term.trap.format(s=subject, y=year), time=f"{year}-06-01"))
    rivals = tuple(value for at, value in enumerate(values) if at != right)
    return Plan(term.question.format(s=subject, y=year), tuple(drafts), (values[right],), rivals, (subject,))


def dates(scene: Scene, count: int) -> list[date]:
    """So many days of our times, ascending, at least two months apart."""
    day = date(2004, 1, 1) + timedelta(scene.random.randrange(4_000))
    days = []
    for _ in range(count):
        days.append(day)
        day += timedelta(scene.random.randrange(60, 900))
    return days


def written(day: date) -> str:
    """3 May 2019."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _dated(
    scene: Scene, form: Form, names: tuple[str, str], day: date, relevant: bool = False, after: bool = False,
    thing: str = "",
) -> Draft:  # fmt: skip
    fact = form.statement(*names, scene.random.randrange(2))
    text = scene.random.choice(_SOURCES).format(d=written(day), f=fact)
    return Draft(text, relevant, time=day.isoformat(), after=after, thing=thing)


def _term(scene: Scene, term: Term, names: tuple[str, str], years: tuple[int, int], relevant: bool = False) -> Draft:
    pattern = scene.random.choice(term.statements)
    return Draft(pattern.format(s=names[0], v=names[1], a=years[0], b=years[1]), relevant, time=f"{years[0]}-01-01")


def _ended(question: str, end: str) -> str:
    return question.rstrip("?") + end
