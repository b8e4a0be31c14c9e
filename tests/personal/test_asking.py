"""Asking a life: purposes kept apart, time and people as filters, other indexes beside it, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from behind import Behind, says
from personal.living import MAILS, Lived, allow, box, read
from small import build, record
from vaults import SECRET

from cascade.errors import BadFilter, NoGrant, NotAllowed, NotFound, UsageError
from cascade.models import resolve
from cascade.models.toy import ToyEncoder
from indexers.personal import asking
from indexers.personal import home as homes
from indexers.personal.asking import Wanted, purpose_of, understood
from indexers.personal.grants import INDEX, LOCAL, Use
from indexers.personal.home import Home
from indexers.personal.vault.desk import Desk

NOW = "2024-06-15T12:00:00"


@pytest.fixture
def desk(home: Home) -> Desk:
    return Desk(home.unlocked, encoder=ToyEncoder())


@pytest.fixture
def mails(home: Home, tmp_path: Path) -> str:
    """A grant for search and for a local model, read."""
    grant = allow(home, "mail", box(tmp_path / "a.mbox", *MAILS))
    read(home, grant)
    return grant


def titles(found: dict[str, Any]) -> list[str]:
    return [one["title"].partition(" (")[0] for one in found["passages"]]


def grants(found: dict[str, Any]) -> set[str]:
    return {one["metadata"].get("grant", "") for one in found["passages"]}


def test_a_search_finds_what_was_read_and_says_whence_when_and_who(desk: Desk, mails: str) -> None:
    first = asking.search(desk, "news of the garden")["passages"][0]
    assert first["title"] == "The garden (mail, Anna Berg, 2 May 2024)"
    assert (first["source"], first["time"][:10]) == ("mail", "2024-05-02")
    assert (first["metadata"]["author"], first["metadata"]["grant"]) == ("Anna Berg <anna@example.org>", mails)


def test_only_what_is_for_a_purpose_is_asked_and_the_rest_is_said(
    home: Home, desk: Desk, mails: str, tmp_path: Path
) -> None:
    quiet = allow(home, "mail", box(tmp_path / "b.mbox", "diary"), purposes=(INDEX,), source="diary")
    read(home, quiet)
    found = asking.search(desk, "diary garden news")
    assert (grants(found), found["left_out"]) == ({mails, quiet}, [])
    shown = asking.ask(desk, "news of the diary?", reader="toy")
    assert "diary" not in shown["window"] and quiet not in str(shown["citations"])
    (said,) = shown["left_out"]
    assert quiet in said and "not for local-model" in said and "cascade me allow mail" in said
    quoted = asking.ask(desk, "what is in the diary?", reader="extractive")
    assert "News of the diary." in quoted["answer"]


def test_a_model_elsewhere_needs_a_grant_that_names_it(home: Home, desk: Desk, mails: str) -> None:
    reader = asking.opened(Wanted("q", reader="https://models.example.org/v1#big"))
    assert purpose_of(reader).use is Use.HOSTED
    with pytest.raises(NoGrant, match="hosted-model"):
        asking.ask(desk, "news of the garden?", reader="https://models.example.org/v1#big")
    for name in ("https://models.example.org/v1#other", "https://127.0.0.1.example.org/v1#big"):
        assert purpose_of(resolve.reader(name)) not in (LOCAL, INDEX)
    assert purpose_of(resolve.reader("http://127.0.0.1:1/v1#m")) == LOCAL
    assert purpose_of(resolve.reader("toy")) == LOCAL
    assert purpose_of(resolve.reader("extractive")) == INDEX


def test_two_models_elsewhere_are_two_purposes() -> None:
    one, other = (resolve.reader(f"https://{host}.example.org/v1#big") for host in ("a", "b"))
    assert purpose_of(one) != purpose_of(other)


def test_a_model_on_this_machine_is_shown_what_is_for_local_models(desk: Desk, mails: str) -> None:
    with Behind(says("It grows well [1].")) as model:
        found = asking.ask(desk, "news of the garden?", reader=model.name)
        assert "News of the garden." in str(model.asked[0])
    assert found["citations"][0]["passage"]["metadata"]["grant"] == mails


def test_the_packer_refuses_what_came_by_some_other_way(home: Home, desk: Desk, mails: str, tmp_path: Path) -> None:
    """An index beside the vault into which something personal was put: its grant is not for this reader."""
    quiet = allow(home, "mail", box(tmp_path / "b.mbox", "diary"), purposes=(INDEX,))
    build(tmp_path / "index", [record("leak.txt", "News of the diary, leaked.", metadata={"grant": quiet})])
    found = asking.ask(desk, "news of the diary", reader="toy", beside=[str(tmp_path / "index")])
    assert "leaked" not in found["window"]


def test_nothing_can_be_asked_where_nothing_is_granted(desk: Desk) -> None:
    for call in (asking.search, asking.ask):
        with pytest.raises(NoGrant, match="cascade me sources"):
            call(desk, "anything")


def test_what_was_revoked_is_not_found_by_the_next_question(home: Home, desk: Desk, mails: str, place: Path) -> None:
    assert titles(asking.search(desk, "garden"))[0] == "The garden"
    homes.at(place).grants.revoke(mails)
    with pytest.raises(NoGrant):
        asking.search(desk, "garden")


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_refused_with_a_sentence(desk: Desk, mails: str, question: str) -> None:
    for call in (asking.search, asking.ask):
        with pytest.raises(UsageError, match="empty"):
            call(desk, question)


def test_a_filter_that_is_none_is_refused(desk: Desk, mails: str) -> None:
    with pytest.raises(BadFilter):
        asking.search(desk, "garden", filter="time >>> 3")


@pytest.fixture
def people(home: Home, tmp_path: Path) -> str:
    """Three mails about the boat: from Anna, to Anna, and one in which she is not."""
    parts = [
        box(tmp_path / "1", "boat one"),
        box(tmp_path / "2", "boat two", From="Bob <bob@example.com>", To="Anna Berg <anna@example.org>"),
        box(tmp_path / "3", "boat three", From="Bob <bob@example.com>", To="Carl Ek <carl@example.com>"),
    ]
    whole = tmp_path / "people.mbox"
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    grant = allow(home, "mail", whole)
    read(home, grant)
    return grant


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("from:anna boat", ["one"]),
        ("from:anna@example.org boat", ["one"]),
        ('to:"Anna Berg" boat', ["two"]),
        ("with:anna boat", ["one", "two"]),
        ("-with:anna boat", ["three"]),
        ("from:bob to:carl boat", ["three"]),
    ],
)
def test_people_are_filters(desk: Desk, people: str, words: str, found: list[str]) -> None:
    got = asking.search(desk, words)
    assert sorted(title.removeprefix("The boat ") for title in titles(got)) == sorted(found)
    assert len(got["understood"]) == words.count(":")


def test_who_is_not_known_is_said_and_not_searched_for(desk: Desk, people: str) -> None:
    with pytest.raises(UsageError, match="Nobody in these records is called 'zoe'"):
        asking.search(desk, "from:zoe boat")


def test_words_for_time_become_days_and_are_said(desk: Desk, mails: str) -> None:
    got = understood(desk.engine([mails]), Wanted("news on 2 May 2024", now=NOW))
    assert 'time >= "2024-05-02"' in got.dated and 'time < "2024-05-03"' in got.dated
    assert got.filter == "" and "2024-05-02" in got.said[0]


def test_of_a_time_of_which_there_is_nothing_all_times_are_asked_and_that_is_said(desk: Desk, mails: str) -> None:
    found = asking.search(desk, "news in March 2019", now=NOW)
    assert len(found["passages"]) == 3
    assert "nothing: asked of all times" in found["understood"][0]


def test_what_is_dated_elsewhere_has_at_least_half_of_the_places(home: Home, desk: Desk, tmp_path: Path) -> None:
    """A trip in May was booked in April: a question that names May finds both."""
    may = [f"hotel in Lisbon {number}" for number in range(1, 9)]
    path = box(tmp_path / "t.mbox", *may)
    booked = box(tmp_path / "u.mbox", "hotel in Lisbon booked", Date="Mon, 8 Apr 2024 10:30:00 +0200")
    path.write_bytes(path.read_bytes() + booked.read_bytes())
    grant = allow(home, "mail", path)
    read(home, grant)
    found = asking.search(desk, "hotel in Lisbon in May 2024", 4, now=NOW)
    days = [one["time"][:7] for one in found["passages"]]
    assert len(days) == 4 and days.count("2024-05") >= 2
    everything = asking.search(desk, "hotel in Lisbon booked in May 2024", 4, now=NOW)
    assert "2024-04" in [one["time"][:7] for one in everything["passages"]]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """An index of other people's texts, twenty about gardens."""
    build(tmp_path / "public", [record(f"p{n}.txt", f"A public text, number {n}, on the garden.") for n in range(20)])
    return tmp_path / "public"


