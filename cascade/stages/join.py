"""Ranking -> Ranking: what other indexes find for the same question comes in, by relevance.

Where each index has a quota, none is crowded out: of the first places, however many are counted, each has its share as
long as it has passages. Knows rankings and ways to have more of them; knows nothing of indexes or of how they rank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cascade.data import CEILING, Query, Ranked, Ranking
from cascade.stages.base import Stage


class Join(Stage[Ranking, Ranking]):
    """The best of one ranking and of `others`, at most 117: relevance is calibrated, so it compares between indexes.

    `quota`: the share of the first places, however many, that each of them has at least; 0: relevance alone decides.
    """

    def __init__(self, others: Sequence[Callable[[Query], Ranking]], quota: float = 0.0) -> None:
        self.others, self.quota = others, quota

    def run(self, given: Ranking) -> Ranking:
        """All of them in one order. A filter is about the first index alone."""
        query = given.query
        with query.ledger.stage("join", taken=len(given)) as entry:
            quiet = replace(query, filter="", trace=(), ledger=query.ledger.aside())
            found = [given, *(other(quiet) for other in self.others)]
            every = _merged([each.ranked for each in found], min(self.quota, 1 / len(found)))
            missing = tuple(said for each in found for said in each.candidates.missing)
            entry.given = min(len(every), CEILING)
            entry.notes["others"] = len(every) - len(given)
        ranked = tuple(replace(one, rank=rank) for rank, one in enumerate(every[:CEILING], 1))
        return replace(given, candidates=replace(given.candidates, missing=missing), ranked=ranked)


def _merged(lists: Sequence[Sequence[Ranked]], quota: float) -> list[Ranked]:
    """By relevance, ties by id; a list that has fewer than its share of the places so far goes first.

    A passage that stands in several lists is taken once, for each of them.
    """
    waiting = [sorted(ranked, key=_order, reverse=True) for ranked in lists]
    had = [0] * len(lists)
    out: list[Ranked] = []
    taken: set[str] = set()
    while any(waiting):
        there = [at for at, ranked in enumerate(waiting) if ranked]
        behind = [at for at in there if had[at] + 1 <= quota * (len(out) + 1)]
        at = min(behind or there, key=lambda at: _order(waiting[at][-1]))
        one = waiting[at].pop()
        had[at] += 1
        if one.passage.id not in taken:
            taken.add(one.passage.id)
            out.append(one)
    return out


def _order(one: Ranked) -> tuple[float, str]:
    return -one.relevance, one.passage.id
