"""Special kinds of query (other languages than the corpus, very short, very long, negation, code): a row for each."""

from __future__ import annotations

from eval.intervals import Interval
from eval.report.blocks import Cell, Section, Table, beside, estimate, numbers, texts
from eval.report.pooling import STAGES
from eval.report.reading import Kind, Results, Row
from eval.report.values import amount, figure, plain

NAME = "kind_of_query"
LEAD = (
    "Queries that are unlike those a corpus expects. Under rank fusion, after the sign: the cascade's score less "
    "its own, paired."
)


def section(results: Results) -> Section:
    """Every condition whose settings name the kind of its queries."""
    rows = [row for row in results.rows if row.settings.get(NAME)]
    if not rows:
        return Section("special", "Special queries", LEAD)
    columns = numbers("n", "kept", "all@117", "rank fusion", "nDCG@10", "rank fusion", "reranked", "answered")
    table = Table(
        "kinds",
        "Special kinds of query",
        (*texts("kind", "condition"), *columns),
        tuple(_line(row) for row in rows),
    )
    return Section("special", "Special queries", LEAD, (table,))


def _line(row: Row) -> tuple[Cell, ...]:
    kept = figure(row.summary, "kept") or figure(row.summary, "stages", "retrieved")
    return (
        Cell(plain(row.settings[NAME])),
        Cell(row.condition, link=f"#{row.anchor}"),
        Cell(amount(row.count or None)),
        estimate(kept),
        estimate(_score(row, "cascade", "all@117")),
        _rival(row, "all@117"),
        estimate(_score(row, "cascade", "ndcg@10")),
        _rival(row, "ndcg@10"),
        estimate(figure(row.summary, "stages", STAGES[3])),
        estimate(figure(row.summary, "accuracy", "cascade")),
    )


def _score(row: Row, who: str, measure: str) -> Interval | None:
    if row.kind == Kind.SETS:
        return figure(row.summary, "systems", who, measure)
    return figure(row.summary, measure) if who == "cascade" else None


def _rival(row: Row, measure: str) -> Cell:
    return beside(_score(row, "rrf", measure), figure(row.summary, "differences", "rrf", measure))
