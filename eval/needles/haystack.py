"""Haystacks of any size, generated from real texts: every record is one text rewoven with others of its neighbourhood.

Why reweaving. A chain of bigrams has the right word counts and says nothing: no encoder takes it for an answer, so it
hides no needle. Here a sentence of a real text runs up to a word that other texts have too, and goes on as one of those
does from there: "... the bell of the town | clock was cast in ...". The words that are jumped at are neither common
(they would lead anywhere) nor unique (they lead nowhere), so the two halves are about one thing; each half is real, the
joint is a real word pair on both sides, and the next sentence takes up the first text again. Such records are fluent,
on topic, share rare words and phrases with many others, and lie close to real ones in words and in meaning: the
distractors a search finds hardest. Measured, 3,000 records for 360 questions of six labelled sets: the ten nearest to a
question lie at a cosine of .425 with the encoder `static` (real texts .436, bigrams .312) and score 13.8 by BM25 (14.8,
10.7). Bigrams are kept for what is left: a sentence that meets no other has a word swapped
for another that follows the same word elsewhere.

New words. Reweaving alone would stop growing the vocabulary. Rare words are blended in pairs ("Hessen|burg",
"Karl|stadt": "Hessenstadt") and digits drawn anew, as many as Heaps' law, fitted to the source, asks for by then.

Record i depends on the model, the seed and i alone, so a haystack of 10^7 can be made in slices. Texts are taken in a
drawn order, each once before any comes again. Knows texts; knows nothing of needles.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

import numpy as np

from cascade.errors import SourceError
from eval.needles.wording import growth
from indexers.records import Record

_TOKEN = re.compile(r"\S+\s*")
_WORD = re.compile(r"\w+")
_CORE = re.compile(r"\w+(?:\W+\w+)*")
_ENDED = re.compile(r"[.!?;:。！？][\"')\]”’]*\s+$|\n\s*\n\s*$")
_LONGEST: Final = 40
"""Words after which a sentence counts as ended: lists and tables have no full stop."""
SPLICED: Final = 0.75
"""The share of sentences that are gone on with from another text, where they can be."""
SHORT: Final = 24
"""Shorter texts are always gone on with, and have a word swapped besides: they would else come twice too often."""
COVERED: Final = 0.92
"""About this share of a source's words still comes when each of its texts was rewoven once, by measurement."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned: the words of the texts in order, and where each word stands.

    `tokens` carry their white space. `ends[at]`: where the sentence of a token ends. `starts`: of texts, one more than
    there are. `words[at]`: the number of a token's word; `where[first[word]:first[word + 1]]`: its places. `types` and
    `growth`: the distinct words as `Wording` counts them, and Heaps' exponent.
    """

    tokens: list[str]
    ends: array[int]
    starts: array[int]
    words: array[int]
    first: array[int]
    where: array[int]
    vocabulary: dict[str, int]
    types: int
    growth: float

    @classmethod
    def learn(cls, texts: Iterable[str], most: int = 100_000) -> Model:
        """Learn from texts; of more than `most`, from a sample of so many. Raises SourceError if there is no word."""
        tokens: list[str] = []
        starts, ends, words = array("i", [0]), array("i"), array("i")
        vocabulary: dict[str, int] = {}
        numbers: dict[str, int] = {}
        types: set[str] = set()
        curve = []
        for text in _sampled(texts, most):
            found = _TOKEN.findall(text.strip() + "\n")
            if not found:
                continue
            tokens += found
            ends.extend(_ends(found, starts[-1]))
            for token in found:
                if token not in numbers:
                    numbers[token] = vocabulary.setdefault(core(token), len(vocabulary))
                    types.update(_WORD.findall(token.casefold()))
                words.append(numbers[token])
            starts.append(len(tokens))
            curve.append((len(tokens), len(types)))
        if not tokens:
            raise SourceError("The texts to learn a haystack from hold no word. Give it texts in any language.")
        places = np.frombuffer(words, dtype=np.int32)
        first = np.concatenate([[0], np.cumsum(np.bincount(places))]).astype(np.int32)
        where = np.argsort(places, kind="stable").astype(np.int32)
        return cls(
            tokens, ends, starts, words, array("i", first.tobytes()), array("i", where.tobytes()), vocabulary,
            len(types), min(growth(curve), 1.0),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.starts) - 1

    def knows(self, word: str) -> bool:
        """Whether the texts have a word: what `known` of needles asks."""
        return core(word) in self.vocabulary

    def count(self, word: int) -> int:
        """How often a word stands in the texts."""
        return self.first[word + 1] - self.first[word]

    def new(self, cycle: int) -> float:
        """New words per word in the given round through the texts (0: the first), by Heaps' law."""
        wanted: float = (cycle + 1) ** self.growth - cycle**self.growth
        return max(wanted - COVERED * (1 - COVERED) ** cycle, 0.0) * self.types / len(self.tokens)


