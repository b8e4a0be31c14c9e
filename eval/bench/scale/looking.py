"""Looks where everything stands: what was answered, against the exact nearest and against all candidates' scores.

Knows snapshots, and the arrays that `asking` and `scored` keep; knows nothing of other sizes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cascade.data import CEILING, WIDTH, Floats, Rows
from cascade.index.numbered import Mask
from cascade.index.snapshot import Snapshot
from eval.bench.scale import scored
from eval.bench.scale.asking import ANSWERS, ARRAYS
from eval.bench.scale.exactly import Nearest, Places, Target, nearest
from eval.bench.scale.standing import KEPT, STANDINGS, Stand, Standing, Standings, keep

NOMINATING: Final = ("dense", "lexical")
"""Rules that nominate; the others rank."""


def look(
    root: Path, out: Path, names: Sequence[str], told: Callable[[int], None] = lambda _: None
) -> tuple[Standings, list[dict[str, Any]]]:  # fmt: skip
    """Compare what `asking` and `scored` wrote into `out` with the exact nearest of the index at `root`.

    `names`: sources that are the same at every size. Returns the standings, kept in `out` too, and for each question
    the shares of the exact nearest 117 and 30,000 that are among its candidates.
    """
    said, arrays = json.loads((out / ANSWERS).read_text("utf-8")), np.load(out / ARRAYS)
    snapshot = Snapshot(root)
    masks = [_of(snapshot, number, names) for number in range(len(snapshot.segments))]
    targets = [
        Target(question, row) for question in range(len(said["queries"])) for row in arrays[f"links{question}"].tolist()
    ]
    width = min(WIDTH, len(snapshot))
    exact, places = nearest(snapshot, arrays["vectors"], width, targets, masks, told)
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
    made = ranked(made, scored.kept(out), fixed)
    keep(made, out / STANDINGS)
    return made, [held.overlap(number) for number in range(len(questions))]


def deepen(root: Path, out: Path, names: Sequence[str], held: Standings) -> Standings:
    """Standings that were kept before `scored` was there, with what it found; kept."""
    with closing(Snapshot(root)) as snapshot:
        masks = [_of(snapshot, number, names) for number in range(len(snapshot.segments))]
    made = ranked(held, scored.kept(out), np.concatenate([np.empty(0, bool), *masks]))
    keep(made, out / STANDINGS)
    return made


def ranked(held: Standings, scores: Mapping[str, scored.Scores], fixed: Mask) -> Standings:
    """Where everything stands in the ranking and among its links. `fixed`: of all rows, which stay the same."""
    questions = tuple(_ranked(one, scores[one.id], fixed) for one in held.questions)
    room = int(np.median([of.room for of in scores.values()])) if scores else 0
    return replace(held, questions=questions, budgets={**held.budgets, "fused": CEILING, "led": room}, whole=True)


def _ranked(one: Standing, of: scored.Scores, fixed: Mask) -> Standing:
    stays = fixed[of.rows]
    by_rule = {"fused": (of.fused, of.link_fused), "led": (of.led, of.link_led)}
    links = tuple(
        {**link, **{rule: _stand(column, stays, own[of.link_of == at]) for rule, (column, own) in by_rule.items()}}
        for at, link in enumerate(one.links)
    )
    tails = {
        rule: tuple(np.sort(_known(column[~stays]))[::-1][:KEPT].tolist()) for rule, (column, _) in by_rule.items()
    }
    return replace(one, links=links, tails={**one.tails, **tails}, raised=int(of.raised))


def _stand(scores: Floats, stays: Mask, own: Floats) -> Stand | None:
    """Where the best of a record's passages stands; None where none has a score."""
    if not len(known := _known(own)):
        return None
    above = scores > known.max()
    return Stand(float(known.max()), int((above & stays).sum()), int((above & ~stays).sum()))


def _known(scores: Floats) -> Floats:
    return scores[~np.isnan(scores)]


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
        dense = self.exact.rows[number], self.exact.scores[number]
        whole = int((dense[0] >= 0).sum())
        by_rule = {"dense": (dense[0][:whole], dense[1][:whole]), "lexical": lexical}
        links = tuple(
            {"dense": self._exactly(number, at), "lexical": self._among(number, at, *lexical)}
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
        return {
            rule: int(np.median([int(np.count_nonzero(~np.isnan(self.arrays[f"{rule}{n}"]))) for n in range(count)]))
            for rule in NOMINATING
        }

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
