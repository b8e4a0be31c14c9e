"""Where what is looked for stands among distractors of its question, by four rules; as it is kept on the disk.

By vectors (`dense`), by words (`lexical`), by the score of the ranking (`fused`), and among the links of a chain that
are raised into the ranking (`led`). Distractors are of two kinds: those that are there at every size (the records of
the labelled sets and the other planted ones), and the haystack that grows. Only the second kind gets more, so both are
counted apart. Knows what is kept; knows no index and nothing of other sizes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from cascade.data import WIDTH
from cascade.index import files

STANDINGS: Final = "standings.json"
KEPT: Final = 400
"""Scores of a tail that are kept."""
RULES: Final = ("dense", "lexical", "fused", "led")


@dataclass(frozen=True, slots=True)
class Stand:
    """One record looked for, under one rule: its score and how many distractors of each kind stand above it."""

    score: float
    fixed: int
    grown: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One question at one size. `links`: for each record looked for, by rule, where it stands (None: not seen by the
    rule). `tails`: by rule the highest scores of the haystack that grows. `kept`: whether all was there, by stage.
    `raised`: of the 117, how many were raised from further down, and so take the place of as many by the score.
    """

    id: str
    kind: str
    links: tuple[Mapping[str, Stand | None], ...]
    tails: Mapping[str, tuple[float, ...]]
    kept: Mapping[str, bool]
    raised: int = 0


@dataclass(frozen=True, slots=True)
class Standings:
    """All questions at one size. `grown`, `fixed`: passages of each kind. `budgets`: by rule, how many places count.
    `caught`: of what stands exactly within the vectors' budget, the share that was nominated by them. `whole`: whether
    the ranking was looked at in all candidates; before, it was in the best 234, and there are no links.
    """

    grown: int
    fixed: int
    budgets: Mapping[str, int]
    caught: float
    questions: tuple[Standing, ...]
    whole: bool = False


def read(path: Path) -> Standings:
    """Standings that were kept."""
    said = json.loads(path.read_text("utf-8"))
    questions = tuple(
        Standing(
            one["id"], one["kind"],
            tuple({rule: Stand(**at) if at else None for rule, at in link.items()} for link in one["links"]),
            {rule: tuple(scores) for rule, scores in one["tails"].items()}, one["kept"], one.get("raised", 0),
        )
        for one in said["questions"]
    )  # fmt: skip
    return Standings(said["grown"], said["fixed"], said["budgets"], said["caught"], questions, said.get("whole", False))


def keep(held: Standings, path: Path) -> None:
    """Keep standings, in one step."""
    files.replace(path, json.dumps(asdict(held)).encode())


def exactly(held: Standings) -> list[bool]:
    """Of each question, whether exact search keeps everything it looks for among as many as are candidates."""
    return [
        all((at := link["dense"]) is not None and at.fixed + at.grown < WIDTH for link in one.links)
        for one in held.questions
    ]
