"""Bytes to text, without guessing wrongly in silence.

UTF-8 (with or without a byte order mark) and UTF-16/32 with one are taken as they are. Anything else is guessed, the
guess is checked and reported to the caller; damaged UTF-8 and binary data are refused.
Line ends become `\\n`; NUL and lone surrogates are removed; nothing else changes, so offsets into the text hold.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from indexers.sources.faults import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b")
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_SAMPLE = 1 << 16
_LEGACY = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "cp866", "iso8859_2",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]
"""Encodings that text on disk is really in, when it is not in Unicode: others are guessed only by mistake."""


class Decoded(NamedTuple):
    """Text and the encoding it was in; `guessed` where nothing but the bytes themselves told."""

    text: str
    encoding: str
    guessed: bool


def clean(text: str) -> str:
    """The text without NUL and lone surrogates, which neither UTF-8 nor the stores downstream can hold."""
    return text if text.isascii() and "\x00" not in text else _UNFIT.sub("", text)


def newlines(text: str) -> str:
    """The text with `\\r\\n` and `\\r` as `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def bom(data: bytes) -> str:
    """The encoding that a byte order mark names, or empty."""
    return next((name for mark, name in _BOMS if data.startswith(mark)), "")


def binary(head: bytes) -> bool:
    """Whether this is no text in any encoding: over 1 in 100 bytes are control characters, or NUL without UTF-8."""
    if bom(head):
        return False
    head = head[:_SAMPLE]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls * 100 > len(head):
        return True
    return b"\x00" in head and not _utf8(head)


def _utf8(head: bytes) -> bool:
    """Whether the bytes are UTF-8, but for a last character that the cut may have split."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes, force: str = "", hint: str = "") -> Decoded:
    """Text of the bytes. `force` is the user's word, `hint` the file's own (a `charset` in HTML).

    Raises `Unreadable` where the bytes are binary, are damaged UTF-8, or fit no encoding beyond doubt.
    """
    if force:
        return _strict(data, force)
    if encoding := bom(data):
        return _strict(data, encoding)
    if binary(data):
        raise Unreadable("It is named like text but holds binary data.")
    try:
        return Decoded(newlines(clean(data.decode("utf-8"))), "utf-8", guessed=False)
    except UnicodeDecodeError as error:
        return _other(data, error, hint)


def _strict(data: bytes, encoding: str) -> Decoded:
    try:
        text = data.decode(encoding)
    except LookupError as error:
        raise Unreadable(f"No encoding is called {encoding}; see the list of Python's standard encodings.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"Its bytes are not valid {encoding} (the first bad one is at {error.start:,}).") from error
    return Decoded(newlines(clean(text.removeprefix("\ufeff"))), encoding, guessed=False)


def _other(data: bytes, error: UnicodeDecodeError, hint: str) -> Decoded:
    if hint and hint.lower().replace("_", "-") not in {"utf-8", "utf8"}:
        try:
            return Decoded(newlines(clean(data.decode(hint))), hint, guessed=False)
        except (LookupError, UnicodeDecodeError):
            pass
    refused = Unreadable(
        f"Its bytes are not valid UTF-8 (the first bad one is at {error.start:,}) "
        "and fit no other encoding beyond doubt; name the right one with --encoding."
    )
    if _mostly_utf8(data):
        raise refused
    encoding = _guess(data)
    try:
        text = data.decode(encoding) if encoding else ""
    except UnicodeDecodeError:
        text = ""
    if not text or (encoding.startswith(("cp125", "iso8859")) and not _words(text)):
        raise refused
    return Decoded(newlines(clean(text)), encoding, guessed=True)


def _mostly_utf8(data: bytes) -> bool:
    """Whether valid wide characters are at least as many as bad bytes: UTF-8 with damage, not another encoding."""
    text = data.decode("utf-8", "replace")
    wide = sum(1 for c in text if c > "\x7f")
    bad = text.count("\ufffd")
    return wide - bad >= bad


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    start = max(0, next(i for i, byte in enumerate(data) if byte > 0x7F) - 1024)
    best = from_bytes(data[start : start + _SAMPLE], cp_isolation=_LEGACY).best()
    return best.encoding if best else ""


def _words(text: str) -> bool:
    """Whether nearly all non-ASCII letters sit in words as letters do: beside a letter, and in its case.

    A stray byte read as cp1252 gives `ÿ` alone or `Ã` inside a lower-case word; that is a sign of damage.
    """
    odd = good = 0
    for found in re.finditer(r"[^\x00-\x7f]", text[: _SAMPLE * 4]):
        at, letter = found.start(), found.group()
        if not letter.isalpha():
            good += 1
            continue
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        fits = (before.isalpha() or after.isalpha()) and not (letter.isupper() and before.islower())
        good, odd = good + fits, odd + (not fits)
    return odd * 10 <= good
