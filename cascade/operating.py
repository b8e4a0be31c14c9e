"""An index's operating point: settings that were measured on it, kept in its manifest, and how effort scales them.

    defaults < the index's operating point < cascade.toml < environment < flags

A point is a table in the manifest's notes (docs/format.md). A new setting that may stand in one is a line in `KNOBS`.
Knows settings and numbers; knows nothing of an index, of stages, or of how a point is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, get_type_hints

from cascade.config import Config
from cascade.data import CEILING, WIDTH, Effort

NOTE: Final = "operating"
"""The note of the manifest that holds a point."""

INDEX: Final = "the operating point of the index"
"""What `Config.origins` says of a setting that a point sets."""

FACTORS: Final = MappingProxyType({Effort.LOW: 1 / 3, Effort.NORMAL: 1.0, Effort.HIGH: 2.0, Effort.MAX: 4.0})
"""By effort: how many times what a point says. The third is what low effort takes of the default candidates."""

Number = int | float

KEPT: Final = ("candidates", "ranked", "window")
"""Where survival may have been measured: among the candidates, among the 117, in the window."""

SOURCES: Final = ("needles", "queries", "passages")
"""Whose questions were asked: planted needles', labelled ones, or some made of the index's own passages."""


@dataclass(frozen=True)
class Knob:
    """A setting that may stand in a point: `stage.field` of `Config`, and the range of what it may be.

    `scaled`: effort multiplies it here; otherwise a stage does so itself, or effort does not change it.
    """

    name: str
    least: float
    most: float
    scaled: bool = True

    @cached_property
    def kind(self) -> type[Number]:
        """Whether it is a whole number."""
        stage, name = self.name.split(".")
        found: type[Number] = get_type_hints(type(getattr(DEFAULTS, stage)))[name]
        return found

    def sound(self, value: Any) -> bool:
        """Whether a value may stand in a point."""
        whole = type(value) is int
        return (whole or (type(value) is float and self.kind is float)) and self.least <= value <= self.most

    def of(self, config: Config) -> Number:
        """What settings say."""
        stage, name = self.name.split(".")
        found: Number = getattr(getattr(config, stage), name)
        return found

    def turned(self, config: Config, value: Number) -> Config:
        """The settings with another value, within the range."""
        stage, name = self.name.split(".")
        within = min(max(value, self.least), self.most)
        bound = round(within) if self.kind is int else float(within)
        return replace(config, **{stage: replace(getattr(config, stage), **{name: bound})})


DEFAULTS: Final = Config()

KNOBS: Final = (
    Knob("retrieve.scanned", 1, 1 << 40, scaled=False),
    Knob("retrieve.patience", 0, 1, scaled=False),
    Knob("retrieve.width", CEILING, WIDTH),
    Knob("retrieve.lexical", 0, WIDTH),
    Knob("rerank.judged", 1, 1_000),
    Knob("pack.tokens", 0, 1 << 24),
)
"""What a point may set. The engine itself multiplies the codes that are compared by effort, tuned or not."""

NAMED: Final = MappingProxyType({knob.name: knob for knob in KNOBS})
"""The knobs by name."""


@dataclass(frozen=True, slots=True)
class Point:
    """Settings, and what was measured with them.

    `settings`: by name, as in `KNOBS`. `measured`: when, ISO 8601. `passages`: in the index then. `kept`: where
    survival was looked at (`KEPT`). `by`: one of `SOURCES`; `sets`: the labelled sets' names. `survival`: value, low
    and high end of its 95% interval. `relative`: it is the share of what the widest setting keeps. `ms`: median and
    95th percentile. `wanted`: the least survival and the most milliseconds that were asked for.
    """

    settings: Mapping[str, Number]
    measured: str
    passages: int
    kept: str
    by: str
    questions: int
    seed: int
    survival: tuple[float, float, float]
    ms: tuple[float, float]
    wanted: tuple[float, float]
    relative: bool = True
    sets: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the manifest holds it."""
        said = asdict(self) | {"settings": dict(self.settings)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def parse(said: Any) -> Point:
    """A point as the manifest holds it. Raises ValueError for a field that is unknown, missing or impossible."""
    if not isinstance(said, Mapping):
        raise ValueError("an operating point is a table of fields")
    needed = {one.name for one in fields(Point) if one.default is MISSING}
    if unknown := said.keys() - {one.name for one in fields(Point)}:
        raise ValueError(f"an operating point has no field {min(map(str, unknown))[:80]!r}")
    if missing := needed - said.keys():
        raise ValueError(f"the operating point has no {min(missing)}")
    for name, value in said.items():
        if not _FIELDS[name](value):
            raise ValueError(f"{name} of the operating point cannot be {str(value)[:80]!r}")
    made: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Point(**made)


def sound(said: Any) -> bool:
    """Whether a manifest may hold this as its operating point."""
    try:
        parse(said)
    except ValueError:
        return False
    return True


def applied(config: Config, said: Any) -> Config:
    """Settings over an index: what its point says, where nobody said otherwise. `said`: the note, None without one.

    What is not as it is by default was said by somebody, also where `origins` does not know by whom. What a point set
    before is forgotten first, so that settings can go from one commit of an index to the next. Raises ValueError.
    """
    made = replace(config, origins={name: of for name, of in config.origins.items() if of != INDEX})
    for name, of in config.origins.items():
        if of == INDEX:
            made = NAMED[name].turned(made, NAMED[name].of(DEFAULTS))
    if said is None:
        return made
    for name, value in parse(said).settings.items():
        knob = NAMED[name]
        if name not in made.origins and knob.of(made) == knob.of(DEFAULTS):
            made = replace(knob.turned(made, value), origins={**made.origins, name: INDEX})
    return made


def scaled(config: Config, effort: Effort) -> Config:
    """The settings at an effort: what comes from a point is multiplied; what somebody set stays as it was set."""
    made = config
    for name, of in config.origins.items():
        if of == INDEX and NAMED[name].scaled:
            made = NAMED[name].turned(made, NAMED[name].of(config) * FACTORS[effort])
    return made


def _numbers(count: int, most: float = 1e18) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and len(value) == count and all(
        type(one) in (int, float) and 0 <= one <= most for one in value
    )  # fmt: skip


def _settings(value: Any) -> bool:
    return isinstance(value, Mapping) and all(name in NAMED and NAMED[name].sound(one) for name, one in value.items())


def _time(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) <= 40 and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


def _names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) and len(one) <= 1000 for one in value)


def _survival(value: Any) -> bool:
    return _numbers(3, 1)(value) and value[1] <= value[0] <= value[2]


_FIELDS: Final[Mapping[str, Callable[[Any], bool]]] = MappingProxyType({
    "settings": _settings, "measured": _time, "passages": _count, "kept": lambda value: value in KEPT,
    "by": lambda value: value in SOURCES, "questions": _count, "seed": _count, "survival": _survival,
    "ms": _numbers(2), "wanted": _numbers(2), "relative": lambda value: isinstance(value, bool), "sets": _names,
})  # fmt: skip
"""What each field of a point may be."""
