"""Record -> passages: pieces that tile the record's text, each small enough for the encoder, cut on structure.

Sections first (from the record's marks), then paragraphs, sentences, lines, clauses, words, graphemes.
Knows records and token charges; knows nothing of vectors, files or which encoder will read the pieces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from cascade.errors import BadConfig
from indexers.drafts import Draft, Plan, drafts, split
from indexers.heads import HEAD, embedded_text, head_text
from indexers.outline import outline
from indexers.records import Record
from indexers.tape import Ids, Offsets, Tape

SPECIALS = 2
"""Tokens that an encoder adds around a text: [CLS] and [SEP]."""

_LONG = 12
"""Characters per token of the limit above which a text surely has to be cut, so is tokenized with offsets at once."""

_SLAB = 1_000_000
"""Characters tokenized with offsets in one call: bounds the tokenizer's memory at some 100 MB."""

_SPACE = re.compile(r"[ \n]+")

_LEAST = 8
"""Tokens below which a piece that another encoder still finds too long is left as it is."""


class Spans(Protocol):
    """A WordPiece vocabulary whose words never cross white space or punctuation (BERT's)."""

    @property
    def unknown(self) -> int:
        """The id of [UNK]."""
        ...

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of each text, no special tokens."""
        ...

    def spans(self, texts: Sequence[str]) -> list[tuple[Ids, Offsets, Offsets]]:
        """Ids, starts and ends of each text's tokens; offsets in code points, int32, ascending."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """How long passages are, in tokens. 190 are about 140 English words, 70 of code, 190 Chinese characters."""

    target: int = 190
    """Tokens of a passage aimed at, its head left aside."""

    limit: int = 256
    """Tokens that the encoder reads: head, passage and its two special tokens together."""

    def __post_init__(self) -> None:
        if self.limit < 32 or self.target < 16:
            raise BadConfig(
                f"Passages of {self.target} tokens within {self.limit} are too small to hold a sentence. "
                "Set target to 16 or more and limit to 32 or more."
            )


@dataclass(frozen=True, slots=True)
class Piece:
    """record.text[start:end], the headings it stands under (`A > B`), and its ids in the vocabulary, uint16 (n,)."""

    start: int
    end: int
    heading: str
    tokens: Ids


def head(record: Record, piece: Piece) -> str:
    """Title and heading path as they are embedded with the piece, in one line; the title not if the piece begins so."""
    return head_text(record.title, piece.heading, record.text[piece.start : piece.end])


def embedded(record: Record, piece: Piece) -> str:
    """The text that is embedded for a piece: its head, then the piece without the white space around it."""
    return embedded_text(record.title, piece.heading, record.text[piece.start : piece.end])


