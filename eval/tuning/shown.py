"""What a tuner found as text for a person, as JSON, and as the curve of survival against time.

Knows findings; knows nothing of how they were come by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from cascade.operating import Number
from eval.intervals import Interval
from eval.report.drawings import Curves, Line, Panel, Point, Scale
from eval.report.values import share
from eval.tables import between, cell, table, times
from eval.tuning.choose import Aim, Measured, frontier
from eval.tuning.knobs import CANDIDATES, RANKED, WINDOW
from eval.tuning.measure import NEAREST
from eval.tuning.spine import Checked, Tuned

LOSES = ((CANDIDATES, "retrieve"), (RANKED, "rerank"), (WINDOW, "pack"))
"""Where something is kept, and the stage that has lost what is not there any more."""


def text(tuned: Tuned) -> str:
    """The table of settings, what each stage loses and takes, and the choice."""
    parts = [_settings(tuned), _stages(tuned)]
    one = tuned.chosen or tuned.of(tuned.widest)
    if len(one.kinds) > 1:
        said = ", ".join(f"{kind} {between(found)}" for kind, found in one.kinds.items())
        parts.append(f"Survival by kind of question: {said}")
    parts += _asides(tuned)
    parts.append(tuned.why)
    return "\n\n".join(parts)


def _settings(tuned: Tuned) -> str:
    """Settings from fastest to slowest; `*` is chosen, `=` in force before, `w` the widest, `|` on the curve."""
    names = [name for name, _ in tuned.widest]
    stages = [stage for stage in (CANDIDATES, NEAREST, RANKED, WINDOW) if stage in tuned.found[0].kept]
    head = ["", *(name.partition(".")[2] for name in names), _said(tuned.aim), *stages, "ms (p95)"]
    rows = []
    on = _curve(tuned.found)
    for one in sorted(tuned.found, key=lambda one: one.ms.median):
        signs = "".join(
            sign
            for sign, true in (
                ("*", one is tuned.chosen), ("=", one.setting == tuned.before), ("w", one.setting == tuned.widest),
                ("|", one in on),
            )
            if true
        )  # fmt: skip
        shown = [_value(value) for _, value in one.setting]
        kept = [share(one.kept[stage].value) for stage in stages]
        tokens = [cell(round(one.tokens))] if tuned.aim.kept == WINDOW else []
        rows.append([signs, *shown, between(one.survival), *kept, times(one.ms), *tokens])
    head += ["packed"] if tuned.aim.kept == WINDOW else []
    return (
        f"{table(head, rows)}\n* chosen, = in force before, w the widest, | on the curve; "
        f"{tuned.found[0].questions:,} questions count, of {tuned.passages:,} passages"
    )


def _said(aim: Aim) -> str:
    return f"survival ({aim.counted}{', relative' if aim.relative else ''})"


def _stages(tuned: Tuned) -> str:
    """Which stage loses what and takes how long, for the choice (or the widest) and for what was in force."""
    shown = dict.fromkeys(["chosen" if tuned.chosen else "", "before", "widest"])
    settings = {"chosen": tuned.chosen.setting if tuned.chosen else (), "before": tuned.before, "widest": tuned.widest}
    lines = []
    for name in filter(None, shown):
        one = tuned.of(settings[name])
        lost = ", ".join(f"{stage} {share(value)}" for stage, value in losses(one).items())
        took = ", ".join(f"{stage} {found.median:.1f}" for stage, found in one.stages.items())
        lines.append([name, lost, took])
    return table(["", "lost by stage", "ms by stage (median)"], lines)


def losses(one: Measured) -> dict[str, float]:
    """The share of all that was asked for that each stage lost."""
    left, found = 1.0, {}
    for kept, stage in LOSES:
        if kept in one.kept:
            found[stage] = max(left - one.kept[kept].value, 0.0)
            left = one.kept[kept].value
    return found


def _asides(tuned: Tuned) -> list[str]:
    most = tuned.of(tuned.widest).kept[tuned.aim.counted]
    said = (
        [f"Of everything that was asked for, the widest setting keeps {between(most)}."] if tuned.aim.relative else []
    )
    if tuned.absent:
        said.append(f"{tuned.absent:,} documents judged relevant are not in the index, and do not count.")
    late = max(one.late for one in tuned.found)
    if late:
        said.append(
            f"Words came too late to nominate, up to {late:,} times: the machine was busy. Tune when it is not."
        )
    for name, origin in tuned.overruled.items():
        said.append(f"{name} is set by {origin}, which comes before what is written into the index.")
    return said


def checked(found: Checked) -> str:
    """What was measured again, beside what was measured then."""
    then, now = found.point, found.now
    rows = [
        ["then", between(Interval(*then.survival)), f"{then.ms[0]:.1f} / {then.ms[1]:.1f}", f"{then.passages:,}"],
        ["now", between(now.survival), times(now.ms), f"{found.passages:,}"],
    ]
    said = list(found.wrong) or ["It holds."]
    if found.wrong:
        said.append("Measure anew: cascade tune INDEX.")
    return f"{table(['', _said(found.aim), 'ms (p95)', 'passages'], rows)}\n\n" + "\n".join(said)


def as_json(tuned: Tuned) -> dict[str, Any]:
    """Every figure by name."""
    on = _curve(tuned.found)
    return {
        "aim": {"survival": tuned.aim.survival, "latency_ms": tuned.aim.latency, "stage": tuned.aim.kept,
                "by": tuned.aim.by, "relative": tuned.aim.relative},
        "passages": tuned.passages,
        "absent": tuned.absent,
        "overruled": tuned.overruled,
        "settings": [{**measured_json(one), "curve": one in on} for one in tuned.found],
        "widest": dict(tuned.widest),
        "before": dict(tuned.before),
        "chosen": dict(tuned.chosen.setting) if tuned.chosen else None,
        "why": tuned.why,
        "point": tuned.point.as_json() if tuned.point else None,
    }  # fmt: skip


def measured_json(one: Measured) -> dict[str, Any]:
    """What was measured of one setting."""
    return {
        "settings": dict(one.setting),
        "survival": list(one.survival),
        "kept": {stage: list(found) for stage, found in one.kept.items()},
        "kinds": {kind: list(found) for kind, found in one.kinds.items()},
        "lost": losses(one),
        "ms": list(one.ms[:2]),
        "stages_ms": {stage: list(found[:2]) for stage, found in one.stages.items()},
        "tokens": one.tokens,
        "late": one.late,
        "questions": one.questions,
    }


def checked_json(found: Checked) -> dict[str, Any]:
    """What was measured again, and what no longer holds."""
    return {
        "ok": not found.wrong,
        "wrong": list(found.wrong),
        "passages": found.passages,
        "point": found.point.as_json(),
        "now": measured_json(found.now),
    }


def drawing(tuned: Tuned) -> Curves:
    """The curve of survival against time, the settings under it, the choice, the old setting, and what was wanted."""
    on = _curve(tuned.found)
    under = [one for one in tuned.found if one not in on]
    lines = [Line("on the curve", tuple(_at(one) for one in on))]
    if under:
        lines.append(Line("under it", tuple(_at(one) for one in under), alone=len(under)))
    if tuned.chosen:
        lines.append(Line("chosen", (_at(tuned.chosen),), alone=1))
    lines.append(Line("in force before", (_at(tuned.of(tuned.before)),), alone=1))
    lines.append(_wanted(tuned))
    note = f"\nchosen: {', '.join(_short(tuned.chosen.setting))}" if tuned.chosen else ""
    said = f"{'relative ' if tuned.aim.relative else ''}survival ({tuned.aim.counted})"
    return Curves((Panel("", tuple(lines)),), f"milliseconds a question (median){note}", said, Scale.LINEAR)


def _wanted(tuned: Tuned) -> Line:
    """The survival that was asked for, as far as the time that was: a single point where nothing is so fast."""
    first, last = (end(one.ms.median for one in tuned.found) for end in (min, max))
    wanted = Interval(tuned.aim.survival, nan, nan)
    ends = (min(first, tuned.aim.latency), min(tuned.aim.latency, last))
    return Line("asked for", tuple(Point(x, wanted) for x in ends))


def _at(one: Measured) -> Point:
    return Point(one.ms.median, one.survival)


def _short(setting: Sequence[tuple[str, Number]]) -> list[str]:
    return [f"{name.partition('.')[2]} {_value(value)}" for name, value in setting]


def _value(value: Number) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _curve(found: Sequence[Measured]) -> list[Measured]:
    return [found[at] for at in frontier([(one.survival.value, one.ms.median) for one in found])]


def mapping(settings: Mapping[str, Number]) -> str:
    """Settings in one line."""
    return ", ".join(_short(list(settings.items())))
