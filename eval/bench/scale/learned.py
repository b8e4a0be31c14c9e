"""What the weaver knows of real texts, as arrays on the disk: every word in order, where it stands, how it is spelled.

Learned once and mapped afterwards, so that it takes no memory of its own from what is measured beside it. Texts are
taken in a drawn order, and long ones are cut, at the end of a sentence, into stretches of the length of a passage.
Knows texts and words; knows nothing of how they are woven.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.errors import SourceError
from cascade.index import files
from eval.bench.scale.weaving import holds, mark, runs
from eval.needles.haystack import core
from eval.needles.wording import growth

_TOKEN = re.compile(r"\S{1,100}\s*")
_BLANK = re.compile(r"(\s{8})\s+")
_WORD = re.compile(r"\w+")
_CORE = re.compile(r"\w+(?:\W+\w+)*")
_ENDED = re.compile(r"[.!?;:。！？][\"')\]”’]*\s+$|\n\s*\n\s*$")
LONGEST: Final = 40
"""Words after which a sentence counts as ended: lists and tables have no full stop."""
STRETCH: Final = 200
"""Words after which a text is cut. 2% of the texts of a haystack of dictionaries and manuals are longer."""
SLOTS: Final = 1 << 26
"""Bits that remember which words there are: with two million words, 3% of new ones are taken for known."""
FACTS: Final = "facts.json"


class Learned(NamedTuple):
    """Arrays of what was learned. A *piece* is a word as it is written, with its punctuation and white
    space; of one of more than 100 characters, a part.

    `pieces`: int32 (t,), the texts, one after the other. `ends`: int32 (t,), where the sentence of each ends. `starts`:
    int32 (texts + 1,). `words`: int32 (pieces,), the word of each piece, whatever its case and punctuation. Of word w
    the places are `where[first[w]:first[w + 1]]`. Piece p is spelled `raw[bounds[p]:bounds[p + 1]]`; `inner`: int32
    (pieces, 4), counted in bytes from there: where its word begins and ends, and where two thirds and a half of it do
    (all 0 where it has none). `digits`: which pieces hold a digit. `known`: uint8, bits of words that there are.
    """

    pieces: NDArray[np.int32]
    ends: NDArray[np.int32]
    starts: NDArray[np.int32]
    words: NDArray[np.int32]
    first: NDArray[np.int32]
    where: NDArray[np.int32]
    raw: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    inner: NDArray[np.int32]
    digits: NDArray[np.bool_]
    known: NDArray[np.uint8]


class Facts(NamedTuple):
    """What was counted: texts, words in all, distinct words (as `Wording` counts them), and Heaps' exponent."""

    texts: int
    words: int
    types: int
    growth: float


def learn(texts: Iterable[str], folder: Path, most: int = 1_000_000) -> None:
    """Learn from texts, at most so many, into a folder that must not exist. Raises SourceError where there is no word.

    Everything is written aside and renamed: a folder that is there is whole.
    """
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    pieces, ends, starts = array("i"), array("i"), array("i", [0])
    for text in _drawn(texts, most):
        found = _TOKEN.findall(_BLANK.sub(r"\1", text.strip()) + "\n")
        for begin, end, stops in _stretches(found):
            ends.extend(stop + len(pieces) for stop in stops)
            pieces.extend(map(numbers.__getitem__, found[begin:end]))
            starts.append(len(pieces))
    if not pieces:
        raise SourceError("The texts to learn a haystack from hold no word. Give it texts in any language.")
    held: dict[str, NDArray[Any]] = {
        "pieces": _ints(pieces),
        "ends": _ints(ends),
        "starts": _ints(starts),
        **_spelled(list(numbers)),
    }
    held["first"], held["where"] = _places(held["words"][held["pieces"]])
    facts = Facts(len(starts) - 1, len(pieces), *_types(list(numbers), held["pieces"], held["starts"]))
    aside = folder.with_name(f".{folder.name}.unfinished")
    files.disk.clear(aside)
    aside.mkdir(parents=True)
    for name in Learned._fields:
        np.save(aside / f"{name}.npy", held[name])
    (aside / FACTS).write_text(json.dumps(facts._asdict()), "utf-8")
    files.publish(aside, folder)


