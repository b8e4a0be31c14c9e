"""How much of the conversation before a question is looked for with it: what `--history` chooses.

Knows turns of text; knows nothing of retrieval.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eval.datasets import Question


class History(StrEnum):
    """`engine`: as the engine does by itself. The others are put in front of the question as text, and it gets none."""

    ENGINE = "engine"
    NONE = "none"
    LAST = "last"
    USERS = "users"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the engine is given: the text and the history."""

    text: str
    history: tuple[str, ...] = ()


def asked(question: Question, how: History) -> Asked:
    """The question with none, the last, or all of the person's turns before it, or with all turns, each on a line."""
    if how is History.ENGINE:
        return Asked(question.text, question.history)
    turns = [turn.partition(":") for turn in question.history]
    said = [text.strip() for who, _, text in turns if who.strip().lower() in {"user", "human"}]
    before = {
        History.NONE: [],
        History.LAST: said[-1:],
        History.USERS: said,
        History.ALL: [text.strip() or who for who, _, text in turns],
    }[how]
    return Asked("\n".join([*before, question.text]))
