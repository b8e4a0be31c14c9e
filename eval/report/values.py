"""Figures as rows of results hold them, taken out without trusting their shape, and written as the report shows them.

An interval is `[value, low, high]`; a bare number is a figure without an interval (its ends are NaN). What is absent,
of another type or not finite is None, and is shown as a dash. Knows numbers and mappings only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, isnan, nan
from typing import Any

from eval.intervals import Interval
from eval.tables import cell

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
UNITS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def under(holder: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at a path of keys; empty where there is none."""
    found = _at(holder, path)
    return found if isinstance(found, Mapping) else {}


def number(holder: Any, *path: str) -> float | None:
    """The number at a path of keys."""
    found = _at(holder, path)
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        return None
    return float(found)


def whole(holder: Any, *path: str) -> int | None:
    """The number at a path of keys, rounded to a whole one."""
    found = number(holder, *path)
    return None if found is None else round(found)


def figure(holder: Any, *path: str) -> Interval | None:
    """The estimate at a path of keys, with its interval where it has one."""
    found = _at(holder, path)
    if not isinstance(found, Sequence) or isinstance(found, str):
        alone = number(found)
        return None if alone is None else Interval(alone, nan, nan)
    numbers = [number(one) for one in found]
    if len(numbers) != 3 or numbers[0] is None:
        return None
    low, high = (nan if end is None else end for end in numbers[1:])
    return Interval(numbers[0], low, high)


def spread(holder: Any, *path: str) -> tuple[float, float] | None:
    """Median and 95th percentile at a path of keys."""
    found = _at(holder, path)
    if not isinstance(found, Sequence) or isinstance(found, str) or len(found) != 2:
        return None
    median, p95 = number(found[0]), number(found[1])
    return None if median is None or p95 is None else (median, p95)


def sure(found: Interval) -> bool:
    """Whether an estimate has an interval."""
    return not (isnan(found.low) or isnan(found.high))


def share(value: float) -> str:
    """A share to three places without the nought: `.596`, `1.000`, `−.032`."""
    text = f"{abs(value):.3f}"
    text = text[1:] if text.startswith("0.") else text
    return f"{MINUS}{text}" if value < 0 and text != ".000" else text


def signed(value: float) -> str:
    """A difference: `+.025`, `−.032`, `.000`."""
    text = share(value)
    return text if text in (".000",) or text.startswith(MINUS) else f"+{text}"


def between(found: Interval) -> str:
    """The interval alone: `[.571, .620]`; empty where there is none."""
    return f"[{share(found.low)}, {share(found.high)}]" if sure(found) else ""


def amount(value: float | None) -> str:
    """A number that is no share: thousands with commas, a dash for None."""
    if value is None:
        return DASH
    return f"{round(value):,}" if float(value).is_integer() or abs(value) >= 1000 else cell(value)


def short(value: float) -> str:
    """A size for an axis: `1k`, `10M`, `437.9k`."""
    for unit, name in UNITS:
        if abs(value) >= unit:
            return f"{value / unit:.1f}".removesuffix(".0") + name
    return f"{value:g}"


def plain(value: Any) -> str:
    """Any value of a row as one line of text, for the table that shows everything."""
    found = figure(value) if isinstance(value, list | tuple) else None
    if found is not None:
        return f"{share(found.value)} {between(found)}".strip()
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return amount(value) if isfinite(value) else DASH
    if isinstance(value, list | tuple):
        return ", ".join(plain(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(one)}" for key, one in value.items())
    return str(value)


def flat(holder: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A nested mapping as one of paths: `{"a": {"b": 1}}` is `{"a b": 1}`."""
    found: dict[str, Any] = {}
    for key, value in holder.items():
        path = f"{before} {key}".strip()
        if isinstance(value, Mapping):
            found |= flat(value, path)
        else:
            found[path] = value
    return found


def _at(holder: Any, path: Sequence[str]) -> Any:
    for key in path:
        if not isinstance(holder, Mapping):
            return None
        holder = holder.get(key)
    return holder
