"""Where what is looked for stands among distractors of its question: by vectors, by words, by the ranking's own score.

Distractors are of two kinds: those that are there at every size (the records of the labelled sets and the other planted
ones), and the haystack that grows. Only the second kind gets more, so both are counted apart. Knows snapshots and
arrays; knows nothing of other sizes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cascade.data import CEILING, WIDTH, Floats, Rows
from cascade.index import files
from cascade.index.numbered import Mask
from cascade.index.snapshot import Snapshot
from eval.bench.scale.asking import ANSWERS, ARRAYS
from eval.bench.scale.exactly import Nearest, Places, Target, nearest

STANDINGS: Final = "standings.json"
KEPT: Final = 400
"""Scores of a tail that are kept."""
RULES: Final = ("dense", "lexical", "fused")


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
    """

    id: str
    kind: str
    links: tuple[Mapping[str, Stand | None], ...]
    tails: Mapping[str, tuple[float, ...]]
    kept: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Standings:
    """All questions at one size. `grown`, `fixed`: passages of each kind. `budgets`: by rule, how many places count.
    `caught`: of what stands exactly within the vectors' budget, the share that was nominated by them.
    """

    grown: int
    fixed: int
    budgets: Mapping[str, int]
    caught: float
    questions: tuple[Standing, ...]


def look(
    root: Path, out: Path, names: Sequence[str], told: Callable[[int], None] = lambda _: None
) -> tuple[Standings, list[dict[str, Any]]]:  # fmt: skip
    """Compare what `asking` wrote into `out` with the exact nearest of the index at `root`.

    `names`: sources that are the same at every size. Returns the standings, kept in `out` too, and for each question
    the shares of the exact nearest 117 and 30,000 that are among its candidates.
    """
    said, arrays = json.loads((out / ANSWERS).read_text("utf-8")), np.load(out / ARRAYS)
    snapshot = Snapshot(root)
    masks = [_of(snapshot, number, names) for number in range(len(snapshot.segments))]
    targets = [
        Target(question, row) for question in range(len(said["queries"])) for row in arrays[f"links{question}"].tolist()
    ]
    keep = min(WIDTH, len(snapshot))
    exact, places = nearest(snapshot, arrays["vectors"], keep, targets, masks, told)
    fixed = np.concatenate([np.empty(0, bool), *masks])
    live = np.concatenate([np.empty(0, bool), *snapshot.live])
    snapshot.close()
    of = np.array([target.question for target in targets], dtype=np.int64)
    held = _Held(said["queries"], arrays, exact, places, of, fixed)
    questions = tuple(held.standing(number) for number in range(len(said["queries"])))
    budgets = held.budgets()
    made = Standings(
        int((live & ~fixed).sum()),
        int((live & fixed).sum()),
        budgets,
        _caught(questions, said["queries"], budgets),
        questions,
    )
    files.replace(out / STANDINGS, json.dumps(asdict(made)).encode())
    return made, [held.overlap(number) for number in range(len(questions))]


def read(path: Path) -> Standings:
    """Standings that were kept."""
    said = json.loads(path.read_text("utf-8"))
    questions = tuple(
        Standing(
            one["id"], one["kind"],
            tuple({rule: Stand(**at) if at else None for rule, at in link.items()} for link in one["links"]),
            {rule: tuple(scores) for rule, scores in one["tails"].items()}, one["kept"],
        )
        for one in said["questions"]
    )  # fmt: skip
    return Standings(said["grown"], said["fixed"], said["budgets"], said["caught"], questions)


def exactly(held: Standings) -> list[bool]:
    """Of each question, whether exact search keeps everything it looks for among as many as are candidates."""
    return [
        all((at := link["dense"]) is not None and at.fixed + at.grown < WIDTH for link in one.links)
        for one in held.questions
    ]


