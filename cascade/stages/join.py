"""Ranking -> Ranking: what other indexes find for the same question comes in, by relevance.

Knows rankings and ways to have more of them; knows nothing of indexes or of how they rank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cascade.data import CEILING, Query, Ranking
from cascade.stages.base import Stage


class Join(Stage[Ranking, Ranking]):
    """The best of one ranking and of `others`, at most 117: relevance is calibrated, so it compares between indexes."""

    def __init__(self, others: Sequence[Callable[[Query], Ranking]]) -> None:
        self.others = others

    def run(self, given: Ranking) -> Ranking:
        """All of them in one order. A filter is about the first index alone."""
        query = given.query
        with query.ledger.stage("join", taken=len(given)) as entry:
            quiet = replace(query, filter="", trace=(), ledger=query.ledger.aside())
            found = [given, *(other(quiet) for other in self.others)]
            every = [one for each in found for one in each.ranked]
            every.sort(key=lambda one: (-one.relevance, one.passage.id))
            missing = tuple(said for each in found for said in each.candidates.missing)
            entry.given = min(len(every), CEILING)
            entry.notes["others"] = sum(map(len, found)) - len(given)
        ranked = tuple(replace(one, rank=rank) for rank, one in enumerate(every[:CEILING], 1))
        return replace(given, candidates=replace(given.candidates, missing=missing), ranked=ranked)
