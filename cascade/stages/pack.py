"""Ranking -> Context: what the model will see, within its window, in blocks under numbers.

Knows passages, ranks and a way to count tokens; knows nothing of readers, prompts or the index.

A passage is never cut silently: one that does not fit is left out whole, and later, smaller ones may still enter. The
same selection gives the same bytes. No passage can pass for a block of its own: a line of it that looks like a header
(`[7] ...`) gets a backslash before its bracket, and headers are one line without control characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from cascade.config import PackConfig
from cascade.data import Block, Context, Passage, Ranked, Ranking
from cascade.ledger import Entry, Fate
from cascade.sentences import sentences
from cascade.stages.base import Stage

ELLIPSIS = "[…]"
"""Stands where a passage was cut because not even one fitted."""

_LINE_END = r"\n\r\f\v\x1c-\x1e\x85\u2028\u2029"
_FORGED = re.compile(rf"(^|[{_LINE_END}])([^\S{_LINE_END}]*)(?=\[\s*\d+\s*\]|(?i:question)[^\S{_LINE_END}]*[:：])")
_WORD = re.compile(r"\S+")

Refuse = Callable[[Passage], str]
"""Why a passage may not be shown to the reader; empty where it may."""


def takes(_: Passage) -> str:
    """Refuses nothing."""
    return ""


class Pack(Stage[Ranking, Context]):
    """Fills a window of `window` tokens, as `count` counts them, with the best passages that `refuse` lets through."""

    def __init__(
        self, window: int, count: Callable[[str], int], config: PackConfig | None = None, refuse: Refuse = takes
    ) -> None:
        self.window, self._count, self.config, self._refuse = window, count, config or PackConfig(), refuse

    def budget(self, question: str) -> int:
        """Tokens for passages: what the question, the answer and the instruction leave, or as set; 0 or more."""
        config = self.config
        reserved = min(config.answer, self.window // 4) + min(config.overhead, self.window // 8)
        room = max(0, self.window - reserved - self._count(question))
        return min(room, config.tokens) if config.tokens else room

    def run(self, given: Ranking) -> Context:
        """Pack the best passages that fit. `tokens` of the result is the true count of its text."""
        query = given.query
        with query.ledger.stage("pack", taken=len(given)) as entry:
            budget = self.budget(query.text)
            barred = {one.passage.id: why for one in given.ranked if (why := self._refuse(one.passage))}
            may = [one for one in given.ranked if one.passage.id not in barred]
            chosen, refused = self._chosen(may, budget)
            refused |= barred
            context = self._context(given, chosen, budget)
            while context.tokens > budget and chosen:
                refused[chosen.pop().passage.id] = "did not fit when all was counted together"
                context = self._context(given, chosen, budget)
            if not chosen:
                context = self._shortened(replace(given, ranked=tuple(may)), context, entry)
            entry.given = len(context.passages)
            entry.notes.update(tokens=context.tokens, budget=budget, left_out=len(given) - entry.given)
            if barred:
                entry.notes["barred"] = len(barred)
            _note_fates(context, refused)
        return context

    def _chosen(self, ranked: Sequence[Ranked], budget: int) -> tuple[list[Ranked], dict[str, str]]:
        """Best first, each that still fits, by the counts of its block alone; and why the others were refused."""
        chosen: list[Ranked] = []
        refused: dict[str, str] = {}
        sizes: dict[str, int] = {}
        used = 0
        for one in ranked:
            if len(chosen) >= self.config.ceiling:
                refused[one.passage.id] = f"beyond the ceiling of {self.config.ceiling} passages"
                continue
            record = one.passage.record
            mates = [other for other in chosen if other.passage.record == record]
            size = sum(self._size(run) for run in _runs([*mates, one]))
            after = used - sizes.get(record, 0) + size
            if after > budget:
                refused[one.passage.id] = f"needs {size - sizes.get(record, 0)} tokens where {budget - used} are left"
                continue
            chosen.append(one)
            sizes[record], used = size, after
        return chosen, refused

    def _size(self, run: Sequence[Ranked]) -> int:
        """Tokens of a block, with the widest number and the blank line after it."""
        block = self._block(self.config.ceiling, run)
        return self._count(f"{block.header}\n{block.text}\n\n")

    def _context(self, ranking: Ranking, chosen: Sequence[Ranked], budget: int) -> Context:
        """Blocks in reading order: the best first, the second best last, and so on inwards."""
        by_record = sorted(chosen, key=lambda one: one.passage.record)
        runs = [run for _, mates in groupby(by_record, lambda one: one.passage.record) for run in _runs(list(mates))]
        runs.sort(key=lambda run: min(one.rank for one in run))
        reading = [*runs[::2], *reversed(runs[1::2])]
        blocks = tuple(self._block(number, run) for number, run in enumerate(reading, 1))
        return self._counted(Context(ranking.query, ranking, blocks, 0, budget))

    def _counted(self, context: Context) -> Context:
        return replace(context, tokens=self._count(context.text) if context.blocks else 0)

    def _block(self, number: int, run: Sequence[Ranked]) -> Block:
        return Block(number, _header(number, run, self.config.header), _harmless(_text(run)), tuple(run))

    def _shortened(self, ranking: Ranking, empty: Context, entry: Entry) -> Context:
        """The first passage, cut where a sentence ends (or a word, if none does in time) and marked; or nothing."""
        if not ranking.ranked:
            return empty
        block = self._block(1, ranking.ranked[:1])
        for ends in ([end for _, end in sentences(block.text)], [word.end() for word in _WORD.finditer(block.text)]):
            low, best = 0, empty
            high = len(ends)
            while low < high:
                middle = (low + high) // 2
                text = f"{block.text[: ends[middle]]} {ELLIPSIS}"
                tried = self._counted(replace(empty, blocks=(replace(block, text=text),)))
                if tried.tokens <= empty.budget:
                    low, best = middle + 1, tried
                else:
                    high = middle
            if best.blocks:
                entry.notes["cut"] = ranking.ranked[0].passage.id
                return best
        return empty


def _runs(ranked: list[Ranked]) -> list[list[Ranked]]:
    """Passages of one record in its order, neighbours (touching or overlapping) together."""
    runs: list[list[Ranked]] = []
    reach = -1
    for one in sorted(ranked, key=lambda one: (one.passage.start, one.passage.end, one.passage.id)):
        if runs and one.passage.start <= reach:
            runs[-1].append(one)
        else:
            runs.append([one])
        reach = max(reach, one.passage.end) if len(runs[-1]) > 1 else one.passage.end
    return runs


def _text(run: Sequence[Ranked]) -> str:
    """The run's part of the record, what overlaps once, without blank lines around it."""
    parts, reach = [], run[0].passage.start
    for passage in (one.passage for one in run):
        if passage.end > reach:
            parts.append(passage.text[reach - passage.start :])
            reach = passage.end
    return "".join(parts).strip("\r\n").rstrip()


