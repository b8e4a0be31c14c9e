"""A generated life: of the facts planted in it, how many are left after each stage, by class and time words."""

from __future__ import annotations

from eval.report.blocks import Cell, Section, Table, estimate, numbers, texts
from eval.report.pooling import STAGES
from eval.report.reading import Kind, Results, Row
from eval.report.values import amount, figure, number, plain, spread

TITLES = ("vectors", "words", "either", "of 117", "packed")
LEAD = (
    "Facts planted in the mail, chats, photographs, history, calendar and notes of a made-up person, read from exports "
    "in real formats under grants, scrubbed, sealed in a vault and asked for there. A fact is left where every record "
    "that proves it is. `leaked` counts what must not be there: things that no grant takes in, and secrets."
)


def section(results: Results) -> Section:
    """A row for each class, in the order of the rows."""
    rows = results.of(Kind.PERSONAL)
    if not rows:
        return Section("lives", "A life in the window", LEAD)
    columns = numbers("facts", *TITLES, "leaked", "ms, median / p95")
    table = Table(
        "lives",
        "Facts of a generated life left after each stage",
        (*texts("class", "time words"), *columns),
        tuple(_line(row) for row in rows),
        f"Each cell: share, 95% interval. {_read(rows[0])}",
    )
    return Section("lives", "A life in the window", LEAD, (table,))


def _line(row: Row) -> tuple[Cell, ...]:
    took = spread(row.summary, "latency_ms", "total")
    return (
        Cell(plain(row.settings.get("class", row.condition)), link=f"#{row.anchor}"),
        Cell(plain(row.settings.get("time", ""))),
        Cell(amount(row.count or None)),
        *(estimate(figure(row.summary, "stages", stage)) for stage in STAGES),
        Cell(amount(number(row.summary, "leaked") or 0)),
        Cell(f"{amount(round(took[0]))} / {amount(round(took[1]))}" if took else ""),
    )


def _read(row: Row) -> str:
    """What was taken in."""
    records, left, scrubbed = (number(row.settings, "life", name) for name in ("records", "left", "scrubbed"))
    if records is None:
        return ""
    return f"{records:,.0f} records were taken in, {left or 0:,.0f} left out, {scrubbed or 0:,.0f} secrets taken out."
