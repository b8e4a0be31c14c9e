"""What a ranking is worth, for one question: all@k, recall@k, nDCG@k and the reciprocal rank.

Computed by ir-measures, which asks trec_eval; all@k is in no library and is recall@k at 1. Rankings are sequences of
document keys, best first; a repeated key counts once, where it stands first, and takes no second place. Judgments map
keys to gains over 0, and there is at least one. Ties are for whoever ranks: the order given is the order judged.
Knows numbers only.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

from cascade.errors import UsageError

K = TypeVar("K", bound=Hashable)


def all_at(ranking: Sequence[K], relevant: Mapping[K, int], k: int) -> float:
    """1 when every relevant document is among the first `k`, else 0."""
    return float(recall_at(ranking, relevant, k) == 1.0)


def recall_at(ranking: Sequence[K], relevant: Mapping[K, int], k: int) -> float:
    """The share of relevant documents among the first `k`."""
    return _value(_library().R @ k, ranking, relevant, k)


def ndcg_at(ranking: Sequence[K], relevant: Mapping[K, int], k: int) -> float:
    """Discounted gain over the best possible, with linear gains and log2(rank + 1): trec_eval's ndcg_cut, so BEIR's."""
    return _value(_library().nDCG @ k, ranking, relevant, k)


def reciprocal_rank(ranking: Sequence[K], relevant: Mapping[K, int]) -> float:
    """One over the rank of the first relevant document; 0 without one."""
    return _value(_library().RR, ranking, relevant, len(ranking))


def _value(measure: Any, ranking: Sequence[K], relevant: Mapping[K, int], most: int) -> float:
    """One measure by the library. Only what can change it is handed over: nothing after the last relevant document."""
    if not relevant or min(relevant.values()) < 1:
        raise UsageError("A ranking can be judged only by documents with gains over 0. Leave out the others.")
    first = list(dict.fromkeys(ranking))[:most]
    last = max((place for place, key in enumerate(first) if key in relevant), default=-1)
    if last < 0:
        return 0.0
    places = {key: str(place) for place, key in enumerate(first[: last + 1])}
    judged = {places.get(key, f"missing {number}"): gain for number, (key, gain) in enumerate(relevant.items())}
    scores = {name: float(-place) for place, name in enumerate(places.values())}
    (found,) = _library().iter_calc([measure], {"q": judged}, {"q": scores})
    return float(found.value)


def _library() -> Any:
    try:
        import ir_measures
    except ImportError as error:
        raise UsageError(
            "Judging a ranking takes the extra `eval`, which is not installed: pip install 'cascade-retrieval[eval]'."
        ) from error
    return ir_measures
