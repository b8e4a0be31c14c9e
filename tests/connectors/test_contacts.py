"""Contacts: cards of three versions as items whose addresses join an address book."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_reader import OpenReader

from indexers.records import Skipped
from indexers.sources.connectors.base import Item, Kind, Origin, Person
from indexers.sources.connectors.contacts import read, telephone

OLD = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\r\n"
    "TEL;CELL;PREF:0151 23456789\r\nEMAIL;HOME:Joerg@Example.DE\r\nNOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=\r\ntwo\r\n"
    "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQ\r\n AAAQABAAD\r\n\r\nEND:VCARD\r\n"
)
NEW = (
    "BEGIN:VCARD\nVERSION:3.0\nUID:urn:uuid:4fbe8971\nFN:Anna Berg\nN:Berg;Anna;;Dr.;\n"
    "ORG:Tann AS;Oslo\nTITLE:Dentist\n"
    "item1.TEL:+47 900 00 000\nitem1.X-ABLabel:_$!<Mobile>!$_\n"
    "EMAIL;TYPE=INTERNET;TYPE=WORK:anna@example.org\n"
    "item2.EMAIL:post@tann.example\nitem2.X-ABLabel:Clinic\n"
    "ADR;TYPE=home:;;Storgata 1\\, door 2;Oslo;;0155;Norway\n"
    "BDAY:1980-05-03\nNOTE:Met at school.\\nLikes tea.\nCATEGORIES:Health,myContacts\nEND:VCARD\n"
)
NEWEST = (
    'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob\r\nTEL;VALUE=uri;TYPE="voice,home":tel:+47-900-00-001;ext=5\r\n'
    "EMAIL:mailto:bob@example.com\r\nGEO:geo:59.9,10.7\r\nEND:VCARD\r\n"
)


def of(folder: Path, *cards: str, **choices: str) -> list[Item | Skipped]:
    (folder / "a.vcf").write_bytes("".join(cards).encode())
    return list(read(OpenReader(folder, choices)))


def one(folder: Path, card: str, **choices: str) -> Item:
    (item,) = of(folder, card, **choices)
    assert isinstance(item, Item)
    return item


def test_a_card_is_an_item_in_words(tmp_path: Path):
    item = one(tmp_path, NEW)
    assert item.text == (
        "Anna Berg\nTelephone (mobile): +4790000000\nMail (work): anna@example.org\nMail (clinic): post@tann.example\n"
        "Address (home): Storgata 1, door 2, Oslo, 0155, Norway\nWorks at: Tann AS, Oslo\nTitle: Dentist\n"
        "Born: 1980-05-03\nNote: Met at school.\nLikes tea."
    )
    assert (item.kind, item.title, item.native, item.labels) == (Kind.CONTACT, "Anna Berg", "4fbe8971", ("Health",))
    assert item.people == (
        Person("Anna Berg", "anna@example.org"),
        Person("Anna Berg", "post@tann.example"),
        Person("Anna Berg", "+4790000000"),
    )
    assert (item.locator, item.origin) == ("a.vcf#1", Origin.MINE)


def test_old_cards_with_quoted_printable_and_bare_types_are_read(tmp_path: Path):
    item = one(tmp_path, OLD, region="de")
    assert item.title == "Jörg Müller"
    assert item.people == (Person("Jörg Müller", "joerg@example.de"), Person("Jörg Müller", "+4915123456789"))
    assert item.text.endswith("Telephone (cell): +4915123456789\nMail (home): joerg@example.de\nNote: one\ntwo")


def test_old_cards_in_latin_1_are_read(tmp_path: Path):
    card = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=ISO-8859-1:Müller;Jörg\r\nEND:VCARD\r\n"
    (tmp_path / "a.vcf").write_bytes(card.encode("latin-1"))
    (item,) = read(OpenReader(tmp_path))
    assert isinstance(item, Item)
    assert item.title == "Jörg Müller"


def test_new_cards_with_addresses_as_uris_are_read(tmp_path: Path):
    item = one(tmp_path, NEWEST)
    assert item.people == (Person("Bob", "bob@example.com"), Person("Bob", "+4790000001"))
    assert "Telephone (home): +4790000001" in item.text


@pytest.mark.parametrize(
    ("number", "region", "read_"),
    [
        ("+47 900 00 000", "", "+4790000000"),
        ("900 00 000", "NO", "+4790000000"),
        ("0047 900 00 000", "NO", "+4790000000"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("900 00 000", "", "90000000"),
        ("112", "NO", "112"),
        ("*100#", "NO", "*100#"),
        ("900 00 000", "XX", "90000000"),
        ("nobody", "NO", ""),
    ],
)
def test_numbers_are_normalised_where_their_country_is_known(number: str, region: str, read_: str):
    assert telephone(number, region) == read_


def test_a_contact_without_an_id_is_known_by_its_name_and_addresses(tmp_path: Path):
    first = one(tmp_path, NEWEST)
    assert one(tmp_path, NEWEST.replace("GEO:geo:59.9,10.7", "NOTE:new")).native == first.native
    assert one(tmp_path, NEWEST.replace("bob@example.com", "bob@example.org")).native != first.native


def test_one_bad_card_loses_itself_alone(tmp_path: Path):
    bad = "BEGIN:VCARD\nVERSION:3.0\nFN:Carl\nno line at all\n"
    things = of(tmp_path, NEWEST, bad, NEW, "BEGIN:VCARD\nVERSION:3.0\nNOTE:x\nEND:VCARD\n")
    assert [thing.title for thing in things if isinstance(thing, Item)] == ["Bob", "Carl", "Anna Berg"]
    assert [(thing.locator, thing.fault) for thing in things if isinstance(thing, Skipped)] == [
        ("a.vcf#8", True),
        ("a.vcf#29", False),
    ]


def test_a_contact_with_a_name_alone_is_a_person(tmp_path: Path):
    item = one(tmp_path, "BEGIN:VCARD\nN:;;;;\nORG:The Mill;Office\nEND:VCARD\n")
    assert (item.title, item.people) == ("The Mill Office", (Person("The Mill Office"),))


def test_a_file_without_cards_is_told(tmp_path: Path):
    (told,) = of(tmp_path, "hello")
    assert isinstance(told, Skipped)
    assert told.reason == "It holds no contact."


def test_lines_with_many_parameters_take_no_time(tmp_path: Path):
    card = "BEGIN:VCARD\nFN:x\nTEL" + ";a=b" * 10_000 + "x\nTEL;" + "a," * 20_000 + ":1\nEND:VCARD\n"
    began = time.process_time()
    of(tmp_path, *[card] * 10)
    assert time.process_time() - began < 5


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_no_damage_to_a_card_raises(tmp_path_factory, seed):
    dice = random.Random(seed)
    data = bytearray((OLD + NEW + NEWEST).encode())
    for _ in range(dice.randint(1, 15)):
        where = dice.randrange(len(data))
        if dice.random() < 0.5:
            data[where] = dice.randrange(256)
        else:
            data[where:where] = dice.choice(
                [b"\r\n", b";", b":", b'"', b"=", b"BEGIN:VCARD\n", b"\xff", b"CHARSET=punycode"]
            )
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "a.vcf").write_bytes(bytes(data))
    for thing in read(OpenReader(folder)):
        assert isinstance(thing, Item | Skipped)