def opened(folder: Path) -> tuple[Learned, Facts]:
    """What was learned into a folder, mapped."""
    arrays = [np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in Learned._fields]
    return Learned(*arrays), Facts(**json.loads((folder / FACTS).read_text("utf-8")))


def stretches(learned: Learned) -> Iterator[str]:
    """The texts themselves, as far as they were learned and cut as they were, in the drawn order."""
    for begin, end in zip(learned.starts.tolist(), learned.starts[1:].tolist(), strict=False):
        held = learned.pieces[begin:end].tolist()
        raw = b"".join(learned.raw[learned.bounds[one] : learned.bounds[one + 1]].tobytes() for one in held)
        yield raw.decode("utf-8", "replace").strip()


def knows(learned: Learned, text: str) -> bool:
    """Whether any word of a text occurs in what was learned: of a word that does not, it may be said all the same."""
    return any(holds(learned.known, word.encode("utf-8", "replace")) for word in _WORD.findall(text))


def _drawn(texts: Iterable[str], most: int) -> list[str]:
    """The texts in a drawn order, the same for the same texts; at most so many."""
    held = list(texts)
    Random(0).shuffle(held)
    return held[:most]


def _stretches(found: Sequence[str]) -> list[tuple[int, int, list[int]]]:
    """A text's words in stretches: where each begins and ends, and for each word where its sentence ends, from 0."""
    last = [bool(_ENDED.search(word)) for word in found]
    ends = runs(np.array(last), LONGEST).tolist()
    out, begin = [], 0
    while begin < len(found):
        end = begin
        while end < len(found) and (end == begin or ends[end] - begin <= STRETCH):
            end = ends[end]
        out.append((begin, end, [stop - begin for stop in ends[begin:end]]))
        begin = end
    return out


def _spelled(spellings: Sequence[str]) -> dict[str, NDArray[Any]]:
    """How pieces are spelled: `words`, `raw`, `bounds`, `inner`, `digits`, `known`."""
    numbers: dict[str, int] = {}
    words = np.fromiter((numbers.setdefault(core(piece), len(numbers)) for piece in spellings), np.int32)
    raw = [piece.encode("utf-8", "replace") for piece in spellings]
    bounds = np.concatenate(([0], np.cumsum([len(one) for one in raw], dtype=np.int64)))
    inner = np.array([_inner(piece) for piece in spellings], dtype=np.int32)
    letters = np.frombuffer(b"".join(raw), dtype=np.uint8)
    digits = np.array([any(one.isdigit() for one in piece) for piece in spellings])
    return {
        "words": words, "raw": letters, "bounds": bounds, "inner": inner, "digits": digits,
        "known": mark(letters, bounds, inner, SLOTS),
    }  # fmt: skip


def _inner(piece: str) -> tuple[int, int, int, int]:
    found = _CORE.search(piece)
    if not found:
        return 0, 0, 0, 0
    begin, length = found.start(), found.end() - found.start()
    places = (begin, found.end(), begin + max(length * 2 // 3, 1), begin + length // 2)
    low, high, cut, half = (len(piece[:place].encode("utf-8", "replace")) for place in places)
    return low, high, cut, half


def _places(words: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    first = np.concatenate([[0], np.cumsum(np.bincount(words))]).astype(np.int32)
    return first, np.argsort(words, kind="stable").astype(np.int32)


def _types(spellings: Sequence[str], pieces: NDArray[np.int32], starts: NDArray[np.int32]) -> tuple[int, float]:
    """Distinct words, and Heaps' exponent. Pieces are numbered as they come, so the highest so far tells how many."""
    types: set[str] = set()
    counted = np.empty(len(spellings), dtype=np.int64)
    for number, piece in enumerate(spellings):
        types.update(_WORD.findall(piece.casefold()))
        counted[number] = len(types)
    so_far = counted[np.maximum.accumulate(pieces)[starts[1:] - 1]]
    curve = list(zip(starts[1:].tolist(), so_far.tolist(), strict=True))
    return len(types), min(max(growth(curve), 0.0), 1.0)


def _ints(held: array[int]) -> NDArray[np.int32]:
    return np.frombuffer(held, dtype=np.int32)
