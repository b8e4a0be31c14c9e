"""A consistent copy of an SQLite database in anonymous memory: nothing is written anywhere.

SQLite itself would need files: reading a database whose program is running, it writes `-shm` beside it; a copy
elsewhere would be personal data on disk. So the bytes are read as any file's, and the write-ahead log is replayed
here, by the format (sqlite.org/fileformat2.html, section 4; and walformat.html):

    database   header of 100 bytes: "SQLite format 3\\0", ..., at 16 the page size (1 means 65536), at 18 and 19 the
               versions (2: written ahead, 1: not), at 28 the size in pages
    -wal       header of 32 bytes: magic 0x377f0682 (checksums over little-endian words) or ...83 (big-endian), format
               3007000, page size, number, two salts, two sums; then frames: page number, size of the database in pages
               after a commit (else 0), the two salts, the two sums so far; then the page

Frames count up to the last commit, for as long as salts and sums are right; a later frame of a page stands in place of
an earlier one. The sums are s0 += x0 + s1; s1 += x1 + s0 over pairs of words, modulo 2^32.
The copy says it is not written ahead (else SQLite could not open it in memory). What is read while the program writes
is read again until nothing changed meanwhile. A rollback journal that is hot means that a program is at work.
Knows bytes by the suffix of a file's name; knows nothing of grants or of what tables say.
"""

from __future__ import annotations

import sqlite3
import struct
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from indexers.sources.faults import Unreadable

LARGEST = 512 << 20
"""Largest database and largest log that are held in memory, in bytes."""

STEPS = 20_000
"""Millions of steps that one connection may take: a hostile schema could make a query endless."""

_MAGIC = b"SQLite format 3\0"
_JOURNAL = bytes.fromhex("d9d505f920a163d7")
_MASK = 0xFFFFFFFF
_TRIES, _PAUSE = 5, 0.05


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a database as it was read: its bytes, and what changes when it is written to (none: it cannot)."""

    data: bytes | bytearray
    stamp: tuple[int, ...] = ()


Read = Callable[[str, int], Part | None]
"""Reads the file whose name has this suffix ("", "-wal", "-journal"), so many bytes at most; None: there is none."""


def refuse_large(size: int) -> None:
    """Raise Unreadable for a database or log of so many bytes, where that is too many."""
    if size > LARGEST:
        raise Unreadable(f"It is larger than {LARGEST >> 20} MiB, the most that is held in memory of a database.")


@contextmanager
def copied(read: Read) -> Iterator[sqlite3.Connection]:
    """A connection to a copy. Raises Unreadable where it is no database, too large, damaged, or never at rest."""
    image = _image(read)
    with closing(sqlite3.connect(":memory:")) as copy:
        try:
            if image:
                copy.deserialize(image)
            del image
            copy.execute("PRAGMA trusted_schema=OFF")
            copy.execute("PRAGMA query_only=ON")
            copy.execute("PRAGMA schema_version").fetchone()
            copy.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except (sqlite3.Error, UnicodeError, OverflowError) as error:  # what sqlite says may quote damaged text
            raise Unreadable(f"It is a damaged database ({error}).") from None
        copy.text_factory = lambda raw: raw.decode("utf-8", "replace")
        copy.set_progress_handler(_limit(), 1_000_000)
        yield copy


def _limit() -> Callable[[], bool]:
    left = iter(range(STEPS))
    return lambda: next(left, None) is None


def _image(read: Read) -> bytes | bytearray:
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE)
        wal, journal = read("-wal", LARGEST), read("-journal", len(_JOURNAL))
        main = read("", LARGEST)
        if main is None:
            raise Unreadable("It vanished before it was read.")
        busy = journal is not None and journal.data.startswith(_JOURNAL)
        if not busy and (not main.stamp or _stamps(read) == [_stamp(wal), _stamp(journal), _stamp(main)]):
            return _replayed(main.data, bytes(wal.data) if wal else b"")
    raise Unreadable("A program is writing to it. Close the program, and try again.")


def _stamps(read: Read) -> list[tuple[int, ...] | None]:
    return [_stamp(read(suffix, 0)) for suffix in ("-wal", "-journal", "")]


def _stamp(part: Part | None) -> tuple[int, ...] | None:
    return part.stamp if part else None


def _replayed(data: bytes | bytearray, wal: bytes) -> bytes | bytearray:
    """The database with its log in place; a bytearray is changed where it lies."""
    if not data and not wal:
        return b""
    if data and not data.startswith(_MAGIC):
        raise Unreadable("It is no SQLite database, or an encrypted one.")
    pages, size, count = _frames(wal)
    if not pages and len(data) < 100:
        raise Unreadable("It is a damaged database (it is cut short).")
    image = data if isinstance(data, bytearray) else bytearray(data)
    if pages:
        refuse_large(count * size)
        del image[count * size :]
        image.extend(bytes(count * size - len(image)))
        for number, at in pages.items():
            if number <= count:
                image[(number - 1) * size : number * size] = wal[at : at + size]
    if image[18:20] == b"\2\2":
        image[18:20] = b"\1\1"
    return image


def _frames(wal: bytes) -> tuple[dict[int, int], int, int]:
    """Where the newest committed content of each page is in the log; the page size; the pages of the database."""
    if len(wal) < 32:
        return {}, 0, 0
    magic, _, size, _ = struct.unpack(">4I", wal[:16])
    if magic & ~1 != 0x377F0682 or size < 512 or size > 65536 or size & (size - 1):
        return {}, 0, 0
    big = bool(magic & 1)
    sums = _summed(wal[:24], big, (0, 0))
    if sums != struct.unpack(">2I", wal[24:32]):
        return {}, 0, 0
    salts = wal[16:24]
    committed: dict[int, int] = {}
    pending: dict[int, int] = {}
    pages = 0
    for at in range(32, len(wal) - size - 23, size + 24):
        number, commit = struct.unpack(">2I", wal[at : at + 8])
        if wal[at + 8 : at + 16] != salts or not number:
            break
        sums = _summed(wal[at : at + 8], big, sums)
        sums = _summed(wal[at + 24 : at + 24 + size], big, sums)
        if sums != struct.unpack(">2I", wal[at + 16 : at + 24]):
            break
        pending[number] = at + 24
        if commit:
            committed |= pending
            pending, pages = {}, commit
    return committed, size, pages


def _summed(data: bytes, big: bool, sums: tuple[int, int]) -> tuple[int, int]:
    words = array("I", data)
    if big != (sys.byteorder == "big"):
        words.byteswap()
    first, second = sums
    pairs = iter(words)
    for one, other in zip(pairs, pairs, strict=True):
        first = (first + one + second) & _MASK
        second = (second + other + first) & _MASK
    return first, second
