"""`cascade bench needles`: made-up facts planted in a copy of an index, asked for one by one, and followed by stage.

The baseline is the same reader with as much of the corpus as fits its window, drawn at random from all of it: the
needle has the chance of any passage. Knows the engine from outside, ingest and grades.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cascade.config import Config
from cascade.data import Candidates, Ranked, Ranking
from cascade.engine import Engine
from cascade.index.layout import LOCK, OWNER
from cascade.index.snapshot import Snapshot
from cascade.models import resolve
from cascade.stages.generate import Generate
from eval.bench.facts import Fact, facts
from eval.grade import right
from eval.intervals import wilson
from eval.rows import Finding
from indexers.ingest import ingest
from indexers.records import Record

SOURCE = "needles of a benchmark"

DRAWN = 2_000
"""Passages drawn for a window: more than any small reader holds."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Facts as a source of records."""

    facts: Sequence[Fact]
    name: str = SOURCE

    def read(self) -> Iterable[Record]:
        """One record a fact."""
        return [Record(self.name, fact.key, fact.text, key=fact.key) for fact in self.facts]


def measure(root: Path, settings: Config, count: int, seed: int, baseline: bool) -> Finding:
    """Plant, ask, grade. The index itself is left as it is. Raises NoIndex."""
    with closing(Snapshot(root)) as snapshot:
        planted = facts(count, seed, lambda name: known(snapshot, name))
        encoder = resolve.encoder(snapshot.built.encoder)
    with copied(root) as copy:
        ingest(copy, [Planted(planted)], encoder)
        with closing(Engine.open(copy, settings, encoder)) as engine:
            asked = [_ask(engine, fact, planted) for fact in planted]
            if baseline:
                random = np.random.default_rng(seed)
                for fact, detail in zip(planted, asked, strict=True):
                    detail["baseline"] = _ask_reader_alone(engine, fact, planted, random)
            passages = len(engine.snapshot)
            reader = engine.reader
    return Finding({"reader": reader.name, "window": reader.window, "needles": count}, _summary(asked, passages), asked)


def known(snapshot: Snapshot, name: str) -> bool:
    """Whether any word of a name occurs in the index."""
    return bool(snapshot.terms(name))


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of an index beside it, gone afterwards. Files are linked where the system can: they never change."""
    with tempfile.TemporaryDirectory(prefix=f".{root.name}-needles-", dir=root.resolve().parent) as folder:
        copy = Path(folder) / root.name
        shutil.copytree(root, copy, copy_function=_link, ignore=shutil.ignore_patterns(LOCK, OWNER))
        yield copy


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _ask(engine: Engine, fact: Fact, planted: Sequence[Fact]) -> dict[str, Any]:
    """Ask for one fact; its fate at each stage, and whether the answer is right."""
    record = Record(SOURCE, fact.key, fact.text, key=fact.key)
    row = engine.snapshot.rows_of(record.id)[:1]
    passage = engine.snapshot.read(row)[0]
    answer = engine.ask(fact.question, trace=(passage.id,))
    fates = {fate.stage: fate for fate in answer.query.ledger.fates}
    return {
        "_id": fact.key,
        "question": fact.question,
        "value": fact.value,
        "answer": answer.text,
        "right": right(answer.text, (fact.value,), _rivals(fact, planted)),
        "kept": {stage: fate.kept for stage, fate in fates.items()},
        "ranks": {stage: fate.rank for stage, fate in fates.items()},
        "cited": any(one.passage.id == passage.id for c in answer.citations for one in c.block.ranked),
        "tokens": answer.context.tokens,
        "stages": [entry.as_json() for entry in answer.query.ledger.entries],
    }


def _ask_reader_alone(
    engine: Engine, fact: Fact, planted: Sequence[Fact], random: np.random.Generator
) -> dict[str, Any]:
    """The same reader, prompt and packing, with passages of the whole corpus in random order instead of a ranking."""
    live = np.flatnonzero(np.concatenate(engine.snapshot.live))
    rows = random.permutation(live)[:DRAWN]
    passages = engine.snapshot.read(rows)
    query = engine.query(fact.question)
    nothing = np.full(len(rows), np.nan, dtype=np.float32)
    vector = np.zeros(engine.snapshot.built.dim, dtype=np.float32)
    ranked = tuple(
        Ranked(rank, int(row), 0.0, 1.0, passage)
        for rank, (row, passage) in enumerate(zip(rows.tolist(), passages, strict=True), 1)
    )
    ranking = Ranking(query, Candidates(query, vector, rows, nothing, nothing), ranked)
    answer = (engine.pack() >> Generate(engine.reader, engine.config.generate)).run(ranking)
    return {
        "answer": answer.text,
        "right": right(answer.text, (fact.value,), _rivals(fact, planted)),
        "tokens": answer.context.tokens,
        "passages": len(answer.context.passages),
    }


def _rivals(fact: Fact, planted: Sequence[Fact]) -> list[str]:
    return [other.value for other in planted if other is not fact]


def _summary(asked: Sequence[dict[str, Any]], passages: int) -> dict[str, Any]:
    stages: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(stage for detail in asked for stage in detail["kept"]):
        stages[name] = _share([detail["kept"].get(name, False) for detail in asked], "kept")
    answers = {"cascade": _share([detail["right"] for detail in asked], "right")}
    if asked and "baseline" in asked[0]:
        answers["reader alone"] = _share([detail["baseline"]["right"] for detail in asked], "right")
    return {"passages": passages, "answers": answers, "stages": stages}


def _share(held: Sequence[bool], name: str) -> dict[str, Any]:
    return {name: sum(held), "asked": len(held), "share": wilson(sum(held), len(held))}
