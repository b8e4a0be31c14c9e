"""What is embedded with a passage: the record's title and the headings the passage stands under.

A pure function of strings, so that an index can be rebuilt from what it stores.
Knows strings; knows nothing of records, tokens or models.
"""

from __future__ import annotations

import unicodedata
from typing import Final

HEAD: Final = 160
"""Most letters of a head; a wide (Chinese, Japanese, Korean) character counts as three.

About 40 WordPieces in English and 53 in Chinese: a fifth of what the encoder reads. A limit in letters and not in
tokens keeps the head independent of any vocabulary.
"""

_MARKUP: Final = "#=*-_~+` \t\r\n"


def head_text(title: str, heading: str, text: str = "") -> str:
    """Title and heading path in one line, at most `HEAD` letters; the title is left out if `text` begins with it.

    A title gives way to half of the head when there is a heading; of a long path the outermost headings go first.
    """
    title = shortened(title, HEAD // 2 if heading else HEAD)
    if title and _opening(text, len(title)).startswith(title.rstrip("…").casefold()):
        title = ""
    names = heading[-4 * HEAD :].split(" > ")
    room = HEAD - _weight(title) - 3
    while len(names) > 1 and _weight(" > ".join(names)) > room:
        names = names[1:]
    return " > ".join(part for part in (title, shortened(" > ".join(names), room)) if part)


def embedded_text(title: str, heading: str, text: str) -> str:
    """The text that is embedded for a passage `text`: its head in a line of its own, then the passage, stripped."""
    head = head_text(title, heading, text)
    return f"{head}\n{text.strip()}" if head else text.strip()


def shortened(text: str, most: int) -> str:
    """`text` in one line, at most `most` letters, an ellipsis where it was cut."""
    line = " ".join(text[: 4 * max(most, 0)].split())
    if not line or _weight(line) <= most:
        return line
    kept, weight = 0, 1
    while (weight := weight + _weight(line[kept])) <= most:
        kept += 1
    return f"{line[:kept].rstrip()}…"


def _weight(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(3 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def _opening(text: str, size: int) -> str:
    """The first `size` letters of a text or more, without heading marks, in one line and small letters."""
    return " ".join(text[: 64 + 2 * size].lstrip(_MARKUP).split()).casefold()
