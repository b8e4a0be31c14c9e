"""Telegram Desktop's JSON, of everything or of one chat, with the faults it is written with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Origin, Person
from indexers.sources.connectors.chats.telegram import CONNECTOR
from tests.connectors.gathered import items, mutations, read, skips, survives, write

START = 1_714_552_200


def said(number: int, text: Any, name: str = "Anna", who: str = "user5", **more: Any) -> dict[str, Any]:
    at = START + number * 60
    return {
        "id": number, "type": "message", "date": f"2024-05-01T10:{30 + number}:00", "date_unixtime": str(at),
        "from": name, "from_id": who, "text": text, "text_entities": [], **more,
    }  # fmt: skip


def chat(
    messages: list[dict[str, Any]], kind: str = "personal_chat", name: str | None = "Anna", number: int = 5
) -> Any:
    return {"name": name, "type": kind, "id": number, "messages": messages}


def full(*chats: Any, left: Any = ()) -> dict[str, Any]:
    return {
        "about": "an export", "personal_information": {"user_id": 7, "first_name": "Ben"},
        "chats": {"about": "", "list": list(chats)}, "left_chats": {"list": list(left)},
    }  # fmt: skip


def test_a_full_export_knows_whose_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"result.json": full(chat([said(1, "when?"), said(2, "seven", "Ben", "user7")]), chat([
        said(1, "mine", "Ben", "user7")], number=6))})  # fmt: skip
    pair, mine = items(read(CONNECTOR, tmp_path))
    assert pair.text == "08:31 Anna: when?\n08:32 Ben: seven"
    assert (pair.native, pair.thread, pair.title) == ("telegram:5/1", "telegram:5", "Anna")
    assert pair.people == (Person("Anna", "telegram:user5"), Person("Ben", "telegram:user7"))
    assert (pair.moment.iso, pair.moment.basis) == ("2024-05-01T08:31:00+00:00", Basis.UTC)
    assert pair.moment.raw == "2024-05-01T10:31:00"
    assert (pair.origin, mine.origin) == (Origin.OTHER, Origin.MINE)


def test_an_export_of_one_chat_is_the_same_conversation(tmp_path: Path) -> None:
    one = chat([said(1, "when?")])
    [whole] = items(read(CONNECTOR, write(tmp_path / "a", {"result.json": full(one)})))
    [alone] = items(read(CONNECTOR, write(tmp_path / "b", {"result.json": one})))
    assert (alone.native, alone.text, alone.thread) == (whole.native, whole.text, whole.thread)
    [mine] = items(read(CONNECTOR, tmp_path / "b", me="user5"))
    assert mine.origin is Origin.MINE


@pytest.mark.parametrize(
    ("kind", "cautions"),
    [("personal_chat", set()), ("bot_chat", set()), ("saved_messages", set()), ("private_group", {Caution.GROUP}),
     ("public_supergroup", {Caution.GROUP}), ("private_channel", {Caution.GROUP}), ("replies", {Caution.GROUP})],
)  # fmt: skip
def test_what_is_not_between_two_is_a_group(tmp_path: Path, kind: str, cautions: set[Caution]) -> None:
    [item] = items(read(CONNECTOR, write(tmp_path, {"result.json": full(chat([said(1, "x")], kind))})))
    assert item.cautions == cautions and item.labels == (kind,)


def test_text_is_put_together_from_its_entities(tmp_path: Path) -> None:
    parts = [
        {"type": "plain", "text": "see "},
        {"type": "text_link", "text": "this", "href": "https://x.example"},
        {"type": "plain", "text": " "},
        {"type": "link", "text": "https://y.example"},
    ]
    old = ["see ", {"type": "bold", "text": "this"}]
    write(tmp_path, {"result.json": chat([said(1, "", text_entities=parts), {**said(2, old), "text_entities": None}])})
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.text == "08:31 Anna: see this (https://x.example) https://y.example\n08:32 Anna: see this"


def test_files_are_named_whether_they_were_exported_or_not(tmp_path: Path) -> None:
    missing = "(File not included. Change data exporting settings to download.)"
    write(tmp_path, {"result.json": chat([
        said(1, "look", photo="photos/photo_1.jpg"), said(2, "", photo=missing),
        said(3, "", file=missing, media_type="voice_message"), said(4, "", file=missing, file_name="plan.pdf"),
        said(5, "", file="s.webp", media_type="sticker", sticker_emoji="😀"),
    ])})  # fmt: skip
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.attachments == ("photos/photo_1.jpg", "photo", "voice message", "plan.pdf", "sticker 😀")
    assert item.text.splitlines()[0] == "08:31 Anna: [photos/photo_1.jpg] look"


def test_polls_places_and_contacts_are_said_in_words(tmp_path: Path) -> None:
    poll = {"question": "Where?", "answers": [{"text": "Rome", "voters": 2}, {"text": "Oslo", "voters": 0}]}
    write(tmp_path, {"result.json": chat([
        said(1, "", poll=poll),
        said(2, "", location_information={"latitude": 41.9, "longitude": 12.5}, place_name="Bar"),
        said(3, "", contact_information={"first_name": "Cleo", "phone_number": "+1 555"}),
    ])})  # fmt: skip
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.text.splitlines() == [
        "08:31 Anna: [poll] Where? Rome (2) / Oslo (0)",
        "08:32 Anna: [location] 41.9, 12.5 Bar",
        "08:33 Anna: [contact] Cleo +1 555",
    ]


def test_what_destroys_itself_and_what_the_program_says_carry_their_cautions(tmp_path: Path) -> None:
    call = {
        "id": 3,
        "type": "service",
        "date_unixtime": str(START),
        "actor": "Anna",
        "action": "phone_call",
        "text": "",
    }
    timer = {**call, "id": 4, "action": "set_messages_ttl", "period_seconds": 86_400}
    off = {**call, "id": 6, "action": "set_messages_ttl", "period_seconds": 0}
    write(tmp_path, {"result.json": chat([
        said(1, "stays"), said(2, "", photo="p.jpg", self_destruct_period_seconds=5), call,
        timer, said(5, "fades"), off, said(7, "stays too"),
    ])})  # fmt: skip
    found = items(read(CONNECTOR, tmp_path))
    by = {
        caution: [i.text for i in found if caution in i.cautions] for caution in (Caution.DISAPPEARING, Caution.SYSTEM)
    }
    assert by[Caution.DISAPPEARING] == ["08:32 Anna: [p.jpg]\n08:35 Anna: fades"]
    assert by[Caution.SYSTEM] == ["08:30 Anna: phone call\n08:30 Anna: set messages ttl\n08:30 Anna: set messages ttl"]
    assert [item.text for item in found if not item.cautions] == ["08:31 Anna: stays\n08:37 Anna: stays too"]


def test_the_faults_of_the_format_are_mended(tmp_path: Path) -> None:
    text = json.dumps(
        chat([said(1, "tab?here C:\\x41"), said(2, [{"type": "custom_emoji", "text": "X", "document_id": 1}])])
    )
    text = text.replace("tab?", "tab\\x0b").replace('"document_id": 1', '"document_id": video_files/sticker (2).webm\n')
    [item] = items(read(CONNECTOR, write(tmp_path, {"result.json": text})))
    assert item.text == "08:31 Anna: tab\x0bhere C:\\x41\n08:32 Anna: X"


def test_a_deleted_account_has_no_name_and_keeps_its_id(tmp_path: Path) -> None:
    write(tmp_path, {"result.json": full(chat([{**said(1, "x"), "from": None}], name=None))})
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.author == Person("", "telegram:user5") and item.title == "Deleted account"


def test_what_stands_before_the_damage_is_read(tmp_path: Path) -> None:
    text = json.dumps(full(chat([said(1, "one"), said(2, "two"), said(3, "three")])))
    write(tmp_path, {"result.json": text[: text.index("three") - 200]})
    things = read(CONNECTOR, tmp_path)
    assert things[0].text.startswith("08:31 Anna: one")  # type: ignore[union-attr]
    [skipped] = skips(things)
    assert "not valid JSON" in skipped.reason and "three" not in skipped.reason


def test_an_old_export_without_counted_time_keeps_its_wall_time(tmp_path: Path) -> None:
    old = said(1, "x")
    del old["date_unixtime"]
    [item] = items(read(CONNECTOR, write(tmp_path, {"result.json": chat([old])})))
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T10:31:00", Basis.LOCAL)


def test_an_export_in_html_is_told_of(tmp_path: Path) -> None:
    [skipped] = skips(read(CONNECTOR, write(tmp_path, {"messages.html": "<html>", "messages2.html": "<html>"})))
    assert "JSON" in skipped.reason and skipped.locator == "messages.html"


def test_exports_that_overlap_have_the_same_items_but_for_the_last_which_grows(tmp_path: Path) -> None:
    history = [said(number, f"message {number}", date_unixtime=str(START + number * 1_000)) for number in range(300)]
    early = items(read(CONNECTOR, write(tmp_path / "a", {"result.json": chat(history[:200])})))
    late = items(read(CONNECTOR, write(tmp_path / "b", {"result.json": full(chat(history[100:]))})))
    whole = {
        item.native: item for item in items(read(CONNECTOR, write(tmp_path / "c", {"result.json": chat(history)})))
    }
    merged = {item.native: item.text for item in [*early, *late]}
    assert [item.text for item in early[:-1]] == [whole[item.native].text for item in early[:-1]]
    assert [item.text for item in late[1:]] == [whole[item.native].text for item in late[1:]]
    extra = merged.keys() - whole.keys()  # where an export begins within a stretch, that one has two beginnings
    assert len(extra) <= 1 and whole.keys() <= merged.keys()


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    seed = json.dumps(
        full(chat([said(1, "one \\x0b"), said(2, ["a", {"text": "b"}], photo="x", poll={"answers": [{}]})]))
    )
    survives(CONNECTOR, tmp_path_factory.mktemp("t"), "result.json", data.draw(mutations(seed.encode())))
