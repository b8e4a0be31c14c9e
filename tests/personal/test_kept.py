"""How a thing of a life stands in the index: its record, what stands above it, and whom it is with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexers.personal.kept import PEOPLE, QUOTED, facts, kept, messages, persons, sighting, title
from indexers.sources.connectors.base import Basis, Item, Kind, Moment, Person

ANNA, BOB = Person("Anna Lind", "Anna.Lind@example.org"), Person("Bob", "+47 912 34 567")
ITEM = Item(
    Kind.MAIL, "<1@example.org>", "Shall we go?", "a.mbox@0", Moment("2024-05-02T10:30:00+02:00", Basis.OFFSET, "Thu"),
    "The trip", ANNA, (BOB,), thread="t1", labels=("Inbox",), quoted="q" * 9_000, extra={"size": 3},
)  # fmt: skip


def test_the_same_thing_in_another_export_has_the_same_place_and_in_another_source_another() -> None:
    moved = replace(ITEM, locator="b.mbox@900", text="Shall we go? Edited.")
    assert kept(ITEM, "mail").place == kept(moved, "mail").place
    assert kept(ITEM, "mail").id != kept(moved, "mail").id
    assert kept(ITEM, "mail").place != kept(ITEM, "work").place
    assert kept(ITEM, "mail").place != kept(replace(ITEM, native="<2@example.org>"), "mail").place


def test_where_it_lies_is_no_part_of_what_it_is() -> None:
    assert kept(ITEM, "mail").id == kept(replace(ITEM, locator="elsewhere"), "mail").id


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "The trip (mail, Anna Lind, 2 May 2024)"),
        ({"title": ""}, "mail (Anna Lind, 2 May 2024)"),
        ({"title": "Chat with Anna Lind", "kind": Kind.CHAT}, "Chat with Anna Lind (2 May 2024)"),
        ({"author": None}, "The trip (mail, 2 May 2024)"),
        ({"kind": Kind.VIDEO, "author": None}, "The trip (video watched, 2 May 2024)"),
        ({"author": Person("", "x@example.org"), "moment": Moment()}, "The trip (mail, x@example.org)"),
        ({"author": None, "moment": Moment("soon")}, "The trip (mail)"),
        ({"moment": Moment("2024-12-31")}, "The trip (mail, Anna Lind, 31 December 2024)"),
    ],
)
def test_above_each_passage_stand_title_kind_person_and_day(change: dict[str, object], said: str) -> None:
    assert title(replace(ITEM, **change)) == said  # type: ignore[arg-type]


def test_a_thing_without_text_is_found_by_its_title() -> None:
    assert kept(replace(ITEM, text=""), "mail").text == "The trip"


def test_people_stand_as_they_are_shown_and_as_they_compare() -> None:
    found = facts(ITEM, "NO")
    assert (found["author"], found["people"]) == ("Anna Lind <Anna.Lind@example.org>", ["Bob <+47 912 34 567>"])
    assert found["by"] == "|anna lind|anna.lind@example.org|"
    assert found["with"].startswith("|anna lind|anna.lind@example.org|bob|") and "4791234567" in found["with"]
    assert persons(found) == (ANNA, (BOB,))
    assert (sighting(found, "The trip").author, sighting(found, "The trip").kind) == (ANNA, Kind.MAIL)


def test_an_author_is_by_and_the_others_are_with_alone() -> None:
    found = facts(replace(ITEM, author=None))
    assert "by" not in found and "author" not in found
    assert found["with"].startswith("|bob|")
    assert persons(found) == (None, (BOB,))


def test_what_is_empty_is_left_out_and_what_is_long_is_cut() -> None:
    found = facts(replace(ITEM, people=tuple(Person(f"P{n}", f"p{n}@example.org") for n in range(900))))
    assert {"url", "attachments"}.isdisjoint(found)
    assert (len(found["people"]), len(found["quoted"])) == (PEOPLE, QUOTED)
    assert found["with"].count("@") == PEOPLE
    assert found["x-size"] == 3


def test_a_name_with_a_bar_in_it_is_not_taken_for_two() -> None:
    """What stands between bars is compared whole: nobody can be called `x|bob` and pass for Bob."""
    found = facts(replace(ITEM, author=Person("x|bob", "x@example.org"), people=()))
    assert "|bob|" not in found["with"]


def test_how_long_a_stretch_is_said_and_anything_else_is_none() -> None:
    assert (messages({"x-messages": 7}), messages({}), messages({"x-messages": "many"})) == (7, 0, 0)
