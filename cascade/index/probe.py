"""A query made ready for the scan: its tokens, its words, and what in the vocabulary resembles them.

A word is one or more pieces (`loth ##air`): it counts as found where all of them stand together. Pieces that are forms
of one word ("run", "running") are one family and count as the same.
Knows ids and statistics of a snapshot; knows nothing of passages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats

THRESHOLD = 0.35
"""Similarities of tokens below this count as nothing (measured best with cubing: DESIGN section 6)."""

LEGIBLE, KNOWN = 0.5, 3
"""Share of known characters at which a question is legible in full, and the shortest piece that is known. Of 1,190
questions each, the median shares are 1.00 in English, .75 to .81 in German, Spanish and Romanian, .56 in Turkish and
Vietnamese, .04 and less in Arabic, Chinese, Greek, Hindi, Russian and Thai."""

WHOLE, MIXED = 0.6, 0.3
"""Shares of whole words at which a question is not foreign, and at which it is in full. Of 100 questions each, the
share that 95% reach is .60 to .86 in six English sets; medians are .50 in Spanish, .38 to .42 in German, Romanian and
Vietnamese, .17 in Turkish, 0 in Arabic, Chinese, Greek, Hindi, Russian and Thai."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of a snapshot: passages, in how many each id occurs, and tokens in a passage on average.

    `families`: int64 (vocabulary,), equal for ids that are forms of one word.
    """

    passages: int
    frequencies: NDArray[np.int64]
    mean_length: float
    families: NDArray[np.int64]

    def idf(self, ids: NDArray[np.uint16]) -> Floats:
        """Weights of pieces, float32 (n,): `rarity` of their families."""
        together = np.bincount(self.families, weights=self.frequencies)
        return self.rarity(together[self.families[ids]].astype(np.float64))

    def rarity(self, found: NDArray[np.float64]) -> Floats:
        """BM25's idf as Lucene has it, ln(1 + (N - n + 0.5) / (n + 0.5)), of terms in `found` passages each."""
        n = np.minimum(found, self.passages)
        return np.log1p((max(self.passages, 1) - n + 0.5) / (n + 0.5)).astype(np.float32)


class Asked(NamedTuple):
    """A question as it was written.

    `ids`: uint16 (t,), its pieces without unknown ones. `words`: int64 (t,), ascending, which word each is a piece of.
    `found`: float64 (w,), in how many passages each word occurs (used for words of several pieces).
    """

    ids: NDArray[np.uint16]
    words: NDArray[np.int64]
    found: NDArray[np.float64]


class Likeness(NamedTuple):
    """What in the vocabulary resembles the q pieces of a question.

    `slots`: uint16 (vocabulary,), 0 for ids that resemble none, else a row in the sparse matrix (`begins`, `which`,
    `cubes`) of cubed similarities.
    """

    slots: NDArray[np.uint16]
    begins: NDArray[np.int32]
    which: NDArray[np.int32]
    cubes: Floats


class Words(NamedTuple):
    """The u distinct words of a question.

    `idf`: float32 (u,), times the count. `spelled`: int32, the pieces of each word from `begins[u]` to `begins[u + 1]`.
    `ending`: int32 (u,), words ordered by their last piece; those of piece j from `ends[j]` to `ends[j + 1]`.
    """

    idf: Floats
    spelled: NDArray[np.int32]
    begins: NDArray[np.int32]
    ending: NDArray[np.int32]
    ends: NDArray[np.int32]


class Sight(NamedTuple):
    """What the compiled loop knows of a question of q distinct pieces.

    `idf`: float32 (q,), of each piece, times its count. `exact`: int16 (vocabulary,), the piece an id is, or -1.
    `pairs`: bool (q, q), which pieces follow one another. `mean_length`: tokens in a passage on average.
    """

    idf: Floats
    exact: NDArray[np.int16]
    pairs: NDArray[np.bool_]
    likeness: Likeness
    words: Words
    mean_length: np.float32


@dataclass(frozen=True, slots=True)
class Probe:
    """A query made ready for the scan: `vector` float32 (dim,), rotated, and what the token loop needs.

    `asked`: uint16 (t,), the pieces of the question. `legible`: 0..1, how far pieces and vectors tell of it. `foreign`:
    0..1, how far its words are not known whole.
    """

    vector: Floats
    sight: Sight
    asked: NDArray[np.uint16]
    legible: float = 1.0
    foreign: float = 0.0


def readable(text: str) -> str:
    """The words of a question that the vocabulary reads as they are written.

    It knows no accents: words that bear some become others, which a passage may hold by chance. Where most of a
    question is such words, as in Vietnamese, they are left out; a single name or two are looked for without.
    """
    words = text.split()
    plain = [word for word in words if word.isascii() or not any(map(combining, normalize("NFD", word)))]
    return " ".join(plain) if plain and 2 * sum(map(len, plain)) < sum(map(len, words)) else text


