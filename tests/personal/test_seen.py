"""What a model was shown of a life is noted before it answers, sealed, and goes with the grant."""

from __future__ import annotations

from pathlib import Path

import pytest
from behind import Behind, says
from personal.living import MAILS, allow, box, read

from cascade.errors import CascadeError, NoGrant, ReaderFailed
from cascade.models.toy import ToyEncoder
from indexers.personal import asking, seen
from indexers.personal.erase import revoke
from indexers.personal.grants import INDEX
from indexers.personal.home import Home
from indexers.personal.vault.desk import Desk


@pytest.fixture
def desk(home: Home) -> Desk:
    return Desk(home.unlocked, encoder=ToyEncoder())


@pytest.fixture
def mails(home: Home, tmp_path: Path) -> str:
    grant = allow(home, "mail", box(tmp_path / "a.mbox", *MAILS))
    read(home, grant)
    return grant


def test_what_a_model_was_shown_is_told_the_latest_first(desk: Desk, mails: str) -> None:
    for question in ("news of the garden?", "news of the boiler?"):
        asking.ask(desk, question, reader="toy")
    told = asking.what_was_shown(desk)
    assert {one["question"] for one in told} == {"news of the garden?", "news of the boiler?"}
    assert {(one["grant"], one["reader"]) for one in told} == {(mails, "toy")}
    assert [one["at"] for one in told] == sorted((one["at"] for one in told), reverse=True)
    assert {"The garden (mail, Anna Berg, 2 May 2024)"} <= {thing["title"] for thing in told[0]["things"]}
    assert asking.what_was_shown(desk, most=1) == told[:1]
    assert asking.what_was_shown(desk, mails) == told


def test_it_is_noted_before_the_model_answers_though_that_fails(desk: Desk, mails: str) -> None:
    with Behind([{"error": {"message": "no"}}]) as model, pytest.raises(ReaderFailed):
        asking.ask(desk, "news of the garden?", reader=model.name)
    assert [one["question"] for one in asking.what_was_shown(desk)] == ["news of the garden?"]


def test_what_cannot_be_noted_is_not_shown(home: Home, desk: Desk, mails: str) -> None:
    folder = home.vault.layout.kept(mails)
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_text("in the way")
    with Behind(says("never")) as model, pytest.raises((OSError, CascadeError)):
        asking.ask(desk, "news of the garden?", reader=model.name)
    assert model.asked == []
    folder.unlink()
    aside.rename(folder)
    with Behind(says("It grows [1].")) as model:
        asking.ask(desk, "news of the garden?", reader=model.name)
    assert len(model.asked) == 1  # the control


def test_with_more_effort_each_window_and_follow_up_is_noted_before_it_is_read(
    home: Home, desk: Desk, tmp_path: Path
) -> None:
    """The model is gone after what it sees first: of that, and of nothing else, it is said that it was shown."""
    grant = allow(home, "mail", box(tmp_path / "many.mbox", *(f"boat {n}" for n in range(1, 29))))
    read(home, grant)
    with Behind(says("NONE"), [{"error": {"message": "no"}}]) as model, pytest.raises(ReaderFailed):
        asking.ask(desk, "news of the boats?", reader=model.name, effort="max", window=700)
    told = asking.what_was_shown(desk)
    shown = {thing["title"] for one in told for thing in one["things"]}
    read_ = {f"The boat {n} " for n in range(1, 29) if any(f"boat {n} " in str(body) for body in model.asked)}
    assert len(model.asked) >= 2 and {title.partition("(")[0] for title in shown} == read_ != set()


def test_quotations_and_searches_show_no_model_anything(desk: Desk, mails: str) -> None:
    asking.search(desk, "garden")
    asking.ask(desk, "news of the garden?", reader="extractive")
    assert asking.what_was_shown(desk) == []


def test_it_is_sealed_and_goes_with_the_grant(home: Home, desk: Desk, mails: str, tmp_path: Path) -> None:
    other = allow(home, "mail", box(tmp_path / "b.mbox", "harbour"), source="other")
    read(home, other)
    asking.ask(desk, "news of the garden and of the harbour?", reader="toy")
    assert {one["grant"] for one in asking.what_was_shown(desk)} == {mails, other}
    files = [path for path in home.vault.layout.root.rglob("*") if path.is_file()]
    assert not any(b"harbour?" in path.read_bytes() for path in files)
    assert revoke(home.vault, home.grants, mails, home.unlocked).complete
    assert {one["grant"] for one in asking.what_was_shown(desk)} == {other}
    assert list(seen.shown(home, [mails])) == []
    with pytest.raises(NoGrant, match=mails):
        asking.what_was_shown(desk, mails)


def test_nothing_is_told_of_a_grant_that_never_was(desk: Desk, mails: str) -> None:
    with pytest.raises(NoGrant, match="cascade me grants"):
        asking.what_was_shown(desk, "mail-00000000")


def test_what_is_beside_a_life_is_not_noted_as_part_of_it(home: Home, desk: Desk, mails: str, tmp_path: Path) -> None:
    from small import build, record

    build(tmp_path / "index", [record("p.txt", "A public text on the garden.")])
    asking.ask(desk, "news of the garden?", reader="toy", beside=[str(tmp_path / "index")])
    (told,) = asking.what_was_shown(desk)
    assert not any("public" in thing["title"] for thing in told["things"])
    assert home.grants.permitted(INDEX) == (mails,)
