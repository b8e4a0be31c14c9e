"""`cascade bench quality`: how good rankings are for labelled sets within one index, against baselines in the same run.

Knows questions, rankings and measures; knows nothing of time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cascade.config import RerankConfig, apply
from cascade.data import CEILING, Rows
from cascade.engine import Engine
from eval import measures
from eval.bench.conversation import History, asked
from eval.bench.reading import Read, read
from eval.datasets import Labelled, Question
from eval.documents import Documents
from eval.intervals import Interval, bootstrap
from eval.rows import Finding

MEASURES: Mapping[str, Callable[[Sequence[int], Mapping[int, int]], float]] = {
    "all@117": lambda ranking, relevant: measures.all_at(ranking, relevant, CEILING),
    "ndcg@10": lambda ranking, relevant: measures.ndcg_at(ranking, relevant, 10),
    "recall@117": lambda ranking, relevant: measures.recall_at(ranking, relevant, CEILING),
    "mrr": measures.reciprocal_rank,
}

BASELINE = "rrf"
"""What differences are taken to."""

FEATURES = ("dense", "bm25", "stems", "late", "pairs", "head")
"""The weights of the fusion that are left out one at a time."""

MEAN = "mean of the sets"

Ranker = Callable[[Read], Rows]
Values = dict[str, dict[str, list[float]]]
"""Of one set: for each ranking and measure, the value of each question."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is asked: `questions` of each set, drawn by `seed`; `tried`: further fusions by name."""

    questions: int = 100
    seed: int = 0
    history: History = History.ENGINE
    tried: Mapping[str, RerankConfig] | None = None


def measure(engine: Engine, sets: Sequence[Labelled], setup: Setup) -> list[Finding]:
    """One finding a set, and one for their mean; `summary` maps ranking and measure to value, interval, difference."""
    documents = Documents(engine.snapshot, sets)
    rankers = rankings(engine.config.rerank, setup.tried or {})
    findings, values = [], []
    for one in sets:
        details = [_judge(engine, documents, one, question, setup, rankers) for question in _drawn(one, setup)]
        values.append({name: {m: [d[name][m] for d in details] for m in MEASURES} for name in rankers})
        kept = [float(d["kept"]) for d in details]
        settings = {"set": one.name, "questions": len(details), "history": setup.history.value}
        summary = {"kept": bootstrap([kept], setup.seed), **_summary(values[-1:], setup.seed)}
        findings.append(Finding(settings, summary, details))
    if len(sets) > 1:
        settings = {"set": MEAN, "questions": sum(len(f.queries) for f in findings), "history": setup.history.value}
        kept_of = [[float(query["kept"]) for query in found.queries] for found in findings]
        findings.append(Finding(settings, {"kept": bootstrap(kept_of, setup.seed), **_summary(values, setup.seed)}))
    return findings


def rankings(config: RerankConfig, tried: Mapping[str, RerankConfig]) -> dict[str, Ranker]:
    """The baselines, the fusion as set, that fusion without each of its features, and what else is tried."""
    found: dict[str, Ranker] = {
        "bm25": lambda seen: seen.bm25,
        "dense": lambda seen: seen.dense,
        "rrf": lambda seen: seen.rrf,
        "cascade": lambda seen: seen.fused(config),
    }
    less = {f"without {name}": apply(config, {name: 0.0}, name) for name in FEATURES}
    for name, other in {**less, **tried}.items():
        found[name] = lambda seen, other=other: seen.fused(other)  # type: ignore[misc]
    return found


def _drawn(one: Labelled, setup: Setup) -> tuple[Question, ...]:
    return one.sample(setup.questions, setup.seed)


def _judge(
    engine: Engine, documents: Documents, one: Labelled, question: Question, setup: Setup, rankers: Mapping[str, Ranker]
) -> dict[str, Any]:
    """What each ranking is worth for one question, and whether every relevant document is a candidate."""
    seen = read(engine, engine.retrieve(engine.config.effort), asked(question, setup.history))
    relevant = documents.named(one.name, question.relevant)
    own = documents.itself(one.name, question)
    nominated = set(documents.of_row[seen.candidates.rows].tolist())
    detail: dict[str, Any] = {
        "_id": question.id,
        "relevant": len(relevant),
        "candidates": len(seen.candidates),
        "kept": float(relevant.keys() <= nominated),
    }
    for name, ranker in rankers.items():
        ranking = [document for document in documents.ranked(ranker(seen)) if document != own]
        detail[name] = {measure: value(ranking, relevant) for measure, value in MEASURES.items()}
        if name == "cascade":
            place = {document: rank for rank, document in enumerate(ranking, 1)}
            detail["ranks"] = {
                key: place.get(document) for key, document in zip(question.relevant, relevant, strict=True)
            }
    return detail


def _summary(values: Sequence[Values], seed: int) -> dict[str, Any]:
    """For each ranking: each measure's mean with its interval, and its paired difference to the baseline."""
    found: dict[str, Any] = {}
    for name in values[0]:
        found[name] = {}
        for measure in MEASURES:
            groups = [of_set[name][measure] for of_set in values]
            base = [of_set[BASELINE][measure] for of_set in values]
            found[name][measure] = {
                "mean": bootstrap(groups, seed),
                "difference": _difference(groups, base, seed),
            }
    return found


def _difference(groups: Sequence[Sequence[float]], base: Sequence[Sequence[float]], seed: int) -> Interval:
    return bootstrap([[x - y for x, y in zip(g, b, strict=True)] for g, b in zip(groups, base, strict=True)], seed)
