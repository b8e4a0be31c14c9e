"""The head: what was measured, when, where and with what; how many rows; what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eval.report.blocks import Block, Cell, Fold, Section, Table, texts
from eval.report.reading import Kind, Results, Row
from eval.report.values import number

MOST = 200
"""Lines that are named as unread; more are counted only."""


def section(results: Results) -> Section:
    """Circumstances of the run, each differing value once."""
    rows = results.rows
    facts = {
        "suite": _each(row.suite for row in rows),
        "commit": _each(row.about.get("commit") or "not known" for row in rows),
        "date": _span([str(row.about["date"]) for row in rows if row.about.get("date")]),
        "machine": _each(_machine(row.about.get("machine")) for row in rows),
        "load": _load(rows),
        "versions": _each(_versions(row.about.get("versions")) for row in rows),
        "seed": _each(row.about.get("seed") for row in rows),
        "rows": _counts(results),
        "not read": _unread(results),
    }
    table = Table(
        "circumstances",
        "What was measured, where and with what",
        texts("what", "value"),
        tuple((Cell(name), Cell(text)) for name, text in facts.items() if text),
    )
    blocks: tuple[Block, ...] = (table,)
    if results.unread:
        blocks += (Fold(f"Lines that could not be read: {len(results.unread):,}", (_lines(results),)),)
    return Section("run", "The run", "", blocks)


def _counts(results: Results) -> str:
    kinds = ", ".join(f"{kind} {len(results.of(kind)):,}" for kind in Kind if results.of(kind))
    asked = sum(len(row.queries) for row in results.rows)
    said = f"{len(results.rows):,} ({kinds}), with {asked:,} queries"
    if results.replaced:
        said += f"; {results.replaced:,} earlier of the same conditions were replaced by later ones"
    return said


def _unread(results: Results) -> str:
    if not results.unread:
        return "nothing: every line was read"
    files = len({one.file for one in results.unread})
    lines = len(results.unread)
    return (
        f"{lines:,} {'line' if lines == 1 else 'lines'} of {files:,} {'file' if files == 1 else 'files'}, named below"
    )


def _lines(results: Results) -> Table:
    shown = results.unread[:MOST]
    rows = tuple((Cell(f"{one.file.name}:{one.line}"), Cell(one.reason)) for one in shown)
    left = len(results.unread) - len(shown)
    return Table("unread", "Lines that are no rows", texts("line", "why"), rows, f"And {left:,} more." if left else "")


def _each(values: Iterable[Any]) -> str:
    return "; ".join(dict.fromkeys(str(value) for value in values if value not in (None, "")))


def _span(dates: Sequence[str]) -> str:
    if not dates:
        return ""
    first, last = (date.replace("T", " ").replace("+00:00", " UTC") for date in (min(dates), max(dates)))
    return first if first == last else f"{first} to {last}"


def _machine(held: Any) -> str:
    if not isinstance(held, Mapping):
        return ""
    memory = number(held, "memory")
    parts = [str(held.get("cpu") or ""), f"{held['cores']} cores" if held.get("cores") else ""]
    parts += [f"{memory / 2**30:.0f} GiB" if memory else "", str(held.get("system") or "")]
    return ", ".join(part for part in parts if part)


def _load(rows: Sequence[Row]) -> str:
    said = [number(row.about.get("machine"), end) for row in rows for end in ("load_before", "load_after")]
    known = [one for one in said if one is not None]
    if not known:
        return ""
    return f"{min(known):.2f} to {max(known):.2f} processes wanted a core, over all rows, before and after each"


def _versions(held: Any) -> str:
    return ", ".join(f"{name} {text}" for name, text in held.items()) if isinstance(held, Mapping) else ""
