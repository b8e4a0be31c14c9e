"""The numbers in an answer, checked against the blocks they stand for.

Knows text and blocks; knows nothing of readers, prompts or how the blocks were chosen. Support is measured by shared
words and numbers: cheap, the same every time, and blind to paraphrase and negation (it can miss support, and it cannot
see a claim that turns a passage round).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cascade.data import Block, Citation
from cascade.sentences import sentences

_NUMBERS = r"\d+(?:\s*(?:[,;–-]|and|&)\s*\d+)*"
_CITED = re.compile(rf"\[\s*({_NUMBERS})\s*\](?!\()|【\s*({_NUMBERS})\s*】")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_LEADING = re.compile(rf"(?:\s*(?:{_CITED.pattern}))+[.,;:]?")
_RANGE = re.compile(r"(\d+)\s*[–-]\s*(\d+)")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_WIDEST_RANGE = 100
_STOP_WORDS = (
    "a about according after all also an and any are as at be been but by can context could did do does for from had "
    "has have he her his how i if in into is it its more no not of on or our passage passages she so than that the "
    "their them then there these they this those to was we were what when where which who why will with would "
    "you your"
)
_STOPS = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer's text with only numbers that exist, its citations, and the numbers that named nothing."""

    text: str
    citations: tuple[Citation, ...]
    unknown: tuple[int, ...]


def checked(text: str, question: str, blocks: Sequence[Block], attach: float) -> Checked:
    """Read the numbers in `text`; drop those that name no block; cite for claims that were left without.

    A claim without a number gets the number of the block that shares most of its words, if that holds at least
    `attach` of them (0..1) and every number among them. A citation's quote is the block's sentence that shares most
    words with the claim, empty where none does. Brackets inside code are left alone.
    """
    by_number = {block.number: block for block in blocks}
    unknown: dict[int, None] = {}
    citations: dict[int, Citation] = {}
    out: list[str] = []
    done = 0
    for start, end in claims(text):
        claim = text[start:end]
        kept, numbers = _known_only(claim, by_number, unknown)
        bare = _CITED.sub("", claim)
        if not numbers and (found := _supporting(bare, question, blocks, attach)):
            numbers, kept = [found], _with_number(kept, found)
        for number in numbers:
            if not citations.get(number, _NONE).quote:
                citations[number] = Citation(number, by_number[number], quote(by_number[number], bare, question))
        out += [text[done:start], kept]
        done = end
    return Checked("".join([*out, text[done:]]).strip(), tuple(citations.values()), tuple(unknown))


def quote(block: Block, claim: str, question: str = "") -> str:
    """The sentence of the block that shares most words with the claim; ties go to the question, then to the earlier.

    Empty where no sentence shares any.
    """
    wanted, asked = words(claim), words(question)
    best, text = (0, 0), ""
    for start, end in sentences(block.text):
        held = words(block.text[start:end])
        shared = (len(wanted & held), len(asked & held))
        if shared[0] and shared > best:
            best, text = shared, block.text[start:end]
    return text


@lru_cache(maxsize=4096)
def words(text: str) -> frozenset[str]:
    """Content words and numbers in small letters; pairs of characters where words are not spaced."""
    found: set[str] = set()
    for token in _TOKEN.findall(text.casefold()):
        if _SPACELESS.search(token):
            found.update(token[i : i + 2] for i in range(max(1, len(token) - 1)))
        elif token not in _STOPS:
            found.add(token)
    return frozenset(found)


def claims(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence, with the numbers that follow its full stop."""
    spans: list[tuple[int, int]] = []
    for start, end in sentences(text):
        lead = _LEADING.match(text, start, end) if spans else None
        begin = start
        if lead:
            spans[-1] = (spans[-1][0], lead.end())
            begin = end - len(text[lead.end() : end].lstrip())
        if begin < end:
            spans.append((begin, end))
    return spans


def cites(text: str) -> bool:
    """Whether the text carries a citation."""
    return any(not _in_code(text, match.start()) for match in _CITED.finditer(text))


def renumbered(block: Block, number: int) -> Block:
    """The block under another number, its header too."""
    header = re.sub(r"^\[\d+\]", f"[{number}]", block.header)
    return Block(number, header, block.text, block.ranked)


def _known_only(claim: str, blocks: Mapping[int, Block], unknown: dict[int, None]) -> tuple[str, list[int]]:
    """The claim with unknown numbers taken out (and noted), and the known ones in order."""
    known: dict[int, None] = {}

    def keep(match: re.Match[str]) -> str:
        if _in_code(claim, match.start()):
            return match.group()
        numbers = _expanded(match.group(1) or match.group(2))
        named = [number for number in numbers if number in blocks]
        known.update(dict.fromkeys(named))
        unknown.update(dict.fromkeys(number for number in numbers if number not in blocks))
        if len(named) == len(numbers):
            return match.group()
        return f"[{', '.join(map(str, named))}]" if named else "\0"

    left, claim = None, claim.replace("\0", "")
    while left != claim:  # taking a number out of brackets may leave others in them: [[5]9]
        left, claim = claim, re.sub(r"[^\S\n]*\0", "", _CITED.sub(keep, claim))
    return claim, list(known)


def _expanded(numbers: str) -> list[int]:
    """`1, 4-6` as 1 4 5 6; of an absurdly wide range only its ends."""
    found: dict[int, None] = {}
    for part in re.split(r"\s*(?:[,;&]|and)\s*", numbers):
        span = _RANGE.fullmatch(part)
        low, high = (int(span[1][:9]), int(span[2][:9])) if span else (int(part[:9]), int(part[:9]))
        wide = not 0 <= high - low <= _WIDEST_RANGE
        found.update(dict.fromkeys((low, high) if wide else range(low, high + 1)))
    return list(found)


def _in_code(text: str, at: int) -> bool:
    return "`" in text and any(code.start() <= at < code.end() for code in _CODE.finditer(text))


def _supporting(claim: str, question: str, blocks: Sequence[Block], attach: float) -> int | None:
    """The number of the block that holds enough of an uncited claim's words, if one does.

    Of a claim of one or two words every word must be there, beside a word of the question in the same sentence.
    """
    wanted, asked = words(claim), words(question)
    if not wanted:
        return None
    digits = {word for word in wanted if word[0].isdigit()}
    best, number = (0.0, 0), None
    for block in blocks:
        held = words(block.text) | words(block.header)
        share = len(wanted & held) / len(wanted)
        sentence = words(quote(block, claim, question))
        beside = len((wanted | asked) & sentence)
        if share < attach or not digits <= held or (len(wanted) < 3 and (share < 1 or not (asked - wanted) & sentence)):
            continue
        if (share, beside) > best:
            best, number = (share, beside), block.number
    return number


def _with_number(claim: str, number: int) -> str:
    """The claim with a citation before its full stop."""
    body = claim.rstrip()
    stop = len(body.rstrip(".!?…。！？"))
    return f"{body[:stop]} [{number}]{body[stop:]}"


_NONE = Citation(0, Block(0, "", "", ()))
