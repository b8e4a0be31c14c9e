"""`cascade bench latency`: the time of each stage, one question at a time and warm, and what survives it.

Survival is the share of the exact nearest 117 that are among the candidates. A latency without its survival does not
count: both come from the same questions in the same run. Settings take turns question by question, so that a busy
spell of the machine falls on all of them alike. Knows the query path from outside; knows nothing of judgments.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import CEILING, Rows
from cascade.engine import Engine
from cascade.errors import UnusableIndex
from cascade.stages.rerank import Rerank
from cascade.stages.retrieve import Retrieve
from eval.bench.reading import exact
from eval.datasets import Question
from eval.intervals import spread
from eval.peers.parts import Part, parts
from eval.rows import Finding

STAGES = ("encode", "retrieve", "scan", "feedback", "select")
WARM = 10
"""Questions asked before the clock counts: compiled loops are loaded and files are in memory."""

Asked = Sequence[tuple[str, Question]]


@dataclass(frozen=True, slots=True)
class Setup:
    """`scanned` and `lexical`: settings to compare, empty for those as set. `cold`: runs in a fresh process."""

    scanned: tuple[int, ...] = ()
    lexical: tuple[int, ...] = ()
    peer: bool = True
    cold: int = 7
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """The query path at one setting."""

    settings: dict[str, Any]
    retrieve: Retrieve
    rerank: Rerank


def measure(engine: Engine, asked: Asked, setup: Setup) -> list[Finding]:
    """One finding a setting, then one a peer, then one for the command line cold."""
    paths = _paths(engine, setup)
    for place, (_, question) in enumerate(asked[:WARM]):
        one(engine, paths[place % len(paths)], question)
    tops = [exact(engine.snapshot, _vector(engine, question), CEILING) for _, question in asked]
    values: list[list[dict[str, Any]]] = [[] for _ in paths]
    for place, (name, question) in enumerate(asked):
        for turn in range(len(paths)):
            at = (place + turn) % len(paths)
            seen = one(engine, paths[at], question)
            survived = float(np.isin(tops[place], seen.pop("rows")).mean()) if len(tops[place]) else 1.0
            values[at].append({"_id": question.id, "set": name, **seen, "survival": survived})
    findings = [Finding(path.settings, summary(seen), seen) for path, seen in zip(paths, values, strict=True)]
    if setup.peer:
        fastest = min(found.summary["total"].median for found in findings)
        findings += [against(engine, asked, tops, peer, fastest) for peer in parts(engine.snapshot, setup.seed)]
    if setup.cold and asked:
        findings.append(cold(engine.snapshot.layout.root, asked[0][1].text, setup.cold))
    return findings


def one(engine: Engine, path: Course, question: Question) -> dict[str, Any]:
    """One question: the candidates' `rows`, their number, and the milliseconds of each stage and in all."""
    query = engine.query(question.text, history=question.history)
    begin = time.perf_counter()
    candidates = path.retrieve.run(query)
    path.rerank.run(candidates)
    total = (time.perf_counter() - begin) * 1000
    took = {entry.name: entry.ms for entry in query.ledger.entries}
    late = any(entry.notes.get("late") for entry in query.ledger.entries)
    return {
        "rows": candidates.rows, "candidates": len(candidates), "late": late,
        **{name: took[name] for name in STAGES}, "total": total,
    }  # fmt: skip


def summary(seen: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Median and p95 of each stage; mean, median and least survival; how often words came too late."""
    survival = [float(value["survival"]) for value in seen]
    return {
        **{name: spread([value[name] for value in seen]) for name in (*STAGES, "total")},
        "retrieve_and_scan": spread([value["encode"] + value["retrieve"] + value["scan"] for value in seen]),
        "all_read": spread([sum(value[name] for name in STAGES[:-1]) for value in seen]),
        "survival_mean": float(np.mean(survival)),
        "survival_least": float(np.min(survival)),
        "candidates": float(np.median([value["candidates"] for value in seen])),
        "late": sum(value["late"] for value in seen),
    }


def against(engine: Engine, asked: Asked, tops: Sequence[Rows], peer: Part, ours: float) -> Finding:
    """A peer on the same questions: its search alone, without query encoding, and what share of the exact top it finds.

    `ratio`: our whole time at the fastest setting over its time.
    """
    seen: list[dict[str, Any]] = []
    for (name, question), top in zip(asked, tops, strict=True):
        vector = _vector(engine, question)
        begin = time.perf_counter()
        rows = peer.search(vector, question.text, CEILING)
        took = (time.perf_counter() - begin) * 1000
        survived = float(np.isin(top, rows).mean()) if len(top) else 1.0
        seen.append({"_id": question.id, "set": name, "total": took, "survival": survived})
    total = spread([value["total"] for value in seen])
    found = {
        "total": total,
        "survival_mean": float(np.mean([value["survival"] for value in seen])),
        "survival_least": float(np.min([value["survival"] for value in seen])),
    }
    return Finding({"peer": peer.name}, {**found, "ratio": ours / max(total.median, 1e-9)}, seen)


def cold(root: Path, text: str, runs: int) -> Finding:
    """`cascade search --json` in a fresh process, from start to exit, in milliseconds."""
    command = [sys.executable, "-c", "from cascade.cli import main; main()", "search", str(root), text, "--json"]
    took = []
    for _ in range(runs):
        begin = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        took.append((time.perf_counter() - begin) * 1000)
        if done.returncode:
            raise UnusableIndex(f"`cascade search` failed in a process of its own: {done.stderr.strip()[-300:]}")
    return Finding({"cold": "cascade search --json"}, {"total": spread(took)}, [{"total": ms} for ms in took])


def _paths(engine: Engine, setup: Setup) -> list[Course]:
    base = engine.config.retrieve
    made = []
    for scanned in setup.scanned or (base.scanned,):
        for lexical in setup.lexical or (base.lexical,):
            config = replace(base, scanned=scanned, lexical=lexical)
            rerank = Rerank(engine.snapshot, engine.eyes, replace(engine.config.rerank, keep=CEILING), select=False)
            settings = {"scanned": scanned, "lexical": lexical}
            made.append(Course(settings, Retrieve(engine.snapshot, engine.encoder, config), rerank))
    return made


def _vector(engine: Engine, question: Question) -> Any:

    text = engine.query(question.text, history=question.history).sought
    return engine.snapshot.rotate(engine.encoder.encode_query(text))