class Cutter:
    """Cuts records, a batch at a time (tokenizing in batches is what makes it fast).

    `count`: tokens of each text as another encoder counts them, its special ones included; needed where the encoder
    does not read the vocabulary's own tokens. Pieces that it finds over the limit are cut again.
    """

    def __init__(
        self, vocabulary: Spans, rules: Rules | None = None, count: Callable[[Sequence[str]], list[int]] | None = None
    ) -> None:
        self._vocabulary, self._rules, self._count = vocabulary, rules or Rules(), count

    def cut(self, records: Sequence[Record]) -> list[list[Piece]]:
        """The pieces of each record, tiling its text; none for a text of only white space.

        Each piece with its head fits the limit, except where one grapheme cluster alone does not. (With a limit under
        about 220 a head may take more than three quarters of it; the piece is then given a quarter.)
        """
        pieces: list[list[Piece]] = [[] for _ in records]
        filled = [i for i, record in enumerate(records) if record.text.strip()]
        short = [i for i in filled if len(records[i].text) <= _LONG * self._rules.limit]
        known = dict(zip(short, self._vocabulary.encode([records[i].text for i in short]), strict=True))
        certain = self._rules.limit - SPECIALS - HEAD
        doubtful = []
        for i in filled:
            record, ids = records[i], known.get(i)
            if ids is None or record.marks or self._count or not self._fits(ids, certain):
                doubtful.append(i)
            else:
                pieces[i] = [Piece(0, len(record.text), "", ids)]
        for draft in self._drafted(self._planned(records, doubtful), known):
            heading = draft.plan.heading(draft.start, draft.end)
            pieces[draft.plan.place].append(Piece(draft.start, draft.end, heading, _known(draft)))
        return pieces

    def _fits(self, ids: Ids, budget: int) -> bool:
        """Whether a text of these ids is charged at most `budget`, as far as can be seen without offsets."""
        return len(ids) <= budget and not bool((ids == self._vocabulary.unknown).any())

    def _planned(self, records: Sequence[Record], chosen: list[int]) -> list[Plan]:
        """Sections and their budgets; each distinct head is tokenized once."""
        outlines = [outline(records[i]) for i in chosen]
        heads = [
            [head_text(records[i].title, " > ".join(section.path)) for section in sections]
            for i, sections in zip(chosen, outlines, strict=True)
        ]
        distinct = list(dict.fromkeys(text for texts in heads for text in texts))
        sizes = dict(zip(distinct, map(len, self._vocabulary.encode(distinct)), strict=True))
        limit, target = self._rules.limit, self._rules.target
        return [
            Plan(i, records[i], sections, [max(limit - SPECIALS - sizes[text], limit // 4) for text in texts], target)
            for i, sections, texts in zip(chosen, outlines, heads, strict=True)
        ]

    def _drafted(self, plans: list[Plan], known: Mapping[int, Ids]) -> list[Draft]:
        """The drafts of all plans in order, their ids known. `known`: ids of whole records, by place."""
        ready: list[Draft] = []
        unsure: list[Draft] = []
        long = []
        for plan in plans:
            ids = known.get(plan.place)
            if ids is not None and self._fits(ids, plan.budget):
                ready.append(Draft(plan, 0, len(plan.record.text), plan.budget, len(ids), ids))
            else:
                long.append(plan)
        for plan, tape in zip(long, self._tapes([plan.record.text for plan in long]), strict=True):
            for draft in drafts(plan, tape):
                (unsure if draft.ids is None else ready).append(draft)
        ready += self._settled(unsure)
        if self._count:
            ready = self._shrunk(ready, self._count)
        return sorted(ready, key=lambda draft: (draft.plan.place, draft.start))

    def _settled(self, unsure: list[Draft]) -> list[Draft]:
        """Drafts tokenized alone, and cut again where that shows that they exceed their budget."""
        ready: list[Draft] = []
        while unsure:
            again = []
            for draft, tape in zip(unsure, self._tapes([draft.text for draft in unsure]), strict=True):
                parts = list(split(draft, tape, alone=True))
                if len(parts) == 1:
                    parts = [replace(draft, charge=tape.total, ids=tape.ids)]
                ready += [part for part in parts if part.ids is not None]
                again += [part for part in parts if part.ids is None]
            unsure = again
        return ready

    def _shrunk(self, ready: list[Draft], count: Callable[[Sequence[str]], list[int]]) -> list[Draft]:
        """Drafts cut again while another encoder counts more than the limit."""
        fitting: list[Draft] = []
        while ready:
            over = []
            for draft, size in zip(ready, count([_embedded(draft) for draft in ready]), strict=True):
                if size <= self._rules.limit or draft.budget <= _LEAST:
                    fitting.append(draft)
                    continue
                most = min(draft.budget, draft.charge)
                budget = max(_LEAST, min(most * self._rules.limit // size, most * 9 // 10))
                over.append(replace(draft, budget=budget, ids=None))
            ready = self._settled(over)
        return fitting

    def _tapes(self, texts: Sequence[str]) -> Iterator[Tape]:
        """One tape a text; the tokenizer is called with about a slab of characters at a time."""
        waiting: list[str] = []
        sizes = 0
        for text in texts:
            waiting.append(text)
            sizes += len(text)
            if sizes >= _SLAB:
                yield from self._together(waiting)
                waiting, sizes = [], 0
        yield from self._together(waiting)

    def _together(self, texts: list[str]) -> list[Tape]:
        """The tapes of a few texts, any longer than a slab tokenized in parts that end at white space."""
        parts = [list(_slabs(text)) for text in texts]
        found = iter(self._vocabulary.spans([part for each in parts for _, part in each]))
        tapes = []
        for each in parts:
            spans = [(ids, starts + at, ends + at) for (at, _), (ids, starts, ends) in zip(each, found, strict=False)]
            ids, starts, ends = (np.concatenate(column) for column in zip(*spans, strict=True))
            tapes.append(Tape(ids, starts, ends, self._vocabulary.unknown))
        return tapes


def _slabs(text: str) -> Iterator[tuple[int, str]]:
    """(offset, part): parts of at least `_SLAB` characters that end at a space, but for the last."""
    start = 0
    while len(text) - start > _SLAB and (space := _SPACE.search(text, start + _SLAB)):
        yield start, text[start : space.end()]
        start = space.end()
    yield start, text[start:]


def _embedded(draft: Draft) -> str:
    return embedded_text(draft.plan.record.title, draft.plan.heading(draft.start, draft.end), draft.text)


def _known(draft: Draft) -> Ids:
    return np.zeros(0, np.uint16) if draft.ids is None else draft.ids
