"""Latency: the time of each stage up to the window, one question at a time and warm, with what survives it.

A latency without its survival does not count: both come from the same questions in the same run. Survival is the
share of the exact nearest 117 passages that are among the candidates. Knows the engine from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import numpy as np

from cascade.data import CEILING
from eval import datasets
from eval.bench.reading import exact
from eval.bench.scanning import own_words
from eval.datasets import Question
from eval.survival import spreads, times
from eval.work import Detail, Task

WARM = 10
"""Questions asked before the clock counts: compiled loops are loaded and files are in memory."""


class Latency:
    """Questions of the corpus's sets, or the first words of its passages where it has none."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.count = task.at_most(task.settings["questions"])

    def __enter__(self) -> Latency:
        self.engine = self.task.open(self.task.index())
        drawn = datasets.spread(list(self.task.ground.sets.values()), self.count, self.task.seed)
        self.questions = [question for _, question in drawn] or [
            Question(str(at), text)
            for at, text in enumerate(own_words(self.engine.snapshot, self.count, self.task.seed))
        ]
        for question in self.questions[:WARM]:
            self.engine.context(question.text, history=question.history)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()

    @property
    def settings(self) -> dict[str, Any]:
        """With the number of questions that are asked."""
        return {**self.task.measured(self.engine), "questions": len(self.questions)}

    @property
    def ids(self) -> Sequence[str]:
        """By place, since questions of several sets may have the same id."""
        return [f"{at}" for at in range(len(self.questions))]

    def one(self, at: int) -> Detail:
        """Ask one question, up to the window."""
        question, snapshot = self.questions[at], self.engine.snapshot
        context = self.engine.context(question.text, history=question.history)
        candidates, ledger = context.ranking.candidates, context.query.ledger
        top = exact(snapshot, candidates.vector, CEILING)
        return {
            "_id": self.ids[at],
            "survival": float(np.isin(top, candidates.rows).mean()) if len(top) else 1.0,
            "ms": times(ledger),
            "late": any(entry.notes.get("late") for entry in ledger.entries),
            "tokens": context.tokens,
            "bytes": sum(entry.bytes for entry in ledger.entries),
        }

    def summary(self, found: Sequence[Detail]) -> dict[str, Any]:
        """Median and 95th percentile of each stage, what survived, and how often words came too late."""
        return {
            "stages": spreads(found),
            "survival": float(np.mean([one["survival"] for one in found])),
            "least_survival": float(np.min([one["survival"] for one in found])),
            "late": sum(bool(one["late"]) for one in found),
            "tokens": float(np.median([one["tokens"] for one in found])),
            "bytes": float(np.median([one["bytes"] for one in found])),
        }
