"""The people of a generated life: its owner, those close to it, colleagues, and those who must not appear.

Two of the friends share a first name, so that `anna` alone means nobody in particular. Mail addresses are in domains
that are kept for examples (RFC 2606), phone numbers in the range that Ofcom keeps for drama (07700 900000-900999).
Knows names; knows nothing of what the people do.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from unicodedata import normalize

from indexers.personal.life.things import Somebody
from indexers.personal.life.words import EMPLOYERS, FIRST, HOMES, LAST

FRIENDS = 10
COLLEAGUES = 7


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is in a life, where it is lived, and for whom the owner works before and after the change of job."""

    owner: Somebody
    partner: Somebody
    mother: Somebody
    brother: Somebody
    friends: tuple[Somebody, ...]
    colleagues: tuple[Somebody, ...]
    excluded: Somebody
    stranger: Somebody
    homes: tuple[str, str]
    employers: tuple[str, str]

    @property
    def close(self) -> tuple[Somebody, ...]:
        """Everybody that private conversations are had with."""
        return (self.partner, self.mother, self.brother, *self.friends)

    @property
    def everyone(self) -> tuple[Somebody, ...]:
        """All but the owner and the stranger."""
        return (*self.close, *self.colleagues, self.excluded)


def cast(random: Random) -> Cast:
    """The people of a life."""
    count = 4 + FRIENDS + COLLEAGUES + 2
    firsts, lasts = random.sample(FIRST, count), random.sample(LAST, count)
    firsts[5] = firsts[4]  # two friends with one first name
    lasts[2] = lasts[3] = lasts[0]  # the family has the owner's name
    relations = ["owner", "partner", "mother", "brother", *["friend"] * FRIENDS, *["colleague"] * COLLEAGUES]
    relations += ["excluded", "stranger"]
    employers = random.sample(EMPLOYERS, 2)
    people = [
        _somebody(at, f"{first} {last}", relation, employers[0])
        for at, (first, last, relation) in enumerate(zip(firsts, lasts, relations, strict=True))
    ]
    friends, colleagues = people[4 : 4 + FRIENDS], people[4 + FRIENDS : 4 + FRIENDS + COLLEAGUES]
    return Cast(
        people[0], people[1], people[2], people[3], tuple(friends), tuple(colleagues), people[-2], people[-1],
        random.choice(HOMES), (employers[0], employers[1]),
    )  # fmt: skip


def _somebody(number: int, name: str, relation: str, employer: str) -> Somebody:
    plain = ascii_only(name).lower()
    first, _, last = plain.partition(" ")
    domain = {"owner": "example.com", "colleague": f"{slug(employer)}.example", "stranger": "prize.example"}
    mail = f"{first}.{last}@{domain.get(relation, ('example.org', 'example.net')[number % 2])}"
    return Somebody(number, name, mail, f"+447700900{100 + number:03d}", f"{first}{last[:3]}{number}", relation)


def ascii_only(text: str) -> str:
    """A text in plain letters, as addresses have it."""
    for letter, plain in (("ø", "o"), ("Ø", "O"), ("æ", "ae"), ("Æ", "Ae"), ("ß", "ss")):
        text = text.replace(letter, plain)
    return normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def slug(text: str) -> str:
    """A text as part of an address or a file name: `Velokraft`, `caldo-co`."""
    words = "".join(letter if letter.isalnum() else " " for letter in ascii_only(text).lower()).split()
    return "-".join(words)
