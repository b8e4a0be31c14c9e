"""`cascade bench encoding`: questions encoded together, as waiting ones are, beside the same one by one in two threads.

Knows encoders that encode several queries; knows no index.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from cascade.models.minilm import MiniLM
from eval.intervals import spread
from eval.rows import Finding

SIZES = (1, 2, 4, 8, 16)


def measure(texts: Sequence[str], runs: int) -> Finding:
    """Milliseconds a question by how many there are: all together, and one by one. In turn, within one run."""
    encoder = MiniLM()
    encoder.encode_queries(texts[:2])
    seen: list[dict[str, float | int | str]] = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(runs):
            for size in SIZES:
                asked = texts[:size]
                each = {
                    "together": _timed(lambda asked=asked: encoder.encode_queries(asked)),  # type: ignore[misc]
                    "alone": _timed(lambda asked=asked: list(pool.map(encoder.encode_query, asked))),  # type: ignore[misc]
                }
                seen += [{"size": size, "way": way, "ms": ms / size} for way, ms in each.items()]
    summary = {
        str(size): {way: spread([float(one["ms"]) for one in seen if (one["size"], one["way"]) == (size, way)])
                    for way in ("together", "alone")}
        for size in SIZES
    }  # fmt: skip
    return Finding({"runs": runs}, summary, seen)


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000
