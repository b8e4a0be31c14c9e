"""Labelled sets: what the cascade's ranking is worth against baselines in the same run, and who lost what.

Documents are judged, passages are followed: several passages of one document count once, at the rank of the best, and
a document survives where any of its passages does. Knows questions, rankings and measures; knows nothing of suites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any

import numpy as np

from cascade.data import CEILING, Rows
from cascade.engine import Engine
from cascade.errors import NotFound
from cascade.stages.selecting import stop
from eval.bench.conversation import History, asked
from eval.bench.quality import MEASURES
from eval.bench.reading import Read, nearest, read
from eval.datasets import Question, drawn
from eval.intervals import Interval, bootstrap
from eval.survival import STAGES, Link, Seen, blame, follow, shares, spreads
from eval.wordings import Wording, reworded
from eval.work import Detail, Task

OURS = "cascade"
"""What differences are taken from."""

FOLLOWED = 16
"""Passages of one document that are followed at most."""

NEAREST = 1_000
"""Rows ranked by vectors alone: enough for 117 documents of several passages."""

ENOUGH = (0.8, 0.9, 0.95, 0.98, 1.0)
"""Shares of the relevance expected in the 117 at which the stop rule is tried."""

BINS = 10
"""Equal parts of 0..1 that relevance is compared with judgments in."""


class Sets:
    """The questions of one labelled set."""

    def __init__(self, task: Task) -> None:
        self.task = task
        sets, name = task.ground.sets, task.settings["set"]
        if name not in sets:
            raise NotFound(
                f"The corpus {task.condition.corpus.name} has no set {name!r}. There are: {', '.join(sets)}."
            )
        self.name = name
        begins = task.settings["begins"]
        chosen = [question for question in sets[name].questions if question.id.startswith(begins)]
        most = task.at_most(task.settings["questions"] or len(chosen))
        if task.settings["wording"] not in list(Wording):
            raise NotFound(
                f"There is no wording {task.settings['wording']!r}. There are: {', '.join(filter(None, Wording))}."
            )
        self.questions: Sequence[Question] = drawn(chosen, most, task.seed)

    def __enter__(self) -> Sets:
        root = self.task.index()
        self.documents = self.task.ground.documents(root)
        self.engine: Engine = self.task.open(root)
        self.questions = reworded(
            self.questions, Wording(self.task.settings["wording"]), self.engine.snapshot.occurrences, self.task.seed
        )
        names = [name.strip() for name in self.task.settings["peers"].split(",") if name.strip()]
        self.peers = self.task.ground.rivals(root, names, self.task.settings["scorer"]) if names else {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()

    @property
    def settings(self) -> dict[str, Any]:
        """With the number of questions that are asked; what `begins` picks is a language where nothing else is said."""
        said = self.task.measured(self.engine)
        kind = said["kind_of_query"] or said["wording"]
        labels = {"kind_of_query": kind, "language": said["language"] or ("" if kind else said["begins"].strip("-"))}
        return {**said, **labels, "questions": len(self.questions)}

    @property
    def ids(self) -> Sequence[str]:
        """As the set names them."""
        return [question.id for question in self.questions]

    def one(self, at: int) -> Detail:
        """Rank, judge and follow one question."""
        question, engine = self.questions[at], self.engine
        keys = self.documents.keys[self.name]
        numbers = {key: keys.get(key, -1 - place) for place, key in enumerate(question.relevant)}
        relevant = {number: question.relevant[key] for key, number in numbers.items()}
        links = self._links(numbers)
        given = asked(question, History.ENGINE)
        seen = follow(engine, partial(engine.query, given.text, history=given.history), links)
        other = read(engine, engine.retrieve(engine.config.effort), given)
        own = self.documents.itself(self.name, question)
        ranked = {OURS: self._documents(_rows(seen), own)}
        ranked |= {name: self._documents(rows, own) for name, rows in self._baselines(other, question).items()}
        return {
            "_id": question.id,
            "relevant": len(relevant),
            "kept": int(all(link["kept"]["retrieved"] for link in seen.links)),
            "systems": {
                name: {measure: value(ranking, relevant) for measure, value in MEASURES.items()}
                for name, ranking in ranked.items()
            },
            "passages": [_told(link) for link in seen.links],
            "calibration": self._bins(seen, relevant),
            "stop": self._stops(seen, relevant),
            "ms": seen.ms,
        }

    def _baselines(self, other: Read, question: Question) -> dict[str, Rows]:
        """What else one could have ranked by, from what the same index holds."""
        snapshot, config = self.engine.snapshot, self.engine.config.rerank
        found = {
            "bm25": other.bm25,
            "dense": nearest(snapshot, other.candidates.vector, NEAREST),
            "rrf": other.rrf,
            "hand-set": other.fused(config),
        }
        return found | {name: peer.search(question.text) for name, peer in self.peers.items()}

    def _documents(self, rows: Rows, own: int | None) -> list[int]:
        return [document for document in self.documents.ranked(rows) if document != own][:CEILING]

    def _links(self, numbers: Mapping[str, int]) -> list[Link]:
        """The passages of each relevant document, by its key."""
        rows = {key: self.documents.rows(number)[:FOLLOWED] for key, number in numbers.items()}
        whole = np.concatenate([*rows.values(), np.empty(0, np.int64)])
        ids = {row: one.id for row, one in zip(whole.tolist(), self.engine.snapshot.read(whole), strict=True)}
        return [Link(key, tuple(of.tolist()), tuple(ids[row] for row in of.tolist())) for key, of in rows.items()]

    def _bins(self, seen: Seen, relevant: Mapping[int, int]) -> list[list[float]]:
        """How often each degree of relevance was said, its sum, and how often a judge agreed."""
        bins = [[0, 0.0, 0] for _ in range(BINS)]
        for one in seen.ranking.ranked[:CEILING]:
            held = bins[min(BINS - 1, int(one.relevance * BINS))]
            held[0] += 1
            held[1] += float(one.relevance)
            held[2] += int(self.documents.of_row[one.row]) in relevant
        return bins

    def _stops(self, seen: Seen, relevant: Mapping[int, int]) -> list[list[float]]:
        """For each share of ENOUGH: passages sent, whether every relevant document is among them, and what share is."""
        ranked = seen.ranking.ranked[:CEILING]
        relevance = np.array([one.relevance for one in ranked], np.float32)
        found = []
        for enough in ENOUGH:
            sent = stop(relevance, enough)
            there = {int(self.documents.of_row[one.row]) for one in ranked[:sent]} & relevant.keys()
            found.append([sent, float(len(there) == len(relevant)), len(there) / len(relevant)])
        return found

    def summary(self, found: Sequence[Detail]) -> dict[str, Any]:
        """Every measure of every system with its interval, what survives each stage, and what it took."""
        passages = [passage for one in found for passage in one["passages"]]
        return {
            **compared([found], self.task.seed),
            **_followed(passages),
            "calibration": _calibration(found),
            "stop": _stopped([found]),
            "latency_ms": spreads(found),
        }


def mean(groups: Sequence[Sequence[Detail]], seed: int) -> dict[str, Any]:
    """The mean of several sets, each of which counts the same, whatever the number of its questions."""
    whole = [one for group in groups for one in group]
    passages = [passage for one in whole for passage in one["passages"]]
    told = {"calibration": _calibration(whole), "stop": _stopped(groups)}
    return {**compared(groups, seed), **_followed(passages), **told}


def _stopped(groups: Sequence[Sequence[Detail]]) -> list[dict[str, float]]:
    """What the stop rule sends and keeps at each share, every set counting the same."""
    names = ("sent", "all", "recall")
    means = [
        [float(np.mean([np.mean([one["stop"][at][part] for one in group]) for group in groups])) for part in range(3)]
        for at in range(len(ENOUGH))
    ]
    return [{"enough": enough, **dict(zip(names, of, strict=True))} for enough, of in zip(ENOUGH, means, strict=True)]


def compared(groups: Sequence[Sequence[Detail]], seed: int) -> dict[str, Any]:
    """The systems' measures, the cascade's paired difference to each of the others, and what was kept."""
    names = [name for name in groups[0][0]["systems"] if all(name in one["systems"] for g in groups for one in g)]
    values = {
        name: {measure: [[one["systems"][name][measure] for one in group] for group in groups] for measure in MEASURES}
        for name in names
    }
    return {
        "systems": {name: {measure: bootstrap(of, seed) for measure, of in by.items()} for name, by in values.items()},
        "differences": {
            name: {measure: _difference(values[OURS][measure], of, seed) for measure, of in by.items()}
            for name, by in values.items()
            if name != OURS
        },
        "kept": bootstrap([[float(one["kept"]) for one in group] for group in groups], seed),
    }


def _told(link: Detail) -> Detail:
    """A link as a row has it: ranks where it was nominated, and whether it was there further on."""
    kept = link["kept"]
    return {
        **{k: v for k, v in link.items() if k != "kept"},
        **{s: kept[s] for s in ("retrieved", "reranked", "packed")},
    }


def _followed(passages: Sequence[Detail]) -> dict[str, Any]:
    """What share of relevant documents is there after each stage, and who lost the others."""
    return {"stages": shares([{"kept": _kept(passage)} for passage in passages]), "blame": blame(passages)}


def _kept(passage: Mapping[str, Any]) -> dict[str, bool]:
    return {stage: passage[stage] not in (None, False) for stage in STAGES}


def _difference(ours: Sequence[Sequence[float]], other: Sequence[Sequence[float]], seed: int) -> Interval:
    return bootstrap([[x - y for x, y in zip(a, b, strict=True)] for a, b in zip(ours, other, strict=True)], seed)


def _calibration(found: Sequence[Detail]) -> list[dict[str, float]]:
    """For each part of 0..1 that was said at all: what was said on average, and how often it was so."""
    sums = [[sum(one["calibration"][at][part] for one in found) for part in range(3)] for at in range(BINS)]
    return [{"said": said / n, "true": true / n, "n": int(n)} for n, said, true in sums if n]


def _rows(seen: Seen) -> Rows:
    return np.array([one.row for one in seen.ranking.ranked], dtype=np.int64)