def test_a_life_and_an_index_beside_it_each_have_their_share(desk: Desk, mails: str, public: Path) -> None:
    found = asking.search(desk, "the garden", 6, beside=[str(public)])
    assert {"", mails} == grants(found)
    assert sum(one["metadata"].get("grant", "") == "" for one in found["passages"]) >= 3
    shown = asking.ask(desk, "what of the garden?", reader="toy", beside=[str(public)], window=400)
    assert "News of the garden." in shown["window"] and "A public text" in shown["window"]


def test_both_are_cited_with_where_they_come_from(desk: Desk, mails: str, public: Path) -> None:
    with Behind(says("Both say so [1] [2] [3] [4].")) as model:
        found = asking.ask(desk, "what of the garden?", reader=model.name, beside=[str(public)])
    whence = {(one["passage"]["source"], one["passage"]["metadata"].get("grant", "")) for one in found["citations"]}
    assert ("mail", mails) in whence and any(grant == "" for _, grant in whence)


def test_nothing_personal_is_left_in_the_public_index_or_elsewhere_on_disk(
    desk: Desk, mails: str, public: Path, place: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}
    asking.ask(desk, "news of the garden?", reader="toy", beside=[str(public)])
    after = {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}
    assert {path: raw for path, raw in after.items() if b"News of" in raw} == {}
    assert {path.suffix for path in after.keys() - before.keys()} <= {".lock"}
    assert {path for path in before if before[path] != after.get(path)} == set()
    assert [path for path in place.rglob("*") if path.is_file() and b"News of" in path.read_bytes()] == []


