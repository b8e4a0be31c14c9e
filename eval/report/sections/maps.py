"""Heat maps: haystack size by where the needle lies (position, record length, insertion, list size), and by class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from eval.intervals import Interval, wilson
from eval.report.blocks import Block, Cell, Column, Picture, Section, Table, estimate, texts
from eval.report.drawings import Grid, Heat
from eval.report.pooling import accuracy, classes, sizes, survived
from eval.report.reading import Kind, Results, Row, slug
from eval.report.values import number, share, short

STAGE, BINS = "reranked", 4
LEAD = (
    "The share of needles among the 117 after reranking, unless the title says otherwise. Darker means more lost: "
    "plain from .99, then shades from .95, .90, .75 and .50, and hatched under a half. An empty cell was not measured."
)
AXES = {
    "position": ("position", "position in the record: 0 is its start, 1 its end"),
    "length": ("words", "length of the record"),
    "insertion": ("insertion", "order of insertion: 0 is before the haystack, 1 after it"),
}
Cells = dict[str, dict[int, Interval | None]]


def section(results: Results) -> Section:
    """Class by size for what is kept, packed and answered; then size by each depth that was varied."""
    needles = results.of(Kind.NEEDLES)
    blocks: list[Block] = list(_by_class(needles, results.of(Kind.ANSWERS)))
    for axis, (title, hint) in AXES.items():
        blocks += _by_depth(needles, axis, title, hint, lambda rows, axis=axis: _pooled(rows, axis))  # type: ignore[misc]
    blocks += _by_depth(needles, "list-size", "list size", "passages of the inverted list it lies in", _by_list)
    return Section("maps", "Size and depth", LEAD, tuple(blocks))


def _by_class(needles: Sequence[Row], answers: Sequence[Row]) -> Iterator[Block]:
    shown = {
        "among the 117": _classes(needles, lambda rows: survived(rows, STAGE)),
        "in the window": _classes(needles, lambda rows: survived(rows, "packed")),
        "answered": _classes(answers, lambda rows: accuracy(rows, "cascade")),
    }
    grids = [_grid(title, cells) for title, cells in shown.items() if cells]
    if grids:
        yield _picture("map-class", "Class by haystack size", "class", grids)


def _classes(rows: Sequence[Row], take: Callable[[Sequence[Row]], object]) -> Cells:
    found: Cells = {}
    for name, members in classes(rows).items() if rows else ():
        for size, same in sizes(members).items():
            counted = take(same)
            held = getattr(counted, "found", None)
            if isinstance(held, Interval):
                found.setdefault(name, {})[size] = held
    return found


def _by_depth(
    rows: Sequence[Row], axis: str, title: str, hint: str, cells: Callable[[Sequence[Row]], Cells]
) -> Iterator[Block]:
    grids = []
    for name, members in classes(rows).items() if rows else ():
        held = cells(members)
        if len(held) > 1:
            grids.append(_grid(name, held))
    if grids:
        yield _picture(f"map-{slug(axis)}", f"Haystack size by {hint}", title, grids)


def _pooled(rows: Sequence[Row], axis: str) -> Cells:
    """By a depth that the settings hold; rows that say nothing of it are left out."""
    found: Cells = {}
    for value in sorted({at for row in rows if (at := _depth(row, axis)) is not None}):
        for size, same in sizes(row for row in rows if _depth(row, axis) == value).items():
            counted = survived(same, STAGE)
            if counted is not None:
                found.setdefault(f"{value:g}", {})[size] = counted.found
    return found


def _by_list(rows: Sequence[Row]) -> Cells:
    """By the size of the smallest list that one of a needle's records lies in, in quarters of all of them."""
    seen = [(row.passages, least, kept) for row in rows for least, kept in _lists(row)]
    ordered = sorted(least for _, least, _ in seen)
    edges = sorted({ordered[len(ordered) * i // BINS] for i in range(BINS)}) if ordered else []
    found: Cells = {}
    for low, high in pairwise([*edges, float("inf")]):
        name = f"{short(low)} and more" if high == float("inf") else f"{short(low)} to {short(high - 1)}"
        inside = [(size, kept) for size, least, kept in seen if low <= least < high]
        for size in sorted({size for size, _ in inside}):
            kept = [one for at, one in inside if at == size]
            found.setdefault(name, {})[size] = wilson(sum(kept), len(kept))
    return found


def _lists(row: Row) -> Iterator[tuple[float, bool]]:
    for query in row.queries:
        links = query.get("links")
        held = [number(link, "list_size") for link in links] if isinstance(links, list) else []
        known = [one for one in held if one is not None]
        kept = query["kept"].get(STAGE) if isinstance(query.get("kept"), Mapping) else None
        if known and kept is not None:
            yield min(known), bool(kept)


def _depth(row: Row, axis: str) -> float | None:
    return number(row.settings, "depth", axis)


def _grid(title: str, cells: Cells) -> Grid:
    columns = sorted({size for line in cells.values() for size in line})
    return Grid(
        title,
        tuple(cells),
        tuple(short(size) if size else "not told" for size in columns),
        tuple(tuple(line.get(size) for size in columns) for line in cells.values()),
    )


def _picture(name: str, caption: str, label: str, grids: Sequence[Grid]) -> Picture:
    known = [found.value for grid in grids for line in grid.cells for found in line if found is not None]
    return Picture(
        name,
        caption,
        f"{len(grids)} heat maps of {label} by haystack size: shares from {share(min(known))} to {share(max(known))}.",
        Heat(tuple(grids), label, "passages"),
        tuple(_table(f"{name}-{i}", label, grid) for i, grid in enumerate(grids, 1)),
    )


def _table(name: str, label: str, grid: Grid) -> Table:
    return Table(
        name,
        grid.title,
        (*texts(label), *(Column(size) for size in grid.columns)),
        tuple(
            (Cell(at), *(Cell("") if found is None else estimate(found, heat=True) for found in line))
            for at, line in zip(grid.rows, grid.cells, strict=True)
        ),
    )
