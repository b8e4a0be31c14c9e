"""The rows of a comparison as pages: tables in Markdown, and a picture of survival against latency.

Knows what rows hold; computes latencies at equal survival, and measures nothing.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.bench.rivals.base import OURS, Comparison
from eval.bench.rivals.reached import Reading, at, frontier
from eval.bench.rivals.resolve import NAMES
from eval.intervals import Interval
from eval.report.drawings import Curves, Line, Panel, Point, Scale

Row = Mapping[str, Any]

TARGETS = (0.90, 0.95, 0.99)
MEGA = 1e6
FAMILIES = {
    "Cascade": OURS, "HNSW": "faiss-hnsw32", "IVF PQ": "faiss-ivf-pqfs", "IVF RaBitQ": "faiss-ivf-rabitq",
    "LanceDB": "lancedb-", "Qdrant": "qdrant-edge",
}  # fmt: skip
"""Lines of the picture, FAISS's by the name of the index: one peer each, or the best of those that begin so."""

NOTE = """\
Survival is the share of the exact nearest 117 (float32, every vector compared) that are among the k rows returned.
Times are milliseconds of one question at a time, warm, median / p95, each engine in a process of its own with {threads}
threads, taking turns by blocks of ten questions. `x` is how many times Cascade's median at the same survival it is.
Between two measured settings the time is interpolated on the frontier of what was measured; a share in brackets is what
the least setting finds where that is more than asked for; `not reached` is said where no setting got there. Processor
time is that of all threads of the engine's process: on a busy machine it says what the clock cannot.
"""


def write(rows: Sequence[Row], folder: Path) -> list[Path]:
    """summary.md, survival.png and rows.jsonl.gz in `folder`. Raises UsageError where pictures cannot be drawn."""
    from eval.report.pictures import draw

    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "rows.jsonl.gz", folder / "summary.md"]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    written[0].write_bytes(gzip.compress(lines.encode(), mtime=0))
    drawing = picture(rows)
    if drawing:
        written.append(folder / "survival.png")
        written[-1].write_bytes(draw(drawing, "peers").png)
    written[1].write_text(summary(rows, bool(drawing)), "utf-8")
    return written


def summary(rows: Sequence[Row], pictured: bool = False) -> str:
    """All tables as Markdown, and under what circumstances they were measured."""
    first = rows[0]
    parts = ["# Cascade beside other engines", NOTE.format(threads=first["settings"]["threads"])]
    if pictured:
        parts.append("![Survival against latency of each engine](survival.png)")
    for size in sorted({row["settings"]["passages"] for row in rows}):
        own = [row for row in rows if row["settings"]["passages"] == size]
        parts += [f"## {size:,} passages", _building(own)]
        for k in sorted({row["settings"]["k"] for row in own if "k" in row["settings"]}):
            some = [row for row in own if row["settings"].get("k") == k]
            parts += _compared(some, k)
    parts += ["## What could not be measured", _refusals(rows), "## Settings, after whose documentation", _pages(rows)]
    return "\n\n".join([*parts, _footing(rows)]) + "\n"


def picture(rows: Sequence[Row]) -> Curves | None:
    """Survival over latency, a panel for each size and k, a line for each family; None where nothing was nominated."""
    own = [row for row in _measured(rows) if row["settings"]["comparison"] == Comparison.NOMINATION]
    panels = []
    for size, k in sorted({(row["settings"]["passages"], row["settings"]["k"]) for row in own}):
        some = [row for row in own if (row["settings"]["passages"], row["settings"]["k"]) == (size, k)]
        panels.append(Panel(f"{size:,} passages, k = {k:,}", tuple(_lines(some))))
    if not panels:
        return None
    return Curves(tuple(panels), "microseconds of one question, median", "survival of the exact top 117", Scale.LOG)


def _lines(rows: Sequence[Row]) -> Iterable[Line]:
    for name, begins in FAMILIES.items():
        some = [row for row in rows if _belongs(row["settings"]["peer"], begins)]
        front = [one for one in frontier(_readings(some, "ms")) if one.survival >= 0.5]
        if front:
            points = [Point(one.median * 1000, Interval(one.survival, float("nan"), float("nan"))) for one in front]
            yield Line(name, tuple(points))


def _belongs(peer: str, begins: str) -> bool:
    return peer == begins or (begins.endswith("-") and peer.startswith(begins))


def _building(rows: Sequence[Row]) -> str:
    built = [row for row in rows if row["settings"]["comparison"] == "build" and "seconds" in row["summary"]]
    asked = {row["settings"]["peer"]: row["summary"] for row in _measured(rows)}
    head = ["engine", "what was built", "build s", "processor s", "disk MB", "build: anonymous MB",
            "build: resident MB", "asked: anonymous MB", "asked: resident MB"]  # fmt: skip
    body = []
    for row in built:
        name, said = row["settings"]["peer"], row["summary"]
        memory = asked.get(name, {})
        facts = ", ".join(f"{key} {value}" if key != "index" else str(value) for key, value in said["facts"].items())
        figures = [said["bytes"], said["rss_anon_peak"], said["rss_peak"], memory.get("rss_anon")]
        times = [f"{said[key]:,.1f}" for key in ("seconds", "cpu_seconds")]
        body.append([name, facts, *times, *(_mega(value) for value in [*figures, memory.get("rss_peak")])])
    return _table(head, body)


