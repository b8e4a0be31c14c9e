"""What an answer's citations are worth: how many lead to a relevant record, and how many relevant records they lead to.

A citation names a block of passages of one record, so it is right when that record is relevant. Numbers that name
nothing count as citations that are wrong. Knows answers and keys of records; knows nothing of how answers are made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from cascade.data import Answer, Block
from eval.grade import says


class Cited(NamedTuple):
    """Shares from 0 to 1.

    `precision`: of the citations, those that lead to a relevant record; of none, 1 where nothing is relevant, else 0.
    `recall`: of the relevant records, those cited; of none, 1.
    """

    precision: float
    recall: float


def citations(answer: Answer, relevant: Collection[str]) -> Cited:
    """Precision and recall against the keys of the records an answer needs."""
    wanted = set(relevant)
    cited = [_keys(one.block) for one in answer.citations]
    named = len(cited) + len(answer.unknown)
    right = sum(bool(keys & wanted) for keys in cited)
    found = set().union(*cited) & wanted
    precision = right / named if named else float(not wanted)
    return Cited(precision, len(found) / len(wanted) if wanted else 1.0)


def supporting(answer: Answer, values: Sequence[str]) -> tuple[bool, ...]:
    """For each citation, whether what is quoted for it says one of the values; the whole block where nothing is."""
    return tuple(any(says(one.quote or one.block.text, value) for value in values) for one in answer.citations)


def _keys(block: Block) -> set[str]:
    return {one.passage.key for one in block.ranked}
