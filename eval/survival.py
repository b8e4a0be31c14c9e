"""One question through the engine, with what became of each thing its answer needs: ranks, margins, and who lost it.

The engine's own path is run, never one like it: its ranking of 117 for the scores and the times, and its packing with
the ledger following the relevant passages for the fates. Knows the engine from outside; knows no suite and no judgment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import CEILING, Candidates, Context, Floats, Passage, Query, Ranking
from cascade.engine import Engine
from cascade.index.snapshot import Snapshot
from cascade.ledger import Ledger
from eval.intervals import Interval, spread, wilson

STAGES = ("dense", "lexical", "retrieved", "reranked", "packed")
"""Where something relevant may still be: nominated by vectors, by words, among the candidates, the 117, the window."""

BLAMED = {"retrieved": "retrieve", "reranked": "rerank", "packed": "pack"}
"""The stage that lost what has got so far and no further."""

DEEP = 2 * CEILING
"""Passages ranked, so that 117 documents are among them where some have several passages."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something relevant: its key, and the rows and ids of the passages that hold it. Any of them will do."""

    key: str
    rows: tuple[int, ...]
    passages: tuple[str, ...]


class Place(NamedTuple):
    """A rank, from 1, and the score there less the last score of the 117."""

    rank: int
    margin: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One question, followed: the ranking before anything is left out, the window, and what became of each link."""

    ranking: Ranking
    context: Context
    links: list[dict[str, Any]]
    ms: dict[str, float]
    bytes: int

    @property
    def kept(self) -> dict[str, bool]:
        """For each stage, whether everything relevant was there. Empty where nothing is relevant."""
        return {stage: all(link["kept"][stage] for link in self.links) for stage in STAGES} if self.links else {}


def follow(engine: Engine, ask: Callable[..., Query], links: Sequence[Link]) -> Seen:
    """Ask a question: `ask` makes it, with what it is given besides. Once for the ranking, once for the window.

    The ledger follows what the ranking does not show; what it shows needs no following, and that takes time.
    """
    query = ask()
    ranking = engine.ranking(DEEP, query.effort).run(query)
    placed = places(ranking)
    traced = ask(trace=traces([link for link in links if not placed.keys() & set(link.passages)]))
    context = engine.packing(traced).run(traced)
    spent = sum(entry.bytes for entry in query.ledger.entries)
    return Seen(ranking, context, facts(engine.snapshot, context, links, placed), times(query.ledger), spent)


def traces(links: Sequence[Link]) -> tuple[str, ...]:
    """The passages to follow."""
    return tuple(dict.fromkeys(passage for link in links for passage in link.passages))


def places(ranking: Ranking) -> dict[str, Place]:
    """The rank of each passage and its margin to the last of 117, as the ledger tells them: equals share a rank."""
    if not ranking.ranked:
        return {}
    last = ranking.ranked[:CEILING][-1].score
    firsts: dict[float, int] = {}
    for one in ranking.ranked:
        firsts.setdefault(one.score, one.rank)
    return {one.passage.id: Place(firsts[one.score], one.score - last) for one in ranking.ranked}


def facts(
    snapshot: Snapshot, context: Context, links: Sequence[Link], placed: Mapping[str, Place] | None = None
) -> list[dict[str, Any]]:
    """For each link: its ranks, its margin, where it was kept, and the stage to blame where it was not.

    `placed`: what is known of ranks besides what the ledger of the context tells.
    """
    read = dict(placed or {})
    for fate in context.query.ledger.fates:
        if fate.stage == "rerank" and fate.rank is not None and fate.margin is not None:
            read.setdefault(fate.passage, Place(fate.rank, fate.margin))
    packed = {passage.id for passage in context.passages}
    candidates = context.ranking.candidates
    return [{**fact(candidates, link, read, packed), **where(snapshot, link)} for link in links]


def fact(candidates: Candidates, link: Link, read: Mapping[str, Place], packed: set[str]) -> dict[str, Any]:
    """What became of one link; the best of its passages counts."""
    best = min((read[passage] for passage in link.passages if passage in read), default=None)
    dense, lexical = (nominated(candidates, scores, link.rows) for scores in (candidates.dense, candidates.lexical))
    kept = {
        "dense": dense is not None,
        "lexical": lexical is not None,
        "retrieved": best is not None or bool(len(_held(candidates, link.rows))),
        "reranked": best is not None and best.rank <= CEILING,
        "packed": bool(packed & set(link.passages)),
    }
    return {
        "key": link.key,
        "dense": dense,
        "lexical": lexical,
        "rank": best.rank if best else None,
        "margin": best.margin if best else None,
        "kept": kept,
        "blame": next((blamed for stage, blamed in BLAMED.items() if not kept[stage]), None),
    }


def nominated(candidates: Candidates, scores: Floats, rows: Sequence[int]) -> int | None:
    """The best rank, from 1, of some rows by these scores; None where none of them has one."""
    own = scores[_held(candidates, rows)]
    own = own[~np.isnan(own)]
    return int((scores > own.max()).sum()) + 1 if len(own) else None


def _held(candidates: Candidates, rows: Sequence[int]) -> NDArray[np.int64]:
    """Where those of some rows stand that are candidates."""
    wanted = np.asarray(rows, dtype=np.int64)
    at = np.minimum(np.searchsorted(candidates.rows, wanted), len(candidates.rows) - 1)
    return at[candidates.rows[at] == wanted] if len(candidates.rows) else at[:0]


def where(snapshot: Snapshot, link: Link) -> dict[str, Any]:
    """The segment that the first passage of a link lies in, and how many passages share its inverted list."""
    if not link.rows:
        return {"segment": None, "list_size": None}
    number, _, local = next(snapshot.split(np.array(link.rows[:1])))
    segment = snapshot.segments[number]
    if segment.codes is None:
        return {"segment": segment.entry.name, "list_size": None}
    generation = segment.entry.generation
    home = int(np.searchsorted(segment.codes.offsets, local[0], side="right")) - 1
    return {"segment": segment.entry.name, "list_size": int(snapshot.sizes[generation][home])}


def times(ledger: Ledger) -> dict[str, float]:
    """Milliseconds by stage, in order; `total` is their sum."""
    found: dict[str, float] = {}
    for entry in ledger.entries:
        found[entry.name] = found.get(entry.name, 0.0) + entry.ms
    return {**{name: round(ms, 3) for name, ms in found.items()}, "total": round(sum(found.values()), 3)}


def spreads(queries: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Median and 95th percentile of each stage's milliseconds."""
    names = dict.fromkeys(name for query in queries for name in query["ms"])
    found = {name: spread([query["ms"][name] for query in queries if name in query["ms"]]) for name in names}
    return {name: [value.median, value.p95] for name, value in found.items()}


def shares(queries: Sequence[Mapping[str, Any]]) -> dict[str, Interval]:
    """For each stage, the share of questions that had everything relevant there; of those that have anything."""
    asked = [query["kept"] for query in queries if query["kept"]]
    names = dict.fromkeys(stage for kept in asked for stage in kept)
    return {stage: wilson(sum(bool(kept.get(stage)) for kept in asked), len(asked)) for stage in names}


def blame(links: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How often each stage lost something relevant."""
    return dict(Counter(link["blame"] for link in links if link["blame"]))


def own(passages: Sequence[Passage]) -> list[str]:
    """The records of some passages, by key, each once, in order."""
    return list(dict.fromkeys(passage.key for passage in passages))
