"""Signal chats as signal-export writes them, as JSON lines or Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Origin
from indexers.sources.connectors.chats.signal import CONNECTOR
from tests.connectors.gathered import items, mutations, read, skips, survives, write


def said(minute: int, sender: str, body: str, **more: Any) -> str:
    fixed = {"quote": "", "sticker": None, "reactions": [], "attachments": []}
    return json.dumps({"date": f"2024-05-01T08:{minute:02}:00", "sender": sender, "body": f"{body}  ", **fixed, **more})


MARKDOWN = (
    "[2024-05-01 08:30:00] Anna: \n\n> what she quotes\n\nwhen?  \n(- Me: 👍 -)\n\n"
    "[2024-05-01 08:31:00] Me: seven\nat the pier  ![map.png](./media/map.png)  \n\n"
    "[2024-05-01 08:32:00] Anna: (This message was deleted)\n\n"
)


def test_a_chat_of_two_in_json_lines(tmp_path: Path) -> None:
    file = {"name": "map.png", "path": "media/map.png"}
    write(tmp_path, {"Anna/data.json": said(30, "Anna", "when?") + "\n" + said(31, "Me", "seven", attachments=[file])})
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.text == "08:30 Anna: when?\n08:31 Me: [map.png] seven"
    assert (item.native, item.title, item.cautions) == ("signal:Anna/2024-05-01T08:30:00|Anna|0", "Anna", frozenset())
    assert item.moment.basis is Basis.LOCAL


def test_markdown_is_read_where_there_is_no_json_and_says_the_same(tmp_path: Path) -> None:
    spoken, deleted = items(read(CONNECTOR, write(tmp_path, {"Anna/chat.md": MARKDOWN})))
    assert spoken.text == "08:30 Anna: when?\n08:31 Me: [map.png] seven\nat the pier"
    assert deleted.cautions == {Caution.DELETED}
    write(tmp_path, {"Anna/data.json": said(30, "Anna", "only this")})
    assert [item.text for item in items(read(CONNECTOR, tmp_path))] == ["08:30 Anna: only this"]


def test_the_times_of_old_exports_have_no_seconds(tmp_path: Path) -> None:
    [item] = items(read(CONNECTOR, write(tmp_path, {"Anna/index.md": "[2019-05-29, 15:04] Me: hello\n"})))
    assert item.moment.iso == "2019-05-29T15:04:00" and item.origin is Origin.MINE


@pytest.mark.parametrize(("folder", "senders"), [("Hiking", ["Anna", "Cleo"]), ("Hiking", ["Anna"])])
def test_more_senders_or_another_name_than_the_chats_are_a_group(
    tmp_path: Path, folder: str, senders: list[str]
) -> None:
    write(tmp_path, {f"{folder}/data.json": "\n".join(said(1, sender, "x") for sender in senders)})
    assert {item.cautions for item in items(read(CONNECTOR, tmp_path))} == {frozenset({Caution.GROUP})}


def test_deleted_disappearing_and_calls_carry_cautions(tmp_path: Path) -> None:
    lines = [
        said(1, "Anna", "", deleted=True),
        said(2, "Anna", "fades", expireTimer=60),
        said(3, "Anna", "Missed voice call", call=True),
        said(4, "Anna", "", sticker={"emoji": "😀"}),
    ]
    found = {
        item.cautions: item.text
        for item in items(read(CONNECTOR, write(tmp_path, {"Anna/data.json": "\n".join(lines)})))
    }
    assert found == {
        frozenset({Caution.DELETED}): "08:01 Anna: This message was deleted",
        frozenset({Caution.DISAPPEARING}): "08:02 Anna: fades",
        frozenset({Caution.SYSTEM}): "08:03 Anna: Missed voice call",
        frozenset(): "08:04 Anna: [sticker 😀]",
    }


def test_a_line_that_is_no_message_is_named(tmp_path: Path) -> None:
    things = read(CONNECTOR, write(tmp_path, {"Anna/data.json": "{broken\n" + said(1, "Anna", "x")}))
    assert [skipped.locator for skipped in skips(things)] == ["Anna/data.json#1"]
    assert len(things) == 2


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("s")
    survives(
        CONNECTOR, folder, "A/data.json", data.draw(mutations(said(1, "Anna", "x", sticker={"emoji": "x"}).encode()))
    )
    survives(CONNECTOR, folder, "B/chat.md", data.draw(mutations(MARKDOWN.encode())))
