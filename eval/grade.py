"""Whether an answer is right, decided by the same rule every time and by no model.

It must say every value, as a whole and however it is written (`eval.spelling`), deny none of them and name no rival
unless to deny or dismiss it (`eval.stance`), and it must not abstain (`eval.abstention`). Where there is no value the
right answer is that it is not there. A vague answer holds no value and is wrong.
Not handled: what else an answer makes up beside the value, alternatives that are nobody's rival ("57 or 63").
Knows texts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from cascade.errors import UsageError
from eval.abstention import absent
from eval.plain import plain
from eval.spelling import Span, pattern, said
from eval.stance import Stance, stance


@dataclass(frozen=True, slots=True)
class Grade:
    """Whether an answer is right, and why not: values it lacks, values it denies, rivals it names, an abstention."""

    right: bool
    missing: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    abstained: bool = False


def right(answer: str, values: Sequence[str], rivals: Iterable[str] = ()) -> bool:
    """Whether the answer says every value and no rival, and does not abstain; without values, whether it abstains."""
    return grade(answer, values, rivals).right


def grade(answer: str, values: Sequence[str], rivals: Iterable[str] = ()) -> Grade:
    """The same with reasons. Raises UsageError for one text in place of a sequence of values."""
    if isinstance(values, str):
        raise UsageError(f"The values of an answer are a sequence, but {values!r} is one text. Put it in a tuple.")
    text, gone = plain(answer), absent(answer)
    others = [rival for rival in dict.fromkeys(rivals) if not any(same(rival, value) for value in values)]
    found = _mentions(text, [*values, *others])
    wrong = tuple(rival for rival in others if found[rival] & {Stance.CLAIMED, Stance.ASKED})
    missing = tuple(value for value in values if not found[value] & {Stance.CLAIMED, Stance.BEHIND})
    denied = tuple(value for value in values if Stance.DENIED in found[value])
    fine = not (missing or denied or wrong) and gone == (not values)
    return Grade(fine, missing, denied, wrong, gone)


def says(text: str, value: str) -> bool:
    """Whether a text mentions a value as a whole, whatever it makes of it."""
    return bool(said(plain(text), value))


def same(one: str, other: str) -> bool:
    """Whether two values are spellings of one."""
    spelled = ((one, other), (other, one))
    return plain(one) == plain(other) or any(pattern(a).fullmatch(plain(b).strip()) for a, b in spelled)


def _mentions(text: str, values: Sequence[str]) -> dict[str, set[Stance]]:
    """What the text does with each value. A mention within a longer one of another value is none."""
    spans = {value: said(text, value) for value in values}
    every = list(chain.from_iterable(spans.values()))
    return {
        value: {stance(text, *span) for span in own if not any(_within(span, other) for other in every)}
        for value, own in spans.items()
    }


def _within(span: Span, other: Span) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]
