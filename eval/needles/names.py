"""Made-up names and numbers from a seed: never twice, never one the haystack knows, and with confusable siblings.

A sibling shares the made-up word of a name: Clara and Edmund Dravel, Upper Dravel and Dravel Mill. So a question that
names one is answered by no search for that word alone. Knows words; knows nothing of facts.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from random import Random
from typing import Final

from cascade.errors import UsageError

Known = Callable[[str], bool]
"""Whether a word occurs in the haystack already."""


class Entity(StrEnum):
    """What a name is the name of."""

    PERSON = "person"
    TOWN = "town"
    SHIP = "ship"
    FIRM = "firm"
    WORK = "work"
    NUMBER = "number"


ONSETS: Final = (*"bdfghjklmnprstvwz", "br", "dr", "gr", "kl", "pl", "qu", "sk", "th", "tr", "vr")
VOWELS: Final = (*"aeiou", "ae", "ei", "ou")
ENDS: Final = (*"lmnrsx", "nd", "rk", "rn", "sk", "st", "th")
TRIES: Final = 5_000
"""Draws before the supply counts as spent: a `known` that knows everything would else never end."""

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
FIRST: Final = (
    *("Ada", "Agnes", "Albert", "Alma", "Anselm", "Arthur", "Astrid", "August", "Basil", "Beatrice", "Bernard"),
    *("Bridget", "Cecil", "Clara", "Conrad", "Cora", "Cyril", "Daphne", "Desmond", "Dora", "Edith", "Edmund"),
    *("Elsa", "Emil", "Ernest", "Esther", "Eugene", "Felix", "Flora", "Frida", "George", "Gertrude", "Gilbert"),
    *("Greta", "Harold", "Hedwig", "Helen", "Hugo", "Ida", "Ingrid", "Irene", "Isidor", "Ivo", "Jasper", "Josephine"),
    *("Julius", "Karla", "Konstantin", "Laura", "Leonard", "Linus", "Lydia", "Magnus", "Margaret", "Martha", "Maurice"),
    *("Mildred", "Minna", "Nora", "Norbert", "Olga", "Oscar", "Ottilie", "Otto", "Paula", "Percy", "Philippa"),
    *(
        "Quentin",
        "Ralph",
        "Rosalind",
        "Rufus",
        "Selma",
        "Sigrid",
        "Stella",
        "Theodor",
        "Tilda",
        "Ursula",
        "Valentin",
        "Viktor",
    ),
    *("Walter", "Wanda", "Wilhelmina", "Winifred"),
)

_AROUND: Final[dict[Entity, tuple[str, ...]]] = {
    Entity.PERSON: tuple(f"{first} {{}}" for first in FIRST),
    Entity.TOWN: (
        *("Upper {}", "Lower {}", "Nether {}", "Great {}", "Little {}", "Old {}", "New {}", "North {}", "South {}"),
        *("East {}", "West {}", "{} Bridge", "{} Mill", "{} Sands", "{} Cross", "{} Heath", "{} Ford", "{} Green"),
        *("{} Hill", "{} Bay", "{} Point", "{} Moor", "{} Gate", "{} Wells"),
    ),
    Entity.SHIP: (
        *("{} Dawn", "{} Star", "{} Spirit", "{} Queen", "{} Maid", "{} Venture", "{} Rose", "{} Falcon", "{} Trader"),
        *("{} Pearl", "{} Breeze", "{} Ranger", "{} Voyager", "{} Castle", "{} Swan", "{} Pioneer"),
    ),
    Entity.FIRM: (
        *("{} Brothers", "{} and Sons", "{} Trading", "{} Works", "{} Foundry", "{} Shipping", "{} Press", "{} Mills"),
        *("{} Partners", "{} Instruments", "{} Timber", "{} Chemicals", "{} Optics", "{} Textiles", "{} Granite"),
    ),
    Entity.WORK: (
        *("Nights of {}", "The Bride of {}", "The Bells of {}", "A Winter in {}", "The Road to {}", "Songs from {}"),
        *("The Fall of {}", "The Widow of {}", "Return to {}", "The Gardens of {}", "The Siege of {}", "Letters to {}"),
    ),
}
"""Every name is a made-up word in one of these; no two of a kind are part of one another."""


class Names:
    """The supply of one run of the generator: everything it gives is new."""

    def __init__(self, random: Random, known: Known) -> None:
        self.random, self._known = random, known
        self._used: set[str] = set()
        self._stems: dict[str, tuple[Entity, str]] = {}

    def word(self) -> str:
        """A made-up word with a capital: two or three syllables and an end."""
        return self.fresh(self._word, lambda word: word)

    def name(self, entity: Entity) -> str:
        """A name whose made-up word no other name has."""
        return self.number() if entity is Entity.NUMBER else self._dress(entity, self.word())

    def sibling(self, name: str) -> str:
        """Another name of the same kind with the same made-up word; for a number, one with another digit."""
        if name not in self._stems:
            return self.near(name)
        return self._dress(*self._stems[name])

    def siblings(self, name: str, count: int) -> list[str]:
        """So many names that share its made-up word."""
        return [self.sibling(name) for _ in range(count)]

    def number(self) -> str:
        """Six digits."""
        return self.fresh(lambda: str(self.random.randrange(100_000, 1_000_000)), lambda number: number)

    def near(self, value: str) -> str:
        """The same with one digit changed, but not the first."""
        return self.fresh(lambda: _changed(value, self.random), longest)

    def fresh(self, draw: Callable[[], str], tested: Callable[[str], str]) -> str:
        """Draw until it is new and the haystack does not know the part of it that `tested` gives ("": not asked)."""
        for _ in range(TRIES):
            name = draw()
            asked = tested(name)
            if name not in self._used and not (asked and self._known(asked)):
                self._used.add(name)
                return name
        raise UsageError(
            f"No new name was found in {TRIES} draws, the last of them {name!r}. Ask for fewer needles, or check that "
            "`known` does not answer yes to everything."
        )

    def _dress(self, entity: Entity, stem: str) -> str:
        name = self.fresh(lambda: self.random.choice(_AROUND[entity]).format(stem), lambda _: "")
        self._stems[name] = (entity, stem)
        return name

    def _word(self) -> str:
        draw = self.random.choice
        syllables = "".join(draw(ONSETS) + draw(VOWELS) for _ in range(draw((2, 3, 3))))
        return f"{syllables}{draw(ENDS)}".capitalize()


def longest(value: str) -> str:
    """The longest run of letters and digits of a value if it has five or more: what a haystack could be asked for."""
    runs = "".join(character if character.isalnum() else " " for character in value).split()
    best = max(runs, key=len, default="")
    return best if len(best) >= 5 else ""


def _changed(value: str, random: Random) -> str:
    digits = [at for at, character in enumerate(value) if character.isdigit()]
    at = random.choice(digits[1:] or digits)
    other = random.choice([digit for digit in "0123456789" if digit != value[at]])
    return value[:at] + other + value[at + 1 :]
