"""What a needle is: a question, the records planted for it, and what a right answer says.

Knows shapes; knows nothing of how a needle is made or planted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"  # a script without blanks: one character counts as a word
    r"|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)


class Kind(StrEnum):
    """The classes of needles."""

    SINGLE = "single"
    MULTI_KEY = "multi-key"
    MULTI_VALUE = "multi-value"
    MULTI_QUERY = "multi-query"
    MULTI_HOP = "multi-hop"
    NO_OVERLAP = "no-overlap"
    NEAR_DUPLICATE = "near-duplicate"
    CONFLICT = "conflict"
    UPDATED = "updated"
    TIME_BOUNDED = "time-bounded"
    IDENTIFIER = "identifier"
    LANGUAGE = "language"
    ABSENT = "absent"
    DELETED = "deleted"
    IN_LONG = "in-long"
    IN_TABLE = "in-table"
    IN_CODE = "in-code"
    IN_MAIL = "in-mail"


@dataclass(frozen=True, slots=True)
class Depth:
    """Where a fact lies.

    `length`: words of its record; 0: a few sentences. `position`: of the fact in its record, 0 start to 1 end; in a
    record of length 0 it is drawn. `insertion`: of the record among the haystack, 0 before it to 1 after it.
    """

    length: int = 0
    position: float = 0.0
    insertion: float = 1.0


@dataclass(frozen=True, slots=True)
class Planted:
    """One record to plant. Two with one key are one thing before and after a change.

    `after`: it is added by a second ingest. `deleted`: it is deleted again after indexing. `span`: the code points of
    the fact in `text`.
    """

    key: str
    text: str
    title: str = ""
    time: str = ""
    after: bool = False
    deleted: bool = False
    span: tuple[int, int] = (0, 0)

    @property
    def fact(self) -> str:
        """The planted words themselves, without what stands around them."""
        return self.text[self.span[0] : self.span[1]]


@dataclass(frozen=True, slots=True)
class Needle:
    """A question over planted records.

    `records`: everything planted for it, distractors included. `relevant`: keys of the records an answer needs, in the
    order of the chain where there is one; none when the fact is absent. `answers`: every one must be said; none when
    the right answer is that it is not there. `rivals`: values that make an answer wrong. `language`: that of the fact;
    `en>de` when an English question is asked of a German fact. `subjects`: the names that the question turns on.
    """

    key: str
    kind: Kind
    question: str
    records: tuple[Planted, ...]
    relevant: tuple[str, ...]
    answers: tuple[str, ...]
    rivals: tuple[str, ...]
    language: str = "en"
    hops: int = 1
    depth: Depth = Depth()
    subjects: tuple[str, ...] = ()


def words(text: str) -> list[str]:
    """The words of a text as lengths count them: between blanks, and each character of a script without blanks."""
    return _WORD.findall(text)
