"""What a fusion learns from: for each question the features of its likeliest candidates, and which are relevant.

Knows an engine, sets and features; knows nothing of how weights are found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Query, Rows
from cascade.engine import Engine
from cascade.index.fusion import circumstances, standardized
from cascade.stages.rerank import Rerank, Scored
from cascade.stages.selecting import linked
from eval.bench.conversation import History, asked
from eval.datasets import Labelled, Question, drawn
from eval.documents import Documents

HARD = 400
"""The likeliest candidates by the fusion of the day: what is relevant must be told from these."""

OTHERS = 100
"""Candidates drawn from the rest."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """One question with the candidates that it is learned from.

    `z`: float32 (n, features), z-scores over all of its candidates. `features`: float32 (n, features), as they are.
    `turn`: float32 (circumstances,). `gains`: float32 (n,), over 0 is relevant. `documents`: int64 (n,), numbers.
    `relevant`: every relevant document and its gain, candidates or not.
    """

    z: Floats
    features: Floats
    turn: Floats
    gains: Floats
    documents: NDArray[np.int64]
    relevant: Mapping[int, int]


Heard = Callable[[str], None]
"""Called after each question with the name of its set."""


def gather(engine: Engine, sets: Sequence[Labelled], most: int, seed: int, heard: Heard) -> dict[str, list[Lesson]]:
    """Lessons of at most so many questions of each set, all in one index."""
    documents = Documents(engine.snapshot, sets)
    found: dict[str, list[Lesson]] = {}
    for one in sets:
        lessons: list[Lesson] = []
        for question in drawn(one.questions, most, seed):
            lessons.append(lesson(engine, documents, one.name, question))
            heard(one.name)
        found[one.name] = lessons
    return found


def lesson(engine: Engine, documents: Documents, name: str, question: Question) -> Lesson:
    """One question asked, and its candidates read, by the engine's own stages."""
    given = asked(question, History.ENGINE)
    query: Query = engine.query(given.text, history=given.history)
    rerank = Rerank(*engine.view, engine.config.rerank, select=False)
    candidates = engine.retrieve(query.effort).run(query)
    probe = rerank.probe(query.sought, candidates.vector)
    _, scored = rerank.read(candidates)
    relevant = documents.named(name, question.relevant)
    numbers = documents.of_row[scored.rows]
    gains = np.array([relevant.get(number, 0) for number in numbers.tolist()], dtype=np.float32)
    chosen = _chosen(scored, gains)
    return Lesson(
        standardized(scored.features)[chosen], scored.features[chosen],
        circumstances(scored.features, probe.sight.words.idf, probe.foreign), gains[chosen], numbers[chosen], relevant,
    )  # fmt: skip


def _chosen(scored: Scored, gains: Floats) -> Rows:
    """The hard ones, all that are relevant, and some others, ascending."""
    order = np.argsort(-scored.scores, kind="stable")
    rest = order[HARD:]
    others = np.random.default_rng(len(order)).choice(rest, min(OTHERS, len(rest)), replace=False)
    return np.unique(np.concatenate([order[:HARD], others, np.flatnonzero(gains > 0)]))


def ranked(lesson: Lesson, scores: Floats, engine: Engine) -> list[int]:
    """Documents in the order of these scores, links raised as the engine raises them, without repeats."""
    config = engine.config.rerank
    raised = linked(scores, lesson.features, config, config.links)
    return list(dict.fromkeys(lesson.documents[np.argsort(-raised, kind="stable")].tolist()))
