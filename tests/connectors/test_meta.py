"""Messenger and Instagram downloads, and Messenger's own export of encrypted chats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Item, Origin, Person
from indexers.sources.connectors.chats.meta import CONNECTOR, mended
from tests.connectors.gathered import items, mutations, read, skips, survives, write

START = 1_714_552_200_000


def broken(text: str) -> str:
    """The text as Meta writes it: the bytes of its UTF-8 as characters."""
    return text.encode("utf-8").decode("latin-1")


def said(minute: int, name: str, content: str | None, **more: Any) -> dict[str, Any]:
    words = {} if content is None else {"content": broken(content)}
    return {"sender_name": broken(name), "timestamp_ms": START + minute * 60_000, **words, **more}


def thread(*messages: dict[str, Any], people: tuple[str, ...] = ("Zoë", "Ben"), title: str = "Zoë") -> dict[str, Any]:
    return {
        "participants": [{"name": broken(name)} for name in people], "messages": list(messages),
        "title": broken(title), "thread_path": "inbox/zoe_10152000000000001",
    }  # fmt: skip


@pytest.mark.parametrize(
    "root", ["", "your_activity_across_facebook/", "your_facebook_activity/", "your_instagram_activity/"]
)
def test_a_thread_is_read_oldest_first_under_every_root_with_its_letters_mended(tmp_path: Path, root: str) -> None:
    folder = f"{root}messages/inbox/zoe_10152000000000001"
    write(tmp_path, {
        f"{folder}/message_2.json": thread(said(0, "Zoë", "oldest")),
        f"{folder}/message_1.json": thread(said(2, "Ben", "à bientôt"), said(1, "Zoë", "café ☕")),
    })  # fmt: skip
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.text == "08:30 Zoë: oldest\n08:31 Zoë: café ☕\n08:32 Ben: à bientôt"
    assert (item.thread, item.title) == ("meta:10152000000000001", "Zoë")
    assert item.native == f"meta:10152000000000001/{START}|Zoë"
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T08:30:00+00:00", Basis.UTC)
    assert item.cautions == frozenset() and item.people == (Person("Zoë"), Person("Ben"))


def test_in_a_thread_of_two_the_one_it_is_not_named_after_is_me(tmp_path: Path) -> None:
    path = "messages/inbox/z_10152000000000001/message_1.json"
    found = items(read(CONNECTOR, write(tmp_path, {path: thread(said(0, "Ben", "a"), said(90, "Zoë", "b"))})))
    assert [item.origin for item in found] == [Origin.MINE, Origin.OTHER]


def test_files_links_calls_and_unsent_messages(tmp_path: Path) -> None:
    share = {"link": "https://x.example", "share_text": broken("Voilà")}
    write(tmp_path, {"messages/inbox/z_1/message_1.json": thread(
        said(0, "Zoë", None, photos=[{"uri": "messages/inbox/z_1/photos/1.jpg"}]), said(1, "Zoë", "see", share=share),
        said(2, "Zoë", "Zoë called you.", call_duration=0), said(3, "Zoë", None, is_unsent=True),
        said(4, "Zoë", "gone?", is_unsent=True),
    )})  # fmt: skip
    found = {item.cautions: item for item in items(read(CONNECTOR, tmp_path))}
    assert found[frozenset()].text == "08:30 Zoë: [1.jpg]\n08:31 Zoë: see\nVoilà\nhttps://x.example"
    assert found[frozenset({Caution.SYSTEM})].text == "08:32 Zoë: Zoë called you."
    assert found[frozenset({Caution.DELETED})].text == "08:33 Zoë: [unsent]\n08:34 Zoë: gone?"


def test_more_than_two_are_a_group_and_filtered_threads_are_spam(tmp_path: Path) -> None:
    three = thread(said(0, "Zoë", "x"), people=("Zoë", "Ben", "Cleo"), title="Hiking")
    write(tmp_path, {
        "messages/inbox/hiking_1/message_1.json": three,
        "messages/filtered_threads/x_2/message_1.json": thread(said(0, "Zoë", "x")),
    })  # fmt: skip
    found = {item.title: item.cautions for item in items(read(CONNECTOR, tmp_path))}
    assert found == {"Hiking": {Caution.GROUP}, "Zoë": {Caution.SPAM}}


def test_the_export_of_encrypted_chats_is_read_too(tmp_path: Path) -> None:
    messages = [
        {"senderName": "Zoë", "text": "hello", "timestamp": START, "isUnsent": False, "media": [], "type": "text"},
        {"senderName": "Ben", "text": "", "timestamp": START + 1, "isUnsent": False, "media": [{"uri": "media/a.png"}]},
        {"senderName": "Zoë", "text": "", "timestamp": START + 2, "isUnsent": True, "media": []},
    ]
    flat = {"participants": ["Zoë", "Ben"], "threadName": "Zoë_12", "messages": messages}
    spoken, unsent = items(read(CONNECTOR, write(tmp_path, {"Zoë_12.json": flat})))
    assert spoken.text == "08:30 Zoë: hello\n08:30 Ben: [a.png]" and spoken.title == "Zoë"
    assert unsent.cautions == {Caution.DELETED}


def test_other_files_with_a_number_in_their_names_are_left_alone(tmp_path: Path) -> None:
    assert (
        read(CONNECTOR, write(tmp_path, {"posts_1.json": [{"title": 1}], "x_2.json": "{", "y_3.json": {"a": 1}})) == []
    )


def test_html_is_told_of_once_a_thread_and_damage_keeps_the_rest(tmp_path: Path) -> None:
    damaged = json.dumps(thread(said(0, "Zoë", "one"), said(1, "Zoë", "two")))
    write(tmp_path, {
        "messages/inbox/a_1/message_1.html": "x", "messages/inbox/a_1/message_2.html": "x",
        "messages/inbox/b_2/message_1.json": damaged[: damaged.index("two")],
    })  # fmt: skip
    things = read(CONNECTOR, tmp_path)
    assert [thing.text for thing in things if isinstance(thing, Item)] == ["08:30 Zoë: one"]
    assert {skipped.locator for skipped in skips(things)} == {
        "messages/inbox/a_1/message_1.html", "messages/inbox/b_2/message_1.json"
    }  # fmt: skip


@pytest.mark.parametrize("text", ["café", "日本", "☕", "plain", "naïve Ã©"])
def test_letters_are_mended_once_and_right_ones_are_left(text: str) -> None:
    assert mended(broken(text)) == text


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("m")
    seed = json.dumps(thread(said(0, "Zoë", "é", photos=[{"uri": "x"}], share={"link": "y"}))).encode()
    survives(CONNECTOR, folder, "messages/inbox/a_1/message_1.json", data.draw(mutations(seed)))
    flat = json.dumps({"participants": ["A"], "threadName": "A_1", "messages": [{"senderName": "A", "timestamp": 1}]})
    survives(CONNECTOR, folder, "A_1.json", data.draw(mutations(flat.encode())))
