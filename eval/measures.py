"""What a ranking is worth, for one question: all@k, recall@k, nDCG@k and the reciprocal rank.

Rankings are sequences of document keys without repeats, best first; judgments map keys to gains over 0.
Ours and not a library's because all@k is in none, and these are shorter than a dependency. Knows numbers only.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import log2
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def all_at(ranking: Sequence[K], relevant: Mapping[K, int], k: int) -> float:
    """1 when every relevant document is among the first `k`, else 0."""
    return float(relevant.keys() <= set(ranking[:k]))


def recall_at(ranking: Sequence[K], relevant: Mapping[K, int], k: int) -> float:
    """The share of relevant documents among the first `k`."""
    return len(relevant.keys() & set(ranking[:k])) / len(relevant)


def ndcg_at(ranking: Sequence[K], relevant: Mapping[K, int], k: int) -> float:
    """Discounted gain over the best possible, with linear gains and log2(rank + 1): trec_eval's ndcg_cut, so BEIR's."""
    gained = sum(relevant.get(key, 0) / log2(rank + 1) for rank, key in enumerate(ranking[:k], 1))
    best = sorted(relevant.values(), reverse=True)[:k]
    return gained / sum(gain / log2(rank + 1) for rank, gain in enumerate(best, 1))


def reciprocal_rank(ranking: Sequence[K], relevant: Mapping[K, int]) -> float:
    """One over the rank of the first relevant document; 0 without one."""
    return next((1 / rank for rank, key in enumerate(ranking, 1) if key in relevant), 0.0)
