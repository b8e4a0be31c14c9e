"""Discord's data package and the JSON of DiscordChatExporter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Origin, Person
from indexers.sources.connectors.chats.discord import CONNECTOR
from tests.connectors.gathered import items, mutations, read, skips, survives, write
from tests.connectors.open_reader import OpenReader

USER = {"id": "9", "username": "ben", "global_name": "Ben"}
ROWS = (
    "ID,Timestamp,Contents,Attachments\n"
    '1100000000000000002,2024-05-01 08:31:00.123000+00:00,"two\nlines, quoted",https://cdn.example/a/plan.pdf?ex=1\n'
    "1100000000000000001,2024-05-01 08:30:00,hello,\n"
)
JSON_ROWS = [
    {"ID": 1100000000000000002, "Timestamp": "2024-05-01 08:31:00", "Contents": "later", "Attachments": ""},
    {"ID": 1100000000000000001, "Timestamp": "2024-05-01 08:30:00", "Contents": "hello", "Attachments": ""},
]


def package(folder: str, channel: dict[str, Any], rows: Any, name: str) -> dict[str, Any]:
    return {
        f"{folder}/c55/channel.json": channel,
        f"{folder}/c55/{name}": rows,
        f"{folder}/index.json": {"55": "Direct Message with anna#0"},
        "Account/user.json" if folder[0].isupper() else "account/user.json": USER,
    }


@pytest.mark.parametrize(
    ("folder", "name", "rows"), [("messages", "messages.csv", ROWS), ("Messages", "messages.json", JSON_ROWS)]
)  # fmt: skip
def test_a_package_of_any_age_gives_my_messages_in_order(tmp_path: Path, folder: str, name: str, rows: Any) -> None:
    write(tmp_path, package(folder, {"id": "55", "type": 1, "recipients": ["9", "8"]}, rows, name))
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.text.splitlines()[0] == "08:30 Ben: hello"
    assert item.author == Person("Ben", "discord:9") and item.origin is Origin.MINE
    assert item.native == "discord:55/own/1100000000000000001"  # a number beyond 2**53 keeps its digits
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T08:30:00+00:00", Basis.UTC)
    assert item.title == "Direct Message with anna#0" and item.people[1].name == "anna#0"
    assert item.cautions == frozenset()


def test_attachments_are_names_and_quoted_lines_of_csv_are_one_message(tmp_path: Path) -> None:
    write(tmp_path, package("messages", {"id": "55", "type": "DM"}, ROWS, "messages.csv"))
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.attachments == ("plan.pdf",)
    assert item.text.endswith("08:31 Ben: [plan.pdf] two\nlines, quoted")


def test_a_channel_of_a_server_is_a_group(tmp_path: Path) -> None:
    guild = {"id": "55", "type": "GUILD_TEXT", "name": "general", "guild": {"id": "1", "name": "Hiking"}}
    [item] = items(read(CONNECTOR, write(tmp_path, package("messages", guild, JSON_ROWS, "messages.json"))))
    assert (item.title, item.labels, item.cautions) == ("general", ("Hiking",), {Caution.GROUP})


def test_what_advertisers_are_told_is_never_opened(tmp_path: Path) -> None:
    files = package("messages", {"id": "55", "type": 1}, ROWS, "messages.csv")
    reader = OpenReader(write(tmp_path, {**files, "activity/analytics/events.json": '{"predicted_gender": "x"}'}))
    assert list(CONNECTOR.read(reader))
    assert not [name for name in reader.opened if name.startswith("activity")]


def exported(messages: list[dict[str, Any]], kind: str = "DirectTextChat") -> dict[str, Any]:
    return {
        "guild": {"id": "0", "name": "Direct Messages"}, "channel": {"id": "55", "type": kind, "name": "Anna"},
        "dateRange": {}, "messages": messages, "messageCount": len(messages),
    }  # fmt: skip


def said(number: int, content: str, kind: str = "Default", **more: Any) -> dict[str, Any]:
    at = f"2024-05-01T08:{30 + number}:00.5+00:00"
    author = {"id": "8", "name": "anna", "nickname": "Anna", "isBot": False}
    return {"id": str(number), "type": kind, "timestamp": at, "content": content, "author": author, **more}


def test_an_exporters_file_holds_both_sides(tmp_path: Path) -> None:
    me = {"id": "9", "name": "ben", "nickname": "Ben"}
    write(tmp_path, {"Anna [55].json": exported([
        said(1, "look", attachments=[{"fileName": "a.png"}]), said(2, "nice", author=me, type="Reply"),
        said(3, "", embeds=[{"title": "A page", "description": "about it"}]),
        said(4, "", forwardedMessage={"content": "news"}), said(5, "pinned a message.", "ChannelPinnedMessage"),
    ])})  # fmt: skip
    spoken, system = items(read(CONNECTOR, tmp_path, me="ben"))
    assert spoken.text.splitlines() == [
        "08:31 Anna: [a.png] look", "08:32 Ben: nice", "08:33 Anna: A page about it", "08:34 Anna: [forwarded] news"
    ]  # fmt: skip
    assert (spoken.native, spoken.cautions, spoken.people[0]) == (
        "discord:55/1",
        frozenset(),
        Person("Anna", "discord:8"),
    )
    assert system.cautions == {Caution.SYSTEM}
    [group] = items(read(CONNECTOR, write(tmp_path / "g", {"g.json": exported([said(1, "x")], "GuildTextChat")})))
    assert group.cautions == {Caution.GROUP} and group.labels == ("Direct Messages",)


def test_other_json_is_left_alone_and_damage_is_told(tmp_path: Path) -> None:
    assert read(CONNECTOR, write(tmp_path, {"a.json": {"messages": [{"x": 1}]}, "b.json": "[", "c.json": "1"})) == []
    damaged = json.dumps(exported([said(1, "one"), said(2, "two")]))[:-80]
    things = read(CONNECTOR, write(tmp_path, {"d.json": damaged}))
    assert things[0].text == "08:31 Anna: one"  # type: ignore[union-attr]
    assert [skipped.locator for skipped in skips(things)] == ["d.json"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("d")
    survives(CONNECTOR, folder, "messages/c1/messages.csv", data.draw(mutations(ROWS.encode())))
    seed = json.dumps(exported([said(1, "one", embeds=[{}], attachments=[{}])])).encode()
    survives(CONNECTOR, folder, "x.json", data.draw(mutations(seed)))
    survives(CONNECTOR, folder, "messages/c1/channel.json", data.draw(mutations(b'{"id":"1","type":1,"guild":{}}')))
