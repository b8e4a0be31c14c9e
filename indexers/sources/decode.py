"""Bytes to text, without guessing wrongly in silence.

UTF-8 (with or without a byte order mark) and UTF-16/32 with one are taken as they are. Anything else is guessed where
one encoding fits beyond doubt, and the caller is told. UTF-8 with a bad byte here and there is taken with U+FFFD in
their place, and the caller is told; with more of them it is refused, and so are binary data.
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
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
"""Codecs of Python that give text but are no charset of a document: escapes, names of hosts (`punycode` takes time in
the square of the length), and whatever the machine at hand uses."""

_UNFIT = re.compile("[\x00\ud800-\udfff]")
_SAMPLE = 1 << 16
_LEGACY = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "cp866", "iso8859_2",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]
"""Encodings that text on disk is really in, when it is not in Unicode: others are guessed only by mistake."""

_ACCENTED = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüßœÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ")
_PUNCTUATION = frozenset(
    "\u00a0\u2018\u2019\u201c\u201d\u201e\u2013\u2014\u2026\u2022\u00ab\u00bb\u2039\u203a"
    "\u00a9\u00ae\u2122\u00b0\u00a7\u00a3\u20ac\u00b7\u00b4\u00b1\u00d7\u00b5\u00bd\u00bc\u00be\u00bf\u00a1\u00aa\u00ba"
)
_ALONE = frozenset("àáèéìíòóùúÀÁÈÉÌÍÒÓÙÚ")
_BEARABLE = 1_000
"""One bad byte in so many is damage that leaves the rest worth reading."""
_SURE, _MARGIN, _FEW = 0.3, 0.03, 20
"""charset-normalizer's coherence from which a language was recognised, by how much a guess must beat the next one, and
the fewest bytes beyond ASCII that tell Chinese, Japanese and Korean encodings apart (tried on samples of each)."""


class Decoded(NamedTuple):
    """Text and the encoding it was in. `note` says what a reader should know: it was guessed, or bytes were lost."""

    text: str
    encoding: str
    note: str = ""


def clean(text: str) -> str:
    """The text without NUL and lone surrogates, which neither UTF-8 nor the stores downstream can hold."""
    return text if text.isascii() and "\x00" not in text else _UNFIT.sub("", text)


def charset(label: str) -> bool:
    """Whether a label names an encoding of text that documents are in, and not another of Python's codecs."""
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):  # ValueError: a label with NUL, or a lone surrogate
        return False
    return found._is_text_encoding and found.name.replace("_", "-") not in _NO_CHARSETS


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
        return Decoded(newlines(clean(data.decode("utf-8"))), "utf-8")
    except UnicodeDecodeError as error:
        return _other(data, error, hint)


def _strict(data: bytes, encoding: str) -> Decoded:
    if not charset(encoding):
        raise Unreadable(f"No encoding is called {encoding}; see the list of Python's standard encodings.")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"Its bytes are not valid {encoding} (the first bad one is at {error.start:,}).") from error
    return Decoded(newlines(clean(text.removeprefix("\ufeff"))), encoding)


def _other(data: bytes, error: UnicodeDecodeError, hint: str) -> Decoded:
    if hint and hint.lower().replace("_", "-") not in {"utf-8", "utf8"} and charset(hint):
        try:
            return Decoded(newlines(clean(data.decode(hint))), hint)
        except UnicodeError:
            pass
    if not _mostly_utf8(data) and (encoding := _guess(data)):
        try:
            return Decoded(newlines(clean(data.decode(encoding))), encoding, f"{encoding} (guessed)")
        except UnicodeDecodeError:
            pass
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    if lost * _BEARABLE <= len(data):
        return Decoded(newlines(clean(text)), "utf-8", f"utf-8 ({lost} characters lost)")
    raise Unreadable(
        f"Its bytes are not valid UTF-8 (the first bad one is at {error.start:,}) "
        "and fit no other encoding beyond doubt; name the right one with --encoding."
    ) from error


def _mostly_utf8(data: bytes) -> bool:
    """Whether valid wide characters are at least as many as bad bytes: UTF-8 with damage, not another encoding."""
    text = data.decode("utf-8", "replace")
    wide = sum(1 for c in text if c > "\x7f")
    bad = text.count("\ufffd")
    return wide - bad >= bad


def _guess(data: bytes) -> str:
    """The encoding of bytes that are no Unicode; empty where more than one fits, or none."""
    start = max(0, next(i for i, byte in enumerate(data) if byte > 0x7F) - 1024)
    sample = data[start : start + _SAMPLE]
    if _western(sample.decode("cp1252", "replace")):
        return "cp1252"
    from charset_normalizer import from_bytes

    matches = list(from_bytes(sample, cp_isolation=_LEGACY))
    if not matches:
        return ""
    best = matches[0]
    rivals = [other for other in matches[1:] if str(other) != str(best)]
    if best.coherence >= _SURE:
        return "" if any(other.coherence > best.coherence - _MARGIN for other in rivals) else best.encoding
    wide = sum(1 for byte in sample if byte > 0x7F)
    if wide < _FEW or wide * 4 < len(sample) or any(other.chaos < best.chaos + _MARGIN for other in rivals):
        return ""
    return best.encoding


def _western(text: str) -> bool:
    """Whether text read as cp1252 looks like a western European language.

    Accented letters come one or two at a time, in words, in the case of the letters before them. A stray byte gives
    `\u00ff` alone or `\u00c3` in a lower-case word; text in another alphabet gives long runs.
    """
    good = odd = 0
    for run in re.finditer(r"[^\x00-\x7f]+", text):
        letters = run.group()
        before = text[run.start() - 1 : run.start()]
        joined = before.isalpha() or text[run.end() : run.end() + 1].isalpha()
        in_case = not (letters[0].isupper() and before.islower())
        fits = _PUNCTUATION.issuperset(letters) or (
            len(letters) <= 2 and in_case and _ACCENTED.issuperset(letters) and (joined or letters in _ALONE)
        )
        good, odd = good + fits, odd + (not fits)
    return odd * 10 <= good
