"""Apple Notes: the database, and text in protobufs whose lengths count UTF-16 units."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Item
from indexers.sources.connectors.notes.applebody import document
from indexers.sources.connectors.notes.applenotes import CONNECTOR
from indexers.sources.faults import FAULTS, Unreadable
from tests.connectors.gathered import items, mutations, read, skips

MADE = 736_245_000.0  # 2024-05-01 08:30 UTC, in seconds since 2001
TITLE, HEADING, BULLET, NUMBER, BOX = 0, 1, 100, 102, 103


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def counted(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def held(number: int, raw: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def run(length: int, kind: int | None = None, ticked: bool = False) -> bytes:
    style = b"" if kind is None else counted(1, kind) + held(5, held(1, b"uuid") + counted(2, int(ticked)))
    return held(5, counted(1, length) + (held(2, style) if style else b""))


def body(text: str, runs: Iterable[bytes] = ()) -> bytes:
    note = held(2, text.encode()) + b"".join(runs)
    return gzip.compress(counted(1, 0) + held(2, counted(1, 0) + held(3, note)))


def lines(*styled: tuple[str, int | None, bool]) -> bytes:
    """A body of lines, each with its style, as Notes writes it: a run a line, lengths in UTF-16 units."""
    runs = [run(len(f"{text}\n".encode("utf-16-le")) // 2, kind, ticked) for text, kind, ticked in styled]
    return body("\n".join(text for text, _, _ in styled), runs)


def test_paragraphs_are_headings_bullets_numbers_and_boxes() -> None:
    boxes = [("rope", BOX, True), ("paint", BOX, False)]
    listed = [("oak", BULLET, False), ("first", NUMBER, False), ("plain", None, False)]
    found = document(lines(("Gull 😀", TITLE, False), ("Hull", HEADING, False), *boxes, *listed))
    assert found.text == "Gull 😀\nHull\n[x] rope\n[ ] paint\n- oak\n1. first\nplain"
    assert [(mark.at, mark.level, mark.name) for mark in found.marks] == [(0, 1, "Gull 😀"), (7, 2, "Hull")]


def test_lengths_count_utf_16_units_so_an_emoji_moves_nothing() -> None:
    found = document(lines(("😀😀😀😀", None, False), ("a", None, False), ("ticked", BOX, True), ("b", None, False)))
    assert found.text == "😀😀😀😀\na\n[x] ticked\nb"


def test_an_attachment_leaves_no_sign_in_the_text() -> None:
    assert document(body("see \ufffc here")).text == "see  here"


def test_what_unpacks_to_too_much_or_to_nothing_known_is_refused() -> None:
    with pytest.raises(Unreadable, match="larger"):
        document(gzip.compress(b"\0" * (17 << 20)))
    with pytest.raises(Unreadable, match="form"):
        document(gzip.compress(counted(1, 0)))


def store(folder: Path, notes: list[dict[str, Any]]) -> Path:
    columns = (
        "z_pk INTEGER PRIMARY KEY, z_ent, zidentifier, ztitle1, ztitle2, zfolder, zcreationdate3, zmodificationdate1, "
    )
    columns += "zispasswordprotected, zmarkedfordeletion, zzoneownername, zfoldertype, znote, zfilename, ztypeuti"
    with closing(sqlite3.connect(folder / "NoteStore.sqlite")) as database, database:
        database.executescript(f"""
            CREATE TABLE z_primarykey (z_ent INTEGER, z_name TEXT);
            INSERT INTO z_primarykey VALUES (9, 'ICNote'), (14, 'ICFolder'), (4, 'ICAttachment');
            CREATE TABLE ziccloudsyncingobject ({columns});
            CREATE TABLE zicnotedata (znote INTEGER, zdata BLOB);
            INSERT INTO ziccloudsyncingobject (z_pk, z_ent, ztitle2, zfoldertype)
                VALUES (1, 14, 'Sea', 0), (2, 14, 'Bin', 1);
        """)
        for number, note in enumerate(notes, 10):
            data = note.pop("zdata")
            row = {
                "z_pk": number,
                "z_ent": 9,
                "zidentifier": f"N{number}",
                "zfolder": 1,
                "zcreationdate3": MADE,
                **note,
            }
            marks = ", ".join("?" * len(row))
            database.execute(
                f"INSERT INTO ziccloudsyncingobject ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
            )
            database.execute("INSERT INTO zicnotedata VALUES (?, ?)", (number, data))
    return folder


def test_a_note_is_read_with_its_folder_times_and_files(tmp_path: Path) -> None:
    store(tmp_path, [{"ztitle1": "Gull", "zmodificationdate1": MADE + 60, "zdata": body("Gull\nPaint \ufffc")}])
    with closing(sqlite3.connect(tmp_path / "NoteStore.sqlite")) as database, database:
        database.execute(
            "INSERT INTO ziccloudsyncingobject (z_pk, z_ent, znote, zfilename) VALUES (50, 4, 10, 'keel.png')"
        )
    [item] = items(read(CONNECTOR, tmp_path))
    assert (item.text, item.title, item.labels) == ("Gull\nPaint", "Gull", ("Sea",))
    assert (item.native, item.locator, item.attachments) == (
        "applenotes:N10",
        "NoteStore.sqlite#note.10",
        ("keel.png",),
    )
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T08:30:00+00:00", Basis.UTC)
    assert dict(item.extra) == {"edited": "2024-05-01T08:31:00+00:00"}


def test_locked_missing_and_empty_notes_are_told_of_and_are_no_fault(tmp_path: Path) -> None:
    store(tmp_path, [{"zispasswordprotected": 1, "zdata": b"\x01"}, {"zdata": None}, {"zdata": body("  ")}])
    told = skips(read(CONNECTOR, tmp_path))
    assert [skipped.fault for skipped in told] == [False] * 3 and "password" in told[0].reason


def test_deleted_notes_and_those_of_others_carry_cautions(tmp_path: Path) -> None:
    notes = [
        {"zfolder": 2},
        {"zmarkedfordeletion": 1},
        {"zzoneownername": "_abc"},
        {"zzoneownername": "__defaultOwner__"},
    ]
    found = items(read(CONNECTOR, store(tmp_path, [{**note, "zdata": body("x")} for note in notes])))
    trash, partner = frozenset({Caution.TRASH}), frozenset({Caution.PARTNER})
    assert [item.cautions for item in found] == [trash, trash, partner, frozenset()]


def test_a_damaged_note_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    things = read(CONNECTOR, store(tmp_path, [{"zdata": b"no gzip"}, {"zdata": body("fine")}]))
    assert [skipped.locator for skipped in skips(things)] == ["NoteStore.sqlite#note.10"]
    assert [thing.text for thing in things if isinstance(thing, Item)] == ["fine"]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(data: st.DataObject) -> None:
    seed = gzip.decompress(lines(("Gull 😀", TITLE, False), ("rope", BOX, True), ("plain", None, False)))
    for raw in (data.draw(mutations(seed)), data.draw(mutations(gzip.compress(seed)))):
        try:
            assert isinstance(document(gzip.compress(raw)).text, str)
            document(raw)
        except FAULTS:
            continue
