"""The query path as it is asked: encoding, what of the scan a token, a dimension and a row take, feedback, selection.

What stages take is told apart by leaving stages out: processor time of the path with and without each. Only how much
all cores do at once is timed by the clock. Knows the stages from outside; knows nothing of how candidates come about.
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
from cascade.index.bridges import RARE, STARTS
from cascade.index.feedback import listen
from cascade.index.fusion import circumstances
from cascade.index.nominate import Reach
from cascade.index.probe import Probe
from cascade.index.snapshot import Snapshot
from cascade.stages.rerank import Rerank, believed
from cascade.stages.retrieve import Retrieve
from eval.planning.measuring.clock import parts, seconds, worked

WIDTHS = (4_000, 12_000, 30_000)
PIECES = 4
"""Parts of the candidates by length: short and long ones apart, so that rows and tokens can be told apart."""

RUNS = 3
NOBODY = 0
"""How many passages are believed where there is to be no feedback."""


class Asked(NamedTuple):
    """One question at one width: rows and tokens read; ms of processor time of the scan, of feedback (of it, what reads
    every candidate once more, and fuses it anew), and of selection; and of the scan by the clock."""

    rows: int
    tokens: int
    scan: float
    feedback: float
    hear: float
    again: float
    select: float
    clocked: float


def measure(engine: Engine, texts: Sequence[str], words: float, cores: int, quiet: bool) -> dict[str, float]:
    """From questions; the engine must answer with as many threads as there are cores. `words`: of a passage. `quiet`:
    nothing else runs, so that it can be told how much all cores do at once."""
    _ask(engine, texts[0], WIDTHS[-1])
    segments = len(engine.snapshot.segments)
    seen = {width: [_ask(engine, text, width) for text in texts] for width in WIDTHS}
    every, widest = [one for asked in seen.values() for one in asked], seen[WIDTHS[-1]]
    reading = _reading(engine, texts)
    a_row = reading["row_ns"] + engine.snapshot.built.dim * reading["dot_ns"]
    alone = [(one.rows * a_row + one.tokens * reading["token_ns"]) / 1e6 for one in every]
    fuse = [max(0.0, one.scan - reading["ready_ms"] - work) / max(one.rows, 1)
            for one, work in zip(every, alone, strict=True)]  # fmt: skip
    encode = [worked(lambda: engine.encoder.encode_query(text), RUNS) * 1000 for text in texts]  # noqa: B023
    union = [_joining(engine, text) for text in texts]
    links = [_linking(engine, text) for text in texts]
    rest = [one.feedback - one.hear - one.again - link.took * 1000 for one, link in zip(widest, links, strict=True)]
    totals = [a + b + one.scan + one.feedback + one.select for a, b, one in zip(encode, union, widest, strict=True)]
    found = {
        **reading,
        "fuse_ns": float(np.median(fuse)) * 1e6,
        "union_ms": float(np.median(union)),
        "hear_ns": float(np.median([one.hear / max(one.tokens, 1) for one in every])) * 1e6,
        "again_ns": float(np.median([one.again / max(one.rows, 1) for one in every])) * 1e6,
        "link_us": float(np.median([one.took / max(one.words, 1) for one in links])) * 1e6 / segments,
        "link_words": float(np.median([one.words for one in links])) / words,
        "feedback_ms": max(0.0, float(np.median(rest))),
        "encode_ms": float(np.median(encode)),
        "pick_ms": float(np.median([one.select for one in widest])),
        "p95_ratio": float(np.percentile(totals, 95) / np.median(totals)),
    }
    if quiet and cores > 1:
        workers = [one.scan / max(one.clocked, 1e-6) for one in widest]
        found["second_core"] = min(1.0, max(0.0, (float(np.median(workers)) - 1) / (cores - 1)))
    return found


def _ask(engine: Engine, text: str, width: int) -> Asked:
    snapshot, config = engine.snapshot, replace(engine.config.rerank, keep=CEILING)
    query = engine.query(text)
    given = Retrieve(snapshot, engine.encoder, replace(engine.config.retrieve, width=width)).run(query)
    alone = Rerank(snapshot, engine.eyes, replace(config, believed=NOBODY), select=False)
    whole = Rerank(snapshot, engine.eyes, config, select=False)
    scan, read, run = (
        worked(work, RUNS) * 1000
        for work in (lambda: alone.read(given), lambda: whole.read(given), lambda: whole.run(given))
    )
    clocked = seconds(lambda: alone.read(given), RUNS) * 1000
    tokens = int(_lengths(snapshot, given.rows).sum())
    hear, again = _anew(engine, given, alone)
    return Asked(len(given), tokens, scan, max(0.0, read - scan), hear, again, max(0.0, run - read), clocked)


def _anew(engine: Engine, given: Candidates, alone: Rerank) -> tuple[float, float]:
    """What it takes to read all candidates for what the best say, and to fuse them anew, in ms of processor time."""
    snapshot, eyes, scored = engine.snapshot, engine.eyes, alone.read(given)[1]
    probe = alone.probe(given.query.sought, given.vector)
    best, shares = believed(scored, engine.config.rerank)
    echo = listen(snapshot.tokens(best), shares, probe.asked, eyes.statistics)

    def fuse() -> None:
        told = circumstances(scored.features, probe.sight.words.idf, probe.foreign)
        eyes.fusion.scores(scored.features, told, probe.legible)

    return worked(lambda: snapshot.hear(scored.rows, echo), RUNS) * 1000, worked(fuse, RUNS) * 1000


def _joining(engine: Engine, text: str) -> float:
    """What retrieval takes besides encoding and its nominations, in ms of processor time."""
    snapshot, config = engine.snapshot, engine.config.retrieve
    stage, query = Retrieve(snapshot, engine.encoder, config), engine.query(text)
    vector, terms = snapshot.rotate(engine.encoder.encode_query(text)), snapshot.terms(text)
    pieces = (
        lambda: engine.encoder.encode_query(text),
        lambda: snapshot.nominate(vector, None, False, _reach(config)),
        lambda: snapshot.worded(terms, config.lexical, None),
    )
    whole = worked(lambda: stage.run(query), RUNS)
    return max(0.0, whole - sum(worked(piece, RUNS) for piece in pieces)) * 1000


class Linked(NamedTuple):
    """Words of the passages that chains begin at, and seconds of processor time to look them up in all segments."""

    words: int
    took: float


def _linking(engine: Engine, text: str) -> Linked:
    snapshot, query = engine.snapshot, engine.query(text)
    best = engine.ranking(STARTS, query.effort).run(query).ranked
    texts = snapshot.texts(np.array([one.row for one in best], dtype=np.int64))
    asked = snapshot.named(query.sought)
    words = list(dict.fromkeys(word for said in texts for word in snapshot.named(said) if word not in asked))
    return Linked(len(words), worked(lambda: snapshot.holders(words, RARE), RUNS))


def _reach(config: RetrieveConfig) -> Reach:
    return Reach(config.width, config.scanned, config.fewest, config.patience)


def _reading(engine: Engine, texts: Sequence[str]) -> Mapping[str, float]:
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
        ready.append(worked(lambda: rerank.probe(query.sought, given.vector), RUNS))  # noqa: B023
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
    return worked(lambda: snapshot.scan(rows, probe), RUNS)


def _dot(snapshot: Snapshot, given: Candidates) -> float:
    """Seconds a dimension of a candidate's vector."""

    def work() -> None:
        for number, _, local in snapshot.split(given.rows):
            vectors.exact(snapshot.segments[number].mapped_vectors.data, given.vector, local)

    return worked(work, RUNS) / max(1, len(given.rows)) / snapshot.built.dim


def _lengths(snapshot: Snapshot, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many tokens each row has."""
    out = np.zeros(len(rows), dtype=np.int64)
    for number, positions, local in snapshot.split(rows):
        view = snapshot.segments[number].tokens.view(local)
        out[positions] = view.ends - view.begins
    return out
