"""`cascade bench scan`: the scan alone, over as many candidates as are asked for, from a query that is ready.

Knows the rerank stage from outside; knows nothing of retrieval or judgments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cascade.data import Candidates, Rows
from cascade.engine import Engine
from cascade.index.snapshot import Snapshot
from cascade.stages.rerank import Rerank
from eval.intervals import spread
from eval.rows import Finding

WORDS = 12
"""Words of a passage that make a question, where no questions are given."""


def measure(engine: Engine, texts: Sequence[str], width: int, runs: int) -> Finding:
    """Scan the candidates of each question so many times; every scan counts, but for one before the clock starts."""
    rerank = Rerank(engine.snapshot, engine.eyes, engine.config.rerank, select=False)
    random = np.random.default_rng(0)
    seen: list[dict[str, Any]] = []
    for place, text in enumerate(texts):
        given = _candidates(engine, text, width, random)
        if place == 0:
            _scan(engine, rerank, given)
        seen += [{"question": text, **_scan(engine, rerank, given)} for _ in range(runs)]
    per_million = [value["ms"] / max(value["tokens"], 1) * 1e6 for value in seen]
    found = {
        "scan": spread([value["ms"] for value in seen]),
        "ms_per_million_tokens": spread(per_million),
        "candidates": float(np.median([value["candidates"] for value in seen])),
        "tokens": float(np.median([value["tokens"] for value in seen])),
        "bytes": float(np.median([value["bytes"] for value in seen])),
    }
    return Finding({"candidates": width, "questions": len(texts), "runs": runs}, found, seen)


def own_words(snapshot: Snapshot, count: int, seed: int) -> list[str]:
    """Questions of the first words of passages drawn at random."""
    live = np.flatnonzero(np.concatenate(snapshot.live))
    rows = np.random.default_rng(seed).choice(live, min(count, len(live)), replace=False)
    return [" ".join(passage.text.split()[:WORDS]) for passage in snapshot.read(rows)]


def _candidates(engine: Engine, text: str, width: int, random: np.random.Generator) -> Candidates:
    """What retrieval nominates, filled up with other rows at random so that there are `width` where so many exist."""
    query = engine.query(text)
    found = engine.retrieve(engine.config.effort).run(query)
    rows = _filled(engine.snapshot, found.rows, width, random)
    unknown = np.full(len(rows), np.nan, dtype=np.float32)
    return Candidates(query, found.vector, rows, unknown, unknown)


def _filled(snapshot: Snapshot, rows: Rows, width: int, random: np.random.Generator) -> Rows:
    if len(rows) >= width:
        return np.sort(random.choice(rows, width, replace=False))
    others = np.setdiff1d(np.flatnonzero(np.concatenate(snapshot.live)), rows)
    more = random.choice(others, min(width - len(rows), len(others)), replace=False)
    return np.sort(np.concatenate([rows, more]))


def _scan(engine: Engine, rerank: Rerank, given: Candidates) -> dict[str, float]:
    given.query.ledger.entries.clear()
    rerank.run(given)
    entry = next(entry for entry in given.query.ledger.entries if entry.name == "scan")
    tokens = (entry.bytes - len(given) * engine.snapshot.built.dim) // 2
    return {"ms": entry.ms, "candidates": len(given), "tokens": tokens, "bytes": entry.bytes}
