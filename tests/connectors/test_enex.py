"""Evernote's exports: text of ENML, and files that stream by."""

from __future__ import annotations

import io
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, File, Item, Origin, Person
from indexers.sources.connectors.notes.enex import CONNECTOR
from indexers.sources.connectors.notes.enml import document
from indexers.sources.faults import Unreadable
from tests.connectors.gathered import items, mutations, read, skips, survives, write
from tests.connectors.open_reader import OpenReader

HEAD = '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE en-export SYSTEM "http://xml.evernote.com/pub/evernote-export4.dtd">'


def note(title: str, enml: str, more: str = "", created: str = "20240501T083000Z") -> str:
    body = f'<?xml version="1.0"?><!DOCTYPE en-note SYSTEM "enml2.dtd"><en-note>{enml}</en-note>'
    times = f"<created>{created}</created><updated>20240502T083000Z</updated>" if created else ""
    return f"<note><title>{title}</title>{times}{more}<content><![CDATA[{body}]]></content></note>"


def export(*notes: str) -> str:
    return f"{HEAD}<en-export>{''.join(notes)}</en-export>"


FILE = (
    '<resource><data encoding="base64">AAAA</data><mime>image/png</mime>'
    "<resource-attributes><file-name>keel.png</file-name><source-url>http://y</source-url></resource-attributes></resource>"
)


def test_a_note_is_read_with_its_tags_files_and_times(tmp_path: Path) -> None:
    about = "<note-attributes><author>Anna</author><source-url>https://x.example</source-url></note-attributes>"
    text = export(note("Boat", "<h1>Hull</h1><div>Paint the keel.</div>", f"<tag>harbour</tag>{about}{FILE}"))
    [item] = items(read(CONNECTOR, write(tmp_path, {"Sea.enex": text})))
    assert (item.text, item.title, item.labels) == ("Hull\n\nPaint the keel.", "Boat", ("harbour",))
    assert [(mark.at, mark.level, mark.name) for mark in item.marks] == [(0, 1, "Hull")]
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T08:30:00+00:00", Basis.UTC)
    assert (item.native, item.locator) == ("evernote:2024-05-01T08:30:00+00:00/Boat", "Sea.enex#1")
    assert (item.attachments, item.url, item.author) == (("keel.png",), "https://x.example", Person("Anna"))
    assert dict(item.extra) == {"notebook": "Sea", "edited": "2024-05-02T08:30:00+00:00"} and item.origin is Origin.MINE


def test_a_page_clipped_from_the_web_is_not_the_owners_words(tmp_path: Path) -> None:
    about = "<note-attributes><author>Anna</author><source>web.clip7</source></note-attributes>"
    [item] = items(read(CONNECTOR, write(tmp_path, {"a.enex": export(note("x", "<p>clipped</p>", about))})))
    assert item.origin is Origin.OTHER and item.author is None


@pytest.mark.parametrize(
    ("enml", "text"),
    [
        ('<div><en-todo checked="true"/>rope</div><div><en-todo/>paint</div>', "[x] rope\n\n[ ] paint"),
        ('<ul><li style="--en-checked:true;"><div>rope</div></li></ul>', "[x] rope"),
        ('a<en-media type="image/png" hash="00"/>b', "ab"),
        ('open <en-crypt cipher="AES">U2VjcmV0</en-crypt> shut', "open [encrypted] shut"),
        ('<a href="https://x.example"></a>', "https://x.example"),
        ("<div/><span/>all of it", "all of it"),
        ("a&nbsp;&lt;b&gt;", "a <b>"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 | 2"),
    ],
)
def test_enml_is_read_as_a_person_sees_it(enml: str, text: str) -> None:
    assert document(f"<en-note>{enml}</en-note>").text.replace("\xa0", " ") == text


def test_notes_of_the_same_second_and_title_are_told_apart(tmp_path: Path) -> None:
    found = items(read(CONNECTOR, write(tmp_path, {"a.enex": export(note("x", "one"), note("x", "two"))})))
    assert [(item.native[-3:], item.text) for item in found] == [("0/x", "one"), ("x#2", "two")]


def test_tasks_and_titles_alone_are_content(tmp_path: Path) -> None:
    tasks = "<task><title>rope</title><taskStatus>completed</taskStatus></task><task><title>paint</title></task>"
    found = items(read(CONNECTOR, write(tmp_path, {"a.enex": export(note("Do", "", tasks), note("Call Anna", ""))})))
    assert [(item.title, item.text) for item in found] == [("Do", "[x] rope\n[ ] paint"), ("Call Anna", "Call Anna")]


def test_what_stands_before_the_damage_is_read_and_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE en-export [<!ENTITY a "aaaa">]><en-export><note><title>&a;</title></note></en-export>'
    write(tmp_path, {"a.enex": export(note("one", "1"), note("two", "2"))[:-60], "b.enex": bomb})
    things = read(CONNECTOR, tmp_path)
    assert [thing.text for thing in things if isinstance(thing, Item)] == ["1"]
    assert [skipped.locator for skipped in skips(things)] == ["a.enex#2", "b.enex#1"]


class _Endless(OpenReader):
    """An export with a file of 200 MB in it, made as it is read."""

    @contextmanager
    def open(self, file: File) -> object:  # type: ignore[override]
        head, tail = export(note("one", "1", FILE)).split("AAAA")
        yield _Made(head.encode(), b"A" * 65_536, 3_000, tail.encode())


class _Made(io.RawIOBase):
    def __init__(self, head: bytes, piece: bytes, times: int, tail: bytes) -> None:
        self.left = iter([head, *[piece] * times, tail])

    def read(self, size: int = -1) -> bytes:
        return next(self.left, b"")


def test_files_of_any_size_stream_by_unheld(tmp_path: Path) -> None:
    import tracemalloc

    write(tmp_path, {"a.enex": "x"})
    tracemalloc.start()
    [item] = list(CONNECTOR.read(_Endless(tmp_path)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(item, Item) and item.attachments == ("keel.png",)
    assert most < 20_000_000


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    seed = export(note("a", "<div>x</div>", FILE), note("b", "<en-todo/>y", "<task><title>t</title></task>")).encode()
    survives(CONNECTOR, tmp_path_factory.mktemp("e"), "a.enex", data.draw(mutations(seed)))


@given(st.text(max_size=300))
def test_no_enml_makes_it_fail(text: str) -> None:
    with suppress(ValueError, Unreadable):
        assert isinstance(document(text).text, str)
