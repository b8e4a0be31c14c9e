"""Pictures of growth and survival, and a page with them and the tables. Knows rows, drawings and Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cascade.errors import UsageError
from eval.bench.scale import growth, shown
from eval.bench.scale.foretold import STAGES
from eval.intervals import Interval
from eval.report import pictures
from eval.report.drawings import Curves, Line, Panel, Point, Scale
from eval.report.values import short

Row = Mapping[str, Any]
TIMED = ("encode", "retrieve", "scan", "feedback", "select", "whole")
DRAWN = TIMED[1:]
"""Stages in the picture: the time to encode a question does not depend on the size."""
SERIES = 6
"""Lines that can be told apart."""
SUMMARY = "summary.md"
SLOPES = (
    "Slopes of logarithm against logarithm: 0 is a constant, 1 in proportion to the size. Intervals of times are "
    "bootstraps over questions, those of single figures the least and the greatest step."
)

TOLD = (
    "What is foretold is more of the haystack that it is foretold from. Where one index holds real texts alone and "
    "another mostly woven ones, the error holds that difference as well; intervals are bootstraps over questions."
)


def write(rows: Sequence[Row], out: Path, seed: int = 0) -> list[Path]:
    """Write summary.md and its pictures, PNG and SVG. Raises UsageError where `out` is a file or matplotlib lacks."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file. Name a folder: --out FOLDER.")
    sizes, codes = shown.of(rows, "size"), shown.of(rows, "codes")
    drawn = {
        name: drawing
        for name, drawing in (
            ("latency", latency(sizes, codes)), ("bytes", stored(sizes)), ("memory", memory(sizes, codes)),
            ("survival", survival(rows)),
        )
        if drawing is not None
    }  # fmt: skip
    made = {name: pictures.draw(drawing, name) for name, drawing in drawn.items()}
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, picture in made.items():
        (out / f"{name}.png").write_bytes(picture.png)
        (out / f"{name}.svg").write_text(picture.svg, "utf-8")
        written += [out / f"{name}.png", out / f"{name}.svg"]
    (out / SUMMARY).write_text(_page(rows, slopes(sizes, codes, seed), list(made)), "utf-8")
    return [*written, out / SUMMARY]


def slopes(sizes: Sequence[Row], codes: Sequence[Row], seed: int) -> dict[str, Interval]:
    """How each figure grows with size (see `growth`), where two sizes were measured."""
    found: dict[str, Interval] = {}
    if len(sizes) > 1:
        places = [row["summary"]["passages"] for row in sizes]
        for name in TIMED:
            samples = [[query["warm"].get(name, 0.0) for query in row["queries"]] for row in sizes]
            found[f"{name}, warm, ms"] = growth.slope(places, samples, seed)
        found["processor time of a question, warm"] = growth.slope(
            places, [[query["warm"]["cpu"] for query in row["queries"]] for row in sizes], seed
        )
        for name, figure in FIGURES.items():
            found[name] = growth.between(places, [figure(row) for row in sizes])
    if len(codes) > 1:
        places = [row["summary"]["passages"] for row in codes]
        least = min(codes[0]["summary"]["rounds"], key=int)
        samples = [_codes(row, least, "warm") for row in codes]
        found["retrieve over generated codes, warm, ms"] = growth.slope(places, samples, seed)
    return found


FIGURES: dict[str, Callable[[Row], float]] = {
    "bytes on disk": lambda row: float(row["summary"]["bytes"]),
    "seconds to build": lambda row: float(row["summary"]["build"]["seconds"]),
    "anonymous memory while asking": lambda row: float(row["summary"]["memory"]["rss_anon_peak"] or 0),
}


def latency(sizes: Sequence[Row], codes: Sequence[Row]) -> Curves | None:
    """Median times against passages, log-log: a panel warm, a panel cold."""
    panels = []
    for name in ("warm", "cold"):
        lines = [
            Line(
                stage,
                tuple(_point(row, row["summary"]["latency"][name][stage]) for row in sizes if _has(row, name, stage)),
            )
            for stage in DRAWN
        ]
        made = [(row, min(row["summary"]["rounds"], key=int)) for row in codes]
        points = [
            _point(row, row["summary"]["rounds"][least][name]["ms"])
            for row, least in made
            if name in row["summary"]["rounds"][least]
        ]
        lines.append(Line("codes", tuple(points)))
        panels.append(Panel(name, tuple(line for line in lines if line.points)))
    kept = tuple(panel for panel in panels if panel.lines)
    return Curves(kept, "passages", "median ms", y=Scale.LOG, shares=False) if kept else None


