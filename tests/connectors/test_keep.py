"""Google Keep's notes in a Takeout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Kind, Origin, Person
from indexers.sources.connectors.notes.keep import CONNECTOR
from tests.connectors.gathered import items, mutations, read, skips, survives, write

MADE, EDITED = 1_714_552_200_000_000, 1_714_552_260_000_000


def kept(**more: Any) -> dict[str, Any]:
    return {
        "title": "Boat", "textContent": "Paint the keel.", "color": "DEFAULT", "isTrashed": False, "isPinned": False,
        "isArchived": False, "createdTimestampUsec": MADE, "userEditedTimestampUsec": EDITED, **more,
    }  # fmt: skip


def test_a_note_is_read_with_its_times_labels_and_files(tmp_path: Path) -> None:
    files = [{"filePath": "a.png", "mimetype": "image/png"}]
    note = kept(labels=[{"name": "harbour"}], attachments=files, isPinned=True)
    [item] = items(
        read(CONNECTOR, write(tmp_path, {"Takeout/Keep/Boat.json": note, "Takeout/Keep/Boat.html": "<html>"}))
    )
    assert (item.kind, item.text, item.title) == (Kind.NOTE, "Paint the keel.", "Boat")
    assert (item.native, item.moment.iso, item.moment.basis) == (f"keep:{MADE}", "2024-05-01T08:30:00+00:00", Basis.UTC)
    assert (item.labels, item.attachments, item.origin) == (("harbour", "pinned"), ("a.png",), Origin.MINE)
    assert dict(item.extra) == {"edited": "2024-05-01T08:31:00+00:00"} and item.cautions == frozenset()


def test_a_list_keeps_its_boxes_and_links_their_titles(tmp_path: Path) -> None:
    note = kept(
        textContent="", listContent=[{"text": "rope", "isChecked": True}, {"text": "paint", "isChecked": False}],
        annotations=[{"title": "Chandler", "url": "https://x.example", "source": "WEBLINK"}],
    )  # fmt: skip
    [item] = items(read(CONNECTOR, write(tmp_path, {"Keep/n.json": note})))
    assert item.text == "[x] rope\n[ ] paint\nChandler https://x.example"


@pytest.mark.parametrize(
    ("note", "text"),
    [(kept(textContent=""), "Boat"), (kept(textContent="", textContentHtml="<p>Paint <b>it</b></p>"), "Paint it")],
)
def test_a_note_of_a_title_alone_or_of_html_is_one_too(tmp_path: Path, note: dict[str, Any], text: str) -> None:
    assert [item.text for item in items(read(CONNECTOR, write(tmp_path, {"Keep/n.json": note})))] == [text]


def test_a_trashed_note_and_one_shared_with_others_carry_cautions(tmp_path: Path) -> None:
    shared = kept(sharees=[{"email": "anna@x.example", "isOwner": False, "type": "WRITER"}])
    trashed, partner = items(
        read(CONNECTOR, write(tmp_path, {"Keep/a.json": kept(isTrashed=True), "Keep/b.json": shared}))
    )
    assert trashed.cautions == {Caution.TRASH}
    assert partner.cautions == {Caution.PARTNER} and partner.people == (Person("", "anna@x.example"),)


def test_a_note_of_before_2021_has_its_name_for_an_id_and_only_the_time_of_its_edit(tmp_path: Path) -> None:
    old = kept()
    del old["createdTimestampUsec"]
    [item] = items(read(CONNECTOR, write(tmp_path, {"Keep/Boat.json": old})))
    assert (item.native, item.moment.iso) == ("keep:Boat", "2024-05-01T08:31:00+00:00")


def test_what_is_no_note_is_named_and_an_empty_one_is_no_fault(tmp_path: Path) -> None:
    write(tmp_path, {"Keep/a.json": "{", "Keep/b.json": {"x": 1}, "Keep/c.json": kept(title="", textContent="")})
    told = [(skipped.locator, skipped.fault) for skipped in skips(read(CONNECTOR, tmp_path))]
    assert told == [("Keep/a.json", True), ("Keep/b.json", True), ("Keep/c.json", False)]


def test_elsewhere_than_in_keeps_folder_notes_are_told_by_what_they_hold(tmp_path: Path) -> None:
    things = read(CONNECTOR, write(tmp_path, {"Notizen/a.json": kept(), "Photos/b.json": {"photoTakenTime": 1}}))
    assert [thing.native for thing in things if thing not in skips(things)] == [f"keep:{MADE}"]  # type: ignore[union-attr]
    assert [(skipped.locator, skipped.fault) for skipped in skips(things)] == [("Photos/b.json", False)]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    seed = json.dumps(kept(labels=[{"name": "x"}], listContent=[{"text": "y"}], sharees=[{}], attachments=[{}]))
    survives(CONNECTOR, tmp_path_factory.mktemp("k"), "Keep/n.json", data.draw(mutations(seed.encode())))
