"""Bytes and JSON made worse: flips, cuts, splices, extremes; and archives whose members are made worse inside.

Knows bytes; knows no format of ours.
"""

from __future__ import annotations

import copy
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

EXTREMES = (0, 1, -1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 10**12, 2**63 - 1, 2**64 - 1)

VALUES: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**32, 2**53, 2**63, 10**12, 10**15, 10**40, -(10**12), 0.5, 1e308, -0.0, True, False, None, "",
    "\0", "..", "../..", "../../etc/passwd", "/etc/passwd", "a" * 5000, "\ud800", "é", "00000001", [], {}, [[]], [0],
    {"a": 1}, "https://localhost:1/v1#x", ".unfinished-00000001",
)  # fmt: skip


def worse(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """The bytes after one to four changes."""
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        random.choice(_CHANGES)(made, random, others)
    return bytes(made)


def _flip(made: bytearray, random: Random, others: Sequence[bytes]) -> None:
    for _ in range(random.choice((1, 1, 3, 20))):
        if made:
            made[random.randrange(len(made))] ^= 1 << random.randrange(8)


def _cut(made: bytearray, random: Random, others: Sequence[bytes]) -> None:
    del made[random.randrange(len(made) + 1) :]


def _drop(made: bytearray, random: Random, others: Sequence[bytes]) -> None:
    at = random.randrange(len(made) + 1)
    del made[at : at + random.choice((1, 4, 64, 1000))]


def _twice(made: bytearray, random: Random, others: Sequence[bytes]) -> None:
    at, size = random.randrange(len(made) + 1), random.choice((1, 8, 100, 5000))
    made[at:at] = made[at : at + size] * random.choice((1, 1, 3, 50))


def _splice(made: bytearray, random: Random, others: Sequence[bytes]) -> None:
    other = random.choice(list(others) or [bytes(made)])
    begin, at = random.randrange(len(other) + 1), random.randrange(len(made) + 1)
    size = random.choice((4, 50, 3000))
    made[at : at + random.choice((0, size))] = other[begin : begin + size]


def _extreme(made: bytearray, random: Random, others: Sequence[bytes]) -> None:
    kind = random.choice(("<B", "<H", "<I", ">I", "<Q", ">Q", ">H"))
    size = struct.calcsize(kind)
    at = random.randrange(max(1, len(made) - size + 1))
    made[at : at + size] = struct.pack(kind, random.choice(EXTREMES) % (1 << 8 * size))


def _number(made: bytearray, random: Random, others: Sequence[bytes]) -> None:
    """A decimal number in text becomes another."""
    places = [at for at in range(len(made)) if 48 <= made[at] <= 57]
    if places:
        at = end = random.choice(places)
        while end < len(made) and 48 <= made[end] <= 57:
            end += 1
        made[at:end] = str(random.choice(EXTREMES)).encode()


def _noise(made: bytearray, random: Random, others: Sequence[bytes]) -> None:
    at = random.randrange(len(made) + 1)
    size = random.choice((1, 4, 40))
    made[at : at + size] = random.choice((random.randbytes(size), b"\0" * size, b"\xff" * size))


_CHANGES: tuple[Callable[[bytearray, Random, Sequence[bytes]], None], ...] = (
    _flip, _flip, _cut, _drop, _twice, _splice, _extreme, _extreme, _number, _noise,
)  # fmt: skip


def zipped_worse(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """A zip one of whose members was made worse, packed anew with sums that fit; other bytes as `worse` has them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(one, archive.read(one)) for one in archive.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError):
        return worse(data, random, others)
    chosen = random.randrange(len(members))
    inside = [content for _, content in members]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (one, content) in enumerate(members):
            archive.writestr(one.filename, worse(content, random, inside) if number == chosen else content)
    return out.getvalue()


def gzipped_worse(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """What is compressed made worse, and compressed anew."""
    try:
        return gzip.compress(worse(gzip.decompress(data), random, others), 1)
    except (OSError, EOFError):
        return worse(data, random, others)


def json_worse(said: Any, random: Random) -> Any:
    """A value of JSON with one to three of its parts replaced, dropped, renamed or doubled."""
    try:
        return _json_worse(copy.deepcopy(said), random)
    except RecursionError:  # what is nested was put into what is nested
        return {"a": list(VALUES)}


def _json_worse(made: Any, random: Random) -> Any:
    for _ in range(random.choice((1, 1, 3))):
        places = list(_places(made))
        holder, key = random.choice(places)
        match random.randrange(6):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[random.choice(("x", "../x", "hash", "\0", "name"))] = holder.pop(key)
            case 2 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case 3:
                other, at = random.choice(places)
                if at in other if isinstance(other, dict) else at < len(other):
                    holder[key] = copy.deepcopy(other[at])
            case 4:
                holder[key] = json.loads("[" * 400 + "]" * 400)
            case _:
                holder[key] = copy.deepcopy(random.choice(VALUES))
        if not made:
            break
    return made


def _places(value: Any) -> Any:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
