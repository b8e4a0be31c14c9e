"""A text in the form in which texts are compared: small letters, no accents, one kind of blank, hyphen and digit.

Knows characters; knows nothing of what a text says.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

import regex

UNSPACED: Final = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
"""Letters of scripts that put no blanks between words, or hang endings on them (Thai to Korean), as in a class."""

LETTER: Final = rf"[^\W_{UNSPACED}]"
"""A letter or digit that makes a word longer when it stands beside one."""

_CITED: Final = regex.compile(r"\s*(?:\[\^?\d+(?:\s*[,;–-]\s*\d+)*\]|【\d[^】]*】)")
_MARKS: Final = regex.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]")
_BLANKS: Final = regex.compile(r"[^\S\n]+")
_UNSEEN: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff*`"
_TABLE: Final = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2043\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2014\u2015", "–"),
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys(_UNSEEN, ""),
        **{"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"},
    }
)


@lru_cache(maxsize=4_096)
def plain(text: str) -> str:
    """The text without citation marks and emphasis, in small letters; accents go from letters, not from kana.

    Full width becomes half width, digits of any script 0 to 9, curly quotes straight, every hyphen and minus `-`.
    Line ends stay, other white space becomes single blanks.
    """
    shown = unicodedata.normalize("NFKD", _CITED.sub("", text).translate(_TABLE)).casefold()
    bare = unicodedata.normalize("NFC", _MARKS.sub("", shown)).translate(_TABLE)
    if not bare.isascii():
        bare = "".join(_digit(character) for character in bare)
    return _BLANKS.sub(" ", bare)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
