"""Labelled sets: every system on every set, the paired differences, and the means over sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eval.intervals import Interval
from eval.report.blocks import (
    Block,
    Cell,
    Picture,
    Section,
    Table,
    beside,
    difference,
    estimate,
    numbers,
    texts,
)
from eval.report.drawings import Dots
from eval.report.pooling import groups, mean_of_sets, set_of, variants
from eval.report.reading import Kind, Results, Row, slug
from eval.report.values import amount, figure, under

MEASURES = {"all@117": "all@117", "ndcg@10": "nDCG@10"}
OURS = "cascade"
LEAD = (
    "all@117: the share of questions whose every relevant document is among the 117 that are kept; kept: among the "
    "candidates before them. Small figures in brackets are 95% intervals. A difference is the cascade's score less the "
    "other system's on the same questions (paired): it is better or worse only when its interval leaves out nought."
)


def section(results: Results) -> Section:
    """Tables and pictures for each encoder and effort."""
    rows = _plain(results.of(Kind.SETS))
    blocks = [block for variant, same in variants(rows).items() for block in _blocks(variant, same)] if rows else []
    return Section("sets", "Labelled sets", LEAD, tuple(blocks))


def _blocks(variant: str, rows: Sequence[Row]) -> Iterator[Block]:
    systems = _systems(rows)
    held, tail = groups(rows), f" ({variant})" if variant else ""
    for name, members in held.items():
        if len(members) > 1:
            yield _means(name, members, systems, variant)
    first, members = next(iter(held.items()))
    if len(members) > 1 and systems:
        yield _picture_of_means(first, members, systems, variant)
    for measure, title in MEASURES.items():
        yield _table(measure, f"{title} by set{tail}", rows, systems, variant)
    rivals = [who for who in systems if any(under(row.summary, "differences", who) for row in rows)]
    if rivals:
        yield _picture_of_differences(rows, rivals, variant)


def _plain(rows: Sequence[Row]) -> list[Row]:
    """Without the special kinds of query of a set that has a row of its own: those would count twice."""
    own = {set_of(row) for row in rows if not row.settings.get("kind_of_query")}
    return [row for row in rows if not row.settings.get("kind_of_query") or set_of(row) not in own]


def _systems(rows: Sequence[Row]) -> list[str]:
    names = dict.fromkeys(who for row in rows for who in under(row.summary, "systems"))
    return sorted(names, key=lambda who: who != OURS)


def _means(name: str, rows: Sequence[Row], systems: Sequence[str], variant: str) -> Table:
    sets = list(dict.fromkeys(set_of(row) for row in rows))
    what = f"all {len(sets)} sets" if name == "all" else f"the group {name}: {', '.join(sets)}"
    lines = []
    for who in systems:
        kept = mean_of_sets(rows, lambda row: figure(row.summary, "kept")) if who == OURS else None
        cells = [Cell(who), estimate(kept) if who == OURS else Cell("")]
        for measure in MEASURES:
            cells.append(estimate(_mean(rows, "systems", who, measure)))
            cells.append(Cell("") if who == OURS else difference(_mean(rows, "differences", who, measure)))
        lines.append(tuple(cells))
    return Table(
        f"means-{slug(f'{name} {variant}')}",
        f"Means over {what}{f' ({variant})' if variant else ''}",
        (*texts("system"), *numbers("kept", "all@117", "difference", "nDCG@10", "difference")),
        tuple(lines),
        "Each set counts the same. A dash: not measured on every one of these sets.",
    )


def _table(measure: str, caption: str, rows: Sequence[Row], systems: Sequence[str], variant: str) -> Table:
    lines = [
        (
            Cell(_label(row, rows), (f"n {row.count:,}, of {amount(row.passages or None)}",), link=f"#{row.anchor}"),
            estimate(figure(row.summary, "kept")),
            *(_score(row, who, measure) for who in systems),
        )
        for row in rows
    ]
    sums = [_sum(name, members, systems, measure) for name, members in groups(rows).items()] if len(rows) > 1 else []
    return Table(
        f"{slug(measure)}-{slug(variant) if variant else 'by-set'}",
        caption,
        (*texts("set"), *numbers("kept", *systems)),
        (*lines, *sums),
        "Under each set: its questions, and the passages of the index. Under each other system, after the sign: the "
        "cascade's score less its own, paired.",
        len(sums),
    )


def _sum(name: str, rows: Sequence[Row], systems: Sequence[str], measure: str) -> tuple[Cell, ...]:
    kept = mean_of_sets(rows, lambda row: figure(row.summary, "kept"))
    cells = []
    for who in systems:
        less = None if who == OURS else _mean(rows, "differences", who, measure)
        cells.append(beside(_mean(rows, "systems", who, measure), less))
    sets = len({set_of(row) for row in rows})
    return (Cell(f"mean, {name}", (f"{sets} {'set' if sets == 1 else 'sets'}",)), estimate(kept), *cells)


def _score(row: Row, who: str, measure: str) -> Cell:
    less = None if who == OURS else figure(row.summary, "differences", who, measure)
    return beside(figure(row.summary, "systems", who, measure), less)


def _mean(rows: Sequence[Row], *path: str) -> Interval | None:
    return mean_of_sets(rows, lambda row: figure(row.summary, *path))


def _label(row: Row, rows: Sequence[Row]) -> str:
    name = set_of(row)
    if sum(set_of(other) == name for other in rows) == 1:
        return name
    told = row.settings.get("language") or row.settings.get("kind_of_query") or row.condition
    return f"{name} · {told}"


def _picture_of_means(name: str, rows: Sequence[Row], systems: Sequence[str], variant: str) -> Picture:
    panels = tuple(
        (title, tuple((_mean(rows, "systems", who, measure),) for who in systems))
        for measure, title in MEASURES.items()
    )
    best = ", ".join(f"{title} {estimate(panel[0][0]).text}" for title, panel in panels)
    return Picture(
        f"means-{slug(variant)}" if variant else "means",
        f"Means over {'all sets' if name == 'all' else f'the group {name}'}{f' ({variant})' if variant else ''}",
        f"Dots with 95% intervals of {len(systems)} systems; the cascade has {best}. The tables above hold them.",
        Dots(tuple(systems), ("mean",), panels, "score"),
    )


def _picture_of_differences(rows: Sequence[Row], rivals: Sequence[str], variant: str) -> Picture:
    panels = tuple(
        (
            f"less {who}",
            tuple(tuple(figure(row.summary, "differences", who, measure) for measure in MEASURES) for row in rows),
        )
        for who in rivals
    )
    return Picture(
        f"differences-{slug(variant)}" if variant else "differences",
        f"The cascade less each other system, set by set{f' ({variant})' if variant else ''}",
        f"Paired differences with 95% intervals on {len(rows)} sets against {', '.join(rivals)}; right of the line the "
        "cascade is better. The tables above hold the figures.",
        Dots(tuple(_label(row, rows) for row in rows), tuple(MEASURES.values()), panels, "difference", zero=True),
    )
