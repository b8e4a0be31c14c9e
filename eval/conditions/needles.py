"""Needles: of facts planted in a haystack, how many are still there after each stage, and who lost the others.

Needles that are absent or deleted have nothing that could survive; what must not be there is counted instead.
Knows planted records and rankings; knows no answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from cascade.data import CEILING, sure
from eval import measures
from eval.field import Field
from eval.intervals import bootstrap, wilson
from eval.survival import blame, follow, own, shares, spreads
from eval.work import Detail

SCORES = ("all@117", "ndcg@10", "mrr")

FLOORS = (0.1, 0.3, 0.5)
"""Degrees of being sure below which a question may be said to have no answer in the corpus."""


class Needles(Field):
    """The needles of one class at one depth."""

    def one(self, at: int) -> Detail:
        """Ask for one needle and follow what its answer needs."""
        needle, engine = self.needles[at], self.engine
        links = self.links(needle)
        seen = follow(engine, partial(engine.query, needle.question), links)
        ranking = own(seen.ranking.passages)[:CEILING]
        gone = {one.key for one in needle.records if one.deleted}
        return {
            "_id": needle.key,
            "question": needle.question,
            "kept": seen.kept,
            "links": seen.links,
            "returned": bool(gone & set(ranking)),
            "sure": round(sure(seen.ranking.ranked[:CEILING]), 4),
            **scores(ranking, needle.relevant),
            "ms": seen.ms,
            "tokens": seen.context.tokens,
            "bytes": seen.bytes,
        }

    def summary(self, found: Sequence[Detail]) -> dict[str, Any]:
        """Survival by stage, measures of the ranking, blame and cost; `returned`: deleted records that came back."""
        judged = [one for one in found if one["links"]]
        return {
            "stages": shares(found),
            **{name: bootstrap([[one[name] for one in judged]], self.task.seed) for name in SCORES if judged},
            "blame": blame([link for one in found for link in one["links"]]),
            "returned": wilson(sum(one["returned"] for one in found), len(found)),
            "unsure": {str(floor): wilson(sum(one["sure"] < floor for one in found), len(found)) for floor in FLOORS},
            "latency_ms": spreads(found),
            "tokens": float(np.median([one["tokens"] for one in found])),
            "bytes": float(np.median([one["bytes"] for one in found])),
        }


def scores(ranking: Sequence[str], relevant: Sequence[str]) -> dict[str, float]:
    """What a ranking of records is worth; nothing where nothing is relevant."""
    if not relevant:
        return {}
    gains = dict.fromkeys(relevant, 1)
    return {
        "all@117": measures.all_at(ranking, gains, CEILING),
        "ndcg@10": measures.ndcg_at(ranking, gains, 10),
        "mrr": measures.reciprocal_rank(ranking, gains),
    }
