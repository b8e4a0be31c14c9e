"""Questions to one index in a process of their own: what became of what they look for, the time of each stage, memory.

Three rounds. In the first each question is followed to the window: what it looks for, and where that was lost. By then
the index is warm; in the second the stages are timed, and memory is measured from here on. In the third every page of
the index is dropped before each question.

Run by `eval.bench.scale.run`; knows the engine from outside; knows nothing of how the index was made.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cascade import config
from cascade.data import Query
from cascade.engine import Engine
from cascade.index import files
from eval.bench.scale import cold
from eval.bench.scale.alone import tell
from eval.bench.scale.questions import Asked, read
from eval.machine import Peak
from eval.machine import field as told_by_system
from eval.survival import Link, Seen, follow, times

ANSWERS, ARRAYS = "answers.json", "candidates.npz"

NOTES = ("codes", "late")
"""Of what stages note, what is kept: codes that were compared, and whether words came too late."""

READER = "extractive"
"""Whose window is packed for, unless the settings name another: it takes no memory."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the process is told: an index, a file of questions, a folder to answer into, a settings file or none, and of
    how many questions the index is cold."""

    index: str
    questions: str
    out: str
    config: str = ""
    cold: int = 200


def main(raw: str) -> None:
    """Do a task, given as JSON."""
    task = Task(**json.loads(raw))
    asked = read(Path(task.questions))
    settings = config.load(Path(task.config)) if task.config else replace(config.load(None), reader=READER)
    engine = Engine.open(task.index, settings)
    followed = [one(engine, question) for question in _said("following", asked)]
    rows = [_row(question, seen) for question, (seen, _) in zip(asked, followed, strict=True)]
    _write(Path(task.out), followed)
    del followed  # which serving has no need of
    with Peak() as peak:
        warm = [timed(engine, question) for question in _said("warm", asked)]
        resident = {"rss_anon": told_by_system("RssAnon"), "rss_file": told_by_system("RssFile")}
        root = Path(task.index)
        last = asked[: task.cold] if cold.possible() else []
        chilled = [timed(engine, question, root) for question in _said("cold", last)]
    memory = {"rss_anon_before": peak.before, "rss_anon_peak": peak.anonymous, **resident}
    used = {"retrieve": asdict(engine.config.retrieve), "reader": engine.config.reader}
    said = {"queries": rows, "warm": warm, "cold": chilled, "memory": memory, "settings": used}
    files.replace(Path(task.out) / ANSWERS, json.dumps(said, default=float).encode())
    engine.close()


def one(engine: Engine, question: Asked) -> tuple[Seen, list[Link]]:
    """Follow a question to the window."""
    links = []
    for record in question.records:
        rows = engine.snapshot.rows_of(bytes.fromhex(record))
        names = engine.snapshot.read(rows) if len(rows) else []
        links.append(Link(record, tuple(rows.tolist()), tuple(passage.id for passage in names)))

    def ask(**how: Any) -> Query:
        return engine.query(question.text, history=question.history, **how)

    return follow(engine, ask, links), links


def timed(engine: Engine, question: Asked, root: Path | None = None) -> dict[str, float]:
    """Milliseconds of each stage up to the ranking, of all, and what was read. `root`: drop its pages first."""
    if root is not None:
        cold.forget(root)
    query = engine.query(question.text, history=question.history)
    before, begin, spent = cold.reads(), time.perf_counter(), time.process_time()
    ranking = engine.ranking().run(query)
    whole, worked = (time.perf_counter() - begin) * 1000, (time.process_time() - spent) * 1000
    read_ = cold.reads().since(before)
    notes = {name: entry.notes[name] for entry in query.ledger.entries for name in NOTES if name in entry.notes}
    touched = sum(entry.bytes for entry in query.ledger.entries)
    return {
        **times(query.ledger), "whole": whole, "cpu": worked, "faults": read_.faults, "read_bytes": read_.bytes,
        "touched": touched, "candidates": len(ranking.candidates),
        **{name: float(value) for name, value in notes.items()},
    }  # fmt: skip


def _said(what: str, asked: Sequence[Asked]) -> Iterator[Asked]:
    """The questions, telling whoever listens how far it is."""
    for number, question in enumerate(asked, 1):
        yield question
        tell(what, number, len(asked))


def _row(question: Asked, seen: Seen) -> dict[str, Any]:
    known = {"_id": question.id, "class": question.kind, "set": question.set}
    return {**known, "links": seen.links, "ms": seen.ms, "kept": seen.kept}


def _write(out: Path, followed: Sequence[tuple[Seen, list[Link]]]) -> None:
    """Keep what the survival of other sizes is worked out from: questions as vectors, candidates, fused scores."""
    vectors = [seen.ranking.candidates.vector for seen, _ in followed]
    held: dict[str, Any] = {"vectors": np.array(vectors, dtype=np.float32)}
    for number, (seen, links) in enumerate(followed):
        candidates = seen.ranking.candidates
        held[f"rows{number}"] = candidates.rows
        held[f"dense{number}"], held[f"lexical{number}"] = candidates.dense, candidates.lexical
        held[f"ranked{number}"] = np.array([one.row for one in seen.ranking.ranked], dtype=np.int64)
        held[f"fused{number}"] = np.array([one.score for one in seen.ranking.ranked], dtype=np.float64)
        held[f"links{number}"] = np.array([row for link in links for row in link.rows], dtype=np.int64)
        held[f"link_of{number}"] = np.array([at for at, link in enumerate(links) for _ in link.rows], dtype=np.int64)
    np.savez(out / ARRAYS, **held)
