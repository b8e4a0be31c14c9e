"""Every row as it was read, a table for each kind, with an anchor for each condition and where its JSON stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.report.blocks import Block, Cell, Column, Fold, Section, Table
from eval.report.reading import Kind, Results, Row
from eval.report.values import DASH, flat, number, plain

LEAD = "Every figure of every condition; the last column links to the file of JSON rows that it was read from."


def section(results: Results, links: dict[Path, str]) -> Section:
    """`links`: where each file is, as seen from the page."""
    folds: list[Block] = [
        Fold(
            f"{kind.value.capitalize()}: {len(rows):,} {'row' if len(rows) == 1 else 'rows'}",
            (_table(kind, rows, links),),
        )
        for kind in Kind
        if (rows := results.of(kind))
    ]
    return Section("everything", "Everything", LEAD, tuple(folds), plain=True)


def _table(kind: Kind, rows: Sequence[Row], links: dict[Path, str]) -> Table:
    held = [flat({**row.settings, **row.summary}) for row in rows]
    names = list(dict.fromkeys(name for one in held for name in one))
    columns = [Column(name, text=not any(_numeric(one.get(name)) for one in held)) for name in names]
    return Table(
        f"all-{kind.value}",
        f"Every row of the kind {kind.value}",
        (Column("condition", text=True), Column("queries"), *columns, Column("row", text=True)),
        tuple(
            (
                Cell(row.condition, anchor=row.anchor),
                Cell(f"{len(row.queries):,}"),
                *(Cell(plain(one[name]) if name in one else DASH) for name in names),
                Cell(f"{row.file.name}, line {row.line}", link=links[row.file]),
            )
            for row, one in zip(rows, held, strict=True)
        ),
    )


def _numeric(value: object) -> bool:
    return number(value) is not None or (isinstance(value, list) and bool(value) and number(value[0]) is not None)