def legible(text: str, spelled: Sequence[str]) -> float:
    """How far a question is written in what the vocabulary knows: 1 from LEGIBLE of its characters on, 0 where none.

    Known are characters in whole words, and in pieces of three or more: a script that the vocabulary spells letter by
    letter, or not at all, has none, and neither pieces nor vectors then tell what the question is about. `spelled`: the
    pieces of what is `readable`, without unknown ones.
    """
    known = 0
    for word in joined(spelled):
        if len(word) == 1:
            known += len(word[0]) if len(word[0]) > 1 or (word[0].isascii() and word[0].isalnum()) else 0
        else:
            known += sum(len(piece) for piece in word if len(piece) >= KNOWN)
    return min(1.0, known / max(1, sum(character.isalnum() for character in text)) / LEGIBLE)


def foreign(text: str, spelled: Sequence[str]) -> float:
    """How far a question is in words that the vocabulary does not know whole: another language, or names of things.

    0 where WHOLE of its words are one piece, 1 where so many as MIXED or fewer are; single letters and numbers are no
    words. `spelled`: as for `legible`.
    """
    words = [word for word in joined(spelled) if len(spoken := "".join(word)) > 1 and spoken.isalpha()]
    if not words:
        return float(any(character.isalpha() for character in text))
    share = sum(len(word) == 1 for word in words) / len(words)
    return min(1.0, max(0.0, (WHOLE - share) / (WHOLE - MIXED)))


def joined(spelled: Sequence[str]) -> list[list[str]]:
    """Pieces by word, without the mark of those that continue one."""
    words: list[list[str]] = []
    for piece in spelled:
        if piece.startswith("##") and words:
            words[-1].append(piece.removeprefix("##"))
        else:
            words.append([piece])
    return words


def distinct(ids: NDArray[np.uint16], stats: Statistics) -> NDArray[np.uint16]:
    """One piece of each family of a question, in order of appearance."""
    _, first = np.unique(stats.families[ids], return_index=True)
    return np.ascontiguousarray(ids[np.sort(first)])


def prepare(
    vector: Floats, asked: Asked, pieces: NDArray[np.uint16], alike: Floats, stats: Statistics, known: float = 1.0,
    strange: float = 0.0,
) -> Probe:  # fmt: skip
    """Make a probe. `pieces`: `distinct(asked.ids)`. `alike`: float32 (q, vocabulary), their cosines with every id.

    `known`, `strange`: how `legible` and how `foreign` the question is.
    """
    exact = np.full(len(stats.frequencies), -1, dtype=np.int16)
    for number, family in enumerate(stats.families[pieces].tolist()):
        exact[stats.families == family] = number
    at = exact[asked.ids].astype(np.int64)
    pairs = np.zeros((len(pieces), len(pieces)), dtype=np.bool_)
    pairs[at[:-1], at[1:]] = True
    counts = np.bincount(at, minlength=len(pieces)).astype(np.float32)
    idf = stats.idf(pieces) * counts
    likeness, words = _likeness(alike, exact), _words(asked, at, stats)
    sight = Sight(idf, exact, pairs, likeness, words, np.float32(max(stats.mean_length, 1.0)))
    return Probe(vector, sight, asked.ids, known, strange)


def _likeness(alike: Floats, exact: NDArray[np.int16]) -> Likeness:
    sparse = np.where(alike >= THRESHOLD, alike, np.float32(0))
    same = np.flatnonzero(exact >= 0)
    sparse[exact[same], same] = 1.0
    matched = np.flatnonzero(sparse.any(axis=0))
    slots = np.zeros(len(exact), dtype=np.uint16)
    slots[matched] = np.arange(1, len(matched) + 1, dtype=np.uint16)
    columns = sparse[:, matched].T
    which = np.nonzero(columns)[1].astype(np.int32)
    begins = np.concatenate(([0, 0], np.cumsum((columns > 0).sum(axis=1)))).astype(np.int32)
    return Likeness(slots, begins, which, (columns[columns > 0] ** 3).astype(np.float32))


def _words(asked: Asked, at: NDArray[np.int64], stats: Statistics) -> Words:
    """`at`: int64 (t,), which distinct piece each piece of the question is."""
    count = int(asked.words[-1]) + 1 if len(asked.words) else 0
    starts = np.searchsorted(asked.words, np.arange(count))
    spelled = [tuple(part.tolist()) for part in np.split(at, starts[1:])] if count else []
    numbers = {word: number for number, word in enumerate(dict.fromkeys(spelled))}
    weights = np.zeros(len(numbers), dtype=np.float32)
    alone, whole = stats.idf(asked.ids), stats.rarity(asked.found)
    for word, said in enumerate(spelled):
        weights[numbers[said]] += whole[word] if len(said) > 1 else alone[starts[word]]
    begins = np.cumsum([0] + [len(word) for word in numbers]).astype(np.int32)
    last = np.array([word[-1] for word in numbers], dtype=np.int64)
    ending = np.argsort(last, kind="stable").astype(np.int32)
    ends = np.searchsorted(last[ending], np.arange(int(at.max(initial=-1)) + 2)).astype(np.int32)
    return Words(weights, np.array([piece for word in numbers for piece in word], dtype=np.int32), begins, ending, ends)
