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

    subject: str
    value: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]


FORMS = (
    Form(
        "place",
        "person",
        ("The keeper of the {subject} lighthouse is {value}.", "{value} keeps the lighthouse at {subject}."),
        ("Who is the keeper of the {subject} lighthouse?", "Who looks after the lighthouse of {subject}?"),
    ),
    Form(
        "place",
        "code",
        (
            "The access code of the {subject} archive is {value}.",
            "To enter the {subject} archive, type the code {value}.",
        ),
        ("What is the access code of the {subject} archive?", "Which code opens the archive of {subject}?"),
    ),
    Form(
        "person",
        "place",
        ("{subject} was born in the village of {value}.", "The village of {value} is where {subject} was born."),
        ("In which village was {subject} born?", "What is the birthplace of {subject}?"),
    ),
    Form(
        "place",
        "person",
        ("The {subject} observatory was designed by {value}.", "{value} drew the plans of the {subject} observatory."),
        ("Who designed the {subject} observatory?", "Which architect planned the observatory of {subject}?"),
    ),
    Form(
        "place",
        "code",
        ("The ferry {subject} bears the registration number {value}.", "{value} is the number of the ferry {subject}."),
        ("What is the registration number of the ferry {subject}?", "Which number does the ferry {subject} bear?"),
    ),
    Form(
        "place",
        "place",
        ("Travellers to {subject} have to change trains at {value}.", "At {value} one changes trains for {subject}."),
        ("Where do travellers to {subject} change trains?", "At which station does one change for {subject}?"),
    ),
    Form(
        "person",
        "place",
        ("{subject} keeps bees on the island of {value}.", "The bees of {subject} live on the island of {value}."),
        ("On which island does {subject} keep bees?", "On what island are the bees of {subject}?"),
    ),
    Form(
        "place",
        "person",
        ("The mayor of {subject} is called {value}.", "{value} was elected mayor of {subject}."),
        ("What is the name of the mayor of {subject}?", "Who was elected mayor of {subject}?"),
    ),
    Form(
        "place",
        "code",
        ("The clock of {subject} has {value} parts.", "There are {value} parts in the clock of {subject}."),
        ("How many parts does the clock of {subject} have?", "Of how many parts is the clock of {subject} made?"),
    ),
    Form(
        "person",
        "person",
        ("{subject} is married to {value}.", "The wedding of {subject} and {value} was held in June."),
        ("To whom is {subject} married?", "Whom did {subject} marry?"),
    ),
    Form(
        "place",
        "place",
        ("The river {subject} rises near {value}.", "Near {value} is the spring of the river {subject}."),
        ("Near which town does the river {subject} rise?", "Where is the spring of the river {subject}?"),
    ),
    Form(
        "place",
        "person",
        ("The opera {subject} was composed by {value}.", "{value} wrote the music of the opera {subject}."),
        ("Who composed the opera {subject}?", "Who wrote the music of the opera {subject}?"),
    ),
    Form(
        "person",
        "code",
        ("The membership card of {subject} has the number {value}.", "{subject} was given membership card {value}."),
        ("What is the number of the membership card of {subject}?", "Which membership card was {subject} given?"),
    ),
    Form(
        "place",
        "place",
        (
            "Salt for the market of {subject} comes from {value}.",
            "The salt sold at the market of {subject} is mined in {value}.",
        ),
        (
            "Where does the salt for the market of {subject} come from?",
            "In which place is the salt of the {subject} market mined?",
        ),
    ),
    Form(
        "place",
        "person",
        ("The bakery in {subject} belongs to {value}.", "{value} owns the bakery in {subject}."),
        ("To whom does the bakery in {subject} belong?", "Who owns the bakery in {subject}?"),
    ),
    Form(
        "person",
        "place",
        (
            "{subject} teaches chemistry at the school of {value}.",
            "The chemistry teacher at the school of {value} is {subject}.",
        ),
        ("At which school does {subject} teach chemistry?", "Where does {subject} teach chemistry?"),
    ),
    Form(
        "place",
        "code",
        ("The telephone number of the {subject} inn is {value}.", "To book a room at the {subject} inn, dial {value}."),
        (
            "What is the telephone number of the {subject} inn?",
            "Which number does one dial to book a room at the {subject} inn?",
        ),
    ),
    Form(
        "place",
        "person",
        ("The stolen painting {subject} was found by {value}.", "{value} found the stolen painting {subject}."),
        ("Who found the stolen painting {subject}?", "By whom was the painting {subject} found?"),
    ),
    Form(
        "person",
        "place",
        ("The grave of {subject} is in {value}.", "{subject} lies buried in {value}."),
        ("Where is the grave of {subject}?", "Where is {subject} buried?"),
    ),
    Form(
        "place",
        "code",
        (
            "The reservoir of {subject} holds {value} barrels of water.",
            "{value} barrels of water fit into the reservoir of {subject}.",
        ),
        (
            "How many barrels of water does the reservoir of {subject} hold?",
            "How many barrels fit into the reservoir of {subject}?",
        ),
    ),
)
"""As many as are asked for by default, so that no two planted facts are of one kind."""

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