def stored(sizes: Sequence[Row]) -> Curves | None:
    """Bytes of the largest kinds against passages, log-log."""
    last: Mapping[str, int] = sizes[-1]["summary"]["bytes_by_kind"] if sizes else {}
    lines = tuple(
        Line(kind, tuple(_at(row, row["summary"]["bytes_by_kind"][kind]) for row in sizes if _holds(row, kind)))
        for kind in sorted(last, key=lambda kind: -last[kind])[:SERIES]
    )
    return Curves((Panel("", lines),), "passages", "bytes", y=Scale.LOG, shares=False) if sizes else None


def memory(sizes: Sequence[Row], codes: Sequence[Row]) -> Curves | None:
    """Anonymous memory against passages, log-log."""
    found = {"index": sizes, "generated codes": codes}
    lines = [
        Line(name, tuple(_at(row, row["summary"]["memory"]["rss_anon_peak"] or 1) for row in rows))
        for name, rows in found.items()
        if rows
    ]
    return (
        Curves((Panel("", tuple(lines)),), "passages", "bytes of anonymous memory", y=Scale.LOG, shares=False)
        if lines
        else None
    )


def survival(rows: Sequence[Row]) -> Curves | None:
    """What was measured and what was foretold from the largest size, by class, a panel a stage."""
    told = shown.told(rows)
    if not told:
        return None
    largest = max(one["base"] for one in told)
    panels = []
    for stage in STAGES:
        lines = []
        for kind in dict.fromkeys(one["kind"] for one in told):
            points = [
                Point(row["summary"]["passages"], Interval(*row["summary"]["survival"][kind][stage]))
                for row in shown.of(rows, "size") if kind in row["summary"]["survival"]
            ]  # fmt: skip
            beyond = [one for one in told if (one["base"], one["kind"], one["stage"]) == (largest, kind, stage)]
            points += [Point(one["size"], Interval(*one["share"])) for one in beyond if one["size"] > largest]
            lines.append(Line(kind, tuple(points)))
        panels.append(Panel(f"{stage}; beyond {short(largest)} foretold", tuple(lines)))
    return Curves(tuple(panels), "passages", "share that kept everything")


def _page(rows: Sequence[Row], found: Mapping[str, Interval], drawn: Sequence[str]) -> str:
    last = rows[-1] if rows else {}
    where = f"Commit {last.get('commit', '')}, {last.get('date', '')}, {last.get('machine', {}).get('cpu', '')}."
    steep = "\n".join(f"| {name} | {one.value:.2f} | {one.low:.2f} to {one.high:.2f} |" for name, one in found.items())
    parts = [f"# What size costs\n\nMade by `cascade bench scale`. {where}"]
    if steep:
        parts.append(f"{SLOPES}\n\n| figure | slope | interval |\n|---|---|---|\n{steep}")
    parts += [f"![{name}]({name}.png)" for name in drawn]
    parts.append(f"```\n{shown.table_of(rows)}\n```")
    if shown.told(rows):
        parts.append(TOLD)
    return "\n\n".join(parts) + "\n"


def _codes(row: Row, scanned: str, name: str) -> list[float]:
    return [one["ms"] for one in row["queries"] if str(one["scanned"]) == scanned and one["round"] == name]


def _holds(row: Row, kind: str) -> bool:
    return bool(row["summary"]["bytes_by_kind"].get(kind))


def _has(row: Row, name: str, stage: str) -> bool:
    return stage in row["summary"]["latency"].get(name, {})


def _point(row: Row, found: Sequence[float]) -> Point:
    return _at(row, found[0])


def _at(row: Row, value: float) -> Point:
    size = max(float(value), 1e-3)
    return Point(row["summary"]["passages"], Interval(size, size, size))
