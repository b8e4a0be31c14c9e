"""The rows of `cascade bench scale` as tables for a person. Knows what rows hold; computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from eval.intervals import Interval
from eval.tables import between, table

Row = Mapping[str, Any]
STAGES: Final = ("retrieved", "reranked", "packed")
EXACT: Final = {
    "exact_117": "exact 117", "exact_30000": "exact 30,000", "exact_kept": "exact keeps", "of_exact_kept": "of these",
}  # fmt: skip
"""Shares of the exact nearest among the candidates, and of the questions that exact search answers within 30,000."""


def of(rows: Sequence[Row], part: str) -> list[Row]:
    """The rows of one part, by size."""
    found = [row for row in rows if row["settings"].get("part") == part]
    return sorted(found, key=lambda row: row["settings"].get("size", 0))


def told(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What was foretold from all sizes that were measured."""
    found = of(rows, "foretold")
    return list(found[-1]["summary"]["foretold"]) if found else []


def table_of(rows: Sequence[Row]) -> str:
    """Everything, each part under its heading."""
    parts = {
        "Texts": texts(rows), "Building": building(rows), "Questions: median / p95 in ms": latency(rows),
        "Survival": survival(rows), "Generated codes: median / p95 in ms": codes(rows), "Foretold": foretold(rows),
    }  # fmt: skip
    return "\n\n".join(f"{name}\n{said}" for name, said in parts.items() if said)


def texts(rows: Sequence[Row]) -> str:
    """Real, rewoven and woven texts."""
    found = of(rows, "texts")
    if not found:
        return ""
    names = ("words_a_text", "types", "growth", "slope", "idf", "cosine", "bm25", "a_second")
    lots = found[-1]["summary"]
    return table(["", *names], [[lot, *(said[name] for name in names)] for lot, said in lots.items()])


def building(rows: Sequence[Row]) -> str:
    """What it took to build each index."""
    heads = ["passages", "real", "passages/s", "B/passage", "GB", "segments", "lists", "peak MB", "open ms", "ready ms"]
    lines = []
    for row in of(rows, "size"):
        said = row["summary"]
        cost, peak = said["build"], said["build"]["rss_anon_peak"]
        lines.append([
            f"{said['passages']:,}", said.get("real"), cost["passages_per_second"], said["bytes_per_passage"],
            said["bytes"] / 1e9, said["segments"], said["lists"], _mega(peak), said["open_ms"][0], said["ready_ms"][0],
        ])  # fmt: skip
    return table(heads, lines) if lines else ""


def latency(rows: Sequence[Row]) -> str:
    """Times by stage, warm and cold, with memory and bytes read."""
    names = ("encode", "retrieve", "scan", "retrieve_and_scan", "feedback", "select", "whole", "cpu")
    lines = []
    for row in of(rows, "size"):
        said = row["summary"]
        for name, times in said["latency"].items():
            reading = said["reading"][name]
            lines.append([
                f"{said['passages']:,} {name}", *(_pair(times[one]) if one in times else "-" for one in names),
                reading["read_bytes"] / 1e6, reading["faults"], _mega(said["memory"]["rss_anon_peak"]),
            ])  # fmt: skip
    return table(["passages", *names, "MB read", "faults", "peak MB"], lines) if lines else ""


def survival(rows: Sequence[Row]) -> str:
    """Shares of questions that kept everything, by class and stage, and of the exact nearest."""
    lines = []
    for row in of(rows, "size"):
        said = row["summary"]
        exact = [between(Interval(*said[name])) if name in said else "-" for name in EXACT]
        for kind, stages in said["survival"].items():
            kept = [between(Interval(*stages[stage])) if stage in stages else "-" for stage in STAGES]
            lines.append([f"{said['passages']:,} {kind}", *kept, *(exact if kind == "all" else [""] * len(EXACT))])
    return table(["passages, class", *STAGES, *EXACT.values()], lines) if lines else ""


def codes(rows: Sequence[Row]) -> str:
    """Nomination over generated codes."""
    lines = []
    for row in of(rows, "codes"):
        said = row["summary"]
        for scanned, by_name in said["rounds"].items():
            for name, one in by_name.items():
                peak = _mega(said["memory"]["rss_anon_peak"])
                lines.append([
                    f"{said['passages']:,} {name}", int(scanned), one["codes"], one["lists"], _pair(one["ms"]),
                    _pair(one["cpu"]), _pair(one["coarse_ms"]), one["read_bytes"] / 1e6, one["faults"], peak,
                ])  # fmt: skip
    heads = [
        "codes, round",
        "may scan",
        "scanned",
        "lists",
        "retrieve",
        "processor",
        "coarse",
        "MB read",
        "faults",
        "peak MB",
    ]
    return table(heads, lines) if lines else ""


def foretold(rows: Sequence[Row]) -> str:
    """What was foretold, and what was found."""
    lines = []
    for one in told(rows):
        measured, error = (between(Interval(*one[name])) if one[name] else "-" for name in ("measured", "error"))
        lines.append([
            f"{one['kind']} {one['stage']}", f"{one['base']:,}", f"{one['size']:,}", one["way"],
            between(Interval(*one["share"])), measured, error,
        ])  # fmt: skip
    return table(["class, stage", "from", "to", "by", "foretold", "measured", "error"], lines) if lines else ""


def _pair(found: Sequence[float]) -> str:
    return f"{found[0]:,.1f} / {found[1]:,.1f}"


def _mega(size: float | None) -> float | None:
    return None if size is None else size / 1e6