@dataclass(frozen=True, slots=True)
class Generated:
    """So many generated records as a source, from number `begin` on."""

    model: Model
    count: int
    seed: int
    begin: int = 0

    @property
    def name(self) -> str:
        """The same for every slice of one haystack."""
        return f"generated-{self.seed}"

    def read(self) -> Iterator[Record]:
        """The records in order."""
        for number in range(self.begin, self.begin + self.count):
            yield Record(self.name, str(number), self.text(number), key=str(number))

    def text(self, number: int) -> str:
        """One record's text."""
        model, random = self.model, Random(f"{self.seed}/{number}")
        cycle, at = divmod(number, len(model))
        step, shift = _order(self.seed, cycle, len(model))
        text = (at * step + shift) % len(model)
        pieces = _rewoven(model, model.starts[text], model.starts[text + 1], random)
        wanted = model.new(cycle) * len(pieces)
        for _ in range(int(wanted + random.random())):
            _renew(model, pieces, random)
        return "".join(pieces).strip()


@lru_cache(maxsize=1024)
def _order(seed: int, cycle: int, size: int) -> tuple[int, int]:
    """A step without a common divisor with the size, and a shift: a walk that meets every text once."""
    random = Random(f"{seed}:{cycle}")
    step = random.randrange(1, size + 1)
    while math.gcd(step, size) != 1:
        step += 1
    return step, random.randrange(size)


def _rewoven(model: Model, begin: int, end: int, random: Random) -> list[str]:
    """The words of a text, its sentences gone on with from others; at least one word differs where one can."""
    pieces: list[str] = []
    spliced, at = False, begin
    while at < end:
        stop = min(model.ends[at], end)
        wanted = end - begin < SHORT or random.random() < SPLICED
        joint = _joint(model, at, stop, (begin, end), random) if wanted else None
        if joint:
            cut, other = joint
            pieces += model.tokens[at:cut]
            pieces += model.tokens[other : model.ends[other]]
            spliced = True
        else:
            pieces += model.tokens[at:stop]
        at = stop
    if not spliced or len(pieces) < SHORT:
        _swap(model, pieces, random)
    return pieces


def _joint(model: Model, begin: int, end: int, own: tuple[int, int], random: Random) -> tuple[int, int] | None:
    """Where to leave a sentence, and where to go on: at the same word in another text, with about as much to come."""
    if end - begin < 5:
        return None
    most = max(len(model.tokens) // 2_000, 8)
    for _ in range(6):
        cut = random.randrange(begin + 1, end - 1)
        word = model.words[cut]
        count = model.count(word)
        if not 2 <= count <= most:
            continue
        first = model.first[word]
        others = [model.where[first + int(random.random() * count)] for _ in range(4)]
        found = [other for other in others if not own[0] <= other < own[1] and model.ends[other] - other > 1]
        if found:
            return cut, min(found, key=lambda other: abs((model.ends[other] - other) - (end - cut)))
    return None


def _swap(model: Model, pieces: list[str], random: Random) -> None:
    """Put another word that follows the same word elsewhere in the place of one."""
    for _ in range(12):
        at = random.randrange(1, len(pieces)) if len(pieces) > 1 else 0
        before = model.vocabulary[core(pieces[at - 1])]
        other = model.where[model.first[before] + random.randrange(model.count(before))] + 1
        if other < len(model.tokens) and core(model.tokens[other]) != core(pieces[at]):
            old = pieces[at].rstrip()
            pieces[at] = model.tokens[other].rstrip() + pieces[at][len(old) :]
            return


def _renew(model: Model, pieces: list[str], random: Random) -> None:
    """Make a new word of the rarest of a few: its digits drawn anew, its letters gone on with from another rare one."""
    places = [random.randrange(len(pieces)) for _ in range(4)]
    at = min(places, key=lambda place: _rarity(model, pieces[place]))
    for _ in range(8):
        matched = _CORE.search(pieces[at])
        if not matched:
            return
        fresh = _blend(matched.group(), _rare(model, random), random)
        if core(fresh) not in model.vocabulary:
            pieces[at] = pieces[at][: matched.start()] + fresh + pieces[at][matched.end() :]
            return


def _rarity(model: Model, token: str) -> int:
    word = model.vocabulary.get(core(token))
    return model.count(word) if word is not None and len(token) > 4 else len(model.tokens)


def _rare(model: Model, random: Random) -> str:
    """The rarest of a few words drawn."""
    drawn = [model.tokens[random.randrange(len(model.tokens))] for _ in range(3)]
    return core(min(drawn, key=lambda token: _rarity(model, token)))


def _blend(word: str, other: str, random: Random) -> str:
    if any(character.isdigit() for character in word):
        return "".join(str(random.randrange(10)) if character.isdigit() else character for character in word)
    cut, rest = max(len(word) * 2 // 3, 1), other[len(other) // 2 :]
    return word[:cut] + "".join(character for character in rest if character.isalpha())


def core(token: str) -> str:
    """A token without its white space and the punctuation around it, in lower case."""
    matched = _CORE.search(token)
    return (matched.group() if matched else token.strip()).casefold()


def _ends(tokens: list[str], shift: int) -> list[int]:
    """For each token of a text, where its sentence ends, counted from `shift`."""
    ends: list[int] = []
    for at, token in enumerate(tokens, 1):
        if at == len(tokens) or at - len(ends) >= _LONGEST or _ENDED.search(token):
            ends += [shift + at] * (at - len(ends))
    return ends


def _sampled(texts: Iterable[str], most: int) -> list[str]:
    """At most so many texts, each with the same chance, in their order."""
    random = Random(0)
    held: list[tuple[int, str]] = []
    for number, text in enumerate(texts):
        if len(held) < most:
            held.append((number, text))
        elif (place := random.randrange(number + 1)) < most:
            held[place] = (number, text)
    return [text for _, text in sorted(held)]
