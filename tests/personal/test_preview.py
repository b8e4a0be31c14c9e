"""A preview: true counts in bounded memory, and nothing kept."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from personal.kept import NOTES
from personal.reading import plant

from cascade.errors import NoGrant, UsageError
from indexers.personal.grants import Request, Scope, once
from indexers.personal.preview import Hit, Preview, preview
from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Item, Kind, Moment, Person, Reader, Things

ANNA, BOB = Person("Anna", "anna@example.org"), Person("", "bob@example.org")


def life(reader: Reader) -> Things:
    """Six things of a life, one of them unreadable."""
    for file in reader.files("*.txt"):
        with reader.open(file) as stream:
            stream.read()
    yield Item(Kind.MAIL, "1", "hello", "m@0", Moment("2020-05-01", Basis.DATE), author=ANNA, thread="a")
    yield Item(
        Kind.MAIL, "2", "key=SECRET", "m@9", Moment("2023-05-01", Basis.DATE), author=BOB, people=(ANNA,), thread="a"
    )
    yield Item(Kind.CHAT, "3", "card 4111", "c@0", Moment(), author=ANNA, people=(ANNA,), thread="b")
    yield Item(Kind.MAIL, "4", "buy", "m@20", Moment("2021-01-01"), cautions=frozenset({Caution.SPAM}))
    yield Skipped("notes", "x.bin", "It cannot be parsed.")
    yield Skipped("notes", "y.bin", "It is a font.", fault=False)


def secrets(text: str) -> Iterator[Hit]:
    if "SECRET" in text:
        yield Hit(9.0, "access key")
    if "4111" in text:
        yield Hit(5.0, "card number")


def see(folder: Path, scope: Scope | None = None, most: int = 0) -> Preview:
    connector = replace(NOTES, read=life)
    return preview(
        once(Request("notes", (str(folder),), scope=scope or Scope()), connector), connector, secrets, most=most
    )


def test_everything_is_counted(tmp_path: Path) -> None:
    plant(tmp_path, {"a.txt": "x" * 10, "b.txt": "y"})
    found = see(tmp_path)
    assert (found.items, found.characters, found.kinds) == (3, 24, {"mail": 2, "chat": 1})
    assert (found.first, found.last, found.undated, found.threads) == ("2020-05-01", "2023-05-01", 1, 2)
    assert found.people == ((ANNA, 3), (BOB, 1))
    assert found.hits == (Hit(9.0, "access key", "m@9"), Hit(5.0, "card number", "c@0"))
    assert (found.left, found.passed_over) == ({"spam": 1}, {"It is a font.": 1})
    assert (found.unreadable, [fault.locator for fault in found.faults]) == (1, ["x.bin"])
    assert (found.files, found.bytes, found.cut) == (2, 11, False)


def test_it_is_told_in_lines_without_the_secrets(tmp_path: Path) -> None:
    text = "\n".join(see(tmp_path).lines())
    for said in (
        "3 things of 24 characters", "2 mail, 1 chat", "2020-05-01 to 2023-05-01; 1 undated",
        "Anna <anna@example.org>: 3",
        "access key: m@9", "1 spam", "1 It is a font.", "x.bin: It cannot be parsed.",
    ):  # fmt: skip
        assert said in text
    assert "SECRET" not in text


def test_the_scope_counts_as_it_would_for_a_grant(tmp_path: Path) -> None:
    found = see(tmp_path, Scope(kinds=(Kind.MAIL,), since="2021", cautions=(Caution.SPAM,)))
    assert (found.items, found.left) == (2, {"of other kinds": 1, "from before 2021-01-01": 1})
    found = see(tmp_path, most=1)
    assert (found.items, found.cut, next(found.lines())[:8]) == (1, True, "at least")


def test_a_preview_is_leave_for_one_connector_and_no_purpose(tmp_path: Path) -> None:
    permit = once(Request("notes", (str(tmp_path),)), NOTES)
    assert permit.grant.terms.purposes == ()
    with pytest.raises(NoGrant):
        preview(permit, replace(NOTES, name="mail"), secrets)
    with pytest.raises(UsageError):
        once(Request("notes", ()), NOTES)


def test_memory_is_bounded_and_who_is_there_most_is_still_found(tmp_path: Path) -> None:
    def crowd(reader: Reader) -> Things:
        for number in range(12_000):
            author = ANNA if number % 10 == 0 else Person("", f"{number}@example.org")
            yield Item(Kind.MAIL, str(number), "key=SECRET", f"m@{number}", Moment(), author=author, thread=str(number))

    connector = replace(NOTES, read=crowd)
    permit = once(Request("notes", (str(tmp_path),)), connector)
    tracemalloc.start()
    found = preview(permit, connector, secrets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20
    assert found.people[0][0] == ANNA
    assert 1150 < found.people[0][1] <= 1200
    assert abs(found.threads - 12_000) < 800
    assert (len(found.hits), found.sensitive) == (10, {"access key": 12_000})
