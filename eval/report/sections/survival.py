"""The survival funnel: how many needles of each class and size are left after each stage, and who lost the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.intervals import Interval
from eval.report.blocks import Block, Cell, Picture, Section, Table, estimate, numbers, texts
from eval.report.drawings import Curves, Line, Panel, Point, Scale
from eval.report.pooling import STAGES, Counted, accuracy, blamed, classes, sizes, survived, usual, variants
from eval.report.reading import Kind, Results, Row
from eval.report.values import DASH, amount, plain, short

ANSWERED = "answered"
TITLES = {**dict(zip(STAGES, ("dense", "lexical", "either", "reranked", "packed"), strict=True)), ANSWERED: ANSWERED}
ALONE = ("dense", "lexical")
"""Stages that stand beside one another; the others follow one on the other."""
LEAD = (
    "The share of needles all of whose records are still there after each stage: found by vectors, by words, by either "
    "of them; among the 117 after reranking; in the reader's window; and said in the answer. Sizes are in passages."
)


@dataclass(frozen=True, slots=True)
class Funnel:
    """What is left of one class at one size: its conditions, and the share after each stage."""

    name: str
    size: int
    rows: Sequence[Row]
    steps: Mapping[str, Counted | None]


def section(results: Results) -> Section:
    """A panel for each class, a line for each size; the table with counts, intervals and blame; the sets likewise."""
    blocks = [*_needles(results), *_sets(results.of(Kind.SETS))]
    return Section("survival", "Survival, stage by stage", LEAD, tuple(blocks))


def _needles(results: Results) -> Iterator[Block]:
    needles, answers = results.of(Kind.NEEDLES), results.of(Kind.ANSWERS)
    told = {_place(row) for row in needles}
    rows = [*needles, *(row for row in answers if _place(row) not in told)]
    reader, read = next(iter(variants(answers, ("reader", "window")).items()), ("", []))
    funnels = list(_funnels(rows, read))
    if not funnels:
        return
    stages = [stage for stage in TITLES if any(funnel.steps[stage] for funnel in funnels)]
    notes = [usual(rows), f"Answered by {reader}." if reader else ""]
    yield _picture(funnels, stages)
    yield Table(
        "funnel",
        "Needles left after each stage, by class and size",
        (*texts("class"), *numbers("passages", "n", *(TITLES[stage] for stage in stages)), *texts("lost at")),
        tuple(_line(funnel, stages) for funnel in funnels),
        " ".join(["Each cell: share, 95% interval, count. Depths are pooled.", *(note for note in notes if note)]),
    )


def _funnels(rows: Sequence[Row], answers: Sequence[Row]) -> Iterator[Funnel]:
    for name, members in classes(rows).items() if rows else ():
        for size, same in sizes(members).items():
            read = [one for one in answers if any(_alike(one, row) for row in same)]
            steps = {**{stage: survived(same, stage) for stage in STAGES}, ANSWERED: accuracy(read, "cascade")}
            if any(steps.values()):
                yield Funnel(name, size, same, steps)


def _place(row: Row) -> tuple[str, int]:
    return plain(row.settings.get("class", row.condition)), row.passages


def _alike(answers: Row, needles: Row) -> bool:
    both = [name for name in ("encoder", "effort", "hops") if name in answers.settings and name in needles.settings]
    same = all(answers.settings[name] == needles.settings[name] for name in both)
    return same and _place(answers) == _place(needles)


def _line(funnel: Funnel, stages: Sequence[str]) -> tuple[Cell, ...]:
    counts = [one.of for stage, one in funnel.steps.items() if one is not None and stage != ANSWERED]
    return (
        Cell(funnel.name, link=f"#{funnel.rows[0].anchor}"),
        Cell(amount(funnel.size or None)),
        Cell(amount(max(counts, default=0) or None)),
        *(_counted(funnel.steps[stage]) for stage in stages),
        Cell(_blame(funnel.rows)),
    )


def _blame(rows: Sequence[Row]) -> str:
    return ", ".join(f"{stage} {count:,}" for stage, count in blamed(rows).items()) or DASH


def _counted(one: Counted | None) -> Cell:
    return estimate(None) if one is None else estimate(one.found, f"{one.kept:,} of {one.of:,}", heat=True)


def _picture(funnels: Sequence[Funnel], stages: Sequence[str]) -> Picture:
    panels: dict[str, list[Line]] = {}
    for funnel in funnels:
        steps = [(x, stage, funnel.steps[stage]) for x, stage in enumerate(stages)]
        points = tuple(Point(x, one.found) for x, _, one in steps if one is not None)
        alone = sum(one is not None and stage in ALONE for _, stage, one in steps)
        panels.setdefault(funnel.name, []).append(Line(_passages(funnel.size), points, alone))
    least = min((point.found for lines in panels.values() for line in lines for point in line.points), key=_value)
    return Picture(
        "survival",
        "Needles left after each stage",
        f"A panel for each of {len(panels)} classes, a line for each haystack size, a point for each stage with its "
        f"95% interval; the lowest point is {estimate(least).text}. The table below holds the figures.",
        Curves(
            tuple(Panel(name, tuple(lines)) for name, lines in panels.items()),
            "",
            "share left",
            Scale.NAMES,
            names=tuple(TITLES[stage] for stage in stages),
        ),
    )


def _sets(rows: Sequence[Row]) -> Iterator[Block]:
    known = [row for row in rows if any(survived([row], stage) for stage in STAGES)]
    if known:
        yield Table(
            "funnel-sets",
            "Relevant passages of the labelled sets left after each stage",
            (*texts("condition"), *numbers("questions", *(TITLES[stage] for stage in STAGES)), *texts("lost at")),
            tuple(
                (
                    Cell(row.condition, link=f"#{row.anchor}"),
                    Cell(amount(row.count or None)),
                    *(estimate(_share(row, stage), heat=True) for stage in STAGES),
                    Cell(_blame([row])),
                )
                for row in known
            ),
        )


def _share(row: Row, stage: str) -> Interval | None:
    found = survived([row], stage)
    return found.found if found else None


def _value(found: Interval) -> float:
    return found.value


def _passages(size: int) -> str:
    return f"{short(size)} passages" if size else "size not told"
