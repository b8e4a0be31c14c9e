"""`cascade tune`: the path. Questions -> settings -> what survives each, in what time -> a choice -> the index.

    ground(index, questions) -> every setting -> search -> choose -> Point -> one commit

Knows the order of the steps; each step is somebody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cascade import operating
from cascade.config import Config
from cascade.errors import NotFound, UsageError
from cascade.index import manifest
from cascade.index.layout import Layout
from cascade.index.writer import Writer
from cascade.operating import INDEX, Point
from eval.tuning.asked import QUERIES, Ground, Source, ground
from eval.tuning.choose import Aim, Measured, choose, drift, fewest
from eval.tuning.knobs import TUNER, Setting, as_set, ladders, settings, widest
from eval.tuning.search import Heard, Rungs, search


@dataclass(frozen=True, slots=True)
class Tuned:
    """What was measured and what is chosen of it; `point` is None where nothing meets the aim, and `why` says so.

    `before`: the setting that was in force. `overruled`: knobs that a file, a variable or a flag sets, with which one:
    there the index is not asked. `absent`: judged relevant, and not in the index.
    """

    aim: Aim
    found: Sequence[Measured]
    widest: Setting
    before: Setting
    chosen: Measured | None
    why: str
    point: Point | None
    passages: int
    absent: int
    overruled: dict[str, str]

    def of(self, setting: Setting) -> Measured:
        """What was measured of a setting."""
        return next(one for one in self.found if one.setting == setting)


@dataclass(frozen=True, slots=True)
class Checked:
    """An operating point, what was measured of it now, and what no longer holds. `passages`: in the index now."""

    point: Point
    now: Measured
    wrong: Sequence[str]
    passages: int
    aim: Aim


def tune(
    root: Path, config: Config, aim: Aim, source: Source, heard: Heard | None = None, rungs: Rungs | None = None
) -> Tuned:
    """Measure settings on an index, which is left as it is, and choose one.

    Raises UsageError where so few questions could show no such survival, or where there is nothing to turn.
    """
    if source.most < fewest(aim.survival):
        raise UsageError(
            f"{source.most} questions cannot show a survival of {aim.survival:g}, even if nothing is lost: "
            f"ask at least {fewest(aim.survival)}, or ask for less."
        )
    with ground(root, config, source) as place:
        chosen = ladders(place.engine, aim.kept)
        if not chosen:
            raise UsageError(
                f"{root} has {place.passages:,} passages: each of them is a candidate, whatever is set. There is "
                "nothing to tune but the tokens that are packed: --stage window."
            )
        most, before = widest(place.engine, chosen), as_set(place.engine.config, chosen)
        tried = settings(place.engine, chosen)
        found = search(place, tried, (most, before), aim, heard, rungs)
        best, why = choose(found, aim)
        point = _point(best, place, aim, source) if best else None
        return Tuned(aim, found, most, before, best, why, point, place.passages, place.absent, _overruled(place))


def check(root: Path, config: Config, sets: tuple[Path, ...] = (), heard: Heard | None = None) -> Checked:
    """Measure what is in force on an index once more, with the questions it was chosen by.

    Raises NotFound where the index has no operating point, UsageError where its labelled sets are not given.
    """
    point = standing(root)
    source = Source(point.questions if point.by == "needles" else 0, sets, point.questions, point.seed)
    if (source.by, sorted(source.names)) != (point.by, sorted(point.sets)):
        asks = " ".join(f"--queries .../{name}" for name in point.sets) if point.by == QUERIES else "no --queries"
        raise UsageError(f"{root} was tuned with other questions. To compare, give {asks}.")
    aim = Aim(point.wanted[0], point.wanted[1], point.kept, point.by, point.relative)
    with ground(root, config, source) as place:
        chosen = ladders(place.engine, aim.kept)
        always = (widest(place.engine, chosen), as_set(place.engine.config, chosen))
        found = search(place, (), always, aim, heard)
        now = next(one for one in found if one.setting == always[1])
        return Checked(point, now, drift(point, now), place.passages, aim)


def standing(root: Path) -> Point:
    """The operating point of an index. Raises NotFound where it has none."""
    said = manifest.read(Layout(root)).notes.get(operating.NOTE)
    if not said:
        raise NotFound(f"{root} has no operating point. Measure one: cascade tune {root}")
    return operating.parse(said)


def write(root: Path, point: Point | None) -> None:
    """Give an index an operating point, or take it away (None), in one commit. Raises Locked."""
    with Writer(root) as writer:
        writer.note(operating.NOTE, point.as_json() if point else None)
        writer.commit()


def _point(best: Measured, place: Ground, aim: Aim, source: Source) -> Point:
    return Point(
        dict(best.setting), datetime.now(UTC).isoformat(timespec="seconds"), place.passages, aim.kept, aim.by,
        source.most, source.seed, (_short(best.survival.value), _short(best.survival.low), _short(best.survival.high)),
        (_short(best.ms.median), _short(best.ms.p95)), (aim.survival, aim.latency), aim.relative, source.names,
    )  # fmt: skip


def _short(figure: float) -> float:
    return round(float(figure), 4)


def _overruled(place: Ground) -> dict[str, str]:
    config = place.engine.config
    return {
        name: of for name, of in config.origins.items() if name in operating.NAMED and of not in (INDEX, TUNER)
    }  # fmt: skip
