"""The splitter of mbox: what begins a message and what does not, where things lie, and how much is held."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mails import mail, of, only
from open_reader import OpenReader

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Item
from indexers.sources.connectors.mail import mbox, read
from indexers.sources.connectors.mail.dates import from_line

FROM = b"From anna@example.org Fri May  3 08:30:00 2024\n"


def split(data: bytes, **options: int) -> list[mbox.Piece]:
    return list(mbox.pieces(io.BytesIO(data), **options))


def texts(data: bytes) -> list[bytes]:
    return [piece.data for piece in split(data) if piece.data is not None]


def test_messages_are_split_at_their_from_lines():
    first, second = mail("One.\n"), mail("Two.\n")
    assert texts(FROM + first + b"\n" + FROM + second) == [first + b"\n", second]


@pytest.mark.parametrize(
    "line",
    [
        "From the desk of Bob\n",
        "From the desk of Bob\nNote: he is away\n",
        "From Monday on, at 10:00, we meet\n",
        "From bob\n",
        "From: bob@example.org\nSubject: quoted\n",
        "From bob@example.org Fri May  3 08:30:00 2024 is what the log says\n",
        "From now on\n\nFrom then on\n",
    ],
)
def test_a_body_line_that_begins_with_from_does_not_split_a_message(line):
    body = mail(f"Hello.\n\n{line}\nBye.\n")
    assert texts(FROM + body) == [body]


@pytest.mark.parametrize(
    "line",
    [
        "From anna@example.org Fri May  3 08:30:00 2024",
        "From anna@example.org Fri May 03 08:30:00 +0000 2024",
        "From anna@example.org Fri May 03 08:30:00 2024 +0200",
        "From anna@example.org Fri May  3 08:30 2024",
        "From anna@example.org Fri May  3 08:30:00 CEST 2024",
        "From anna@example.org Fri, 3 May 2024 08:30:00 -0700",
        "From 1790000000000000000@xxx Fri May 03 08:30:00 +0000 2024",
        "From MAILER-DAEMON Fri May  3 08:30:00 2024",
        "From - Fri May  3 08:30:00 2024",
        "From Fri May  3 08:30:00 2024",
        "From Anna Berg Fri May  3 08:30:00 2024",
        "From anna@example.org a date that nobody can read",
        "From anna@example.org",
        "From ",
    ],
)
def test_a_from_line_of_any_writer_begins_a_message(line):
    first, second = mail("One.\n"), mail("Two.\n")
    assert texts(FROM + first + b"\n" + line.encode() + b"\n" + second) == [first + b"\n", second]


def test_thunderbird_leaves_out_the_empty_line_and_the_sender():
    box = b"From - Fri May  3 08:30:00 2024\nX-Mozilla-Status: 0001\n" + mail("One.\n") + b"From \n" + mail("Two.\n")
    assert [b"One." in texts(box)[0], b"Two." in texts(box)[1], len(texts(box))] == [True, True, 2]


def test_line_ends_may_be_crlf():
    first, second = (mail(f"{word}.\n").replace(b"\n", b"\r\n") for word in ("One", "Two"))
    start = FROM.replace(b"\n", b"\r\n")
    assert texts(start + first + b"\r\n" + start + second) == [first + b"\r\n", second]


def test_escaped_from_lines_lose_one_mark_and_quotations_none():
    (found,) = texts(FROM + mail(">From here on\n>>From there\n> From him\n"))
    assert found.endswith(b"From here on\n>From there\n> From him\n")


def test_offsets_are_those_of_the_file_and_reading_goes_on_from_one():
    first, second = FROM + mail("One.\n") + b"\n", FROM + mail("Two.\n")
    pieces = split(b"".join([first, second]))
    assert [(piece.begins, piece.ends) for piece in pieces] == [(0, len(first)), (len(first), len(first + second))]
    assert split(first + second, at=len(first)) == pieces[1:]
    assert split(first + second, at=len(first + second)) == []


def test_a_message_that_is_too_large_is_passed_over_and_the_next_is_read():
    large = FROM + mail("x" * 3_000_000 + "\n") + b"\n"
    pieces = split(FROM + mail("One.\n") + b"\n" + large + FROM + mail("Two.\n"), largest=1_000_000)
    assert [piece.data is None for piece in pieces] == [False, True, False]
    assert pieces[2].data == mail("Two.\n")
    assert pieces[1].ends - pieces[1].begins == len(large)


def test_a_large_message_is_told_with_its_place(tmp_path: Path):
    (tmp_path / "a.mbox").write_bytes(FROM + mail("One.\n") + b"\n" + FROM + mail("y" * (65 << 20)))
    first, told = of(tmp_path)
    assert isinstance(first, Item)
    assert isinstance(told, Skipped)
    assert told.locator == f"a.mbox@{first.after}"
    assert "64 MiB" in told.reason


def test_what_stands_before_the_first_message_is_told(tmp_path: Path):
    (tmp_path / "a.mbox").write_bytes(b"This is no mail at all\n\n" + FROM + mail("One.\n"))
    told, item = of(tmp_path)
    assert isinstance(told, Skipped)
    assert told.locator == "a.mbox@0"
    assert isinstance(item, Item)


def test_a_file_with_one_mail_and_no_from_line_is_read(tmp_path: Path):
    (tmp_path / "a.mbox").write_bytes(mail("One.\n"))
    assert only(tmp_path).text == "One."


def test_an_empty_mailbox_holds_nothing(tmp_path: Path):
    (tmp_path / "a.mbox").write_bytes(b"")
    assert of(tmp_path) == []


def test_reading_goes_on_behind_the_last_item_that_is_safe(tmp_path: Path):
    box = b"\n".join(FROM + mail(f"{number}.\n", Message_ID=f"<{number}@x>") for number in range(5))
    (tmp_path / "a.mbox").write_bytes(box)
    everything = list(read(OpenReader(tmp_path)))
    safe = everything[1]
    assert isinstance(safe, Item)
    assert list(read(OpenReader(tmp_path, safe={"a.mbox": safe.after}))) == everything[2:]


def test_only_the_last_item_of_a_mail_lets_reading_go_on_behind_it(tmp_path: Path):
    data = mail(
        "--b\nContent-Type: text/plain\n\nSee the file.\n--b\nContent-Type: text/plain; name=plan.txt\n"
        "Content-Disposition: attachment\n\nThe plan.\n--b--\n",
        Content_Type="multipart/mixed; boundary=b",
    )
    (tmp_path / "a.mbox").write_bytes(FROM + data)
    letter, plan = of(tmp_path)
    assert isinstance(letter, Item)
    assert isinstance(plan, Item)
    assert (letter.after, plan.after) == (0, len(FROM + data))


def test_a_mailbox_within_an_archive_is_read_and_read_on(tmp_path: Path):
    box = FROM + mail("One.\n") + b"\n" + FROM + mail("Two.\n", Message_ID="<2@x>")
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as archive:
        archive.writestr("Takeout/Mail/Work.mbox", box)
    first, second = of(tmp_path)
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert second.locator == f"takeout.zip!Takeout/Mail/Work.mbox@{first.after}"
    reader = OpenReader(tmp_path, safe={"takeout.zip!Takeout/Mail/Work.mbox": first.after})
    assert list(read(reader)) == [second]


def test_the_date_of_a_from_line_is_in_its_zone_or_in_none():
    with_zone, without = from_line("Fri May 03 08:30:00 +0200 2024"), from_line("Fri May  3 08:30:00 2024")
    assert with_zone is not None
    assert without is not None
    assert (with_zone.iso, with_zone.basis) == ("2024-05-03T08:30:00+02:00", Basis.OFFSET)
    assert (without.iso, without.basis) == ("2024-05-03T08:30:00", Basis.LOCAL)
    assert from_line("Fri May 41 08:30:00 2024") is None
    assert from_line("the desk of Bob") is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([FROM, b"\n", b"From ", b"Subject: a\n", b"x\n", b"\r\n", b">From \n", b"\xff"]), max_size=40
    )
)
def test_every_byte_lies_in_one_piece(chunks):
    data = b"".join(chunks)
    pieces = split(data)
    assert [piece.begins for piece in pieces] == [0, *(piece.ends for piece in pieces)][: len(pieces)]
    assert not data or pieces[-1].ends == len(data)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 200), st.integers(0, 60))
def test_where_blocks_of_the_stream_end_makes_no_difference(step, number):
    class Drip(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self.data = data

        def read(self, size: int = -1) -> bytes:
            piece, self.data = self.data[:step], self.data[step:]
            return piece

    box = b"\n".join(FROM + mail(f"{at}.\n" * (number + 1)) for at in range(4))
    assert list(mbox.pieces(Drip(box))) == split(box)  # type: ignore[arg-type]
