"""A life from a seed: the people, what happens to them over three years, and everyday around it.

    cast -> stories, month by month -> what must not appear -> everyday -> things and facts

The same seed and scale give the same life. Knows the order; each story is somebody else's, and so is each format.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from indexers.personal.life import barred, everyday, milestones, stories, trips
from indexers.personal.life.cast import Cast, cast
from indexers.personal.life.diary import Diary
from indexers.personal.life.things import App, Fact, Thing

if TYPE_CHECKING:
    from indexers.personal.life.written import Written

BEGIN, END = date(2023, 7, 1), date(2026, 6, 30)
"""The life's first and last day."""

ROUNDS = 24
"""Most rounds of stories; each has its own month, so that a month names one trip, one dinner, one appointment."""

A_ROUND = 130
"""Things in a life for each round of its stories; a round itself is about fifty."""


@dataclass(frozen=True, slots=True)
class Life:
    """A life: its people, its things in order of time, its facts, and the secrets that were left in it.

    `secrets`: pairs of kind and value.
    """

    seed: int
    scale: int
    cast: Cast
    things: tuple[Thing, ...]
    facts: tuple[Fact, ...]
    secrets: tuple[tuple[str, str], ...]

    def of(self, *apps: App) -> list[Thing]:
        """The things that were left in some programs."""
        return [thing for thing in self.things if thing.app in apps]

    def counts(self) -> Counter[App]:
        """How many things each program has."""
        return Counter(thing.app for thing in self.things)

    def write(self, folder: Path) -> Written:
        """Write every export below a folder that is empty or not there; see `written.py` for what lies where."""
        from indexers.personal.life.written import write

        return write(self, folder)


def live(seed: int = 117, scale: int = 2_000) -> Life:
    """A life of about `scale` things, and no fewer than one round of stories has: about 180."""
    random = Random(f"life {seed}")
    diary = Diary(seed, random, cast(random), BEGIN, END)
    _tell(diary, max(1, min(ROUNDS, scale // A_ROUND)))
    everyday.contacts(diary)
    everyday.fill(diary, scale)
    things = sorted(diary.things, key=lambda thing: (thing.at, thing.number))
    return Life(seed, scale, diary.cast, tuple(things), tuple(diary.facts), tuple(diary.secrets))


def _tell(diary: Diary, rounds: int) -> None:
    """Stories in months of their own, never in the first two: what is booked ahead must lie within the life."""
    random = diary.random
    of_trips, of_stories = trips.Decks.of(diary), stories.Decks.of(diary)
    span = (diary.end - diary.begin).days - 75
    milestones.move(diary, diary.begin + timedelta(days=span * 2 // 3))
    milestones.new_job(diary, diary.begin + timedelta(days=span // 3))
    for at in range(rounds):
        first = _month(diary.begin, 3 + at * 33 // rounds)
        trips.trip(diary, first + timedelta(days=random.randint(0, 20)), of_trips)
        trips.called_off(diary, first + timedelta(days=random.randint(0, 20)), of_trips)
        for story in stories.STORIES:
            story(diary, first + timedelta(days=random.randint(0, 20)), of_stories)
        if at % 4 == 0:
            barred.barred(diary, first + timedelta(days=random.randint(0, 20)))
        if at % 8 == 0:
            barred.secrets(diary, first)


def _month(begin: date, after: int) -> date:
    """The first day of the month so many months later."""
    year, month = divmod(begin.year * 12 + begin.month - 1 + after, 12)
    return date(year, month + 1, 1)
