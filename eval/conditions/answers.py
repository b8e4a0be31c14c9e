"""Answers: the illusion, measured. The cascade, the same reader with the right passages alone, and the same reader with
its window filled from the whole corpus without retrieval.

Graded by a rule and not by a model; the rule is tried on answers known to be right and wrong in the same run.
Knows needles, answers and grades; knows nothing of suites.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from cascade.data import Answer, Candidates, Ranked, Ranking, Rows
from cascade.stages.generate import Generate
from eval import controls, grade
from eval.citing import citations
from eval.field import Field
from eval.intervals import bootstrap, wilson
from eval.needles.needle import Needle
from eval.survival import facts, shares, times, traces
from eval.work import Detail

CASCADE, ALONE, FILLED = "cascade", "passage alone", "window filled"

DRAWN = 2_000
"""Passages drawn for a window: more than any small reader holds."""


class Answers(Field):
    """The needles of one class, asked for and answered."""

    @cached_property
    def settings(self) -> dict[str, Any]:
        """With the number of needles."""
        return {name: value for name, value in super().settings.items() if name != "depth"}

    def one(self, at: int) -> Detail:
        """Ask for one needle in each way, and grade what is said."""
        needle, engine = self.needles[at], self.engine
        links = self.links(needle)
        answer = engine.ask(needle.question, trace=traces(links))
        said = {CASCADE: answer}
        if links:
            alone = np.array([row for link in links for row in link.rows[:1]], dtype=np.int64)
            said[ALONE] = self._given(needle, alone)
        said[FILLED] = self._given(needle, self._drawn(at))
        precision, recall = citations(answer, needle.relevant)
        right = {name: grade.right(one.text, needle.answers, needle.rivals) for name, one in said.items()}
        followed = facts(engine.snapshot, answer.context, links)
        return {
            "_id": needle.key,
            "question": needle.question,
            "answers": list(needle.answers),
            "said": {name: one.text for name, one in said.items()},
            "right": right,
            "abstained": answer.abstained,
            "kept": {**_kept(followed), "answered": right[CASCADE]} if links else {},
            "links": followed,
            "cited": recall == 1.0,
            "citations": {"precision": precision, "recall": recall},
            "ms": times(answer.query.ledger),
            "tokens": _tokens(answer),
        }

    def _drawn(self, at: int) -> Rows:
        """Rows of the whole corpus in an order drawn for this needle: it has the chance of any passage."""
        live = np.flatnonzero(np.concatenate(self.engine.snapshot.live))
        rows: Rows = np.random.default_rng((self.task.seed, at)).permutation(live)[:DRAWN]
        return rows

    def _given(self, needle: Needle, rows: Rows) -> Answer:
        """The same reader, prompt and packing, with these passages instead of a ranking."""
        engine = self.engine
        query = engine.query(needle.question)
        nothing = np.full(len(rows), np.nan, dtype=np.float32)
        vector = np.zeros(engine.snapshot.built.dim, dtype=np.float32)
        passages = zip(rows.tolist(), engine.snapshot.read(rows), strict=True)
        ranked = tuple(Ranked(rank, row, 0.0, 1.0, passage) for rank, (row, passage) in enumerate(passages, 1))
        ranking = Ranking(query, Candidates(query, vector, rows, nothing, nothing), ranked)
        return (engine.pack() >> Generate(engine.reader, engine.config.generate)).run(ranking)

    def summary(self, found: Sequence[Detail]) -> dict[str, Any]:
        """Accuracy in each way, abstention, citations, what the grader is worth, cost, and survival by stage."""
        names = dict.fromkeys(name for one in found for name in one["right"])
        given = [one for one in found if one["links"]]
        absent = [one for one in found if not one["answers"]]
        present = [one for one in found if one["answers"]]
        tried = controls.controls(self.needles, grade.right)
        return {
            "accuracy": {name: _share([one["right"][name] for one in found if name in one["right"]]) for name in names},
            "abstention": {
                name: _share([one["abstained"] for one in of])
                for name, of in (("right", absent), ("wrong", present))
                if of
            },
            "citations": {
                name: bootstrap([[one["citations"][name] for one in given]], self.task.seed)
                for name in ("precision", "recall")
                if given
            },
            "controls": {
                "gold": tried.gold, "vague wrong": tried.vague_wrong, "specific wrong": tried.specific_wrong,
            },
            "cost": _cost(found),
            "stages": shares(found),
        }  # fmt: skip


def _kept(followed: Sequence[dict[str, Any]]) -> dict[str, bool]:
    return {stage: all(link["kept"][stage] for link in followed) for stage in followed[0]["kept"]}


def _share(values: Sequence[bool]) -> tuple[float, float, float]:
    return wilson(sum(values), len(values))


def _tokens(answer: Answer) -> int:
    """What the reader was given and said, in its own tokens."""
    entry = next(entry for entry in answer.query.ledger.entries if entry.name == "generate")
    return int(entry.notes.get("prompt_tokens", 0)) + int(entry.notes.get("answer_tokens", 0))


def _cost(found: Sequence[Detail]) -> dict[str, Any]:
    """What the cascade spent for each right answer; None where none was right."""
    right = sum(one["right"][CASCADE] for one in found)
    if not right:
        return {"tokens_per_correct": None, "ms_per_correct": None}
    stages = dict.fromkeys(stage for one in found for stage in one["ms"])
    spent = {stage: sum(one["ms"].get(stage, 0.0) for one in found) / right for stage in stages}
    return {"tokens_per_correct": sum(one["tokens"] for one in found) / right, "ms_per_correct": spent}