@dataclass(frozen=True, slots=True)
class _Held:
    """What was answered, and the exact nearest. `of`: int64 (targets,), the question of each, ascending."""

    queries: Sequence[Mapping[str, Any]]
    arrays: Mapping[str, NDArray[Any]]
    exact: Nearest
    places: Places
    of: NDArray[np.int64]
    fixed: Mask

    def standing(self, number: int) -> Standing:
        query = self.queries[number]
        lexical = _sorted(self.arrays[f"rows{number}"], self.arrays[f"lexical{number}"])
        fused = self.arrays[f"ranked{number}"], self.arrays[f"fused{number}"]
        dense = self.exact.rows[number], self.exact.scores[number]
        whole = int((dense[0] >= 0).sum())
        by_rule = {"dense": (dense[0][:whole], dense[1][:whole]), "lexical": lexical, "fused": fused}
        links = tuple(
            {
                "dense": self._exactly(number, at),
                **{rule: self._among(number, at, *by_rule[rule]) for rule in RULES[1:]},
            }
            for at in range(len(query["links"]))
        )
        tails = {rule: self._tail(*ranked) for rule, ranked in by_rule.items()}
        return Standing(query["_id"], query["class"], links, tails, query["kept"])

    def _exactly(self, number: int, link: int) -> Stand | None:
        """The best of a record's passages by the exact cosine."""
        of = self.arrays[f"link_of{number}"]
        chosen = int(np.searchsorted(self.of, number)) + np.flatnonzero(of == link)
        if not len(chosen):
            return None
        best = chosen[np.argmax(self.places.score[chosen])]
        return Stand(float(self.places.score[best]), int(self.places.fixed[best]), int(self.places.grown[best]))

    def _among(self, number: int, link: int, rows: Rows, scores: Floats) -> Stand | None:
        """The best of a record's passages in a ranking, best first; None where none is in it."""
        own = self.arrays[f"links{number}"][self.arrays[f"link_of{number}"] == link]
        at = np.flatnonzero(np.isin(rows, own))
        if not len(at):
            return None
        above = self.fixed[rows[: at[0]]]
        return Stand(float(scores[at[0]]), int(above.sum()), int((~above).sum()))

    def _tail(self, rows: Rows, scores: Floats) -> tuple[float, ...]:
        grown = ~self.fixed[rows]
        return tuple(float(score) for score in scores[grown][:KEPT])

    def budgets(self) -> dict[str, int]:
        """Places that count by each rule: of the two nominations, how many candidates have a score of it, on median."""
        count = len(self.queries)
        found = {
            rule: int(np.median([int(np.count_nonzero(~np.isnan(self.arrays[f"{rule}{n}"]))) for n in range(count)]))
            for rule in RULES[:2]
        }
        return {**found, "fused": CEILING}

    def overlap(self, number: int) -> dict[str, float]:
        """Shares of the exact nearest that are among the candidates."""
        held = np.isin(self.exact.rows[number], self.arrays[f"rows{number}"])
        known = self.exact.rows[number] >= 0
        return {
            "exact_117": float(held[:CEILING][known[:CEILING]].mean()) if known.any() else 1.0,
            "exact_30000": float(held[known].mean()) if known.any() else 1.0,
        }


def _sorted(rows: Rows, scores: Floats) -> tuple[Rows, Floats]:
    """The rows that have a score, best first."""
    known = np.flatnonzero(~np.isnan(scores))
    order = known[np.argsort(-scores[known], kind="stable")]
    return rows[order], scores[order]


def _of(snapshot: Snapshot, number: int, names: Sequence[str]) -> Mask:
    mask = np.zeros(len(snapshot.segments[number]), dtype=bool)
    for name in names:
        mask[snapshot.catalog.of_source(number, name)] = True
    return mask


def _caught(questions: Sequence[Standing], queries: Sequence[Mapping[str, Any]], budgets: Mapping[str, int]) -> float:
    within = [
        link["kept"]["dense"]
        for standing, query in zip(questions, queries, strict=True)
        for stand, link in zip(standing.links, query["links"], strict=True)
        if (at := stand["dense"]) is not None and at.fixed + at.grown < budgets["dense"]
    ]
    return float(np.mean(within)) if within else 1.0
