"""Questions of a generated life: of the facts planted in it, how many are still there after each stage, by class.

`time` says what is done with time words in a question. `words` leaves them to the encoder. `filter` turns them into a
filter, and so loses what was written before or after what it is about: a hotel is booked in March for May. `both` asks
twice, with half of the 117 and of the window each. The life ends on its last day: that is now.
Knows planted facts and rankings; knows no answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from functools import partial
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from cascade.data import CEILING
from cascade.errors import BadConfig
from eval.intervals import wilson
from eval.survival import BLAMED, STAGES, Seen, blame, follow, shares, spreads
from eval.work import Detail, Task
from indexers.personal.life import Class, Fact
from indexers.personal.life.diary import ZONE
from indexers.personal.life.life import END
from indexers.personal.timewords import time_words

NOW = datetime.combine(END, time(20), ZoneInfo(ZONE))
"""When the questions are asked."""

TIMES = ("words", "filter", "both")


class Personal:
    """The facts of one class of a life."""

    def __init__(self, task: Task) -> None:
        self.task = task
        said = task.settings
        if said["class"] not in list(Class):
            raise BadConfig(f"{task.condition.name}: no facts are {said['class']!r}. There are: {', '.join(Class)}.")
        if said["time"] not in TIMES:
            raise BadConfig(f"{task.condition.name}: time = {said['time']!r} is none of {', '.join(TIMES)}.")

    def __enter__(self) -> Personal:
        said = self.task.settings
        self.living = self.task.ground.living(said["encoder"])
        config = self.task.configured()
        self.engine = self.living.engine(config)
        self.half = self.living.engine(replace(config, window=config.window // 2), self.engine)
        facts = [one for one in self.living.life.facts if one.kind == said["class"]]
        self.facts = facts[: self.task.at_most(said["count"] or len(facts))]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()

    @property
    def settings(self) -> dict[str, Any]:
        """With how many facts there are, and what was taken in."""
        return {**self.task.measured(self.engine), "count": len(self.facts), "life": self.living.counts()}

    @property
    def ids(self) -> Sequence[str]:
        """The facts' numbers."""
        return [str(fact.number) for fact in self.facts]

    def one(self, at: int) -> Detail:
        """Ask for one fact and follow what its answer needs."""
        fact, way = self.facts[at], self.task.settings["time"]
        said = time_words(fact.question, NOW) if way != "words" else None
        narrow = said.range.filter(NOW.tzinfo) if said else ""
        twice = bool(narrow) and way == "both"
        seen = self._follow(fact, narrow, twice)
        if twice:
            seen = either(seen, self._follow(fact, "", twice))
        return {
            "_id": str(fact.number),
            "question": fact.question,
            "filter": narrow,
            "kept": seen.kept,
            "links": seen.links,
            "ms": seen.ms,
            "tokens": seen.context.tokens,
            "bytes": seen.bytes,
        }

    def summary(self, found: Sequence[Detail]) -> dict[str, Any]:
        """Survival by stage, blame and cost; `leaked`: what must not appear and is in the index all the same."""
        return {
            "stages": shares(found),
            "blame": blame([link for one in found for link in one["links"]]),
            "filtered": wilson(sum(bool(one["filter"]) for one in found), len(found)),
            "leaked": len(self.living.leaked(self.engine)),
            "latency_ms": spreads(found),
            "tokens": float(np.median([one["tokens"] for one in found])),
            "bytes": float(np.median([one["bytes"] for one in found])),
        }

    def _follow(self, fact: Fact, narrow: str, half: bool) -> Seen:
        """Ask for a fact under a filter, with all of the window or half of it."""
        engine = self.half if half else self.engine
        return follow(engine, partial(engine.query, fact.question, filter=narrow), self.living.links(fact, engine))


def either(one: Seen, other: Seen) -> Seen:
    """What is there in one of two rankings that share the 117 and the window: of the 117, half each."""
    links = []
    for first, second in zip(one.links, other.links, strict=True):
        kept = {stage: first["kept"][stage] or second["kept"][stage] for stage in STAGES}
        kept["reranked"] = any(link["rank"] is not None and link["rank"] <= CEILING // 2 for link in (first, second))
        lost = next((name for stage, name in BLAMED.items() if not kept[stage]), None)
        links.append({**first, "kept": kept, "blame": lost})
    ms = {name: one.ms.get(name, 0.0) + other.ms.get(name, 0.0) for name in {**one.ms, **other.ms}}
    return replace(one, links=links, ms=ms, bytes=one.bytes + other.bytes)
