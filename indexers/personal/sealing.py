"""Sealed bytes: what is written of a person is unreadable without a key, and cannot be changed unnoticed.

Made of three well-known parts of the library `cryptography`, none of our own (docs/decisions/0031):

- a passphrase becomes a key by Argon2id (RFC 9106), or by scrypt (RFC 7914) where the library has no Argon2id;
- each sealed file has a key of its own: HKDF-SHA256 (RFC 5869) of the grant's key, a random salt of 32 bytes, and the
  file's `Label` (which vault, grant, kind and name), so that no sealed file passes for another one;
- its bytes are sealed with AES-256-GCM in chunks of 64 KiB, each under the number of the chunk and whether it is the
  last (the STREAM of Hoang, Reyhanitabar, Rogaway and Vizar 2015, as age has it): none can be changed, moved, left out
  or cut off.

A sealed file: 8 bytes MAGIC, 32 bytes salt, then the chunks, each 16 bytes longer than what it holds; all but the last
are full, and only the single chunk of an empty file is empty.
Knows keys and bytes; knows nothing of files' places, grants or records.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from cascade.errors import Corrupt, NotFound, UnusableIndex

MAGIC = b"CSEALED\x01"
SALT = 32
CHUNK = 64 * 1024
TAG = 16
SIZE = 32
"""Bytes of every key."""


class WrongKey(UnusableIndex):
    """The passphrase is not the one the vault was closed with."""


class NoKey(NotFound):
    """There is no key (any more): what it sealed cannot be read."""


class Key:
    """32 secret bytes, which `wipe` overwrites. Python and the libraries may have made copies: it is the best there is.

    Never printed, compared or pickled.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: bytes | bytearray) -> None:
        if len(raw) != SIZE:
            raise ValueError(f"a key has {SIZE} bytes, not {len(raw)}")
        self.raw = bytearray(raw)

    @classmethod
    def new(cls) -> Key:
        """A random key."""
        return cls(secrets.token_bytes(SIZE))

    def wipe(self) -> None:
        """Overwrite it with zeros; it opens nothing afterwards."""
        wipe(self.raw)

    def __repr__(self) -> str:
        return "Key(...)"

    def __reduce__(self) -> Any:
        raise TypeError("a key is never written")


def wipe(raw: bytearray) -> None:
    """Overwrite bytes with zeros where they lie."""
    raw[:] = bytes(len(raw))


@dataclass(frozen=True, slots=True)
class Label:
    """What a sealed file is. One that is opened as anything else is damaged."""

    vault: str
    grant: str
    kind: str
    name: str

    def encoded(self) -> bytes:
        """Each part after its length, so that no two labels have the same bytes."""
        parts = [part.encode() for part in (self.vault, self.grant, self.kind, self.name)]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class Kdf(StrEnum):
    """How a passphrase becomes a key."""

    ARGON2ID = "argon2id"
    SCRYPT = "scrypt"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at a passphrase costs: `memory` in KiB, `passes` over it, `lanes` at a time.

    The default takes 256 MiB and about a second on two cores of 2020. Of scrypt, N is the memory in KiB (r is 8).
    """

    kdf: Kdf
    memory: int = 256 * 1024
    passes: int = 3
    lanes: int = 4

    @classmethod
    def usual(cls) -> Cost:
        """Argon2id where the library has it."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        try:
            Argon2id(salt=bytes(16), length=SIZE, iterations=1, lanes=1, memory_cost=8)
        except UnsupportedAlgorithm:
            return cls(Kdf.SCRYPT, passes=1, lanes=1)
        return cls(Kdf.ARGON2ID)

    def said(self) -> dict[str, Any]:
        """As it is written beside what it protects."""
        return asdict(self)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Cost:
        """As `said` wrote it. Raises ValueError for what this program would not take, or would take forever."""
        cost = cls(Kdf(said["kdf"]), said["memory"], said["passes"], said["lanes"])
        wrong = [type(one) is not int for one in (cost.memory, cost.passes, cost.lanes)]
        if any(wrong) or not (8 <= cost.memory <= 1 << 22 and 1 <= cost.passes <= 64 and 1 <= cost.lanes <= 64):
            raise ValueError("the cost of the passphrase is out of range")
        return cost


def derive(secret: bytes | bytearray, salt: bytes, cost: Cost) -> Key:
    """The key that a passphrase stands for."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    if cost.kdf is Kdf.ARGON2ID:
        made = Argon2id(
            salt=salt, length=SIZE, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory
        ).derive(bytes(secret))  # fmt: skip
    else:
        size = 1 << (cost.memory.bit_length() - 1)
        made = Scrypt(salt=salt, length=SIZE, n=size, r=8, p=cost.lanes).derive(bytes(secret))
    return Key(made)


def seal(key: Key, label: Label, data: bytes) -> bytes:
    """Bytes, sealed."""
    return b"".join(sealed(key, label, (data,)))


def sealed(key: Key, label: Label, parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """A sealed file of these parts joined, chunk by chunk."""
    salt = secrets.token_bytes(SALT)
    cipher = _cipher(key, salt, label)
    yield MAGIC + salt
    number = 0
    before: bytes | None = None
    for chunk in _chunks(parts):
        if before is not None:
            yield cipher.encrypt(_nonce(number, False), before, None)
            number += 1
        before = chunk
    yield cipher.encrypt(_nonce(number, True), before or b"", None)


def unseal(key: Key, label: Label, data: bytes, what: object) -> bytes:
    """What was sealed. `what` is what to call it. Raises Corrupt for anything but the very bytes that were written."""
    from cryptography.exceptions import InvalidTag

    view = memoryview(data)
    if len(view) < len(MAGIC) + SALT + TAG or bytes(view[: len(MAGIC)]) != MAGIC:
        raise damaged(what)
    begin = len(MAGIC) + SALT
    cipher = _cipher(key, bytes(view[len(MAGIC) : begin]), label)
    out = []
    step = CHUNK + TAG
    count = -(-(len(view) - begin) // step)
    try:
        for number in range(count):
            chunk = view[begin + number * step : begin + (number + 1) * step]
            out.append(cipher.decrypt(_nonce(number, number == count - 1), chunk, None))
    except (InvalidTag, ValueError):
        raise damaged(what) from None
    if count > 1 and not out[-1]:
        raise damaged(what)
    return b"".join(out)


def damaged(what: object) -> Corrupt:
    """The error for a sealed file that does not open."""
    from pathlib import Path

    return Corrupt(
        f"{what} is not what was sealed here: it is damaged, cut off, or was put in place of another file. "
        "Ingest the grant again, or restore the vault from a backup.",
        what if isinstance(what, Path) else None,
    )


def _chunks(parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """The same bytes in chunks of CHUNK, the last one shorter."""
    held = bytearray()
    for part in parts:
        view = memoryview(part).cast("B")
        at = 0
        while at < len(view):
            taken = min(CHUNK - len(held), len(view) - at)
            held += view[at : at + taken]
            at += taken
            if len(held) == CHUNK:
                yield bytes(held)
                held.clear()
    if held:
        yield bytes(held)


def _cipher(key: Key, salt: bytes, label: Label) -> Any:
    """The cipher of one file, under a key that no other file has."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    if not any(key.raw):  # by a revocation in another thread
        raise NoKey("The key was destroyed meanwhile. What it sealed cannot be read any more.")
    own = HKDF(SHA256(), SIZE, salt, MAGIC + label.encoded()).derive(bytes(key.raw))
    return AESGCM(own)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
