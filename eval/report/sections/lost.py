"""The lost: the worst queries with their text, where they were lost, and their ranks and margins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from eval.report.blocks import Cell, Section, Table, numbers, texts
from eval.report.reading import Kind, Results, Row
from eval.report.values import DASH, MINUS, amount, number, plain, whole

WORST = 20
ORDER = ("retriev", "scan", "rerank", "select", "pack", "generat", "answer")
"""Stages as they come, by how their names begin: what is lost earlier is worse."""
LEAD = (
    "Worst first: lost at the earliest stage, then by the greatest distance to what was kept. A rank counts from 1; a "
    "dash means that it was not in that list. A margin is the passage's score less the last score that was kept."
)


@dataclass(frozen=True, slots=True)
class Loss:
    """One query that lost a passage: the row it is of, the query, and its worst link."""

    row: Row
    query: Mapping[str, Any]
    link: Mapping[str, Any]

    @property
    def order(self) -> tuple[float, float, float]:
        """Smaller is worse."""
        stage = str(self.link["blame"]).lower()
        step = next((i for i, start in enumerate(ORDER) if stage.startswith(start)), len(ORDER))
        margin, rank = number(self.link, "margin"), number(self.link, "rank")
        return step, -inf if margin is None else margin, -inf if rank is None else -rank


def section(results: Results) -> Section:
    """The worst 20 needles, and the worst 20 questions of labelled sets."""
    tables = [table for kind in (Kind.NEEDLES, Kind.SETS) if (table := _table(kind, results.of(kind)))]
    return Section("lost", "What was lost", LEAD, tuple(tables))


def _table(kind: Kind, rows: Sequence[Row]) -> Table | None:
    found = [loss for row in rows for loss in _losses(row)]
    worst = sorted(found, key=lambda loss: loss.order)[:WORST]
    if not worst:
        return None
    whose = "needles" if kind is Kind.NEEDLES else "questions of labelled sets"
    return Table(
        f"worst-{kind.value}",
        f"The worst {len(worst)} of {len(found):,} {whose} that lost a passage",
        (
            *texts("query", "asked of"),
            *numbers("passages"),
            *texts("lost at"),
            *numbers("dense rank", "lexical rank", "rank", "margin"),
        ),
        tuple(_line(loss) for loss in worst),
    )


def _losses(row: Row) -> Iterator[Loss]:
    for query in row.queries:
        held = query.get("links", query.get("passages"))
        links = [one for one in held if isinstance(one, Mapping) and one.get("blame")] if isinstance(held, list) else []
        if links:
            yield min((Loss(row, query, link) for link in links), key=lambda loss: loss.order)


def _line(loss: Loss) -> tuple[Cell, ...]:
    row, link = loss.row, loss.link
    asked = str(loss.query.get("question") or loss.query.get("_id") or DASH)
    return (
        Cell(asked, (plain(link.get("key")),)),
        Cell(plain(row.settings.get("class", row.settings.get("set", row.condition))), link=f"#{row.anchor}"),
        Cell(amount(row.passages or None)),
        Cell(str(link["blame"])),
        *(Cell(amount(whole(link, name))) for name in ("dense", "lexical", "rank")),
        Cell(_margin(number(link, "margin"))),
    )


def _margin(value: float | None) -> str:
    if value is None:
        return DASH
    return f"{MINUS if value < 0 else '+'}{abs(value):.3f}"