def _compared(rows: Sequence[Row], k: int) -> list[str]:
    parts = []
    nominated = [row for row in _measured(rows) if row["settings"]["comparison"] == Comparison.NOMINATION]
    if nominated:
        parts += [f"### Nomination, k = {k:,}: a vector in, rows out", _nominated(nominated, "ms")]
        parts += ["The same by processor time:", _nominated(nominated, "cpu")]
    whole = [row for row in _measured(rows) if row["settings"]["comparison"] == Comparison.RETRIEVAL]
    if whole:
        parts += [f"### Whole retrieval, k = {k:,}: vector and words", _whole(whole)]
    return parts


def _nominated(rows: Sequence[Row], clock: str) -> str:
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row["settings"]["peer"], []).append(row)
    ours = {target: at(_readings(by_name.get(OURS, []), clock), target) for target in TARGETS}
    named = "ms" if clock == "ms" else "processor ms"
    head = ["engine", *(f"{named} at {target:.2f}" for target in TARGETS), "most it kept",
            "ms there", "judged kept there"]  # fmt: skip
    body = []
    for name, own in by_name.items():
        readings = _readings(own, clock)
        best = max(own, key=lambda row: (row["summary"]["survival"], -row["summary"][clock][0]))
        cells = [_cell(at(readings, target), target, ours[target]) for target in TARGETS]
        most = best["summary"]
        body.append([name, *cells, _share(most["survival"]), _ms(most[clock]), _share(most["judged"])])
    return _table(head, body)


def _whole(rows: Sequence[Row]) -> str:
    head = ["engine", "setting", "ms", "processor ms", "judged kept", "survival of the nearest", "rows"]
    body = []
    for row in sorted(rows, key=lambda row: (row["settings"]["peer"], row["summary"]["ms"][0])):
        said = row["summary"]
        setting = ", ".join(f"{key} {value:g}" for key, value in row["settings"]["setting"].items())
        body.append([row["settings"]["peer"], setting, _ms(said["ms"]), _ms(said["cpu"]), _share(said["judged"]),
                     _share(said["survival"]), f"{said['found']:,.0f}"])  # fmt: skip
    return _table(head, body)


def _refusals(rows: Sequence[Row]) -> str:
    said = [
        f"- {row['settings']['peer']}, {row['settings']['passages']:,} passages"
        f"{', k = ' + format(row['settings']['k'], ',') if 'k' in row['settings'] else ''}: {row['summary']['refused']}"
        for row in rows
        if "refused" in row["summary"]
    ]
    left = [name for name in NAMES if name not in {row["settings"]["peer"] for row in rows}]
    said += [f"- not taken in this run: {', '.join(left)}"] if left else []
    return "\n".join(said) or "Nothing: every engine was built and answered."


def _pages(rows: Sequence[Row]) -> str:
    pages = {row["settings"]["peer"]: row["settings"]["page"] for row in rows if row["settings"].get("page")}
    return "\n".join(f"- {name}: {page}" for name, page in pages.items())


def _footing(rows: Sequence[Row]) -> str:
    one = rows[0]
    machine, versions = one["machine"], one["versions"]
    loads = [load for row in rows for load in (row["machine"]["load_before"], row["machine"]["load_after"]) if load]
    busy = f", load {min(loads):.1f} to {max(loads):.1f}" if loads else ""
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    return f"Commit {one['commit']}, {one['date']}, {machine['cpu']}, {machine['cores']} cores{busy}; {listed}."


def _measured(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if "ms" in row["summary"]]


def _readings(rows: Sequence[Row], clock: str) -> list[Reading]:
    """By the clock (`ms`) or by processor time (`cpu`)."""
    return [Reading(row["summary"]["survival"], *row["summary"][clock][:2]) for row in rows]


def _cell(found: Reading | None, target: float, ours: Reading | None) -> str:
    if found is None:
        return "not reached"
    more = f" [{_share(found.survival)}]" if found.survival > target + 0.005 else ""
    ratio = f" ({_times(found.median / ours.median)}x)" if ours else ""
    return f"{_ms((found.median, found.p95))}{more}{ratio}"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 1 else f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"


def _ms(pair: Sequence[float]) -> str:
    median, p95 = pair[0], pair[1]
    digits = 2 if median < 1 else 1
    return f"{median:,.{digits}f} / {p95:,.{digits}f}"


def _share(value: float) -> str:
    text = f"{value:.3f}"
    return text.rstrip("0").removeprefix("0") if text < "1" else "1.0"


def _mega(value: float | None) -> str:
    return "-" if value is None else f"{value / MEGA:,.0f}"


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
