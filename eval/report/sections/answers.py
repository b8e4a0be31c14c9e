"""Answers: right ones against haystack size, the reader's best and worst case, what they cost, and the grader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eval.intervals import Interval
from eval.report.blocks import Block, Cell, Picture, Section, Table, estimate, numbers, texts
from eval.report.drawings import Curves, Line, Panel, Point
from eval.report.pooling import accuracy, grouped, sizes, variants
from eval.report.reading import Kind, Results, Row, slug
from eval.report.values import DASH, amount, figure, number, plain, share, under

POOLED = "all classes"
SETTINGS = ("reader", "window", "encoder", "effort")
LEAD = (
    "Right answers of the same reader three ways: through the cascade, given the right passage alone (its best case), "
    "and with its window filled from the corpus without retrieval. The grader is a fixed rule; its errors stand beside "
    "every score: the share of gold answers it rejects, and of vague and of specific wrong answers it accepts."
)


def section(results: Results) -> Section:
    """For each reader: accuracy against size, the table with the grader's errors, and cost per correct answer."""
    rows = results.of(Kind.ANSWERS)
    blocks = [block for reader, same in variants(rows, SETTINGS).items() for block in _blocks(reader, _ordered(same))]
    return Section("answers", "Answers", LEAD, tuple(blocks))


def _blocks(reader: str, rows: Sequence[Row]) -> Iterator[Block]:
    tail = f" ({reader})" if reader else ""
    ways = sorted({who for row in rows for who in under(row.summary, "accuracy")}, key=_order)
    if ways:
        yield _picture(reader, tail, rows, ways)
    yield Table(
        f"answers-{slug(reader)}" if reader else "answers-right",
        f"Right answers by class and size, with the grader's own errors{tail}",
        (
            *texts("class"),
            *numbers("passages", "n", *ways, "gold rejected", "vague wrong accepted", "specific wrong accepted"),
        ),
        tuple(_line(row, ways) for row in rows),
    )
    yield from _conduct(rows, reader, tail)
    yield from _cost(rows, reader, tail)


def _ordered(rows: Sequence[Row]) -> list[Row]:
    return [row for same in grouped(rows, _class).values() for members in sizes(same).values() for row in members]


def _order(who: str) -> tuple[int, str]:
    known = ("cascade", "passage alone", "window filled")
    return (known.index(who) if who in known else len(known), who)


def _line(row: Row, ways: Sequence[str]) -> tuple[Cell, ...]:
    gold = figure(row.summary, "controls", "gold")
    rejected = None if gold is None else Interval(1 - gold.value, 1 - gold.high, 1 - gold.low)
    return (
        *_named(row),
        Cell(amount(row.count or None)),
        *(estimate(figure(row.summary, "accuracy", who), heat=True) for who in ways),
        estimate(rejected),
        estimate(figure(row.summary, "controls", "vague wrong")),
        estimate(figure(row.summary, "controls", "specific wrong")),
    )


def _named(row: Row) -> tuple[Cell, Cell]:
    return Cell(_class(row), link=f"#{row.anchor}"), Cell(amount(row.passages or None))


def _class(row: Row) -> str:
    return plain(row.settings.get("class", row.condition))


def _conduct(rows: Sequence[Row], reader: str, tail: str) -> Iterator[Block]:
    paths = {
        "abstains, rightly": ("abstention", "right"),
        "abstains, wrongly": ("abstention", "wrong"),
        "citation precision": ("citations", "precision"),
        "citation recall": ("citations", "recall"),
    }
    known = [row for row in rows if any(figure(row.summary, *path) for path in paths.values())]
    if known:
        yield Table(
            f"conduct-{slug(reader)}" if reader else "conduct",
            f"Abstention and citations{tail}",
            (*texts("class"), *numbers("passages", *paths)),
            tuple((*_named(row), *(estimate(figure(row.summary, *path)) for path in paths.values())) for row in known),
            "Rightly: of the questions that the corpus does not answer. Wrongly: of those that it does.",
        )


def _cost(rows: Sequence[Row], reader: str, tail: str) -> Iterator[Block]:
    known = [row for row in rows if under(row.summary, "cost")]
    stages = list(dict.fromkeys(name for row in known for name in under(row.summary, "cost", "ms_per_correct")))
    if known:
        yield Table(
            f"cost-{slug(reader)}" if reader else "cost",
            f"Cost of each correct answer, by stage{tail}",
            (*texts("class"), *numbers("passages", "tokens", *(f"{stage}, ms" for stage in stages), "all, ms")),
            tuple(_paid(row, stages) for row in known),
        )


def _paid(row: Row, stages: Sequence[str]) -> tuple[Cell, ...]:
    paid = [number(row.summary, "cost", "ms_per_correct", stage) for stage in stages]
    known = [one for stage, one in zip(stages, paid, strict=True) if one is not None and stage != "total"]
    tokens = number(row.summary, "cost", "tokens_per_correct")
    whole = number(row.summary, "cost", "ms_per_correct", "total")
    return (
        *_named(row),
        Cell(amount(None if tokens is None else round(tokens))),
        *(Cell(_ms(one)) for one in paid),
        Cell(_ms((sum(known) if whole is None else whole) if known else None)),
    )


def _ms(value: float | None) -> str:
    return DASH if value is None else f"{value:,.1f}"


def _picture(reader: str, tail: str, rows: Sequence[Row], ways: Sequence[str]) -> Picture:
    by_class = grouped(rows, _class)
    everywhere = [members for members in by_class.values() if sizes(members).keys() == sizes(rows).keys()]
    pooled = {POOLED: [row for members in everywhere for row in members]} if len(everywhere) > 1 else {}
    panels = {**pooled, **by_class}
    drawn = tuple(Panel(name, tuple(_curve(who, members) for who in ways)) for name, members in panels.items())
    ends = ", ".join(f"{who} {share(found.found.value)}" for who in ways if (found := accuracy(rows, who)))
    return Picture(
        f"answers-{slug(reader)}" if reader else "answers",
        f"Right answers against haystack size{tail}",
        f"Share of right answers against passages in the index, with 95% intervals. Over all: {ends}. The table below "
        "holds the figures.",
        Curves(drawn, "passages in the index", "right answers"),
    )


def _curve(who: str, rows: Sequence[Row]) -> Line:
    found = {size: accuracy(same, who) for size, same in sizes(rows).items()}
    return Line(who, tuple(Point(size or 1, one.found) for size, one in found.items() if one is not None))
