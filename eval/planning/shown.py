"""A plan as text, as a table of sizes, and as JSON. Knows what plans hold; computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from eval.planning import lines
from eval.planning.checking import Compared
from eval.planning.choosing import Plan
from eval.planning.constants import KNOWN, Constants
from eval.planning.prices import Prices
from eval.planning.units import figures, shown
from eval.tables import table

PARTS = (
    ("Disk", lines.DISK), ("Memory of a machine", lines.MEMORY), ("Time of a question", lines.LATENCY),
    ("Building", lines.BUILDING), ("Cost", lines.COST),
)  # fmt: skip
DETAIL = {
    *("workers", "probes", "hits", "pages", "code_windows", "away_s", "blocks", "keep_ms", "codes_ms", "coarse_ms"),
    *("nominate_ms", "nominate_cold_ms", "spare", "compared", "groups", "looked", "code_bytes", "depth", "affordable"),
    *("write_s", "work_s", "reading", "core_ms", "hops_ms", "million_busy"),
}
"""Figures that are shown only where formulas are."""


def page(one: Plan, constants: Constants, prices: Prices, explain: bool) -> str:
    """What was chosen, each figure on a line, what is missed, and how far the model can be believed.

    `explain`: with each formula, the numbers in it, and the constants behind all.
    """
    blocks = [_chosen(one)]
    for title, part in PARTS:
        chosen = [line for line in part if explain or line.name not in DETAIL]
        rows = [(line.name, shown(one[line.name], line.unit), line.says) for line in chosen]
        formulas = [f"= {line.formula}" for line in chosen] if explain else []
        blocks.append(f"{title}\n{_columns(rows, formulas)}")
    if explain:
        blocks.append(f"Behind them\n{_columns(_behind(one, constants))}")
    blocks.append("\n".join([*one.misses, *trust(one, constants), _assumed(prices)]))
    return "\n\n".join(blocks)


def compared(found: Sequence[Compared], aim: float) -> str:
    """A line a figure and size: predicted, measured, how far off; and how many are within what is aimed at."""
    rows = [
        [one.figure, f"{one.passages:,}", shown(one.predicted, one.unit), shown(one.measured, one.unit),
         f"{one.error:+.1%}", "" if abs(one.error) <= aim else "off"]
        for one in found
    ]  # fmt: skip
    within = sum(abs(one.error) <= aim for one in found)
    last = f"{within} of {len(found)} figures are within {aim:.0%} of what was measured."
    return f"{table(['figure', 'passages', 'predicted', 'measured', 'error', ''], rows)}\n\n{last}"


def sizes(plans: Sequence[Plan], constants: Constants, prices: Prices) -> str:
    """A line a size of the index."""
    headings = ["passages", "search", "compared", "machines", "memory", "disk", "RAM needed", "build", "warm ms", "ms"]
    headings += ["cold ms", "$ a million", "$ a month", ""]
    rows = []
    for one in plans:
        form = f"{one.form.lists:,} lists" if one.form.coded else "exact"
        machines = f"{one['machines']:,.0f} {one.machine.name}"
        cells = [shown(one.machine.memory, "B"), shown(one["disk_all"], "B"), shown(one["ram"] * one["shards"], "B")]
        cells += [shown(one["build_s"], "s"), *(figures(one[name]) for name in ("warm_ms", "latency_ms", "cold_ms"))]
        cells += [figures(one["million"]), figures(one["month"]), "misses its targets" if one.misses else ""]
        rows.append([f"{one.wanted.passages:,.0f}", form, f"{one['share']:.2%}", machines, *cells])
    largest = max(plans, key=lambda one: one.wanted.passages)
    return "\n".join([table(headings, rows), "", *trust(largest, constants), _assumed(prices)])


def body(one: Plan, constants: Constants) -> dict[str, Any]:
    """A plan as JSON: what was wanted and chosen; each figure with value, unit, formula and meaning; what it misses."""
    return {
        "wanted": asdict(one.wanted),
        "chosen": {
            "code": "1-bit" if one.form.coded else "int8", "lists": one.form.lists, "probed": one["share"],
            "segments": int(one["segments"]), "shards": int(one["shards"]), "replicas": int(one["replicas"]),
            "machine": asdict(one.machine), "machines": int(one["machines"]),
        },
        "meets": not one.misses, "misses": list(one.misses),
        "figures": {
            name: {"value": one[name], "unit": line.unit, "formula": line.formula, "says": line.says}
            for name, line in one.sheet.lines.items()
        },
        "constants": {
            name: {"value": constants.values[name], "unit": meaning.unit, "says": meaning.says}
            for name, meaning in KNOWN.items()
        },
        "measured": dict(constants.circumstances), "checked": [asdict(check) for check in constants.checked],
    }  # fmt: skip


def trust(one: Plan, constants: Constants) -> list[str]:
    """Where the constants come from, how far the model was off, and what lies beyond all measurement."""
    told = constants.circumstances
    where = f"{told.get('cpu', 'a machine')}, {constants.cores} cores, {told.get('date', 'some day')}"
    commit = f", commit {told['commit']}" if told.get("commit") else ""
    said = [f"Constants: {where}{commit} ({constants.file}), on {told.get('index', 'an index')}."]
    if float(told.get("load", 0.0)) > constants.cores / 2:
        said.append(f"Other work ran beside their measurement (load {told['load']}): times are upper bounds.")
    if constants.checked:
        largest = max(check.passages for check in constants.checked)
        last = sorted((c for c in constants.checked if c.passages == largest), key=lambda c: -abs(c.error))
        listed = ", ".join(f"{check.figure} {check.error:+.0%}" for check in last)
        said.append(f"Checked at {largest:,} passages ({last[0].date}, commit {last[0].commit}): {listed}.")
        if one.wanted.passages > largest:
            said.append(f"What is said of {one.wanted.passages:,.0f} passages is {one.wanted.passages / largest:,.0f} "
                        "times beyond that, and was never measured.")  # fmt: skip
    else:
        said.append("These constants were never checked against a measured index: cascade plan --check ROWS.jsonl")
    if one.probed.beyond > 1:
        said.append(
            f"The share of codes that survival needs was measured up to {1 / one.probed.beyond:.2g} of this size; "
            f"beyond, it is taken to change with the size to the power of {one.probed.growth:.2f}."
        )
    return said


def _chosen(one: Plan) -> str:
    wanted, sheet = one.wanted, one.sheet
    what = (
        f"1-bit codes of {wanted.dim} dimensions in {one.form.lists:,} lists, {sheet['share']:.2%} of them compared"
        if one.form.coded
        else f"int8 vectors of {wanted.dim} dimensions, all of them compared"
    )
    cores, memory = f"{one.machine.cores} cores", shown(one.machine.memory, "B")
    return "\n".join([
        f"{wanted.passages:,.0f} passages of {wanted.words:g} words, encoder {wanted.encoder}, "
        f"{figures(wanted.rate)} questions a second, survival {wanted.survival:g} in {figures(wanted.latency)} ms",
        f"{what}; {_segments(sheet['segments'], wanted.passages)}",
        f"{sheet['machines']:,.0f} machines ({one.machine.name}: {cores}, {memory}): {sheet['shards']:,.0f} shards, "
        f"{sheet['replicas']:,.0f} times each",
    ])  # fmt: skip


def _segments(count: float, passages: float) -> str:
    return f"{count:,.0f} segments of {figures(passages / count)} passages"


def _columns(rows: Sequence[tuple[str, str, str]], below: Sequence[str] = ()) -> str:
    """Names to the left, values to the right, words after them; under each row, what is to stand there."""
    wide = [max(len(row[at]) for row in rows) for at in (0, 1)]
    lines_of = [f"  {name.ljust(wide[0])}  {value.rjust(wide[1])}  {says}".rstrip() for name, value, says in rows]
    if below:
        lines_of = [f"{line}\n      {text}" for line, text in zip(lines_of, below, strict=True)]
    return "\n".join(lines_of)


def _behind(one: Plan, constants: Constants) -> list[tuple[str, str, str]]:
    """The values that formulas start from: what was asked for and chosen, prices, and constants with their meaning."""
    rows = [(name, f"{one[name]:,.6g}", "asked for, chosen, or a price") for name in lines.GIVEN]
    measured = KNOWN.items()
    return rows + [
        (name, f"{constants.values[name]:,.4g} {meaning.unit}".rstrip(), meaning.says) for name, meaning in measured
    ]


def _assumed(prices: Prices) -> str:
    return f"Prices: {prices.file}; round assumptions, not offers. Yours: --prices FILE.toml."
