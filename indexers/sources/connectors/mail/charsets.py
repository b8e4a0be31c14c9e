"""Bytes of a mail to text: what the mail says they are in, then what they can be, then what they most likely are.

    declared charset -> its usual superset -> UTF-8 -> a guess beyond doubt -> damaged UTF-8 or the declared one

Seen in public mails: `us-ascii` over Latin-1, `gb2312` over GBK, `ks_c_5601-1987` (cp949), `x-unknown`, `unknown-8bit`,
`iso-8859-8-i`, and names that no library knows. Nothing is ever lost: at worst bad bytes become U+FFFD, and the note
says so. Knows nothing of headers and parts.
"""

from __future__ import annotations

import re

from indexers.sources.decode import charset, clean, decode, newlines
from indexers.sources.faults import Unreadable

_SUPERSETS = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-8-i": "cp1255", "iso-8859-8-e": "cp1255", "iso-8859-8": "cp1255",
    "iso-8859-6-i": "iso-8859-6", "iso-8859-6-e": "iso-8859-6", "iso-8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb-2312": "gb18030", "cn-gb": "gb18030",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "ksc_5601": "cp949", "euc-kr": "cp949",
    "korean": "cp949", "windows-949": "cp949", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "x-sjis": "cp932", "windows-31j": "cp932", "iso-2022-jp": "iso2022_jp_ext", "x-euc-jp": "euc_jp",
    "big5": "big5hkscs", "x-x-big5": "big5hkscs", "cn-big5": "big5hkscs", "utf8": "utf-8", "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-cp1252": "cp1252",
}  # fmt: skip
"""The encoding that text labelled so is really in: by WHATWG's table of labels, and Java's and old Outlook's names."""

_SILENT = frozenset(
    {"", "us-ascii", "ascii", "x-unknown", "unknown", "unknown-8bit", "default", "none", "binary", "8bit"}
)
"""Labels that say nothing of bytes beyond ASCII."""

_LABEL = re.compile(r"[\w.:+-]{1,40}")


def text(data: bytes, label: str) -> tuple[str, str]:
    """The text and a note, which is empty unless its encoding was guessed or bytes were lost. Never raises."""
    label = label.strip().strip("\"'").lower()
    declared = "" if label in _SILENT or not _LABEL.fullmatch(label) else _SUPERSETS.get(label, label)
    for encoding in (declared, "utf-8"):
        if (made := _strict(data, encoding)) is not None:
            return made, "" if encoding == declared or not declared else f"{label} (declared), really utf-8"
    try:
        found = decode(data, hint=declared)
        return found.text, found.note or f"{label or 'none'} (declared), really {found.encoding}"
    except Unreadable:
        return _damaged(data, declared)


def _strict(data: bytes, encoding: str) -> str | None:
    if not charset(encoding):
        return None
    try:
        return newlines(clean(data.decode(encoding).removeprefix("\ufeff")))
    except UnicodeError:
        return None


def _damaged(data: bytes, declared: str) -> tuple[str, str]:
    """The reading that loses least. A stray byte in cp1252 text is rather Latin-1 than lost."""
    best = data.decode("utf-8", "replace")
    if charset(declared):
        try:
            other = data.decode(declared, "replace")
            best = min(best, other, key=lambda text: text.count("\ufffd"))
        except UnicodeError:
            pass
    if best.count("\ufffd") * 20 > len(best):
        return newlines(clean(data.decode("latin-1"))), "latin-1 (for want of a better one)"
    return newlines(clean(best)), f"{best.count(chr(0xFFFD))} characters lost"
