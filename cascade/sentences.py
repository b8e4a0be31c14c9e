"""Where sentences end, in scripts with and without spaces between words.

A rule of thumb, linear in the text: no model, no word lists beyond a few abbreviations.
Knows characters; knows nothing of passages, tokens or stages.
"""

from __future__ import annotations

import re
from typing import Final

ENDS: Final = frozenset(".!?…。！？｡؟۔।॥։።។။‼⁇⁈⁉")
"""Marks that end a sentence: Latin, Chinese, Japanese, Arabic, Urdu, Devanagari, Armenian, Ethiopic, Khmer, Burmese."""

CLOSERS: Final = "\"'”’»)]}）」』】》〉*_`"
"""What may stand between the mark and the space after it."""

_LOOK_BACK: Final = 16
_SHORT_FORM: Final = re.compile(
    r"(?:^|[\s(\[\"'“])(?:[^\W\d_]|(?:[^\W\d_]\.)+[^\W\d_]|[Mm]rs?|[Dd]rs?|[Pp]rof|[Ss]t|[Ss]r|[Jj]r|vs|cf|al|[Ff]igs?"
    r"|[Ee]qs?|[Nn]os?|[Vv]ols?|[Pp]p|[Ee]ds?|[Ss]ec|[Aa]pprox|[Ll]td|[Dd]ept|[Uu]niv|[Gg]en|[Cc]ol|[Ss]gt|bzw|usw|Nr)\.$"
)
"""Initials and abbreviations whose full stop ends no sentence."""

_STOP: Final = re.compile(r"(?<=\S)\s++(?=\S)|(?<![。！？｡])[。！？｡]++[」』）】》〉”’]*+(?=\S)")


def ends_sentence(text: str, gap: int, then: int) -> bool:
    """Whether text[:gap] ends a sentence and text[then:], after white space, begins another.

    Not after an initial or a known abbreviation, nor before a small letter after a full stop or a closed quotation.
    """
    mark = text[gap - 1]
    if mark in CLOSERS:
        mark = text[max(0, gap - 5) : gap].rstrip(CLOSERS)[-1:]
    if not mark or mark not in ENDS:
        return False
    if text[then : then + 1].islower() and (mark == "." or text[gap - 1] in CLOSERS):
        return False
    return text[gap - 1] != "." or not _SHORT_FORM.search(text[max(0, gap - _LOOK_BACK) : gap])


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence in order, white space around it left off; a blank line ends one too."""
    edges = [0]
    for stop in _STOP.finditer(text):
        gap, then = stop.span()
        space = text[gap:then]
        if not space.isspace() or space.count("\n") > 1 or ends_sentence(text, gap, then):
            edges.append(then)
    spans = []
    for start, end in zip(edges, [*edges[1:], len(text)], strict=True):
        one = text[start:end]
        if one.strip():
            spans.append((start + len(one) - len(one.lstrip()), start + len(one.rstrip())))
    return spans