def _harmless(text: str) -> str:
    """The text with a backslash where a line would look like a block's header, or like the question (see Prompt)."""
    return _FORGED.sub(r"\1\2\\", text)


def _header(number: int, run: Sequence[Ranked], most: int) -> str:
    """`[3] Title > Heading (source, 2024-05-01)`, leaving out what is empty and a source that repeats the title."""
    first = run[0].passage
    headings = [one.passage.heading.split(" > ") for one in run]
    shared = headings[0]
    for heading in headings[1:]:
        same = [i for i, (a, b) in enumerate(zip(shared, heading, strict=False)) if a != b]
        shared = shared[: same[0] if same else min(len(shared), len(heading))]
    name = _line(" > ".join(part for part in (first.title, *shared) if part), most)
    source = _line(_last(first.locator) or _last(first.source), most // 2)
    if source == name:
        source = ""
    aside = ", ".join(part for part in (source, _line(first.time[:10], 10)) if part)
    return " ".join(part for part in (f"[{number}]", name, f"({aside})" if aside else "") if part)


def _last(path: str) -> str:
    """The last component of a path, a URL or a member of an archive."""
    return re.split(r"[/\\!]", path.rstrip("/\\"))[-1]


def _line(text: str, most: int) -> str:
    """One line of at most `most` characters, without control or formatting characters."""
    visible = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[: 4 * most])
    line = " ".join(visible.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _note_fates(context: Context, refused: dict[str, str]) -> None:
    """What became of each followed passage; margins are against the worst passage that was packed."""
    numbers = {one.passage.id: (block.number, one) for block in context.blocks for one in block.ranked}
    seen = {one.passage.id: one for one in context.ranking.ranked}
    last = min((one.score for _, one in numbers.values()), default=None)
    for followed in context.query.trace:
        if followed not in seen:
            context.query.ledger.fate(Fate("pack", followed, False, None, None, None, "was not among those ranked"))
            continue
        one = seen[followed]
        margin = None if last is None else one.score - last
        kept = followed in numbers
        why = f"packed in [{numbers[followed][0]}]" if kept else refused.get(followed, "the window has no room")
        context.query.ledger.fate(Fate("pack", followed, kept, one.rank, one.score, margin, why))