def test_an_index_beside_it_that_is_not_there_is_named(desk: Desk, mails: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        asking.search(desk, "garden", beside=[str(tmp_path / "nowhere")])


def test_a_life_answers_what_it_holds(lived: Lived) -> None:
    """Of the planted facts whose every proof lies in what was read, nine in ten are proved by what is found."""
    with homes.unlocked(lived.root, SECRET) as home:
        desk = Desk(home.unlocked, encoder=ToyEncoder())
        there = {word for name in lived.grants for word in lived.written.canaries(name, barred=False)}
        facts = [one for one in lived.written.life.facts if all({*group} & there for group in one.proof)]
        missed = []
        for fact in facts:
            found = asking.search(desk, fact.question, 30, now="2026-07-01T12:00:00")
            held = " ".join(f"{one['text']} {one['title']}" for one in found["passages"])
            missed += [fact.question] if any(not any(word in held for word in group) for group in fact.proof) else []
    assert facts and len(missed) <= len(facts) // 10, missed


def test_every_refusal_is_a_sentence_with_a_next_step(desk: Desk) -> None:
    with pytest.raises(NotAllowed) as told:
        asking.ask(desk, "anything")
    assert str(told.value).endswith("cascade me sources") and told.value.exit_code == 7


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("CASCADE_READER_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    yield
