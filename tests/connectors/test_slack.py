"""Slack's export: days of channels, answers in threads, names for ids, and no token of any kind."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Caution, Item, Origin, Person
from indexers.sources.connectors.chats.slack import CONNECTOR, plain
from tests.connectors.gathered import items, mutations, read, skips, survives, write

USERS = [
    {"id": "U1", "name": "anna", "profile": {"display_name": "Anna", "email": "anna@x.example"}},
    {"id": "U2", "name": "ben", "real_name": "Ben B."},
]
CHANNELS = [{"id": "C1", "name": "general", "members": ["U1", "U2"]}]
DIRECT = [{"id": "D1", "members": ["U1", "U2"]}]


def said(ts: str, text: str, user: str = "U1", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts, **more}


def export(days: dict[str, Any]) -> dict[str, Any]:
    return {"users.json": USERS, "channels.json": CHANNELS, "dms.json": DIRECT, **days}


def test_a_channel_is_a_group_with_names_for_ids_and_a_direct_message_is_none(tmp_path: Path) -> None:
    write(tmp_path, export({
        "general/2016-01-15.json": [said("1452837318.000002", "hi <@U2>"), said("1452837400.000003", "hi", "U2")],
        "D1/2016-01-15.json": [said("1452837318.000002", "psst")],
    }))  # fmt: skip
    direct, channel = items(read(CONNECTOR, tmp_path))
    assert channel.text == "05:55 Anna: hi @Ben B.\n05:56 Ben B.: hi"
    assert (channel.native, channel.title, channel.cautions) == (
        "slack:C1/1452837318.000002",
        "#general",
        {Caution.GROUP},
    )
    assert channel.moment.iso == "2016-01-15T05:55:18+00:00"
    assert (direct.title, direct.cautions, direct.thread) == ("Anna, Ben B.", frozenset(), "slack:D1")
    assert direct.people == (Person("Anna", "anna@x.example"), Person("Ben B.", ""))


def test_days_are_read_in_order_and_from_inside_the_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x Slack export.zip", "w") as archive:
        for name, content in export({
            "general/2016-01-16.json": [said("1452902400.000000", "later")],
            "general/2016-01-15.json": [said("1452837318.000002", "first")],
        }).items():  # fmt: skip
            archive.writestr(name, json.dumps(content))
    found = items(read(CONNECTOR, tmp_path, me="anna@x.example"))
    assert [item.text for item in found] == ["05:55 Anna: first", "00:00 Anna: later"]
    assert found[0].origin is Origin.MINE
    assert found[0].locator == "x Slack export.zip!general/2016-01-15.json$.1452837318.000002"


def test_answers_in_a_thread_are_kept_together_and_name_their_parent(tmp_path: Path) -> None:
    write(tmp_path, export({"general/2016-01-15.json": [
        said("1452837318.000002", "lunch?", thread_ts="1452837318.000002"),
        said("1452837330.000000", "new topic"),
        said("1452837340.000000", "yes!", "U2", thread_ts="1452837318.000002"),
    ]}))  # fmt: skip
    found = {item.extra.get("answers", ""): item.text for item in items(read(CONNECTOR, tmp_path))}
    assert found == {"": "05:55 Anna: lunch?\n05:55 Anna: new topic", "1452837318.000002": "05:55 Ben B.: yes!"}


def test_no_token_of_slack_is_kept_from_texts_files_or_names(tmp_path: Path) -> None:
    link = "https://files.slack.com/files-pri/T0-F0/plan.pdf?t=xoxe-1234567890-abcdef"
    file = {"name": "plan.pdf", "url_private": link, "url_private_download": link}
    write(tmp_path, export({"general/2016-01-15.json": [
        said("1452837318.000002", f"see <{link}>", files=[file]),
        said("1452837319.000002", "our bot is xoxb-123456789012-abcdefghij", attachments=[{"title": link}]),
    ]}))  # fmt: skip
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.attachments == ("plan.pdf",)
    assert "xox" not in repr(item) and item.text.count("[token]") == 3


def test_what_the_program_says_is_a_system_line_and_what_bots_say_is_not(tmp_path: Path) -> None:
    write(tmp_path, export({"general/2016-01-15.json": [
        said("1452837318.000002", "<@U1> has joined the channel", subtype="channel_join"),
        {"type": "message", "subtype": "bot_message", "text": "build green", "ts": "1452837319.0", "username": "ci"},
    ]}))  # fmt: skip
    system, bot = items(read(CONNECTOR, tmp_path))
    assert Caution.SYSTEM in system.cautions and system.text == "05:55 Anna: @Anna has joined the channel"
    assert bot.text == "05:55 ci: build green" and Caution.SYSTEM not in bot.cautions


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<https://x.example|the page>", "the page (https://x.example)"),
        ("<https://x.example>", "https://x.example"),
        ("<#C1|general> <!here>", "#general @here"),
        ("<!date^1452837318^{date}|15 January> <!subteam^S1|@team>", "15 January @team"),
        ("<@U9|zoe> a &lt; b &amp; c", "@zoe a < b & c"),
    ],
)
def test_mrkdwn_is_read_as_a_person_sees_it(text: str, shown: str) -> None:
    assert plain(text, {}) == shown


def test_a_damaged_day_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    days = {"general/2016-01-15.json": "[{", "general/2016-01-16.json": [said("1452902400.000000", "later")]}
    things = read(CONNECTOR, write(tmp_path, export(days)))
    assert [skipped.locator for skipped in skips(things)] == ["general/2016-01-15.json"]
    assert [thing.text for thing in things if isinstance(thing, Item)] == ["00:00 Anna: later"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = write(tmp_path_factory.mktemp("s"), export({}))
    seed = json.dumps([said("1452837318.000002", "x <@U1>", files=[{"name": "a"}], attachments=[{"text": "t"}])])
    survives(CONNECTOR, folder, "general/2016-01-15.json", data.draw(mutations(seed.encode())))
    survives(CONNECTOR, folder, "users.json", data.draw(mutations(json.dumps(USERS).encode())))
