"""An append-only log in which every line carries a hash of all before it: no edit or reordering goes unnoticed.

The file is lines of canonical JSON (keys sorted, no spaces, UTF-8), each ending in one newline:

    {"entry":{...},"hash":"<64 hex digits>"}

`hash` of line n is SHA-256 over the 32 raw bytes of the hash of line n-1 (32 zero bytes before the first line), and
then the canonical JSON of `entry` in UTF-8. Strings are in Unicode as they are, not escaped beyond what JSON demands;
numbers are integers only, for floats have more than one spelling.

What the hashes alone tell: any edit, deletion, insertion and reordering of lines, named by its line. What they cannot
tell: that lines are missing at the end, or that somebody wrote the whole file anew. Both are told by a `Head` that was
noted elsewhere: on paper, or sealed in the vault.

A line is written in one piece and flushed to the disk before `append` returns. What a power cut leaves of a line that
never counted (no newline at its end, or zero bytes) is cut off at the next `append`, and `Log.torn` tells of it.
Knows lines and hashes; knows nothing of grants, of what an entry says, or of who may write at the same time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascade.errors import Corrupt
from cascade.index.files import reading, writing

Entry = Mapping[str, Any]
"""What one line says: JSON of strings, integers, booleans, lists and objects."""

_NOTHING = bytes(32)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log ended at some time: how many lines, and the hash of the last (hex; empty for none).

    Written down by a person as `12-9f86d0…`; whoever knows it can tell whether these lines are still as they were.
    """

    count: int
    hash: str = ""

    def __str__(self) -> str:
        return f"{self.count}-{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """From what `str` gave. Raises ValueError for anything else."""
        count, dash, digest = text.strip().partition("-")
        if not dash or len(digest) not in (0, 64) or not count.isascii() or not count.isdigit():
            raise ValueError(f"{text!r} is no head of a ledger: it looks like 12-9f86d0… with 64 hex digits.")
        bytes.fromhex(digest)
        return cls(int(count), digest)


@dataclass(frozen=True, slots=True)
class Log:
    """What a file holds: its entries, the head, how many bytes of it count, and how many after them are torn."""

    entries: tuple[Entry, ...]
    head: Head
    size: int
    torn: int


def canonical(value: Any) -> bytes:
    """The one spelling of a value in JSON. Raises TypeError for a float, and for what JSON cannot say."""
    _refuse_floats(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value} is a float, which has more than one spelling. Write an integer or a string.")
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ():
        _refuse_floats(inner)


def read(path: Path, *remembered: Head) -> Log:
    """The log as it stands. Raises Corrupt naming the first line that is not as it was written.

    `remembered`: heads noted before; what is missing or other than they say is told too. No file is an empty log.
    """
    data = b""
    if path.exists():
        with reading(path):
            data = path.read_bytes()
    lines, torn = _lines(data)
    entries: list[Entry] = []
    hashes = [_NOTHING]
    for number, line in enumerate(lines, 1):
        entry, claimed = _parsed(path, number, line)
        found = _next(hashes[-1], entry)
        if claimed != found.hex():
            raise _changed(path, number, "its hash does not follow from what is before it")
        entries.append(entry)
        hashes.append(found)
    for head in remembered:
        _compare(path, head, hashes)
    end = Head(len(entries), hashes[-1].hex() if entries else "")
    return Log(tuple(entries), end, len(data) - torn, torn)


def append(path: Path, entry: Entry, log: Log) -> Log:
    """Add one line to the file that `log` was just read from; on the disk when this returns. Raises Unwritable.

    The caller sees to it that nobody else appends meanwhile.
    """
    previous = bytes.fromhex(log.head.hash) if log.head.hash else _NOTHING
    digest = _next(previous, entry).hex()
    line = canonical({"entry": entry, "hash": digest}) + b"\n"
    with writing(path):
        size = _written(path, log.size, line)
        if not log.head.count:
            _flush_folder(path.parent)
    return Log((*log.entries, entry), Head(log.head.count + 1, digest), size, 0)


def _written(path: Path, size: int, line: bytes) -> int:
    """Write a line after the bytes that count, in place of what is torn; the size of the file after it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.ftruncate(handle, size)
        os.lseek(handle, size, os.SEEK_SET)
        if size and not _ends_in_newline(handle, size):
            line = b"\n" + line
        _write_all(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)
    return size + len(line)


def _write_all(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def _ends_in_newline(handle: int, size: int) -> bool:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _next(previous: bytes, entry: Entry) -> bytes:
    return hashlib.sha256(previous + canonical(entry)).digest()


def _lines(data: bytes) -> tuple[list[bytes], int]:
    """The lines that count, without their newlines, and how many bytes at the end are torn.

    A last line that lacks only its newline is whole: nothing of it is missing.
    """
    lines = data.split(b"\n")
    tail = lines.pop()
    if tail:
        if _whole(tail):
            return [*lines, tail], 0
        return lines, len(tail)
    if lines and b"\0" in lines[-1]:
        return lines[:-1], len(lines[-1]) + 1
    return lines, 0


def _whole(line: bytes) -> bool:
    try:
        return canonical(json.loads(line)) == line
    except (ValueError, TypeError, RecursionError):
        return False


def _parsed(path: Path, number: int, line: bytes) -> tuple[Entry, str]:
    try:
        value = json.loads(line)
        same = canonical(value) == line
    except (ValueError, TypeError, RecursionError):
        raise _changed(path, number, "it is not JSON that this program writes") from None
    if not same or not isinstance(value, dict) or value.keys() != {"entry", "hash"}:
        raise _changed(path, number, "it is not spelled as this program writes it")
    if not isinstance(value["entry"], dict) or not isinstance(value["hash"], str):
        raise _changed(path, number, "it holds no entry")
    return value["entry"], value["hash"]


def _compare(path: Path, head: Head, hashes: list[bytes]) -> None:
    if head.count >= len(hashes):
        missing = head.count - len(hashes) + 1
        raise _changed(path, len(hashes), f"{missing} at the end are missing that were there when a head was noted")
    if head.count and hashes[head.count].hex() != head.hash:
        raise _changed(path, head.count, "it or one before it was written anew since a head was noted")


def _changed(path: Path, number: int, why: str) -> Corrupt:
    return Corrupt(
        f"Entry {number} of {path} was tampered with: {why}. Nothing is permitted by it any more. "
        "Put it aside to be looked at, begin a new one, and grant anew what may be read: cascade me audit --anew",
        path,
    )
