"""Nomination by vectors: what centroids, codes, lists and candidates cost on one core.

Knows a snapshot's nominations from outside; knows nothing of words or reranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cascade.data import Floats
from cascade.index import vectors, weigh
from cascade.index.coarse import Lists
from cascade.index.codes import NO_MASK
from cascade.index.groups import WIDER
from cascade.index.nominate import Reach
from cascade.index.snapshot import Snapshot
from cascade.index.weigh import Stretches
from eval.planning.measuring.clock import parts, worked

CENTROIDS = (1_024, 4_096, 16_384)
SHARES = (0.05, 0.15, 0.4, 1.0)
"""Of all codes, those that are compared."""

KEPT = (3_000, 30_000)
FEWEST = 8


def measure(root: Path, asked: Sequence[Floats]) -> dict[str, float]:
    """From rotated vectors of questions. The index must have lists."""
    one = Snapshot(root, threads=1)
    try:
        each = {**_centroids(one, asked), **_exact(one, asked), **_kernel(one, asked)}
        return {**each, **_lists(one, asked, each)}
    finally:
        one.close()


def _centroids(snapshot: Snapshot, asked: Sequence[Floats]) -> dict[str, float]:
    """Of lists without groups and with them: a dimension compared, and a list put in order."""
    dim, random = snapshot.built.dim, np.random.default_rng(0)
    flat: list[tuple[float, float, float]] = []
    by_group: list[tuple[float, float, float]] = []
    for count in CENTROIDS:
        centroids = random.standard_normal((count, dim)).astype(np.float32)
        begins = np.linspace(0, count, round(count**0.5) + 1).astype(np.int64)
        for lists, seen in ((Lists(centroids), flat), (Lists(centroids, begins), by_group)):
            for share in (64, 2):
                probes = count // share
                looked = min(count, WIDER * probes)
                for vector in asked[:4]:
                    took = worked(lambda: lists.nearest(vector, probes), 5)  # noqa: B023
                    seen.append((count * dim, probes, took) if seen is flat else (looked * dim, looked, took))
    a_dim, a_probe = parts([one[:2] for one in flat], [one[2] for one in flat])
    of_group, a_list = parts([one[:2] for one in by_group], [one[2] for one in by_group])
    return {
        "coarse_ns": a_dim * 1e9, "probe_ns": a_probe * 1e9, "grouped_ns": (of_group + a_list / dim) * 1e9,
    }  # fmt: skip


def _exact(snapshot: Snapshot, asked: Sequence[Floats]) -> dict[str, float]:
    held = snapshot.segments[0].vectors()
    vectors.exact(held, asked[0])
    took = worked(lambda: vectors.exact(held, asked[0]), 5)
    return {"exact_ns": took / held.size * 1e9}


def _kernel(snapshot: Snapshot, asked: Sequence[Floats]) -> dict[str, float]:
    """Codes alone: a whole segment as one stretch, its estimates and those of them that reach a line."""
    took = []
    for codes in [segment.codes for segment in snapshot.segments if segment.codes is not None][:2]:
        rows = int(codes.offsets[-1])
        whole = Stretches(np.array([0]), np.array([rows]), np.zeros(1, np.float32))
        words = rows * -(-snapshot.built.dim // 64)
        for vector in asked:
            question, counts = weigh.ask(vector), np.zeros(weigh.BINS, dtype=np.int64)
            estimates = codes.weigh(whole, question, NO_MASK, counts)
            line = float(np.sort(estimates)[-max(1, rows // 20)])
            took.append(worked(lambda: codes.weigh(whole, question, NO_MASK, counts), 5) / words)  # noqa: B023
            took[-1] += worked(lambda: weigh.above(whole, estimates, line), 5) / words  # noqa: B023
    return {"code_ns": float(np.median(took)) * 1e9}


def _lists(snapshot: Snapshot, asked: Sequence[Floats], each: dict[str, float]) -> dict[str, float]:
    """Nominations of many sizes, less what their centroids and codes take: lists, candidates, and the rest."""
    dim, total = snapshot.built.dim, len(snapshot)
    count = max(len(lists) for lists in snapshot.lists.values())
    grouped = any(lists.groups is not None for lists in snapshot.lists.values())
    amounts, took, skews = [], [], []
    for vector in asked:
        for share in SHARES:
            for keep in KEPT:
                reach = Reach(min(keep, total), int(total * share), FEWEST)
                found = snapshot.nominate(vector, None, False, reach)
                probed = sum(len(lists) for lists, _ in found.probes.values())
                known = (
                    _coarse(count, probed, dim, (each, grouped)) + found.codes * -(-dim // 64) * each["code_ns"] * 1e-9
                )
                whole = worked(lambda: snapshot.nominate(vector, None, False, reach), 3)  # noqa: B023
                took.append(max(whole - known, 1e-5))
                amounts.append((probed * len(snapshot.segments), len(found.rows), 1.0))
                if share < 1:
                    skews.append(found.codes / total / (probed / count))
    a_list, kept, fixed = parts(amounts, took)
    return {
        "list_us": a_list * 1e6, "keep_ns": kept * 1e9, "nominate_fixed_ms": fixed * 1e3,
        "list_skew": float(np.median(skews)) if skews else 1.0,
    }  # fmt: skip


def _coarse(lists: int, probed: int, dim: int, how: tuple[dict[str, float], bool]) -> float:
    """Seconds that finding the nearest lists takes, by what was measured of it."""
    each, grouped = how
    if grouped:
        return min(lists, WIDER * probed + float(np.sqrt(lists))) * dim * each["grouped_ns"] * 1e-9
    return (lists * dim * each["coarse_ns"] + probed * each["probe_ns"]) * 1e-9
