"""What may be turned, which values are tried, and every setting that comes of it.

A knob is a line in `cascade.operating.KNOBS`; that it is tried is a line in `LADDERS`.
Knows an engine's settings and size; knows nothing of questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from cascade.config import Config
from cascade.engine import Engine
from cascade.operating import DEFAULTS, KEPT, NAMED, Number

CANDIDATES, RANKED, WINDOW = KEPT

TUNER = "the tuner"
"""What `Config.origins` says of a setting that is tried: it comes before the index's own."""

Setting = tuple[tuple[str, Number], ...]
"""The name and the value of each knob that is turned, in the order of `LADDERS`."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The values of one knob that are tried, cheapest first. `applies`: whether turning it changes anything.

    `same`: what values come to on an engine; of those that come to the same, the first is tried, or the default where
    it is one of them: what is written then holds for the index when it has grown, too.
    """

    name: str
    tried: tuple[Number, ...]
    applies: Callable[[Engine, str], bool]
    same: Callable[[Engine, Number], object] = lambda _, value: value

    def values(self, engine: Engine) -> tuple[Number, ...]:
        """The values that differ on this engine."""
        found: dict[object, Number] = {}
        for value in self.tried:
            found.setdefault(self.same(engine, value), value)
        default = NAMED[self.name].of(DEFAULTS)
        if (at := self.same(engine, default)) in found:
            found[at] = default
        return tuple(found.values())


def _listed(engine: Engine, kept: str) -> bool:
    """Whether vectors are looked for in lists at all: some segment has them, and not everything is a candidate."""
    return bool(engine.snapshot.lists) and _wide(engine, kept)


def _wide(engine: Engine, _: str) -> bool:
    return len(engine.snapshot) > min(_WIDTHS)


def _judges(engine: Engine, _: str) -> bool:
    return engine.scorer is not None  # which loads it, once for all settings


def _packs(_: Engine, kept: str) -> bool:
    return kept == WINDOW


def _within(engine: Engine, value: Number) -> object:
    """More than there are passages are as many as there are."""
    return min(value, len(engine.snapshot))


def _room(engine: Engine, tokens: Number) -> object:
    """No limit is the window itself; limits beyond it are none."""
    return min(tokens or engine.reader.window, engine.reader.window)


_WIDTHS = (1_000, 3_000, 10_000, 30_000)

_CODES = tuple(step * 10**power for power in range(4, 12) for step in (1, 3))

LADDERS = (
    Ladder("retrieve.scanned", _CODES, _listed, _within),
    Ladder("retrieve.patience", (0.05, 0.0), _listed),
    Ladder("retrieve.width", _WIDTHS, _wide, _within),
    Ladder("retrieve.lexical", (300, 1_000, 3_000, 12_000), _wide, _within),
    Ladder("rerank.judged", (10, 25, 50, 100, 200), _judges),
    Ladder("pack.tokens", (256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 0), _packs, _room),
)
"""What is tried. The scan reads every candidate, so that its depth is the number of candidates."""


def ladders(engine: Engine, kept: str) -> list[Ladder]:
    """Those that change something on this engine, where survival is looked at in `kept`."""
    return [ladder for ladder in LADDERS if ladder.applies(engine, kept)]


def settings(engine: Engine, chosen: Sequence[Ladder]) -> list[Setting]:
    """Every combination; words never nominate more than may be candidates."""
    names = [ladder.name for ladder in chosen]
    made = [tuple(zip(names, values, strict=True)) for values in product(*(one.values(engine) for one in chosen))]
    return [one for one in made if _possible(dict(one))]


def widest(engine: Engine, chosen: Sequence[Ladder]) -> Setting:
    """The most of everything: what no other setting is expected to surpass."""
    return tuple((ladder.name, ladder.values(engine)[-1]) for ladder in chosen)


def cost(setting: Setting) -> tuple[float, ...]:
    """What a setting looks at, to be compared with that of others over the same knobs: the less, the cheaper."""
    falls = {one.name for one in LADDERS if one.tried[0] > one.tried[1]}
    return tuple(-value if name in falls else value for name, value in setting)


def as_set(config: Config, chosen: Iterable[Ladder]) -> Setting:
    """The setting that is in force."""
    return tuple((ladder.name, NAMED[ladder.name].of(config)) for ladder in chosen)


def turned(config: Config, setting: Setting) -> Config:
    """Settings with some of them turned, whoever set them."""
    for name, value in setting:
        config = NAMED[name].turned(config, value)
    return replace(config, origins={**config.origins, **dict.fromkeys((name for name, _ in setting), TUNER)})


def _possible(setting: dict[str, Number]) -> bool:
    return setting.get("retrieve.lexical", 0) <= setting.get("retrieve.width", float("inf"))
