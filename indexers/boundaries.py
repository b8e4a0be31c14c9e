"""Where a text may be cut, and how good a place it is: paragraphs, lines, sentences, clauses, words, graphemes.

A boundary lies after the white space between two pieces, except that a line's indentation belongs to its line: blank
space is the end of what came before, indentation is how code and lists are built. Every function is linear in the text.
Knows characters; knows nothing of tokens, budgets, records or marks.
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum
from typing import Final

import numpy as np
import regex
from numpy.typing import NDArray

from cascade.sentences import ends_sentence
from indexers.records import Kind

Places = NDArray[np.int64]
Strengths = NDArray[np.int8]


class Strength(IntEnum):
    """How good a place to cut is, worst first."""

    RUN = 0
    WORD = 1
    CLAUSE = 2
    LINE = 3
    SENTENCE = 4
    PARAGRAPH = 5


NEWLINES: Final = "\n\r\f\v\x85\u2028\u2029"
_FREE: Final = r"(?=[^\s\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}])"
"""What follows begins a grapheme cluster of its own (an accent may hang on a space)."""

_GAP: Final = regex.compile(rf"(?<=\S)(?:\s*[{NEWLINES}]|[^\S{NEWLINES}]++{_FREE})")
"""The space between two pieces: up to the last line end of a run, or a run within one line."""

_SPACELESS: Final = regex.compile(rf"(?<![。！？｡])[。！？｡]++[」』）】》〉”’]*+{_FREE}|[，、；：､་།]{_FREE}")
"""Ends in scripts that put no space after them: Chinese, Japanese, Tibetan."""

_WINDOW: Final = 1024
_BLANK_LINE: Final = regex.compile(r"[\f\u2029]|\n\s*\n|\r[^\S\n]*\r")
_CLAUSES: Final = frozenset(",;:،؛，、；：､–—|")


def boundaries(text: str, start: int, end: int, kind: Kind) -> tuple[Places, Strengths]:
    """Every place strictly inside text[start:end] where it may be cut, ascending, with its `Strength`.

    Both sides of every place hold more than white space, and no place splits a grapheme cluster. Places inside a run
    without spaces are left to `graphemes`.
    """
    tail = end
    while tail > start and text[tail - 1].isspace():
        tail -= 1
    found: dict[int, Strength] = {}
    for gap in _GAP.finditer(text, start, tail):
        found[gap.end()] = _strength(text, gap.start(), gap.end(), kind)
    if not text.isascii():
        for stop in _SPACELESS.finditer(text, start, tail):
            strong = text[stop.start()] in "。！？｡"
            found.setdefault(stop.end(), Strength.SENTENCE if strong else Strength.CLAUSE)
    found.pop(tail, None)
    places = np.fromiter(sorted(found), np.int64, len(found))
    return places, np.fromiter((found[at] for at in places.tolist()), np.int8, len(found))


def _strength(text: str, gap: int, at: int, kind: Kind) -> Strength:
    """Of the boundary `at` that ends the white space beginning at `gap`."""
    line = text[at - 1] in NEWLINES
    if line and (at - gap > 1 or text[gap] in "\f\u2029") and _BLANK_LINE.search(text, gap, at):
        return Strength.PARAGRAPH
    if line and kind in (Kind.CODE, Kind.TABLE):
        return Strength.SENTENCE
    if kind is not Kind.CODE and ends_sentence(text, gap, at):
        return Strength.SENTENCE
    if line:
        return Strength.LINE
    return Strength.CLAUSE if text[gap - 1] in _CLAUSES else Strength.WORD


def graphemes(text: str, start: int, end: int, step: int) -> Places:
    """Places inside text[start:end], every `step` grapheme clusters (Unicode Annex 29) or oftener, that split none.

    `start` must not lie inside a cluster. The text is looked at in windows, because the cluster pattern counts the
    flags before each flag anew: a window bounds that.
    """
    pattern = regex.compile(rf"\X{{1,{max(1, step)}}}")
    places: list[int] = []
    size = _WINDOW
    while start < end:
        window = text[start : min(end, start + size)]
        found = [start + clusters.end() for clusters in pattern.finditer(window)]
        if start + len(window) < end:
            found.pop()  # its last cluster may go on beyond the window
        if not found:
            size *= 2
            continue
        places += found
        start, size = found[-1], _WINDOW
    return np.array(places[:-1], np.int64)


def separates(text: str, at: int) -> bool:
    """Whether BERT's pre-tokenizer always separates words at `at`, so that ids may be sliced there.

    It removes control characters (among them vertical tab, form feed and NEL) before it looks for words, so only
    those white spaces count that it keeps; and it sets every punctuation mark and Chinese character apart.
    """
    if at in (0, len(text)):
        return True
    before = text[at - 1]
    if before.isascii():
        return before in " \t\n\r" or (before.isprintable() and not before.isalnum())
    return unicodedata.category(before)[0] in "ZP" or "\u3400" <= before <= "\u4dbf" or "\u4e00" <= before <= "\u9fff"
