"""Identifiers and numbers: the wrong ones differ in one digit and belong to things of nearly the same name.

Half of the questions ask for the number of a thing, half for the thing of a number.
Knows how identifiers look; knows nothing of the other classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from eval.needles.names import Entity, longest
from eval.needles.scene import Draft, Plan, Scene


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of identifier. `whose` asks for the thing that has it."""

    subject: Entity
    draw: Callable[[Random], str]
    statements: tuple[str, ...]
    question: str
    whose: str


def _digits(random: Random, count: int) -> str:
    return str(random.randrange(10 ** (count - 1), 10**count))


def _hex(random: Random, count: int) -> str:
    return f"{random.randrange(16 ** (count - 1), 16**count):x}"


def _letters(random: Random, count: int) -> str:
    return "".join(random.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))


_TOWN, _SHIP, _FIRM, _PERSON, _WORK = Entity.TOWN, Entity.SHIP, Entity.FIRM, Entity.PERSON, Entity.WORK

SORTS: Final = (
    Sort(_TOWN, lambda r: f"{_letters(r, 2)}-{_digits(r, 5)}-{_digits(r, 2)}",
         ("The compressor in the ice works of {s} has the serial number {v}.",
          "Serial number {v} is stamped on the compressor in the ice works of {s}."),
         "What is the serial number of the compressor in {s}?", "In which town is the compressor with the number {v}?"),
    Sort(_FIRM, lambda r: _hex(r, 12),
         ("The device of {s} identifies itself as {v}.", "Id {v} was assigned to the device of {s}."),
         "What is the id of the device of {s}?", "Whose device identifies itself as {v}?"),
    Sort(_WORK, lambda r: f"978-3-{_digits(r, 2)}-{_digits(r, 6)}-{_digits(r, 1)}",
         ("The paperback edition of “{s}” has the ISBN {v}.", "ISBN {v} belongs to the paperback of “{s}”."),
         "What is the ISBN of the paperback of “{s}”?", "Which work has the paperback ISBN {v}?"),
    Sort(_FIRM, lambda r: f"fd{_hex(r, 2)}:{_hex(r, 4)}:{_hex(r, 4)}::{_hex(r, 4)}",
         ("The gateway of {s} answers at {v}.", "Traffic for {s} is routed to {v}."),
         "At which address does the gateway of {s} answer?", "Whose gateway has the address {v}?"),
    Sort(_FIRM, lambda r: f"{r.randrange(1, 30)}.{r.randrange(10, 99)}.{_digits(r, 4)}",
         ("The scales of {s} run firmware {v}.", "Firmware {v} was installed on the scales of {s}."),
         "Which firmware version do the scales of {s} run?", "Whose scales run firmware {v}?"),
    Sort(_SHIP, lambda r: f"E{_digits(r, 5)}",
         ("The engine of the {s} stopped with error {v}.", "Error {v} was shown when the engine of the {s} stopped."),
         "With which error did the engine of the {s} stop?", "On which ship did the engine stop with error {v}?"),
    Sort(_TOWN, lambda r: f"{r.randrange(2, 90)},{_digits(r, 3)}.{_digits(r, 2)}",
         ("The new organ of {s} cost {v} euros.", "{v} euros were paid for the new organ of {s}."),
         "How many euros did the new organ of {s} cost?", "Which town paid {v} euros for its new organ?"),
    Sort(_PERSON, lambda r: f"{_letters(r, 1)}{_digits(r, 8)}",
         ("The passport of {s} has the number {v}.", "Passport {v} was issued to {s}."),
         "What is the passport number of {s}?", "To whom was passport {v} issued?"),
    Sort(_FIRM, lambda r: f"DK{_digits(r, 2)} {_digits(r, 4)} {_digits(r, 4)} {_digits(r, 4)}",
         ("Payments to {s} go to the account {v}.", "The account of {s} is {v}."),
         "What is the account of {s}?", "Whose account is {v}?"),
    Sort(_PERSON, lambda r: f"{_hex(r, 8)}-{_hex(r, 4)}-4{_hex(r, 3)}",
         ("The badge of {s} carries the tag {v}.", "Tag {v} is on the badge of {s}."),
         "Which tag is on the badge of {s}?", "On whose badge is the tag {v}?"),
    Sort(_SHIP, lambda r: f"IMO {_digits(r, 7)}",
         ("The {s} sails under {v}.", "{v} stands on the stern of the {s}."),
         "What is the IMO number of the {s}?", "Which ship sails under {v}?"),
    Sort(_TOWN, lambda r: f"{r.randrange(47, 60)}.{_digits(r, 4)}, {r.randrange(5, 20)}.{_digits(r, 4)}",
         ("The boundary stone of {s} stands at {v}.", "At {v} stands the boundary stone of {s}."),
         "At which coordinates stands the boundary stone of {s}?", "Whose boundary stone stands at {v}?"),
    Sort(_FIRM, lambda r: f"0x{_hex(r, 8).upper()}",
         ("The sorting line of {s} halts with fault {v}.", "Fault {v} was read from the sorting line of {s}."),
         "With which fault does the sorting line of {s} halt?", "Whose sorting line halts with fault {v}?"),
    Sort(_PERSON, lambda r: f"{_digits(r, 2)}/{_digits(r, 3)}/{_digits(r, 5)}",
         ("The tax office files {s} under {v}.", "Tax file {v} is that of {s}."),
         "What is the number of the tax file of {s}?", "Whose tax file has the number {v}?"),
)  # fmt: skip


def identifier(scene: Scene) -> Plan:
    """Four siblings of the subject have identifiers one digit away; one more has another of the same sort."""
    sort = SORTS[scene.number // 2 % len(SORTS)]
    subject = scene.names.name(sort.subject)
    value = scene.names.fresh(lambda: sort.draw(scene.random), longest)
    others = scene.names.siblings(subject, 4)
    wrong = [scene.names.near(value) for _ in others[:3]]
    wrong.append(scene.names.fresh(lambda: sort.draw(scene.random), longest))
    facts = [_stated(scene, sort, name, number) for name, number in zip(others, wrong, strict=True)]
    drafts = (Draft(_stated(scene, sort, subject, value), True), *(Draft(fact) for fact in facts))
    if scene.number % 2:
        return Plan(sort.whose.format(v=value), drafts, (subject,), tuple(others), (value,))
    return Plan(sort.question.format(s=subject), drafts, (value,), tuple(wrong), (subject,))


def _stated(scene: Scene, sort: Sort, subject: str, value: str) -> str:
    return scene.random.choice(sort.statements).format(s=subject, v=value)
