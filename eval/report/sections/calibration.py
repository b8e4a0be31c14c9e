"""Whether the relevance that is said is a probability: reliability curve, expected calibration error, the stop rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eval.intervals import Interval, wilson
from eval.report.blocks import Block, Cell, Column, Picture, Section, Table, numbers, texts
from eval.report.drawings import Curves, Line, Panel, Point, Scale
from eval.report.pooling import variants
from eval.report.reading import Kind, Results, Row, slug
from eval.report.values import amount, number, plain, share, whole

BINS = 10
LEAD = (
    "Passages that are said to be relevant with some probability, and the share of them that is. On the diagonal, what "
    "is said is true. The expected calibration error is the mean distance from it, by passages."
)
Bin = tuple[float, float, int]
"""Said, true, and how many passages."""


def section(results: Results) -> Section:
    """For each encoder and effort a curve over all sets, the error of each set, and what stopping early does."""
    rows = results.of(Kind.SETS)
    known = [row for row in rows if _bins(row)]
    blocks: list[Block] = []
    for variant, same in variants(known).items():
        blocks += _blocks(variant, same)
    blocks += [_stopping(row, held) for row in results.rows if (held := _stops(row))]
    return Section("calibration", "Calibration", LEAD, tuple(blocks))


def _blocks(variant: str, rows: Sequence[Row]) -> Iterator[Block]:
    merged = _merged([one for row in rows for one in _bins(row)])
    tail, name = (f" ({variant})", f"-{slug(variant)}") if variant else ("", "")
    points = tuple(Point(said, _sure(true, n), f"{n:,}") for said, true, n in merged)
    yield Picture(
        f"reliability{name}",
        f"Said against true{tail}",
        f"The share of passages that are relevant against the relevance that was said, with 95% intervals and counts; "
        f"the expected calibration error is {share(error(merged))}. The table below holds the figures.",
        Curves((Panel("all sets", (Line("relevance", points),)),), "said", "true", Scale.LINEAR, diagonal=True),
    )
    yield Table(
        f"bins{name}",
        f"Said against true, all sets{tail}",
        (Column("said"), *numbers("true", "95% interval", "passages", "true less said")),
        tuple(
            (
                Cell(share(said)),
                Cell(share(true)),
                Cell(f"[{share(_sure(true, n).low)}, {share(_sure(true, n).high)}]"),
                Cell(f"{n:,}"),
                Cell(_apart(true - said)),
            )
            for said, true, n in merged
        ),
    )
    lines = [(Cell(row.condition, link=f"#{row.anchor}"), *_told(_bins(row))) for row in rows]
    yield Table(
        f"errors{name}",
        f"Expected calibration error{tail}",
        (*texts("condition"), *numbers("passages", "error")),
        (*lines, (Cell("all together"), *_told(merged))),
        sums=1,
    )


def error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: the mean of |true - said|, each bin by its passages (Naeini and others, 2015)."""
    return sum(n * abs(true - said) for said, true, n in bins) / max(sum(n for _, _, n in bins), 1)


def _told(bins: Sequence[Bin]) -> tuple[Cell, Cell]:
    return Cell(f"{sum(n for _, _, n in bins):,}"), Cell(share(error(bins)))


def _apart(value: float) -> str:
    return share(value) if round(value, 3) <= 0 else f"+{share(value)}"


def _sure(true: float, n: int) -> Interval:
    return wilson(round(true * n), n)._replace(value=true)


def _bins(row: Row) -> list[Bin]:
    held = row.summary.get("calibration")
    found: list[Bin] = []
    for one in held if isinstance(held, list) else ():
        said, true, n = number(one, "said"), number(one, "true"), whole(one, "n")
        if said is not None and true is not None and n:
            found.append((said, true, n))
    return found


def _merged(bins: Sequence[Bin]) -> list[Bin]:
    """Tenths of what is said: the mean said and true of each, by passages."""
    found: dict[int, list[Bin]] = {}
    for one in bins:
        found.setdefault(min(int(one[0] * BINS), BINS - 1), []).append(one)
    merged = []
    for _, inside in sorted(found.items()):
        n = sum(one[2] for one in inside)
        merged.append((sum(one[0] * one[2] for one in inside) / n, sum(one[1] * one[2] for one in inside) / n, n))
    return merged


def _stops(row: Row) -> list[Mapping[str, object]]:
    held = row.summary.get("stop")
    listed = [held] if isinstance(held, Mapping) else held if isinstance(held, list) else []
    return [one for one in listed if isinstance(one, Mapping) and one]


def _stopping(row: Row, held: Sequence[Mapping[str, object]]) -> Table:
    names = list(dict.fromkeys(name for one in held for name in one))
    return Table(
        f"stop-{row.anchor}",
        f"The stop rule: {row.condition}",
        numbers(*names),
        tuple(tuple(Cell(_stop(one.get(name))) for name in names) for one in held),
    )


def _stop(value: object) -> str:
    return amount(value) if isinstance(value, int) and not isinstance(value, bool) else plain(value)
