"""Heat maps: haystack size by where the needle lies (position, record length, insertion, list size), and by class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from eval.intervals import Interval, wilson
from eval.report.blocks import Block, Cell, Column, Picture, Section, Table, estimate, texts
from eval.report.drawings import Grid, Heat
from eval.report.pooling import accuracy, classes, sizes, survived, variants
from eval.report.reading import Kind, Results, Row, slug
from eval.report.values import number, share, short

STAGE, BINS, LISTS = "reranked", 4, "list-size"
LEAD = (
    "The share of needles among the 117 after reranking, unless the title says otherwise. The stronger the shade, the "
    "more was lost: plain from .99, then shades from .95, .90, .75 and .50, hatched under a half. An empty cell was "
    "not measured."
)
AXES = {
    "position": ("position", "position in the record: 0 is its start, 1 its end"),
    "length": ("words", "length of the record"),
    "insertion": ("insertion", "order of insertion: 0 is before the haystack, 1 after it"),
    LISTS: ("list size", "passages of the inverted list it lies in"),
}
Cells = dict[str, dict[int, Interval | None]]


@dataclass(frozen=True, slots=True)
class Depth:
    """What a map has downwards: its setting, its heading, what that means, and whose needles they are."""

    axis: str
    title: str
    hint: str
    encoder: str


def section(results: Results) -> Section:
    """For each encoder, class by size for what is kept, packed and answered; then size by each depth that varies."""
    rows = [*results.of(Kind.NEEDLES), *results.of(Kind.ANSWERS)]
    blocks = [block for encoder, same in variants(rows, ("encoder",)).items() for block in _blocks(encoder, same)]
    return Section("maps", "Size and depth", LEAD, tuple(blocks))


def _blocks(encoder: str, rows: Sequence[Row]) -> Iterator[Block]:
    needles = [row for row in rows if row.kind == Kind.NEEDLES]
    answers = [row for row in rows if row.kind == Kind.ANSWERS]
    yield from _by_class(encoder, needles, answers)
    for axis, (title, hint) in AXES.items():
        depth = Depth(axis, title, hint, encoder)
        yield from _by_depth(needles, depth, _by_list if axis == LISTS else partial(_pooled, axis=axis))


def _by_class(encoder: str, needles: Sequence[Row], answers: Sequence[Row]) -> Iterator[Block]:
    shown = {
        "among the 117": _classes(needles, lambda rows: survived(rows, STAGE)),
        "in the window": _classes(needles, lambda rows: survived(rows, "packed")),
        "answered": _classes(answers, lambda rows: accuracy(rows, "cascade")),
    }
    grids = [_grid(title, cells) for title, cells in shown.items() if cells]
    if grids:
        yield _picture(Depth("class", "class", "class", encoder), grids)


def _classes(rows: Sequence[Row], take: Callable[[Sequence[Row]], object]) -> Cells:
    found: Cells = {}
    for name, members in classes(rows).items() if rows else ():
        for size, same in sizes(members).items():
            counted = take(same)
            held = getattr(counted, "found", None)
            if isinstance(held, Interval):
                found.setdefault(name, {})[size] = held
    return found


def _by_depth(rows: Sequence[Row], depth: Depth, cells: Callable[[Sequence[Row]], Cells]) -> Iterator[Block]:
    found = {name: cells(members) for name, members in classes(rows).items()} if rows else {}
    grids = [_grid(name, held) for name, held in found.items() if len(held) > 1]
    if grids:
        yield _picture(depth, grids)


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


def _picture(depth: Depth, grids: Sequence[Grid]) -> Picture:
    known = [found.value for grid in grids for line in grid.cells for found in line if found is not None]
    name = "-".join(slug(part) for part in ("map", depth.axis, depth.encoder) if part)
    return Picture(
        name,
        f"Haystack size by {depth.hint}{f' ({depth.encoder})' if depth.encoder else ''}",
        f"{len(grids)} heat maps of {depth.title} by haystack size: shares {share(min(known))} to {share(max(known))}.",
        Heat(tuple(grids), depth.title, "passages"),
        tuple(_table(f"{name}-{i}", depth.title, grid) for i, grid in enumerate(grids, 1)),
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
