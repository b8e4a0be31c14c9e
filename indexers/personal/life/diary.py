"""A life as it is being told: things and facts in the order in which stories and everyday hand them in.

Knows numbers, canaries and wall time (`ZONE`); knows nothing of stories or of formats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from indexers.personal.life.cast import Cast
from indexers.personal.life.prose import Prose
from indexers.personal.life.things import App, Class, Fact, Somebody, Thing, canary
from indexers.sources.connectors.clock import MONTH_NAMES

ZONE = "Europe/Copenhagen"
"""Where the life is lived: what programs that store wall time alone write is wall time here."""


class Deck:
    """Cards in random order, dealt one by one; shuffled anew when all are dealt."""

    def __init__(self, random: Random, cards: Sequence[Any]) -> None:
        self._random, self._cards = random, list(cards)
        self._left: list[Any] = []

    def deal(self) -> Any:
        """The next card."""
        if not self._left:
            self._left = self._random.sample(self._cards, len(self._cards))
        return self._left.pop()


class Diary:
    """Collects what happens between two days."""

    def __init__(self, seed: int, random: Random, cast: Cast, begin: date, end: date) -> None:
        self.seed, self.random, self.cast, self.begin, self.end = seed, random, cast, begin, end
        self.prose = Prose(random)
        self.things: list[Thing] = []
        self.facts: list[Fact] = []
        self.secrets: list[tuple[str, str]] = []
        self._turns: Counter[tuple[str, ...]] = Counter()

    def note(self, app: App, at: datetime, text: str, title: str = "", **more: Any) -> Thing:
        """One more thing; `more` are the other fields of a Thing."""
        number = len(self.things)
        thing = Thing(number, canary(self.seed, number), app, at, text, title, **more)
        self.things.append(thing)
        return thing

    def turn(self, *choices: str) -> str:
        """Each of some choices in turn, so that none is left out of a small life."""
        self._turns[choices] += 1
        return choices[self._turns[choices] % len(choices)]

    def learn(
        self, kind: Class, question: str, answer: str, *proof: Thing | Sequence[Thing], rivals: Sequence[str] = ()
    ) -> None:
        """A fact: one thing of each part of `proof` is needed; of a sequence, any will do."""
        groups = tuple(
            (part.canary,) if isinstance(part, Thing) else tuple(one.canary for one in part) for part in proof
        )
        self.facts.append(Fact(len(self.facts), kind, question, answer, groups, tuple(rivals)))

    def wall(self, day: date, hour: int, minute: int = 0) -> datetime:
        """The instant of a wall time where the life is lived."""
        return datetime.combine(day, time(hour, minute), ZoneInfo(ZONE)).astimezone(UTC)

    def about(self, day: date, first: int = 8, last: int = 22) -> datetime:
        """Some minute of a day between two hours; never after the life's last day."""
        day = min(max(day, self.begin), self.end)
        return self.wall(day, self.random.randint(first, last), self.random.randrange(60))

    def chat(self, app: App, at: datetime, author: Somebody, other: Somebody, text: str, **more: Any) -> Thing:
        """A message between the owner and somebody, in the conversation that has the other's name."""
        owner = self.cast.owner
        return self.note(app, at, text, author=author, to=(other if author == owner else owner,), room=other.name,
        **more)

    def dialogue(self, app: App, at: datetime, other: Somebody, count: int, **more: Any) -> list[Thing]:
        """Some small talk between the owner and somebody, a few minutes apart."""
        owner, said = self.cast.owner, []
        for _ in range(count):
            author = self.random.choice((owner, other))
            said.append(self.chat(app, at, author, other, self.prose.say("chat"), **more))
            at += timedelta(minutes=self.random.randint(1, 7), seconds=self.random.randrange(60))
        return said

    def code(self, letters: int = 2, digits: int = 5) -> str:
        """A booking, order or serial number."""
        drawn = "".join(self.random.choice("ABCDEFGHKLMNPRSTUVWXYZ") for _ in range(letters))
        return drawn + "".join(self.random.choice("123456789") for _ in range(digits))


def month(day: date) -> str:
    """Its month: `May 2024`."""
    return f"{MONTH_NAMES[day.month - 1]} {day.year}"
