"""Rows brought together: by class and size, by encoder and effort, means over sets, shares over conditions.

Knows rows and figures; knows nothing of how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import TypeVar

from eval.intervals import Interval, wilson
from eval.report.reading import Row
from eval.report.values import figure, plain, sure

K = TypeVar("K", bound=Hashable)

STAGES = ("dense", "lexical", "retrieved", "reranked", "packed")
VARIANT = ("encoder", "effort")
WITHIN = ("hops", "window")


@dataclass(frozen=True, slots=True)
class Counted:
    """A share with its interval, and the counts it comes from."""

    found: Interval
    kept: int
    of: int


def grouped(rows: Iterable[Row], key: Callable[[Row], K]) -> dict[K, list[Row]]:
    """Rows by a key, in the order in which each key was first seen."""
    found: dict[K, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def variants(rows: Sequence[Row], names: Sequence[str] = VARIANT) -> dict[str, list[Row]]:
    """Rows by those of the named settings that differ among them; one group named "" when none does."""
    said = {name: {plain(row.settings[name]) for row in rows if row.settings.get(name) is not None} for name in names}
    differing = [name for name in names if len(said[name]) > 1]
    return grouped(rows, lambda row: described(row, differing))


def described(row: Row, names: Sequence[str]) -> str:
    """Settings as words: `minilm, effort high`."""
    said = [(name, plain(row.settings[name])) for name in names if row.settings.get(name) is not None]
    return ", ".join(value if name in ("encoder", "reader") else f"{name} {value}" for name, value in said)


def classes(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by class of needle, told apart by hops and window within a class, and by encoder and effort.

    What most rows have of encoder and effort is not said in the name, unless a class has others too; `usual` says it.
    """
    held = variants(rows)
    named = {name for name, same in grouped(rows, _class).items() if len(variants(same)) > 1}
    common = max(held, key=lambda variant: len(held[variant]))
    found: dict[str, list[Row]] = {}
    for variant, same in held.items():
        for name, members in grouped(same, _class).items():
            for inner, pooled in variants(members, WITHIN).items():
                said = variant if variant != common or name in named else ""
                found[" · ".join(part for part in (name, inner, said) if part)] = pooled
    return found


def usual(rows: Sequence[Row]) -> str:
    """The encoder and effort of the classes that `classes` names without."""
    held = variants(rows)
    common = max(held, key=lambda variant: len(held[variant]))
    return f"Where nothing else is named: {common}." if common else ""


def sizes(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Rows by passages of the index, smallest first."""
    found = grouped(rows, lambda row: row.passages)
    return dict(sorted(found.items()))


def survived(rows: Sequence[Row], stage: str) -> Counted | None:
    """The share of needles that survive a stage: with the row's own interval for one row, Wilson's for more."""
    counted = [one for row in rows if (one := _survived(row, stage)) is not None]
    if not counted:
        return None
    if len(counted) == 1:
        return counted[0]
    kept, of = sum(one.kept for one in counted), sum(one.of for one in counted)
    return Counted(wilson(kept, of), kept, of)


def accuracy(rows: Sequence[Row], who: str) -> Counted | None:
    """The share of right answers of some conditions, as `survived`."""
    counted = [
        Counted(found, round(found.value * row.count), row.count)
        for row in rows
        if (found := figure(row.summary, "accuracy", who)) is not None
    ]
    if len(counted) == 1:
        return counted[0]
    kept, of = sum(one.kept for one in counted), sum(one.of for one in counted)
    return Counted(wilson(kept, of), kept, of) if of else None


def mean(found: Sequence[Interval], weights: Sequence[float] | None = None) -> Interval:
    """The weighted mean of independent estimates, with an interval recovered from theirs (MOVER).

    Zou and Donner, Construction of confidence limits about effect measures, 2008: the distances of the ends from the
    values add up as variances do. Without an interval where one of them has none.
    """
    shares = [1.0] * len(found) if weights is None else list(weights)
    total = sum(shares)
    shares = [one / total for one in shares]
    value = sum(weight * one.value for weight, one in zip(shares, found, strict=True))
    if not all(sure(one) for one in found):
        return Interval(value, nan, nan)
    low = sqrt(sum((weight * (one.value - one.low)) ** 2 for weight, one in zip(shares, found, strict=True)))
    high = sqrt(sum((weight * (one.high - one.value)) ** 2 for weight, one in zip(shares, found, strict=True)))
    return Interval(value, value - low, value + high)


def mean_of_sets(rows: Sequence[Row], take: Callable[[Row], Interval | None]) -> Interval | None:
    """The mean over sets, each counting the same; the rows of one set (its languages, say) count by their questions.

    None unless every row has the figure: a mean over other sets than its neighbour's cannot be compared.
    """
    found = [take(row) for row in rows]
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    asked: dict[str, int] = {}
    for row in rows:
        asked[set_of(row)] = asked.get(set_of(row), 0) + max(row.count, 1)
    return mean(known, [max(row.count, 1) / asked[set_of(row)] for row in rows])


def set_of(row: Row) -> str:
    """The name of a row's labelled set."""
    return plain(row.settings.get("set", row.condition))


def groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of sets by the group that their settings name (a name, several, or the sets that are in it), then all."""
    present = {set_of(row) for row in rows}
    found: dict[str, list[Row]] = {}
    for row in rows:
        for name, member in _memberships(row, present):
            if member:
                found.setdefault(name, []).append(row)
    whole = {name: members for name, members in found.items() if len(members) < len(rows)}
    return {**whole, "all": list(rows)}


def blamed(rows: Iterable[Row]) -> dict[str, int]:
    """How many were lost at which stage, the most first."""
    found: dict[str, int] = {}
    for row in rows:
        held = row.summary.get("blame")
        for stage, count in held.items() if isinstance(held, Mapping) else ():
            if isinstance(count, int) and count:
                found[str(stage)] = found.get(str(stage), 0) + count
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _class(row: Row) -> str:
    return plain(row.settings.get("class", row.condition))


def _survived(row: Row, stage: str) -> Counted | None:
    kept = [query["kept"].get(stage) for query in row.queries if isinstance(query.get("kept"), Mapping)]
    told = [bool(one) for one in kept if one is not None]
    found = figure(row.summary, "stages", stage)
    if told:
        return Counted(found if found and sure(found) else wilson(sum(told), len(told)), sum(told), len(told))
    return None if found is None else Counted(found, round(found.value * row.count), row.count)


def _memberships(row: Row, present: set[str]) -> list[tuple[str, bool]]:
    said = row.settings.get("group")
    if isinstance(said, str):
        return [(said, True)] if said else []
    if not isinstance(said, list | tuple):
        return []
    if any(str(one) in present for one in said):
        return [(f"the {len(said)} named", set_of(row) in {str(one) for one in said})]
    return [(str(one), True) for one in said]
