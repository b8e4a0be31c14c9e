"""The grader graded: answers that are known to be right, vague or wrong, made from needles, and how many it accepts.

A grader that accepts vague answers measures fluency (LoCoMo's judge: 62.8% of them), and one that refuses right answers
in other words measures wording. So each score is printed with the grader's false accept and false reject rates.
Every answer made counts as one trial, though those of one needle are alike: intervals are of answers, not of needles.
Knows questions, values and a grader; knows nothing of how needles are made or who answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple, Protocol

from eval.intervals import Interval, wilson
from eval.rewording import changed, enumerated, respelled, topic

Grader = Callable[[str, Sequence[str], Iterable[str]], bool]
"""Whether an answer is right, given the values it must say and those it must not: `eval.grade.right`."""


class Asked(Protocol):
    """A question with what a right answer says, as needles have it."""

    @property
    def question(self) -> str:
        """What is asked."""
        ...
    @property
    def answers(self) -> Sequence[str]:
        """What is right."""
        ...
    @property
    def rivals(self) -> Sequence[str]:
        """What is wrong, and near."""
        ...


class Sort(StrEnum):
    """The three sorts of control answers."""

    GOLD = "gold"
    VAGUE = "vague wrong"
    SPECIFIC = "specific wrong"


class Control(NamedTuple):
    """One answer of known worth: `wording` names how it was made, `needle` is the place of the question."""

    sort: Sort
    wording: str
    needle: int
    answer: str


GOLD: Final = {
    "bare": "{value}",
    "sentence": "It is {value}.",
    "cited": "According to the passages it is {value} [1].",
    "value first": "{value} is what the passages give as the answer [2][3].",
    "echo": "{question} {value}.",
    "verbose": "The question was about {topic}. Several passages touch on this, and not all of them say as much as one "
    "would like, but the one that settles it names {value}, and there is no doubt about that [4, 7].",
    "bold": "**{value}**",
    "capitals": "IT IS {capitals}!",
    "respelled": "The answer is {respelled}.",
    "explained": "Since the passage says so, the answer must be {value}; nothing else is mentioned.",
}
"""Wordings of a right answer."""

GONE: Final = {
    "told": "The corpus does not contain this.",
    "short": "Not stated.",
    "spoken": "I don't know.",
    "cited": "The passages do not mention {topic} [1].",
    "verbose": "Several passages touch on related matters, but none of them says anything about {topic}.",
    "nothing": "There is no information about this in the passages.",
    "unknown": "Unknown.",
}
"""Wordings of a right answer where the answer is that it is not there."""

VAGUE: Final = (
    "It is a well-known place in the region.",
    "The passage mentions {topic}.",
    "The passage gives the answer in its second sentence [1].",
    "{question} This is described in the passages in some detail [2].",
    "Regarding {topic}, the documents name the one concerned.",
    "It is the one that the passage refers to.",
    "Somebody from the area, as the records of the time show.",
    "The number is given in the passage; it is quite large.",
    "It happened some time ago, when such things were common [1].",
    "As to {topic}: it is what one would expect.",
    "The answer is well documented, and several sources agree on it.",
    "That is a good question. The passages discuss {topic} at length.",
    "A person of some standing in the town.",
    "It is a code made of letters and digits.",
)
"""Answers that are topical and plausible, and hold no value."""

DENIED: Final = (
    *("It is not {value}.", "{value} is wrong.", "It is certainly not {value} [1]."),
    "No passage says that it is {value}.",
)
HEDGED: Final = ("It is {value} or {rival}.", "It may be {value}, or else {rival} [1].", "Either {rival} or {value}.")


@dataclass(frozen=True, slots=True)
class Controls:
    """The shares of control answers that a grader accepted: of gold ones all should be, of others none.

    `wordings`: the same by sort and wording. `mistaken`: what it got wrong.
    """

    gold: Interval
    vague_wrong: Interval
    specific_wrong: Interval
    wordings: dict[Sort, dict[str, Interval]] = field(default_factory=dict)
    mistaken: tuple[Control, ...] = ()

    @property
    def false_reject(self) -> float:
        """The share of right answers that were refused."""
        return 1.0 - self.gold.value


def controls(needles: Sequence[Asked], grade: Grader, seed: int = 0) -> Controls:
    """Grade every control answer of some needles."""
    asked: Counter[tuple[Sort, str]] = Counter()
    accepted: Counter[tuple[Sort, str]] = Counter()
    mistaken = []
    for one in made(needles, seed):
        needle = needles[one.needle]
        right = grade(one.answer, needle.answers, needle.rivals)
        asked[one.sort, one.wording] += 1
        accepted[one.sort, one.wording] += right
        if right != (one.sort is Sort.GOLD):
            mistaken.append(one)
    wordings: dict[Sort, dict[str, Interval]] = {sort: {} for sort in Sort}
    for (sort, wording), trials in asked.items():
        wordings[sort][wording] = wilson(accepted[sort, wording], trials)
    shares = {sort: _share(sort, accepted, asked) for sort in Sort}
    return Controls(shares[Sort.GOLD], shares[Sort.VAGUE], shares[Sort.SPECIFIC], wordings, tuple(mistaken))


def made(needles: Sequence[Asked], seed: int) -> Iterator[Control]:
    """Every control answer, the same for the same seed."""
    for place, needle in enumerate(needles):
        random = Random(f"{seed} {place}")
        yield from _gold(needle, place)
        for wording in VAGUE:
            answer = wording.format(question=needle.question, topic=topic(needle.question))
            yield Control(Sort.VAGUE, wording, place, answer)
        yield from _specific(needles, place, random)


def _gold(needle: Asked, place: int) -> Iterator[Control]:
    value = enumerated(needle.answers)
    words = {
        "value": value,
        "capitals": value.upper(),
        "respelled": enumerated([respelled(one) for one in needle.answers]),
        "question": needle.question,
        "topic": topic(needle.question),
    }
    for name, wording in (GOLD if needle.answers else GONE).items():
        yield Control(Sort.GOLD, name, place, wording.format(**words))


def _specific(needles: Sequence[Asked], place: int, random: Random) -> Iterator[Control]:
    needle = needles[place]

    def control(wording: str, answer: str) -> Control:
        return Control(Sort.SPECIFIC, wording, place, answer)

    for rival in needle.rivals[:3]:
        yield control("rival", f"It is {rival} [1].")
    others = [value for one in needles for value in one.answers if value not in needle.answers]
    if others:
        yield control("another's value", f"It is {random.choice(others)}.")
    if not needle.answers:
        return
    value = enumerated(needle.answers)
    for at, one in enumerate(needle.answers):
        rest = [*needle.answers[:at], *needle.answers[at + 1 :]]
        yield control("one letter changed", f"It is {enumerated([*rest, changed(one, random)])} [1].")
        if rest:
            yield control("one missing", f"They are {enumerated(rest)}.")
    for wording in DENIED:
        yield control("denied", wording.format(value=value))
    for wording in HEDGED if needle.rivals else ():
        yield control("hedged", wording.format(value=value, rival=random.choice(needle.rivals)))


def _share(sort: Sort, accepted: Counter[tuple[Sort, str]], asked: Counter[tuple[Sort, str]]) -> Interval:
    return wilson(*(sum(count for (of, _), count in counts.items() if of is sort) for counts in (accepted, asked)))
