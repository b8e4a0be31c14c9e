"""The database of Messages: old rows with text, new ones with typedstreams."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Item, Origin, Person
from indexers.sources.connectors.chats.imessage import CONNECTOR, typed_text
from tests.connectors.gathered import items, read, skips

START = 736_245_000  # 2024-05-01 08:30 UTC, in seconds since 2001


def typed(text: str) -> bytes:
    """What Messages writes of an NSAttributedString, as far as its string."""
    raw = text.encode()
    length = bytes([len(raw)]) if len(raw) < 0x80 else b"\x81" + len(raw).to_bytes(2, "little")
    classes = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00"
    classes += b"\x84\x84\x08NSObject\x00\x85\x92"
    return classes + b"\x84\x84\x84\x08NSString\x01\x94\x84\x01+" + length + raw + b"\x86\x84\x02iI\x01\x05"


def store(folder: Path, rows: list[dict[str, Any]], style: int = 45, new: bool = True) -> Path:
    path = folder / "chat.db"
    columns = "guid TEXT, text TEXT, attributedBody BLOB, date INTEGER, is_from_me INTEGER, item_type, handle_id"
    columns += ", associated_message_type INTEGER, date_retracted INTEGER, is_expired INTEGER" if new else ""
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(f"""
            CREATE TABLE message (ROWID INTEGER PRIMARY KEY, {columns});
            CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT);
            CREATE TABLE chat (ROWID INTEGER PRIMARY KEY, guid, style INTEGER, display_name, chat_identifier);
            CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER);
            CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER);
            CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY, transfer_name TEXT);
            CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER);
            INSERT INTO handle VALUES (1, '+491701234');
            INSERT INTO chat VALUES (1, 'iMessage;-;+491701234', {style}, '', '+491701234');
            INSERT INTO chat_handle_join VALUES (1, 1);
            INSERT INTO attachment VALUES (1, 'harbour.jpg');
        """)
        for number, row in enumerate(rows, 1):
            fixed = {"guid": f"G{number}", "date": (START + number * 60) * 10**9, "is_from_me": 0, "handle_id": 1}
            whole = {**fixed, **row}
            names, marks = ", ".join(whole), ", ".join("?" * len(whole))
            database.execute(f"INSERT INTO message ({names}) VALUES ({marks})", tuple(whole.values()))
            database.execute("INSERT INTO chat_message_join VALUES (1, ?)", (number,))
    return folder


def test_text_is_read_from_its_column_or_from_the_typedstream(tmp_path: Path) -> None:
    rows = [{"text": "when?"}, {"attributedBody": typed("seven, at the pier 😀"), "is_from_me": 1}]
    [item] = items(read(CONNECTOR, store(tmp_path, rows), me="Ben"))
    assert item.text == "08:31 +491701234: when?\n08:32 Ben: seven, at the pier 😀"
    assert (item.native, item.thread) == ("imessage:iMessage;-;+491701234/G1", "imessage:iMessage;-;+491701234")
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T08:31:00+00:00", Basis.UTC)
    assert item.people == (Person("+491701234", "+491701234"), Person("Ben")) and item.cautions == frozenset()


@pytest.mark.parametrize("length", [1, 127, 128, 255, 256, 5_000])
def test_a_typedstream_of_any_length_gives_its_text(length: int) -> None:
    assert typed_text(typed("x" * length)) == "x" * length


def test_an_old_database_counts_in_seconds_and_lacks_columns(tmp_path: Path) -> None:
    [item] = items(read(CONNECTOR, store(tmp_path, [{"text": "hi", "date": START}], new=False)))
    assert item.moment.iso == "2024-05-01T08:30:00+00:00"


def test_files_stand_for_their_sign_and_reactions_are_left_out(tmp_path: Path) -> None:
    rows = [{"text": "\ufffc look"}, {"text": "Loved “look”", "associated_message_type": 2000}]
    store(tmp_path, rows)
    with closing(sqlite3.connect(tmp_path / "chat.db")) as database, database:
        database.execute("INSERT INTO message_attachment_join VALUES (1, 1)")
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.text == "08:31 +491701234: [harbour.jpg] look" and item.attachments == ("harbour.jpg",)


def test_unsent_recoverable_and_system_rows_carry_cautions_and_a_group_is_one(tmp_path: Path) -> None:
    rows = [
        {"text": "", "date_retracted": 1},
        {"text": "in the bin"},
        {"text": "named it", "item_type": 2},
        {"text": "stays"},
    ]
    store(tmp_path, rows, style=43)
    with closing(sqlite3.connect(tmp_path / "chat.db")) as database, database:
        database.execute("CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER)")
        database.execute("INSERT INTO chat_recoverable_message_join VALUES (1, 2)")
    found = {frozenset(item.cautions - {Caution.GROUP}): item for item in items(read(CONNECTOR, tmp_path))}
    assert all(Caution.GROUP in item.cautions for item in found.values())
    assert found[frozenset({Caution.DELETED})].text.endswith("[unsent]\n08:32 +491701234: in the bin")
    assert found[frozenset({Caution.SYSTEM})].origin is Origin.MACHINE
    assert found[frozenset()].text == "08:34 +491701234: stays"


def test_a_body_that_is_not_understood_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    things = read(CONNECTOR, store(tmp_path, [{"attributedBody": b"bplist00"}, {"text": "fine"}]))
    assert [skipped.locator for skipped in skips(things)] == ["chat.db#message.1"]
    assert [thing.text for thing in things if isinstance(thing, Item)] == ["08:32 +491701234: fine"]


def test_another_database_is_told_of(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "chat.db")) as database, database:
        database.execute("CREATE TABLE other (x)")
    assert "tables" in skips(read(CONNECTOR, tmp_path))[0].reason


@given(st.binary(max_size=200), st.integers(0, 120))
def test_no_typedstream_makes_it_fail(junk: bytes, at: int) -> None:
    whole = typed("hello")
    assert typed_text(whole[:at] + junk + whole[at:]) is not False
    assert typed_text(junk) is None or isinstance(typed_text(junk), str)
