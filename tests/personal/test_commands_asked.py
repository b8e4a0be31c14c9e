"""`cascade search --me`, `ask --me`, `me seen`, `doctor`, `demo`: with and without an agent, said for people."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from behind import Behind, says
from personal.living import MAILS, allow, box, cascade, read
from small import build, record
from vaults import SECRET, vault

from indexers.personal import home as homes
from indexers.personal.grants import INDEX
from indexers.personal.vault import agent


@pytest.fixture
def granted(place: Path, tmp_path: Path) -> str:
    with homes.unlocked(place, SECRET) as home:
        grant = allow(home, "mail", box(tmp_path / "a.mbox", *MAILS))
        read(home, grant)
    return grant


@pytest.fixture
def public(tmp_path: Path) -> Path:
    build(tmp_path / "public", [record(f"p{n}.txt", f"A public text, number {n}, on the garden.") for n in range(9)])
    return tmp_path / "public"


DOORS = ("with an agent", "without one")


@contextmanager
def asking(how: str, place: Path) -> Iterator[tuple[object, ...]]:
    """The flags with which an open or a locked vault is asked."""
    if how == "without one":
        yield ("--vault", place, "--passphrase-fd", "FD")
        return
    if not agent.possible():
        pytest.skip("this system has no sockets for an agent")
    assert cascade("me", "unlock", "--vault", place, "--passphrase-fd", "FD").code == 0
    try:
        yield ("--vault", place)
    finally:
        cascade("me", "lock", "--vault", place)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of mails that is only asked."""
    base = tmp_path_factory.mktemp("asked")
    root = vault(base / "vault").layout.root
    with homes.unlocked(root, SECRET) as home:
        read(home, allow(home, "mail", box(base / "a.mbox", *MAILS)))
    return root


@pytest.fixture(scope="module", params=DOORS)
def door(request: pytest.FixtureRequest, standing: Path) -> Iterator[tuple[object, ...]]:
    """Ways to ask it."""
    with asking(request.param, standing) as flags:
        yield flags


@pytest.fixture(params=DOORS)
def own(request: pytest.FixtureRequest, place: Path, granted: str) -> Iterator[tuple[object, ...]]:
    """Ways to ask a vault of the test's own."""
    with asking(request.param, place) as flags:
        yield flags


def plain(found: Any) -> Any:
    """Without how long it took."""
    return {name: value for name, value in found.items() if name != "stages"}


def test_both_doors_give_the_same(standing: Path) -> None:
    question = ("search", "--me", "garden on 2 May 2024", "--json")
    found = []
    for how in DOORS:
        with asking(how, standing) as flags:
            found.append(plain(cascade(*question, *flags).json))
    assert found[0] == found[1]


def test_a_search_says_whence_when_and_who(door: tuple[object, ...]) -> None:
    ran = cascade("search", "--me", "garden", "-k", 1, *door)
    assert ran.code == 0
    assert "1  The garden (mail, Anna Berg, 2 May 2024)  mail, 2024-05-02, Anna Berg <anna@example.org>" in ran.out
    assert "News of the garden." in ran.out
    assert "News of" not in cascade("search", "--me", "garden", "--no-text", *door).out
    found = cascade("search", "--me", "garden", "-k", 2, "--json", *door).json
    assert (len(found["passages"]), found["left_out"], found["complete"]) == (2, [], True)
    assert set(found["passages"][0]) >= {"id", "rank", "score", "title", "time", "source", "text", "metadata"}


def test_what_a_question_was_taken_to_mean_is_said_beside_the_result(door: tuple[object, ...]) -> None:
    ran = cascade("search", "--me", "from:anna garden on 2 May 2024", *door)
    assert "Taken to mean from:anna: Anna Berg" in ran.err and "2024-05-02" in ran.err
    assert "Taken to mean" not in ran.out


def test_an_answer_cites_with_source_date_and_person(door: tuple[object, ...]) -> None:
    ran = cascade("ask", "--me", "what is in the garden?", "--reader", "extractive", *door)
    assert ran.code == 0 and "News of the garden." in ran.out
    assert "mail, 2024-05-02, Anna Berg <anna@example.org>" in ran.out
    found = cascade("ask", "--me", "what is in the garden?", "--reader", "toy", "--json", *door).json
    assert found["citations"][0]["passage"]["metadata"]["grant"].startswith("mail-")
    assert "window" not in found
    shown = cascade("ask", "--me", "what is in the garden?", "--reader", "toy", "--json", "--show-context", *door).json
    assert "News of the garden." in shown["window"]


def test_what_a_model_was_shown_is_told(own: tuple[object, ...], granted: str) -> None:
    assert cascade("me", "seen", *own).out == "No model was shown anything.\n"
    with Behind(says("It grows [1].")) as model:
        assert cascade("ask", "--me", "news of the garden?", "--reader", model.name, *own).code == 0
        assert len(model.asked) == 1
    said = cascade("me", "seen", *own).out
    assert granted in said and "'news of the garden?'" in said and "2024-05-02 The garden" in said
    for name in ("mail", granted):
        (one,) = cascade("me", "seen", name, "--json", *own).json
        assert (one["grant"], one["question"]) == (granted, "news of the garden?")
    ran = cascade("me", "seen", "nothing", *own)
    assert ran.code == 7 and "cascade me grants" in ran.error


