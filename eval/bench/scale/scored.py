"""Every candidate of every question with the score it is ranked by, in a process of their own.

A ranking shows the best few hundred. Where most of these are documents of a labelled set, they say next to nothing of
the haystack; and links of a chain are raised into it by a score of their own. So what ranks and what raises is kept for
all candidates, and worked out for what is looked for and was not nominated, as if it had been. Knows the engine from
outside, through the stages that it makes; knows nothing of which record belongs to the haystack.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from cascade.data import CEILING, Candidates, Floats, Query, Rows
from cascade.engine import Engine
from cascade.index import vectors
from cascade.index.fusion import circumstances
from cascade.index.probe import Probe
from cascade.index.scan import SCANNED, Feature
from cascade.stages.base import Chain
from cascade.stages.rerank import Rerank, Scored
from cascade.stages.selecting import led
from eval.bench.scale.asking import Task, opened, said
from eval.bench.scale.questions import Asked, read

SCORES: Final = "scores.npz"
IDS: Final = "ids"


class Scores(NamedTuple):
    """One question. All candidates: `rows`, int64 (n,); `fused`, the score of the ranking before links are raised; and
    `led`, by which links are chosen, NaN for what stands too high to be one: float32 (n,). What is looked for: `links`,
    rows, int64 (m,), `link_of`, the record of each, and both scores, float32 (m,), NaN for a row of a record of which
    others were nominated. `raised`: of the first 117, how many are links from further down. `room`: links at most."""

    rows: Rows
    fused: Floats
    led: Floats
    links: Rows
    link_of: NDArray[np.int64]
    link_fused: Floats
    link_led: Floats
    raised: NDArray[np.int64]
    room: NDArray[np.int64]


def main(raw: str) -> None:
    """Do a task of `asking`, given as JSON: `scores.npz` is there when all is done."""
    task = Task(**json.loads(raw))
    engine = opened(task)
    asked = read(Path(task.questions))
    held: dict[str, NDArray[Any]] = {IDS: np.array([question.id for question in asked])}
    for number, question in enumerate(said("scoring", asked)):
        held |= {f"{name}{number}": column for name, column in one(engine, question)._asdict().items()}
    engine.close()
    aside = Path(task.out) / f"half-{SCORES}"
    np.savez(aside, **cast(dict[str, Any], held))
    aside.replace(Path(task.out) / SCORES)


def kept(out: Path) -> dict[str, Scores]:
    """What was kept, by the ids of questions."""
    with np.load(out / SCORES) as held:
        names = held[IDS].tolist()
        return {
            name: Scores(*(held[f"{field}{number}"] for field in Scores._fields)) for number, name in enumerate(names)
        }


def one(engine: Engine, question: Asked) -> Scores:
    """Ask a question up to where links are raised."""
    query = engine.query(question.text, history=question.history)
    stages = engine.ranking(CEILING, query.effort)
    if not (isinstance(stages, Chain) and isinstance(stages.second, Rerank)):
        raise TypeError(f"{stages!r} does not end with Rerank.")
    rerank = stages.second
    given, scored = rerank.read(stages.first.run(query))
    records = [engine.snapshot.rows_of(bytes.fromhex(record)) for record in question.records]
    links = np.concatenate([np.empty(0, np.int64), *records])
    of = np.repeat(np.arange(len(records)), [len(rows) for rows in records])
    return _scores(rerank, query, given, scored, links, of)


def _scores(
    rerank: Rerank, query: Query, given: Candidates, scored: Scored, links: Rows, of: NDArray[np.int64]
) -> Scores:  # fmt: skip
    """What ranks and what raises, of candidates, and of what is looked for where no row of its record is one."""
    outside = links[~np.isin(of, of[np.isin(links, scored.rows)])]
    probe, count = rerank.probe(query.sought, given.vector), len(scored.rows)
    rows = np.concatenate([scored.rows, outside])
    features = np.concatenate([scored.features, _outside(rerank, probe, scored, outside)])
    told = circumstances(scored.features, probe.sight.words.idf, probe.foreign)
    fused = rerank.eyes.fusion.scores(features, told, probe.legible)
    drawn = led(fused, features, rerank.config, features[:, Feature.BRIDGE])
    place = np.empty(count, dtype=np.int64)
    place[vectors.first(fused[:count], count)] = np.arange(count)
    order = np.argsort(rows, kind="stable")
    at = order[np.minimum(np.searchsorted(rows, links, sorter=order), len(rows) - 1)]
    own = rows[at] == links
    high = place < rerank.config.first + rerank.config.links // 2  # where links go, on average
    raised = place[vectors.first(scored.scores, CEILING)] >= CEILING
    return Scores(
        scored.rows, fused[:count], np.where(high, np.float32(np.nan), drawn[:count]), links, of,
        np.where(own, fused[at], np.float32(np.nan)), np.where(own, drawn[at], np.float32(np.nan)),
        np.array(raised.sum()), np.array(rerank.config.links),
    )  # fmt: skip


def _outside(rerank: Rerank, probe: Probe, scored: Scored, rows: Rows) -> Floats:
    """Features of rows that are no candidates, float32 (m, features): of feedback, as much as the mean candidate's."""
    out = np.zeros((len(rows), len(Feature)), dtype=np.float32)
    if len(rows):
        out[:, :SCANNED], _ = rerank.snapshot.scan(rows, probe)
        out[:, Feature.ECHO] = scored.features[:, Feature.ECHO].mean()
    return out
