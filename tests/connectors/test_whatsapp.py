"""WhatsApp's text exports: every form of a line, whose day is first, what WhatsApp itself wrote."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Item, Origin
from indexers.sources.connectors.chats.whatsapp import CONNECTOR
from indexers.sources.connectors.chats.whatsapp_words import title
from tests.connectors.open_reader import OpenReader

LRM = "\u200e"
ARABIC = {ord("0") + digit: 0x660 + digit for digit in range(10)}
FORMS = [
    ("[2020-01-01, 12:00:01] Anna: hello", "2020-01-01T12:00:01"),
    ("[2020.04.01, 09:05:10] Anna: hello", "2020-04-01T09:05:10"),
    ("[14/10/2021, 3:34:09\u202fPM] Anna: hello", "2021-10-14T15:34:09"),
    ("[31/12/2022 11:40:26] Anna: hello", "2022-12-31T11:40:26"),
    ("[07.03.26, 21:22:39] Anna: hello", "2026-03-07T21:22:39"),
    ("[2026/7/9 02:28:37] Anna:hello", "2026-07-09T02:28:37"),
    ("[2026/7/9 下午2:28:37] Anna: hello", "2026-07-09T14:28:37"),
    ("[2020. 1. 5. 오후 3:04:05] Anna: hello", "2020-01-05T15:04:05"),
    ("\u200e[12/31/21, 12:05:00 AM] Anna: hello", "2021-12-31T00:05:00"),
    ("8/8/19, 1:25 PM - Anna: hello", "2019-08-08T13:25:00"),
    ("2021-03-18, 3:02 p.m. - Anna: hello", "2021-03-18T15:02:00"),
    ("28/3/2025, 9:29 p. m. - Anna: hello", "2025-03-28T21:29:00"),
    ("28/3/2025, 12:29 a.\u00a0m. - Anna: hello", "2025-03-28T00:29:00"),
    ("18/12/19 15:57 - Anna: hello", "2019-12-18T15:57:00"),
    ("31.12.19, 15:57 - Anna: hello", "2019-12-31T15:57:00"),
    ("2021-03-18 15 h 57 - Anna: hello", "2021-03-18T15:57:00"),
    ("13/1/2567 09:05 - Anna: hello", "2024-01-13T09:05:00"),
    (f"[\u200f{'14/10/2021، 3:34:09'.translate(ARABIC)} م] Anna: hello", "2021-10-14T15:34:09"),
]


def read(folder: Path, text: str, name: str = "WhatsApp Chat with Anna.txt", **choices: str) -> list[Item | Skipped]:
    (folder / name).write_text(text, encoding="utf-8")
    return list(CONNECTOR.read(OpenReader(folder, choices)))


def items(things: list[Item | Skipped]) -> list[Item]:
    assert not [thing for thing in things if isinstance(thing, Skipped)]
    return [thing for thing in things if isinstance(thing, Item)]


@pytest.mark.parametrize(("line", "iso"), FORMS, ids=[line[:24] for line, _ in FORMS])
def test_a_time_is_read_in_every_form_that_phones_write(tmp_path: Path, line: str, iso: str) -> None:
    [item] = items(read(tmp_path, f"\ufeff{line}\nand a second line: 12/12/2012\n"))
    assert (item.moment.iso, item.moment.basis) == (iso, Basis.LOCAL)
    assert item.text == f"{iso[11:16]} Anna: hello\nand a second line: 12/12/2012"
    assert item.author is not None and item.author.name == "Anna"


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["5/6/21", "13/6/21"], "2021-06-05"),
        (["5/6/21", "6/13/21"], "2021-05-06"),
        (["5/1/21", "6/1/21", "7/1/21", "1/2/21"], "2021-01-05"),  # only so does time go one way
        (["1/5/21", "1/6/21", "1/7/21", "2/1/21"], "2021-01-05"),
    ],
)
def test_which_number_is_the_day_is_told_by_the_whole_file(tmp_path: Path, dates: list[str], first: str) -> None:
    found = items(read(tmp_path, "".join(f"{date}, 10:00 - Anna: hello\n" for date in dates)))
    assert found[0].moment.iso[:10] == first


def test_a_file_whose_dates_do_not_tell_is_skipped_and_asks(tmp_path: Path) -> None:
    [skipped] = read(tmp_path, "5/6/21, 10:00 - Anna: hello\n")
    assert isinstance(skipped, Skipped) and skipped.fault and "date-order" in skipped.reason
    [item] = items(read(tmp_path, "5/6/21, 10:00 - Anna: hello\n", **{"date-order": "mdy"}))
    assert item.moment.iso == "2021-05-06T10:00:00"


def test_the_words_of_whatsapp_are_taken_apart_from_those_of_people(tmp_path: Path) -> None:
    lines = [
        f"[13/01/24, 10:00:00] Anna: {LRM}Messages and calls are end-to-end encrypted.",
        f"{LRM}[13/01/24, 10:00:01] Anna: {LRM}<attached: 00000001-PHOTO-2024-01-13.jpg>",
        f"[13/01/24, 10:00:02] Ben: that is lovely {LRM}<This message was edited>",
        f"{LRM}[13/01/24, 10:00:03] Anna: {LRM}image omitted",
        f"{LRM}[13/01/24, 10:00:04] Anna: {LRM}This message was deleted.",
        f"{LRM}[13/01/24, 10:00:05] Anna: {LRM}You received a view once message.",
        f"[13/01/24, 10:00:06] Ben: {LRM}POLL:\n{LRM}Where?\n{LRM}OPTION: Rome (2 votes)",
    ]
    found = {item.cautions: item for item in items(read(tmp_path, "\n".join(lines)))}
    spoken = found[frozenset()]
    assert spoken.text.splitlines() == [
        "10:00 Anna: [00000001-PHOTO-2024-01-13.jpg]",
        "10:00 Ben: that is lovely",
        "10:00 Anna: [image omitted]",
        "10:00 Ben: POLL:",
        "Where?",
        "OPTION: Rome (2 votes)",
    ]
    assert spoken.attachments == ("00000001-PHOTO-2024-01-13.jpg",)
    assert found[frozenset({Caution.SYSTEM})].origin is Origin.MACHINE
    assert found[frozenset({Caution.DELETED})].extra["messages"] == 1
    assert found[frozenset({Caution.DISAPPEARING})].extra["messages"] == 1


def test_an_attachment_of_android_is_named_with_its_caption(tmp_path: Path) -> None:
    text = (
        "13/1/24, 10:00 - Anna: IMG-20240113-WA0001.jpg (file attached)\nthe harbour\n"
        "13/1/24, 10:01 - Anna: report.pdf (old version)\n"
        "13/1/24, 10:02 - Anna: <Media omitted>\n"
    )
    [item] = items(read(tmp_path, text))
    assert item.attachments == ("IMG-20240113-WA0001.jpg",)
    assert item.text.splitlines()[0] == "10:00 Anna: [IMG-20240113-WA0001.jpg] the harbour"
    assert item.text.splitlines()[1:] == ["10:01 Anna: report.pdf (old version)", "10:02 Anna: [Media omitted]"]


def test_a_line_without_a_name_is_a_system_line_and_a_quoted_colon_is_no_name(tmp_path: Path) -> None:
    text = '13/1/24, 10:00 - Anna changed the subject to "Trip: Rome"\n13/1/24, 10:01 - Anna: Trip: Rome!\n'
    system, spoken = items(read(tmp_path, text))
    assert system.cautions == {Caution.SYSTEM} and system.author is None
    assert spoken.text == "10:01 Anna: Trip: Rome!"


def test_more_than_two_names_are_a_group_and_so_are_two_that_the_file_is_not_named_after(tmp_path: Path) -> None:
    two = "13/1/24, 10:00 - Anna: hi\n13/1/24, 10:01 - Ben: hi\n"
    [pair] = items(read(tmp_path, two))
    assert pair.cautions == frozenset() and pair.thread == "whatsapp:anna"
    (tmp_path / "WhatsApp Chat with Anna.txt").unlink()
    [named] = items(read(tmp_path, two, "WhatsApp-Chat mit Wandern.txt"))
    assert named.cautions == {Caution.GROUP}
    [three] = items(read(tmp_path, two + "13/1/24, 10:02 - Cleo: hi\n", "WhatsApp-Chat mit Wandern.txt"))
    assert three.cautions == {Caution.GROUP} and three.title == "Wandern"


def test_in_a_chat_of_two_the_one_it_is_not_named_after_is_the_owner(tmp_path: Path) -> None:
    first, second = items(read(tmp_path, "13/1/24, 10:00 - Anna: hi\n14/1/24, 10:01 - Ben: hi\n"))
    assert (first.origin, second.origin) == (Origin.OTHER, Origin.MINE)
    assert [person.name for person in second.people] == ["Ben", "Anna"]


def test_messages_are_disappearing_from_the_line_that_says_so_to_the_one_that_ends_it(tmp_path: Path) -> None:
    lines = [
        "13/1/24, 10:00 - Anna: before",
        "13/1/24, 10:01 - Anna turned on disappearing messages. New messages will disappear after 7 days.",
        "13/1/24, 10:02 - Anna: within",
        "13/1/24, 10:03 - Anna turned off disappearing messages.",
        "13/1/24, 10:04 - Anna: after",
    ]
    found = {item.cautions: item.text for item in items(read(tmp_path, "\n".join(lines)))}
    assert found[frozenset({Caution.DISAPPEARING})] == "10:02 Anna: within"
    assert found[frozenset()] == "10:00 Anna: before\n10:04 Anna: after"


def test_the_zip_of_an_iphone_is_named_after_the_chat(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "WhatsApp Chat - Anna (2).zip", "w") as archive:
        archive.writestr("_chat.txt", "[13/01/24, 10:00:00] Anna: hi\n")
    [item] = items(list(CONNECTOR.read(OpenReader(tmp_path))))
    assert (item.title, item.locator) == ("Anna", "WhatsApp Chat - Anna (2).zip!_chat.txt#1")


@pytest.mark.parametrize(
    "name",
    ["WhatsApp Chat - Anna B.", "Chat de WhatsApp con Anna B.", "Discussion WhatsApp avec Anna B.",
     "WhatsApp-Chat mit Anna B. (1)", "Conversa do WhatsApp com Anna B."],
)  # fmt: skip
def test_the_person_is_found_in_the_name_of_a_file_in_many_languages(name: str) -> None:
    assert title(name) == "Anna B."


def test_a_message_that_was_edited_or_deleted_later_replaces_what_was_read_before(tmp_path: Path) -> None:
    [before] = items(read(tmp_path, "13/1/24, 10:00 - Anna: the secret\n"))
    [after] = items(read(tmp_path, "13/1/24, 10:00 - Anna: This message was deleted\n"))
    assert before.native == after.native and after.cautions == {Caution.DELETED}


def test_an_export_made_later_has_the_same_items_and_the_last_one_grown(tmp_path: Path) -> None:
    lines = [f"13/1/24, {10 + at // 60}:{at % 60:02} - {'Anna' if at % 3 else 'Ben'}: line {at}\n" for at in range(200)]
    before = items(read(tmp_path, "".join(lines[:150])))
    (tmp_path / "WhatsApp Chat with Anna.txt").unlink()
    after = items(read(tmp_path, "".join(lines), "WhatsApp Chat with Anna (1).txt"))
    assert after[: len(before) - 1] == _moved(before[:-1])
    assert after[len(before) - 1].native == before[-1].native
    assert after[len(before) - 1].text.startswith(before[-1].text)


def _moved(found: list[Item]) -> list[Item]:
    """The items as they stand in the file with another name."""
    return [replace(item, locator=item.locator.replace("Anna.txt", "Anna (1).txt")) for item in found]


def test_a_word_for_half_a_day_that_nobody_knows_leaves_the_day_and_is_told(tmp_path: Path) -> None:
    skipped, item = read(tmp_path, "13/1/24, 3:00 xyz - Anna: hi\n")
    assert isinstance(skipped, Skipped) and "xyz" in skipped.reason
    assert isinstance(item, Item) and (item.moment.iso, item.moment.basis) == ("2024-01-13", Basis.DATE)


def test_text_files_that_are_no_chats_are_left_alone_unless_they_are_named_like_one(tmp_path: Path) -> None:
    assert read(tmp_path, "milk, eggs\n", "shopping.txt") == []
    [skipped] = read(tmp_path, "milk, eggs\n", "_chat.txt")
    assert isinstance(skipped, Skipped)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    seed = "\n".join(line for line, _ in FORMS).encode()
    at = data.draw(st.integers(0, len(seed)))
    mutated = seed[:at] + data.draw(st.binary(max_size=40)) + seed[at + data.draw(st.integers(0, 30)) :]
    folder = tmp_path_factory.mktemp("chat")
    (folder / "_chat.txt").write_bytes(mutated)
    for thing in CONNECTOR.read(OpenReader(folder)):
        assert isinstance(thing, Item | Skipped)
