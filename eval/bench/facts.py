"""Made-up facts to plant: people, places and codes that exist nowhere, in several phrasings, by a seed.

No two facts share a value or a subject, so an answer is right only when it comes from its own passage.
Knows words; knows nothing of an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

ONSETS = (*"bdfghjklmnprstvwz", "br", "dr", "gr", "kl", "pl", "qu", "sk", "th", "tr", "vr")
VOWELS = (*"aeiou", "ae", "ei", "ou")
ENDS = (*"lmnrsx", "nd", "rk", "rn", "sk", "st", "th")


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of fact. `{subject}` and `{value}` are filled in; the question is worded apart from the statement."""

    statements: tuple[str, ...]
    questions: tuple[str, ...]
    subject: str
    value: str


FORMS = (
    Form(
        ("The keeper of the {subject} lighthouse is {value}.", "{value} keeps the lighthouse at {subject}."),
        ("Who is the keeper of the {subject} lighthouse?", "Who looks after the lighthouse of {subject}?"),
        "place",
        "person",
    ),
    Form(
        ("The access code of the {subject} archive is {value}.", "To enter the {subject} archive, type code {value}."),
        ("What is the access code of the {subject} archive?", "Which code opens the archive in {subject}?"),
        "place",
        "code",
    ),
    Form(
        ("{subject} was born in the village of {value}.", "The village of {value} is where {subject} was born."),
        ("In which village was {subject} born?", "What is the birthplace of {subject}?"),
        "person",
        "place",
    ),
    Form(
        ("The {subject} observatory was designed by {value}.", "{value} drew the plans of the {subject} observatory."),
        ("Who designed the {subject} observatory?", "Which architect planned the observatory of {subject}?"),
        "place",
        "person",
    ),
    Form(
        ("The ferry {subject} bears the registration number {value}.", "{value} is the number of the ferry {subject}."),
        ("What is the registration number of the ferry {subject}?", "Which number does the ferry {subject} bear?"),
        "place",
        "code",
    ),
    Form(
        ("Travellers to {subject} have to change trains at {value}.", "At {value} one changes trains for {subject}."),
        ("Where do travellers to {subject} change trains?", "At which station does one change for {subject}?"),
        "place",
        "place",
    ),
)  # fmt: skip

FILLERS = (
    "The note was copied by hand into the second volume of the register.",
    "Visitors usually arrive in the early morning, when the road is dry.",
    "Nothing else of importance was recorded during that season.",
    "The committee met again after the harvest and approved the accounts.",
    "A small fee is asked for the upkeep of the building.",
    "Older maps show the path further to the north.",
    "The roof was repaired twice, the last time with slate.",
    "Letters about this matter are kept in the grey cabinet.",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A planted fact: the passage that holds it, the question it answers, and the value a right answer contains."""

    key: str
    text: str
    question: str
    subject: str
    value: str


def facts(count: int, seed: int, known: Callable[[str], bool]) -> list[Fact]:
    """So many facts. `known` tells whether any word of a name is in the corpus already; such names are not used."""
    random = np.random.default_rng(seed)
    names = {kind: _names(kind, random, known) for kind in ("place", "person", "code")}
    return [_fact(number, names, random) for number in range(count)]


def _fact(number: int, names: dict[str, Iterator[str]], random: np.random.Generator) -> Fact:
    form = FORMS[number % len(FORMS)]
    subject, value = next(names[form.subject]), next(names[form.value])
    statement, question = (str(random.choice(phrasings)) for phrasings in (form.statements, form.questions))
    around = [str(text) for text in random.choice(FILLERS, 3, replace=False)]
    around.insert(int(random.integers(0, 4)), statement.format(subject=subject, value=value))
    return Fact(f"needle-{number}", " ".join(around), question.format(subject=subject), subject, value)


def _names(kind: str, random: np.random.Generator, known: Callable[[str], bool]) -> Iterator[str]:
    """Names without end, none of them twice."""
    used: set[str] = set()
    while True:
        if kind == "code":
            name = str(random.integers(100_000, 1_000_000))
        else:
            name = " ".join(_word(random) for _ in range(2 if kind == "person" else 1))
        if name not in used and not known(name):
            used.add(name)
            yield name


def _word(random: np.random.Generator) -> str:
    syllables = [str(random.choice(ONSETS)) + str(random.choice(VOWELS)) for _ in range(2)]
    return ("".join(syllables) + str(random.choice(ENDS))).capitalize()
