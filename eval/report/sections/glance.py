"""The figures worth a glance, at the top: one for each kind of row that the results hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eval.intervals import Interval
from eval.report.blocks import Key, Keys, Section
from eval.report.pooling import accuracy, groups, mean_of_sets, sizes, survived, variants
from eval.report.reading import Kind, Results, Row
from eval.report.values import between, figure, share, spread, under


def section(results: Results) -> Section:
    """Means over sets, survival at the largest size, answers there, and the time of a question."""
    keys = (
        *_sets(results.of(Kind.SETS)),
        *_needles(results.of(Kind.NEEDLES)),
        *_answers(results.of(Kind.ANSWERS)),
        *_latency(results.of(Kind.LATENCY)),
    )
    return Section("glance", "At a glance", "", (Keys(keys),) if keys else ())


def _sets(rows: Sequence[Row]) -> Iterator[Key]:
    for variant, same in variants(rows).items():
        name, members = next(iter(groups(same).items()))
        for measure in ("all@117", "ndcg@10"):
            found = _mean(members, "cascade", measure)
            rival = _mean(members, "rrf", measure)
            if found is not None:
                beside = f"rank fusion {share(rival.value)}" if rival else ""
                label = f"{_title(measure)}, mean of {_group(name, members)}{_of(variant)}"
                yield Key(label, share(found.value), _lines(found, beside), "#sets")


def _needles(rows: Sequence[Row]) -> Iterator[Key]:
    for variant, same in variants(rows).items():
        largest, members = next(reversed(sizes(same).items()), (0, []))
        for stage, said in (("reranked", "among the 117"), ("packed", "in the window")):
            found = survived(members, stage)
            if found is not None:
                label = f"needles {said} at {largest:,} passages{_of(variant)}"
                yield Key(label, share(found.found.value), _lines(found.found, f"n {found.of:,}"), "#survival")


def _answers(rows: Sequence[Row]) -> Iterator[Key]:
    for variant, same in variants(rows, ("reader", "window")).items():
        largest, members = next(reversed(sizes(same).items()), (0, []))
        found, alone = accuracy(members, "cascade"), accuracy(members, "passage alone")
        if found is not None:
            beside = f"passage alone {share(alone.found.value)}" if alone else ""
            label = f"answers right at {largest:,} passages{_of(variant)}"
            yield Key(label, share(found.found.value), _lines(found.found, beside), "#answers")


def _latency(rows: Sequence[Row]) -> Iterator[Key]:
    for variant, same in variants(rows).items():
        largest, members = next(reversed(sizes(same).items()), (0, []))
        total = spread(under(members[-1].summary, "stages"), "total") if members else None
        if total is not None:
            label = f"a question at {largest:,} passages, median{_of(variant)}"
            yield Key(label, f"{total[0]:,.0f} ms", f"95th percentile {total[1]:,.0f} ms", "#latency")


def _mean(rows: Sequence[Row], who: str, measure: str) -> Interval | None:
    return mean_of_sets(rows, lambda row: figure(row.summary, "systems", who, measure))


def _title(measure: str) -> str:
    return "nDCG@10" if measure == "ndcg@10" else measure


def _group(name: str, rows: Sequence[Row]) -> str:
    sets = len({str(row.settings.get("set", row.condition)) for row in rows})
    return f"all {sets} sets" if name == "all" else f"the {sets} sets of “{name}”"


def _of(variant: str) -> str:
    return f" · {variant}" if variant else ""


def _lines(found: Interval, beside: str) -> str:
    return " · ".join(part for part in (between(found), beside) if part)
