"""The gate: what of an export is taken in, and what is counted as left out."""

from __future__ import annotations

from datetime import date

import pytest

from indexers.personal.granted import Gate, is_meant
from indexers.personal.grants import Details, Grant, Scope, Terms
from indexers.sources.connectors.base import Basis, Caution, Item, Kind, Moment, Person

ANNA, BOB = Person("Anna Berg", "anna@example.org"), Person("Bob Stone", "+49 170 1234567")


def gate(scope: Scope | None = None, retention: str = "", granted_at: str = "2024-06-01T00:00:00+00:00") -> Gate:
    terms = Terms("g", "mail", 1, (), retention, "", "", "", "", granted_at, "", "")
    return Gate(Grant(terms, Details("mail", (), scope or Scope(), "", "")), date(2024, 6, 15))


def item(day: str = "2024-05-01", **more: object) -> Item:
    return Item(
        Kind.MAIL, "1", str(more.pop("text", "text")), "x", Moment(day, Basis.UTC if day else Basis.NONE), **more
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("caution", list(Caution))
def test_what_needs_to_be_asked_for_is_left_out_unless_it_is_named(caution: Caution) -> None:
    thing = item(cautions=frozenset({caution}))
    assert gate().admit(thing) is None
    assert gate(Scope(cautions=(caution,))).admit(thing) is thing
    others = tuple(other for other in Caution if other != caution)
    assert gate(Scope(cautions=others)).reason(thing) == caution.value


def test_of_several_cautions_each_must_be_named() -> None:
    thing = item(cautions=frozenset({Caution.SPAM, Caution.GROUP}))
    assert gate(Scope(cautions=(Caution.SPAM,))).reason(thing) == "group"
    assert gate(Scope(cautions=(Caution.SPAM, Caution.GROUP))).reason(thing) == ""


def test_what_is_left_out_is_counted_and_said() -> None:
    door = gate()
    for caution, count in ((Caution.CONFIDENTIAL, 12), (Caution.SPAM, 380), (Caution.DISAPPEARING, 20)):
        for _ in range(count):
            door.admit(item(cautions=frozenset({caution})))
    door.admit(item())
    assert door.summary == "412 skipped: 380 spam, 20 disappearing, 12 confidential"
    assert door.passed == 1


@pytest.mark.parametrize(
    ("moment", "taken"),
    [
        (Moment("2024-01-01T00:00:00+00:00", Basis.UTC), True),
        (Moment("2023-12-31T23:59:59+00:00", Basis.UTC), False),
        (Moment("2024-01-01T00:30:00+02:00", Basis.OFFSET), True),  # the day of its own wall clock
        (Moment("2024-03-31T23:59:59", Basis.LOCAL), True),
        (Moment("2024-04-01T00:00:00", Basis.LOCAL), False),
        (Moment("2024-03-31", Basis.DATE), True),
        (Moment("2024-02-01T00:00:00+00:00", Basis.FILE), True),
        (Moment("2020-02-01T00:00:00+00:00", Basis.FILE), False),
        (Moment(), False),
        (Moment("soon", Basis.LOCAL), False),
        (Moment("20240201", Basis.DATE), True),
    ],
)
def test_days_are_those_the_source_writes_and_the_undated_stay_out(moment: Moment, taken: bool) -> None:
    thing = Item(Kind.MAIL, "1", "", "x", moment)
    assert (gate(Scope(since="2024-01-01", until="2024-03-31")).admit(thing) is thing) is taken
    assert gate().admit(thing) is thing


def test_reasons_name_the_day() -> None:
    scope = Scope(since="2024-01-01", until="2024-12-31")
    days = ("2023-01-01", "2025-01-01", "")
    assert [gate(scope).reason(item(day)) for day in days] == [
        "from before 2024-01-01",
        "from after 2024-12-31",
        "undated",
    ]


def test_what_may_be_kept_no_longer_is_not_taken_in() -> None:
    door = gate(retention="1m")
    assert [door.reason(item(day)) for day in ("2024-05-15", "2024-05-14")] == ["", "older than it may be kept"]
    assert door.reason(item("")) == ""  # undated: from the day of the grant
    assert gate(retention="1m", granted_at="2024-05-01T00:00:00+00:00").reason(item("")) == "older than it may be kept"


@pytest.mark.parametrize(
    ("scope", "taken"),
    [
        (Scope(labels=("work",)), True),
        (Scope(labels=("Home",)), False),
        (Scope(not_labels=("WORK",)), False),
        (Scope(not_labels=("Home",)), True),
        (Scope(labels=("Work",), not_labels=("Tra\u0308ume",)), False),
        (Scope(kinds=(Kind.MAIL,)), True),
        (Scope(kinds=(Kind.CHAT,)), False),
    ],
)
def test_labels_and_kinds_choose(scope: Scope, taken: bool) -> None:
    thing = item(labels=("Work", "Träume"))
    assert (gate(scope).admit(thing) is thing) is taken


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("anna@example.org", ANNA), ("ANNA@Example.org", ANNA), ("Anna Berg", ANNA), ("anna", ANNA), ("berg", ANNA),
        ("+491701234567", BOB), ("0170 1234567", BOB), ("0049-170-1234567", BOB), ("bob stone", BOB),
    ],
)  # fmt: skip
def test_a_person_is_meant_by_address_name_word_or_number(name: str, meant: Person) -> None:
    assert [is_meant(person, name) for person in (ANNA, BOB)] == [meant is ANNA, meant is BOB]


@pytest.mark.parametrize(
    "name", ["ann", "anna@example.or", "Anna Bergmann", "1234567890", "example.org", "", " ", "170"]
)
def test_a_person_is_not_meant_by_less_or_more(name: str) -> None:
    assert not any(is_meant(person, name) for person in (ANNA, BOB))


def test_an_address_within_its_field_is_found() -> None:
    assert is_meant(Person("", "Anna <anna@example.org>"), "anna@example.org")


def test_who_is_left_out_is_left_out_wherever_they_stand() -> None:
    door = gate(Scope(not_people=("bob@example.org", "Bob Stone")))
    bob = Person("Bob Stone", "bob@example.org")
    assert door.reason(item(author=bob)) == "with other people"
    assert door.reason(item(people=(ANNA, bob))) == "with other people"
    assert door.reason(item(text="Forwarded: BOB@example.org wrote")) == "with other people"
    assert door.reason(item(title="Lunch with bob stone?")) == "with other people"
    assert door.reason(item(text="bob is a verb")) == ""


def test_a_quotation_of_who_is_left_out_is_dropped_and_the_rest_is_kept() -> None:
    thing = item(quoted="On Monday Bob Stone wrote: secret")
    kept = gate(Scope(not_people=("Bob Stone",))).admit(thing)
    assert kept is not None
    assert (kept.quoted, kept.text) == ("", "text")
    assert gate(Scope(not_people=("Carl Sand",))).admit(thing) is thing


def test_only_who_is_named_is_taken_in() -> None:
    door = gate(Scope(people=("anna",)))
    assert door.reason(item(author=ANNA)) == ""
    assert door.reason(item(people=(BOB, ANNA))) == ""
    assert door.reason(item(author=BOB)) == "with other people"
    assert door.reason(item()) == "with other people"


def test_beyond_the_most_nothing_passes() -> None:
    door = gate(Scope(most=2))
    assert [door.admit(item()) is None for _ in range(4)] == [False, False, True, True]
    assert door.full
    assert door.summary == "2 skipped: 2 beyond the most"
