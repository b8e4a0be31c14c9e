"""What the rounds of questions at one size come to: times by stage, memory, survival by class and stage.

Knows what `asking`, `standing` and `probing` write; measures nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from eval.intervals import bootstrap, spread, wilson
from eval.survival import blame, shares

Row = Mapping[str, Any]
UNTIMED: Final = ("faults", "read_bytes", "touched", "candidates", "codes", "late", "lists", "found", "spread")
"""What a round's rows hold besides milliseconds."""


def sized(
    answers: Row, overlaps: Sequence[Mapping[str, float]], seed: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Summary and queries of one size: `answers` of the process; of each question the shares of the exact nearest that
    were kept, and whether exact search keeps what it looks for."""
    queries = [{**query, **overlap} for query, overlap in zip(answers["queries"], overlaps, strict=True)]
    for name in ("warm", "cold"):
        for query, row in zip(queries, answers[name], strict=False):
            query[name] = row
    summary = {
        "latency": {name: timed(answers[name]) for name in ("warm", "cold") if answers[name]},
        "reading": {name: read(answers[name]) for name in ("warm", "cold") if answers[name]},
        "memory": dict(answers["memory"]),
        "survival": survived(queries),
        **against_exact(queries),
        "blame": blame([link for query in queries for link in query["links"]]),
        **{
            name: bootstrap([[one[name] for one in overlaps]], seed)
            for name in ("exact_117", "exact_30000")
            if overlaps
        },
    }
    return summary, queries


def against_exact(queries: Sequence[Row]) -> dict[str, Any]:
    """The share of questions of which exact search keeps everything in 30,000, and the share of these that we keep."""
    kept = [query["kept"].get("retrieved", False) for query in queries if query["exact_kept"]]
    return {"exact_kept": wilson(len(kept), len(queries)), "of_exact_kept": wilson(sum(kept), len(kept))}


def timed(rows: Sequence[Row]) -> dict[str, Any]:
    """Median and 95th percentile of every time, in milliseconds; `retrieve_and_scan` is what comes before feedback."""
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in UNTIMED]
    found: dict[str, Any] = {name: spread([row.get(name, 0.0) for row in rows]) for name in names}
    if "scan" in names:
        found["retrieve_and_scan"] = spread([row["encode"] + row["retrieve"] + row["scan"] for row in rows])
    return found


def read(rows: Sequence[Row]) -> dict[str, float]:
    """Medians of what a question read and touched."""
    names = [name for name in UNTIMED if rows and name in rows[0]]
    return {name: float(np.median([row.get(name, 0.0) for row in rows])) for name in names}


def survived(queries: Sequence[Row]) -> dict[str, Any]:
    """By class, and for all: the share of questions that kept everything they look for, after each stage."""
    kinds = dict.fromkeys(query["class"] for query in queries)
    by_kind = {kind: shares([query for query in queries if query["class"] == kind]) for kind in kinds}
    return {**by_kind, "all": shares(queries)}


def probed(rounds: Sequence[Row]) -> dict[str, Any]:
    """By codes scanned and round: times and what was read. Rounds of one name are taken together."""
    out: dict[str, Any] = {}
    for scanned in dict.fromkeys(str(one["scanned"]) for one in rounds):
        of = [one for one in rounds if str(one["scanned"]) == scanned]
        by_name = {
            name: [row for one in of if one["round"] == name for row in one["queries"]]
            for name in {one["round"]: 0 for one in of}
        }
        out[scanned] = {name: {**timed(rows), **read(rows)} for name, rows in by_name.items()}
    return out