def test_a_life_and_an_index_are_asked_together(door: tuple[object, ...], public: Path) -> None:
    for words in (("search", "--me", "garden", "--with", public), ("search", public, "garden", "--me")):
        found = cascade(*words, "-k", 6, "--json", *door).json
        assert {bool(one["metadata"].get("grant")) for one in found["passages"]} == {False, True}


def test_what_is_left_out_is_said(own: tuple[object, ...], place: Path, tmp_path: Path) -> None:
    with homes.unlocked(place, SECRET) as home:
        quiet = allow(home, "mail", box(tmp_path / "b.mbox", "diary"), purposes=(INDEX,), source="diary")
        read(home, quiet)
    ran = cascade("ask", "--me", "what is in the diary?", "--reader", "toy", *own)
    assert f"Grant {quiet} is left out" in ran.err and "diary" not in ran.out.replace("a diary", "")


@pytest.mark.parametrize(
    ("words", "code", "says_"),
    [
        (("search", "--me", ""), 2, "empty"),
        (("search", "--me"), 2, "QUESTION"),
        (("ask", "--me", " "), 2, "empty"),
        (("search", "--me", "from:zoe garden"), 2, "Nobody in these records"),
        (("search", "--me", "garden", "--filter", "time >>> 3"), 2, ""),
        (("search", "--me", "garden", "--with", "/nowhere"), 3, "nowhere"),
        (("search", "--me", "garden", "-k", "0"), 2, "-k"),
        (("search", "--me", "garden", "--config", "/nowhere.toml"), 2, "nowhere.toml"),
        (("search", "--me", "garden", "--queries", "/nowhere"), 2, "--queries"),
        (("ask", "--me", "garden", "--reader", "nothing"), 2, "nothing"),
        (("ask", "--me", "garden", "--reader", "https://models.example.org/v1#big"), 7, "hosted-model"),
        (("ask", "--me", "garden", "--window", "0"), 2, "--window"),
        (("ask", "--me", "garden", "--effort", "all"), 2, "--effort"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(
    door: tuple[object, ...], words: tuple[str, ...], code: int, says_: str
) -> None:
    ran = cascade(*words, *door)
    assert (ran.code, says_ in ran.error, bool(ran.error)) == (code, True, True), ran


def test_a_question_is_asked_as_it_was_written(standing: Path) -> None:
    """Not as a path would be."""
    question = "garden./ see https://example.org//a/"
    found = cascade("search", "--me", question, "--vault", standing, "--passphrase-fd", "FD", "--json").json
    assert found["query"] == question


def test_what_was_never_granted_cannot_be_asked(place: Path) -> None:
    for command in ("search", "ask"):
        ran = cascade(command, "--me", "garden", "--vault", place, "--passphrase-fd", "FD")
        assert ran.code == 7 and "cascade me sources" in ran.error


def test_the_doctor_finds_a_vault_as_it_should_be(place: Path, granted: str) -> None:
    found = cascade("me", "doctor", "--vault", place, "--json").json
    assert all(one["good"] for one in found)
    said = cascade("me", "doctor", "--vault", place).out
    for words in ("its owner's alone", "sealed files are", "ledger is whole: 1 entries", "It is locked."):
        assert words in said


@pytest.mark.parametrize("how", ["a plain file", "a sealed file that is none", "open to others", "a changed ledger"])
def test_the_doctor_names_what_is_wrong(place: Path, granted: str, how: str) -> None:
    layout = homes.at(place).vault.layout
    if how == "a plain file":
        (place / "notes" / "diary.txt").write_text("News of the garden.")
    elif how == "a sealed file that is none":
        path = next(layout.records(granted).iterdir())
        path.write_bytes(path.read_bytes()[:40] + b"News of the garden. " * 400)
    elif how == "open to others":
        layout.master.chmod(0o644)
        place.chmod(0o755)
    else:
        layout.ledger.write_bytes(layout.ledger.read_bytes().replace(b"index", b"xndex"))
    ran = cascade("me", "doctor", "--vault", place)
    assert ran.code == 1 and ran.out.count("BAD") >= 1
    assert "News of" not in ran.out


def test_the_doctor_of_no_vault_says_so(tmp_path: Path) -> None:
    ran = cascade("me", "doctor", "--vault", tmp_path / "none")
    assert ran.code == 1 and "BAD" in ran.out and "none" in ran.out


def test_the_demo_shows_each_step_and_leaves_nothing_unless_it_is_asked_to(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    ran = cascade("me", "demo", "--things", 180, "--folder", tmp_path / "demo")
    assert ran.code == 0, ran
    for said in ("cascade me allow", "cascade me ingest", "cascade ask --me", "cascade me revoke", "Complete: yes"):
        assert said in ran.out
    assert stat.S_IMODE((tmp_path / "demo" / "vault").stat().st_mode) == 0o700
    assert cascade("me", "demo", "--things", 5).code == 2
    again = cascade("me", "demo", "--things", 180, "--folder", tmp_path / "demo")
    assert again.code == 4 and again.error
    shutil.rmtree(tmp_path / "demo")
