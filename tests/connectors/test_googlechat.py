"""Google Chat in a Takeout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Origin, Person
from indexers.sources.connectors.chats.googlechat import CONNECTOR
from tests.connectors.gathered import items, mutations, read, skips, survives, write

ANNA = {"name": "Anna", "email": "anna@x.example", "user_type": "Human"}
BEN = {"name": "Ben", "email": "ben@x.example", "user_type": "Human"}
CLEO = {"name": "Cleo", "email": "cleo@x.example", "user_type": "Human"}
GROUPS = "Takeout/Google Chat/Groups"
USER = {"Takeout/Google Chat/Users/User 1/user_info.json": {"user": BEN}}


def said(who: dict[str, str], text: str, when: str, number: str, **more: Any) -> dict[str, Any]:
    return {"creator": who, "created_date": when, "text": text, "message_id": f"s/t/{number}", **more}


def direct(*messages: dict[str, Any], members: Any = (ANNA, BEN), folder: str = "DM a1") -> dict[str, Any]:
    return {
        f"{GROUPS}/{folder}/messages.json": {"messages": list(messages)},
        f"{GROUPS}/{folder}/group_info.json": {"members": list(members)},
    }


@pytest.mark.parametrize(
    "when", ["Wednesday, May 1, 2024 at 8:30:05\u202fAM UTC", "2024年5月1日星期三 UTC 08:30:05", "2024-05-01T08:30:05Z"]
)
def test_times_are_read_in_the_language_of_the_account(tmp_path: Path, when: str) -> None:
    [item] = items(read(CONNECTOR, write(tmp_path, direct(said(ANNA, "hello", when, "1")))))
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T08:30:05+00:00", Basis.UTC)
    assert item.native == "googlechat:a1/s/t/1"


def test_the_owner_is_known_and_files_are_named(tmp_path: Path) -> None:
    at = "Wednesday, May 1, 2024 at 8:3{}:05\u202fAM UTC"
    file = {"original_name": "plan.pdf", "export_name": "File-plan.pdf"}
    messages = [said(ANNA, "when?", at.format(0), "1"), said(BEN, "seven", at.format(1), "2", attached_files=[file])]
    later = said(BEN, "mine", "Thursday, May 2, 2024 at 8:30:05\u202fAM UTC", "3")
    pair, mine = items(read(CONNECTOR, write(tmp_path, {**direct(*messages, later), **USER})))
    assert pair.text == "08:30 Anna: when?\n08:31 Ben: [plan.pdf] seven"
    assert (pair.title, pair.cautions) == ("Anna", frozenset())
    assert (pair.origin, mine.origin) == (Origin.OTHER, Origin.MINE)
    assert mine.people == (Person("Ben", "ben@x.example"), Person("Anna", "anna@x.example"))


def test_more_than_two_members_are_a_group_and_what_was_taken_back_is_deleted(tmp_path: Path) -> None:
    at = "Wednesday, May 1, 2024 at 8:30:05\u202fAM UTC"
    gone = {**said(ANNA, "", at, "2"), "message_state": "DELETED", "deletion_metadata": {"deletion_type": "CREATOR"}}
    files = direct(said(ANNA, "hi", at, "1"), gone, members=(ANNA, BEN, CLEO), folder="Space b2")
    spoken, deleted = items(read(CONNECTOR, write(tmp_path, files)))
    assert spoken.cautions == {Caution.GROUP} and spoken.thread == "googlechat:b2"
    assert deleted.cautions == {Caution.GROUP, Caution.DELETED}


def test_damage_is_named(tmp_path: Path) -> None:
    things = read(CONNECTOR, write(tmp_path, {f"{GROUPS}/DM a1/messages.json": '{"messages":[{]}'}))
    assert [skipped.locator for skipped in skips(things)] == [f"{GROUPS}/DM a1/messages.json"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = write(tmp_path_factory.mktemp("g"), USER)
    seed = json.dumps({"messages": [said(ANNA, "x", "2024-05-01T08:30:05Z", "1", attached_files=[{}])]}).encode()
    survives(CONNECTOR, folder, f"{GROUPS}/DM a/messages.json", data.draw(mutations(seed)))
    survives(
        CONNECTOR,
        folder,
        f"{GROUPS}/DM a/group_info.json",
        data.draw(mutations(json.dumps({"members": [ANNA]}).encode())),
    )
