"""The query path as it is asked: encoding, what of the scan a token, a dimension and a row take, feedback, selection.

Knows the stages from outside, and their ledger; knows nothing of how candidates were nominated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.config import RetrieveConfig
from cascade.data import CEILING, Candidates
from cascade.engine import Engine
from cascade.index import vectors
from cascade.index.nominate import Reach
from cascade.index.probe import Probe
from cascade.index.snapshot import Snapshot
from cascade.stages.rerank import Rerank
from cascade.stages.retrieve import Retrieve
from eval.planning.measuring.clock import parts, seconds, worked

WIDTHS = (4_000, 12_000, 30_000)
PIECES = 4
"""Parts of the candidates by length: short and long ones apart, so that rows and tokens can be told apart."""

WARM = 3
"""Questions before the clock counts."""


class Asked(NamedTuple):
    """One question through the path: milliseconds by stage, and what was read."""

    took: dict[str, float]
    rows: int
    tokens: int

    @property
    def total(self) -> float:
        """All stages."""
        return sum(self.took.values())


def measure(engine: Engine, texts: Sequence[str], cores: int) -> dict[str, float]:
    """From questions; the engine must answer with as many threads as there are cores."""
    for text in texts[:WARM]:
        _ask(engine, text, WIDTHS[-1])
    seen = {width: [_ask(engine, text, width) for text in texts] for width in WIDTHS}
    widest = seen[WIDTHS[-1]]
    reading = _reading(engine, texts)
    workers, fuse = _together(seen, reading, engine.snapshot.built.dim, cores)
    heard = [one for asked in seen.values() for one in asked]
    rest, a_token = parts([(1.0, one.tokens / workers) for one in heard], [one.took["feedback"] for one in heard])
    totals = [one.total for one in widest]
    return {
        **reading,
        "fuse_ns": fuse,
        "union_ms": _joining(engine, texts, [one.took["retrieve"] for one in widest], workers),
        "second_core": (workers - 1) / (cores - 1) if cores > 1 else 1.0,
        "hear_ns": a_token * 1e6,
        "feedback_ms": rest,
        "encode_ms": float(np.median([one.took["encode"] for one in widest])),
        "pick_ms": float(np.median([one.took["select"] for one in widest])),
        "p95_ratio": float(np.percentile(totals, 95) / np.median(totals)),
    }


def _together(
    seen: Mapping[int, Sequence[Asked]], reading: Mapping[str, float], dim: int, cores: int
) -> tuple[float, float]:
    """How many cores' worth of the scan all cores do at once, and what fusing a row takes besides, in ns."""
    amounts, took = [], []
    for one in (one for asked in seen.values() for one in asked):
        a_row = reading["row_ns"] + dim * reading["dot_ns"]
        amounts.append((one.rows, one.rows * a_row + one.tokens * reading["token_ns"]))
        took.append(max((one.took["scan"] - reading["ready_ms"]) * 1e6, 1.0))
    fuse, inverse = parts(amounts, took)
    return min(max(1 / inverse if inverse else float(cores), 1.0), float(cores)), fuse


def _ask(engine: Engine, text: str, width: int) -> Asked:
    query = engine.query(text)
    given = Retrieve(engine.snapshot, engine.encoder, replace(engine.config.retrieve, width=width)).run(query)
    Rerank(engine.snapshot, engine.eyes, replace(engine.config.rerank, keep=CEILING), select=False).run(given)
    took = {entry.name: entry.ms for entry in query.ledger.entries}
    return Asked(took, len(given), int(_lengths(engine.snapshot, given.rows).sum()))


def _joining(engine: Engine, texts: Sequence[str], whole: Sequence[float], workers: float) -> float:
    """What retrieval takes besides its nominations, in ms: `whole` less those, which go on at the same time."""
    snapshot, config = engine.snapshot, engine.config.retrieve
    rest = []
    for text, took in zip(texts, whole, strict=True):
        vector, terms = snapshot.rotate(engine.encoder.encode_query(text)), snapshot.terms(text)
        all_of_it, least = (
            seconds(lambda: snapshot.nominate(vector, None, False, reach), 3) * 1000  # noqa: B023
            for reach in (_reach(config), Reach(1, 1, 1))
        )
        words = seconds(lambda: snapshot.worded(terms, config.lexical, None), 3) * 1000  # noqa: B023
        rest.append(took - max(words, all_of_it, (words + least) / workers + all_of_it - least))
    return max(0.0, float(np.median(rest)))


def _reach(config: RetrieveConfig) -> Reach:
    return Reach(config.width, config.scanned, config.fewest, config.patience)


def _reading(engine: Engine, texts: Sequence[str]) -> dict[str, float]:
    """What one row, token and dimension takes, on one core, each question's candidates in parts by length."""
    snapshot = engine.snapshot
    rerank = Rerank(snapshot, engine.eyes, engine.config.rerank)
    amounts: list[tuple[float, float]] = []
    took: list[float] = []
    dots: list[float] = []
    ready: list[float] = []
    for text in texts:
        query = engine.query(text)
        given = Retrieve(snapshot, engine.encoder, engine.config.retrieve).run(query)
        ready.append(worked(lambda: rerank.probe(query.sought, given.vector), 3))  # noqa: B023
        probe = rerank.probe(query.sought, given.vector)
        a_dim = _dot(snapshot, given)
        dots.append(a_dim)
        lengths = _lengths(snapshot, given.rows)
        for piece in np.array_split(np.argsort(lengths, kind="stable"), PIECES):
            rows = given.rows[np.sort(piece)]
            whole = _scan(snapshot, rows, probe) - len(rows) * snapshot.built.dim * a_dim
            took.append(max(whole, 1e-6))
            amounts.append((len(rows), float(lengths[piece].sum())))
    a_row, a_token = parts(amounts, took)
    return {
        "row_ns": a_row * 1e9, "token_ns": a_token * 1e9, "dot_ns": float(np.median(dots)) * 1e9,
        "ready_ms": float(np.median(ready)) * 1e3,
    }  # fmt: skip


def _scan(snapshot: Snapshot, rows: NDArray[np.int64], probe: Probe) -> float:
    return worked(lambda: snapshot.scan(rows, probe), 3)


def _dot(snapshot: Snapshot, given: Candidates) -> float:
    """Seconds a dimension of a candidate's vector."""

    def work() -> None:
        for number, _, local in snapshot.split(given.rows):
            vectors.exact(snapshot.segments[number].mapped_vectors.data, given.vector, local)

    return worked(work, 3) / max(1, len(given.rows)) / snapshot.built.dim


def _lengths(snapshot: Snapshot, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many tokens each row has."""
    out = np.zeros(len(rows), dtype=np.int64)
    for number, positions, local in snapshot.split(rows):
        view = snapshot.segments[number].tokens.view(local)
        out[positions] = view.ends - view.begins
    return out
