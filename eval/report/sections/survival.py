"""The survival funnel: how many needles of each class and size are left after each stage, and who lost the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.intervals import Interval
from eval.report.blocks import Block, Cell, Picture, Section, Table, estimate, numbers, texts
from eval.report.drawings import Curves, Line, Panel, Point, Scale
from eval.report.pooling import STAGES, Counted, accuracy, blamed, classes, sizes, survived, usual, variants
from eval.report.reading import Kind, Results, Row, slug
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
    for encoder, same in variants(rows, ("encoder",)).items():
        funnels = list(_funnels(same, read))
        if funnels:
            notes = [usual(same), f"Answered by {reader}." if reader else ""]
            yield from _shown(funnels, encoder, " ".join(note for note in notes if note))


def _shown(funnels: Sequence[Funnel], encoder: str, note: str) -> Iterator[Block]:
    name, tail = (f"-{slug(encoder)}", f" ({encoder})") if encoder else ("", "")
    stages = [stage for stage in TITLES if any(funnel.steps[stage] for funnel in funnels)]
    yield _picture(f"survival{name}", tail, funnels, stages)
    yield Table(
        f"funnel{name}",
        f"Needles left after each stage, by class and size{tail}",
        (*texts("class"), *numbers("passages", "n", *(TITLES[stage] for stage in stages)), *texts("lost at")),
        tuple(_line(funnel, stages) for funnel in funnels),
        f"Each cell: share, 95% interval, count. Depths are pooled. {note}".strip(),
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


def _picture(name: str, tail: str, funnels: Sequence[Funnel], stages: Sequence[str]) -> Picture:
    panels: dict[str, list[Line]] = {}
    for funnel in funnels:
        steps = [(x, stage, funnel.steps[stage]) for x, stage in enumerate(stages)]
        points = tuple(Point(x, one.found) for x, _, one in steps if one is not None)
        alone = sum(one is not None and stage in ALONE for _, stage, one in steps)
        panels.setdefault(funnel.name, []).append(Line(_passages(funnel.size), points, alone))
    least = min((point.found for lines in panels.values() for line in lines for point in line.points), key=_value)
    return Picture(
        name,
        f"Needles left after each stage{tail}",
        f"A panel for each of {len(panels)} classes, a line for each haystack size, a point for each stage with its "
        f"95% interval; the lowest point is {estimate(least).text}. The table below holds the figures.",
        Curves(
            tuple(Panel(title, tuple(lines)) for title, lines in panels.items()),
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
