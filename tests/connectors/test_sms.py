"""Backups of text messages in XML, and the numbers they write for characters."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution, Item, Origin, Person
from indexers.sources.connectors.chats.sms import CONNECTOR
from indexers.sources.connectors.chats.unloaded import Unloaded
from tests.connectors.gathered import items, mutations, read, skips, survives, write

START = 1_714_552_200_000


def sms(minute: int, body: str, address: str = "+49 170 1234", kind: int = 1, name: str = "Anna") -> str:
    at = START + minute * 60_000
    return f'<sms address="{address}" date="{at}" type="{kind}" body="{body}" contact_name="{name}" date_sent="0" />'


MMS = (
    f'<mms address="+1555~+1666" date="{START}" date_sent="1714552200" msg_box="1" m_id="m1" '
    'contact_name="Cleo, Dan" sub="null">'
    '<parts><part seq="-1" ct="application/smil" text="&lt;smil/&gt;" /><part seq="0" ct="text/plain" text="look" />'
    '<part seq="0" ct="image/jpeg" name="null" cl="harbour.jpg" data="AAAA" /></parts>'
    '<addrs><addr address="+1666" type="137" /><addr address="insert-address-token" type="151" /></addrs></mms>'
)


def backup(*entries: str) -> str:
    head = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
    return f'{head}<smses count="{len(entries)}">{"".join(entries)}</smses>'


def test_a_number_written_in_two_ways_is_one_conversation(tmp_path: Path) -> None:
    text = backup(sms(0, "when?"), sms(1, "seven", "+491701234", 2))
    [item] = items(read(CONNECTOR, write(tmp_path, {"sms-20240501.xml": text}), me="Ben"))
    assert item.text == "08:30 Anna: when?\n08:31 Ben: seven"
    assert (item.thread, item.title, item.native) == ("sms:+491701234", "Anna", f"sms:+491701234/{START}|1")
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T08:30:00+00:00", Basis.UTC)
    assert item.people == (Person("Anna", "+49 170 1234"), Person("Ben"))


def test_conversations_that_lie_among_one_another_are_kept_apart(tmp_path: Path) -> None:
    text = backup(sms(0, "a"), sms(1, "b", "77", name="(Unknown)"), sms(2, "c"))
    found = {item.title: item.text for item in items(read(CONNECTOR, write(tmp_path, {"sms.xml": text})))}
    assert found == {"Anna": "08:30 Anna: a\n08:32 Anna: c", "77": "08:31 77: b"}


def test_a_message_with_parts_to_several_is_a_group_of_which_the_sender_is_known(tmp_path: Path) -> None:
    [item] = items(read(CONNECTOR, write(tmp_path, {"sms.xml": backup(MMS)})))
    assert item.text == "08:30 Dan: [harbour.jpg] look"
    assert item.attachments == ("harbour.jpg",) and item.cautions == {Caution.GROUP}
    assert item.native == "sms:+1555~+1666/m1|mms" and item.author == Person("Dan", "+1666")


def test_characters_written_as_two_numbers_are_mended_and_controls_left_out(tmp_path: Path) -> None:
    text = backup(sms(0, "hi &#55357;&#56832;&#10;there &#xD83D; &#0;end"))
    [item] = items(read(CONNECTOR, write(tmp_path, {"sms.xml": text})))
    assert item.text == "08:30 Anna: hi 😀\nthere \ufffd end"


def test_a_name_with_a_comma_is_one_name(tmp_path: Path) -> None:
    [item] = items(read(CONNECTOR, write(tmp_path, {"sms.xml": backup(sms(0, "a", name="Doe, Anna"))})))
    assert item.title == "Doe, Anna" and item.text == "08:30 Doe, Anna: a"


def test_a_draft_and_a_log_of_calls_are_not_read(tmp_path: Path) -> None:
    write(
        tmp_path, {"sms.xml": backup(sms(0, "never sent", kind=3), sms(1, "sent", kind=2)), "calls-1.xml": "<calls/>"}
    )
    things = read(CONNECTOR, tmp_path)
    assert [(skipped.locator, skipped.fault) for skipped in skips(things)] == [
        ("calls-1.xml", False),
        ("sms.xml#1", False),
    ]
    assert [thing.origin for thing in things if isinstance(thing, Item)] == [Origin.MINE]


def test_entities_of_its_own_are_refused_and_damage_keeps_what_came_before(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE smses [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + backup(sms(0, "&b;")).partition("?>")[2]
    write(tmp_path, {"sms-a.xml": bomb, "sms-b.xml": backup(sms(0, "one"))[:-3] + "<oops"})
    things = read(CONNECTOR, tmp_path)
    assert [skipped.locator for skipped in skips(things)] == ["sms-a.xml", "sms-b.xml"]
    assert [thing.text for thing in things if isinstance(thing, Item)] == ["08:30 Anna: one"]


def test_other_xml_is_left_alone(tmp_path: Path) -> None:
    assert read(CONNECTOR, write(tmp_path, {"feed.xml": "<rss><sms body='x'/></rss>", "broken.xml": "<a"})) == []


PART = '<part ct="image/jpeg" cl="a.jpg" data="{}" />'


@given(st.lists(st.sampled_from(["A" * 70_000, "AAAA", "", "B" * 65_530]), max_size=4), st.integers(1, 40))
def test_files_stream_by_wherever_the_pieces_are_cut(files: list[str], size: int) -> None:
    text = f'<smses><sms body=" data=&quot;x" data="kept"/>{"".join(PART.format(file) for file in files)}</smses>'
    for pieces in (size, 65_536):
        stream = Unloaded(_Cut(text.encode(), pieces if len(text) < 1_000 else 65_536 - size))
        assert b"".join(iter(stream.read, b"")).decode() == text.replace("A", "").replace("B" * 65_530, "")


class _Cut:
    """Bytes that come in pieces of one size."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = io.BytesIO(data), size

    def read(self, _size: int = -1, /) -> bytes:
        return self._data.read(self._size)


@pytest.mark.parametrize("encoding", ["AUTF-8", "utf-7", "idna", "rot13"])
def test_an_encoding_that_there_is_none_of_is_said(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, {"sms.xml": backup(sms(0, "hello")).replace("UTF-8", encoding)})
    (said,) = skips(read(CONNECTOR, tmp_path))
    assert said.fault and said.reason


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    seed = backup(sms(0, "&#55357;&#56832;"), MMS).encode()
    survives(CONNECTOR, tmp_path_factory.mktemp("s"), "sms.xml", data.draw(mutations(seed)))
