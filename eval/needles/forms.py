"""The forms of facts: what can be said of a person, town, ship, firm or work, how it is stated, asked and referred to.

A form says one thing of a subject `{s}`. Its questions and its phrase take a name or another form's phrase, so that
forms whose kinds meet can be chained: "the birthplace of" + "the captain of" + "the Dravel Dawn".
Knows wording; knows nothing of names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eval.needles.names import Entity

_PERSON, _TOWN, _SHIP, _FIRM, _WORK, _NUMBER = Entity


@dataclass(frozen=True, slots=True)
class Form:
    """`phrase` stands for the value ("the captain of {s}"), in a chain. `changes`: it may have another value later."""

    subject: Entity
    value: Entity
    phrase: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]
    changes: bool = False

    def statement(self, subject: str, value: str, wording: int = 0) -> str:
        """The fact as a sentence about two names."""
        pattern = self.statements[wording % len(self.statements)]
        return _capital(pattern.format(s=shown(self.subject, subject), v=shown(self.value, value)))

    def question(self, subject: str, wording: int = 0) -> str:
        """Asked of a name."""
        return self.asked(shown(self.subject, subject), wording)

    def asked(self, phrase: str, wording: int = 0) -> str:
        """Asked of a phrase that stands for the subject."""
        return _capital(self.questions[wording % len(self.questions)].format(s=phrase))


def shown(entity: Entity, name: str) -> str:
    """A name as it stands in a sentence."""
    return {_SHIP: f"the {name}", _WORK: f"“{name}”"}.get(entity, name)


def phrase(forms: tuple[Form, ...], head: str) -> str:
    """What the chained phrases of some forms say of a name: `the home port of the ship owned by ...`."""
    text = shown(forms[0].subject, head)
    for form in forms:
        text = form.phrase.format(s=text)
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


FORMS: Final = (
    Form(_TOWN, _PERSON, "the lighthouse keeper of {s}",
         ("The keeper of the lighthouse at {s} is {v}.", "{v} keeps the lighthouse at {s}."),
         ("Who is the lighthouse keeper of {s}?", "Who looks after the lighthouse of {s}?"), True),
    Form(_TOWN, _NUMBER, "the code of the archive of {s}",
         ("The access code of the archive in {s} is {v}.", "To enter the archive of {s}, type the code {v}."),
         ("What is the access code of the archive of {s}?", "Which code opens the archive of {s}?"), True),
    Form(_TOWN, _PERSON, "the designer of the observatory of {s}",
         ("The observatory of {s} was designed by {v}.", "{v} drew the plans of the observatory in {s}."),
         ("Who designed the observatory of {s}?", "Which architect planned the observatory of {s}?"), True),
    Form(_TOWN, _PERSON, "the mayor of {s}",
         ("The mayor of {s} is called {v}.", "{v} was elected mayor of {s}."),
         ("What is the name of the mayor of {s}?", "Who was elected mayor of {s}?"), True),
    Form(_TOWN, _NUMBER, "the number of parts of the town clock of {s}",
         ("The town clock of {s} has {v} parts.", "There are {v} parts in the town clock of {s}."),
         ("How many parts does the town clock of {s} have?", "Of how many parts is the town clock of {s} made?")),
    Form(_TOWN, _TOWN, "the source of the salt sold in {s}",
         ("Salt for the market of {s} comes from {v}.", "The salt sold at the market of {s} is mined in {v}."),
         ("Where does the salt for the market of {s} come from?", "Where is the salt sold in {s} mined?"), True),
    Form(_TOWN, _PERSON, "the owner of the bakery in {s}",
         ("The bakery in {s} belongs to {v}.", "{v} owns the bakery in {s}."),
         ("To whom does the bakery in {s} belong?", "Who owns the bakery in {s}?"), True),
    Form(_TOWN, _NUMBER, "the telephone number of the inn at {s}",
         ("The telephone number of the inn at {s} is {v}.", "To book a room at the inn of {s}, dial {v}."),
         ("What is the telephone number of the inn at {s}?", "Which number books a room at the inn of {s}?"), True),
    Form(_TOWN, _NUMBER, "the capacity of the reservoir of {s}",
         ("The reservoir of {s} holds {v} barrels of water.", "{v} barrels of water fit into the reservoir of {s}."),
         ("How many barrels does the reservoir of {s} hold?", "How much water fits into the reservoir of {s}?")),
    Form(_TOWN, _TOWN, "the station where one changes for {s}",
         ("Travellers to {s} have to change trains at {v}.", "At {v} one changes trains for {s}."),
         ("Where do travellers to {s} change trains?", "At which station does one change for {s}?"), True),
    Form(_TOWN, _SHIP, "the ferry that serves {s}",
         ("The ferry that serves {s} is {v}.", "{v} carries the passengers of the ferry line to {s}."),
         ("Which ferry serves {s}?", "What is the name of the ferry to {s}?"), True),
    Form(_TOWN, _FIRM, "the builder of the tramway of {s}",
         ("The tramway of {s} was built by {v}.", "{v} laid the tracks of the tramway in {s}."),
         ("Who built the tramway of {s}?", "Which firm laid the tramway of {s}?")),
    Form(_TOWN, _FIRM, "the maker of the great bell of {s}",
         ("The great bell of {s} was cast by {v}.", "{v} cast the great bell that hangs in {s}."),
         ("By whom was the great bell of {s} cast?", "Which firm made the great bell of {s}?")),
    Form(_TOWN, _TOWN, "the twin town of {s}",
         ("{s} is twinned with {v}.", "The council of {s} chose {v} as its twin town."),
         ("With which town is {s} twinned?", "What is the twin town of {s}?")),
    Form(_TOWN, _PERSON, "the beekeeper of {s}",
         ("The bees of {s} are looked after by {v}.", "{v} tends the hives behind the church of {s}."),
         ("Who keeps the bees of {s}?", "Who is the beekeeper of {s}?"), True),
    Form(_PERSON, _TOWN, "the birthplace of {s}",
         ("{s} was born in {v}.", "{v} is where {s} was born."),
         ("Where was {s} born?", "What is the birthplace of {s}?")),
    Form(_PERSON, _PERSON, "the spouse of {s}",
         ("{s} is married to {v}.", "The wedding of {s} and {v} was held in June."),
         ("To whom is {s} married?", "Who is the spouse of {s}?")),
    Form(_PERSON, _NUMBER, "the membership number of {s}",
         ("The membership card of {s} has the number {v}.", "{s} was given membership card {v}."),
         ("What is the number on the membership card of {s}?", "Which membership card was given to {s}?"), True),
    Form(_PERSON, _TOWN, "the school town of {s}",
         ("{s} teaches chemistry at the school of {v}.", "Chemistry at the school of {v} is taught by {s}."),
         ("In which town does {s} teach chemistry?", "Where does {s} give chemistry lessons?"), True),
    Form(_PERSON, _TOWN, "the burial place of {s}",
         ("The grave of {s} is in {v}.", "{s} lies buried in {v}."),
         ("Where is the grave of {s}?", "In which town does {s} lie buried?")),
    Form(_PERSON, _PERSON, "the teacher of {s}",
         ("{s} learned the violin from {v}.", "{v} gave violin lessons to {s}."),
         ("Who taught the violin to {s}?", "From whom did {s} learn the violin?")),
    Form(_PERSON, _SHIP, "the ship of {s}",
         ("{s} serves as engineer aboard {v}.", "The engineer of {v} is {s}."),
         ("Aboard which ship does {s} serve?", "Of which ship is {s} the engineer?"), True),
    Form(_PERSON, _FIRM, "the employer of {s}",
         ("{s} keeps the books of {v}.", "The bookkeeper of {v} is {s}."),
         ("For which firm does {s} keep the books?", "Where is {s} employed as bookkeeper?"), True),
    Form(_PERSON, _NUMBER, "the locker of {s}",
         ("The locker of {s} at the station bears the number {v}.", "{s} rents the station locker {v}."),
         ("What number has the station locker of {s}?", "Which locker at the station is rented by {s}?"), True),
    Form(_PERSON, _PERSON, "the landlady of {s}",
         ("{s} rents two rooms from {v}.", "{v} lets two rooms to {s}."),
         ("From whom does {s} rent two rooms?", "Who lets rooms to {s}?"), True),
    Form(_SHIP, _NUMBER, "the registration number of {s}",
         ("The registration number of {s} is {v}.", "Number {v} is painted on the bow of {s}."),
         ("What is the registration number of {s}?", "Which number is painted on {s}?"), True),
    Form(_SHIP, _PERSON, "the captain of {s}",
         ("The captain of {s} is {v}.", "{v} commands {s}."),
         ("Who is the captain of {s}?", "Who commands {s}?")),
    Form(_SHIP, _TOWN, "the home port of {s}",
         ("The home port of {s} is {v}.", "{s} winters in the harbour of {v}, where it is registered."),
         ("What is the home port of {s}?", "In which harbour does {s} spend the winter?"), True),
    Form(_SHIP, _FIRM, "the shipyard of {s}",
         ("{s} was launched from the yard of {v}.", "The yard of {v} built {s}."),
         ("In whose yard was {s} built?", "Which yard launched {s}?")),
    Form(_SHIP, _FIRM, "the insurer of {s}",
         ("{s} is insured with {v}.", "{v} insures {s} against storm and fire."),
         ("With whom is {s} insured?", "Which firm insures {s}?"), True),
    Form(_SHIP, _NUMBER, "the cargo of {s}",
         ("{s} was loaded with {v} sacks of barley.", "{v} sacks of barley lie in the hold of {s}."),
         ("How many sacks of barley are in {s}?", "With how many sacks was {s} loaded?")),
    Form(_FIRM, _PERSON, "the founder of {s}",
         ("The firm {s} was founded by {v}.", "{v} is the founder of the firm {s}."),
         ("Who founded {s}?", "Who is the founder of {s}?")),
    Form(_FIRM, _TOWN, "the seat of {s}",
         ("{s} has its head office in {v}.", "The head office of {s} stands in the main street of {v}."),
         ("Where is the head office of {s}?", "In which town does {s} have its head office?"), True),
    Form(_FIRM, _PERSON, "the auditor of {s}",
         ("The accounts of {s} are audited by {v}.", "{v} audits the accounts of {s}."),
         ("Who audits the accounts of {s}?", "Who is the auditor of {s}?"), True),
    Form(_FIRM, _SHIP, "the ship owned by {s}",
         ("{s} owns the steamer called {v}.", "The only ship in the fleet of {s} is {v}."),
         ("Which ship does {s} own?", "What is the steamer of {s} called?"), True),
    Form(_FIRM, _NUMBER, "the tax number of {s}",
         ("The tax number of {s} is {v}.", "{s} is entered in the tax roll under number {v}."),
         ("What is the tax number of {s}?", "Under which number is {s} entered in the tax roll?")),
    Form(_FIRM, _TOWN, "the place of the warehouse of {s}",
         ("The warehouse of {s} is in {v}.", "{s} stores its goods in a warehouse at {v}."),
         ("Where is the warehouse of {s}?", "In which town does {s} store its goods?"), True),
    Form(_FIRM, _WORK, "the opera whose score was printed by {s}",
         ("{s} printed the score of the opera {v}.", "The score of the opera {v} came from the presses of {s}."),
         ("The score of which opera did {s} print?", "Which opera came from the presses of {s}?")),
    Form(_WORK, _PERSON, "the composer of {s}",
         ("The opera {s} was composed by {v}.", "{v} wrote the music of the opera {s}."),
         ("Who composed the music of {s}?", "Who is the composer of {s}?")),
    Form(_WORK, _TOWN, "the place where {s} was first performed",
         ("{s} was first performed in {v}.", "The first night of {s} took place in {v}."),
         ("Where was {s} first performed?", "In which town was the first night of {s}?")),
    Form(_WORK, _PERSON, "the person to whom {s} is dedicated",
         ("{s} is dedicated to {v}.", "The dedication of {s} names {v}."),
         ("To whom is {s} dedicated?", "Whom does the dedication of {s} name?")),
    Form(_WORK, _NUMBER, "the shelf mark of {s}",
         ("The manuscript of {s} has the shelf mark {v}.", "Under shelf mark {v} lies the manuscript of {s}."),
         ("What is the shelf mark of {s}?", "Under which mark is the manuscript of {s} kept?")),
)  # fmt: skip


def about(subject: Entity) -> tuple[Form, ...]:
    """The forms that say something of such a thing."""
    return tuple(form for form in FORMS if form.subject is subject)


PLURAL: Final = (
    Form(_TOWN, _PERSON, "",
         ("{v} is one of the night watchmen of {s}.", "Among the night watchmen of {s} is {v}."),
         ("Who are the night watchmen of {s}?", "Which people keep the night watch in {s}?")),
    Form(_TOWN, _FIRM, "",
         ("{v} runs one of the mills on the river at {s}.", "One of the river mills at {s} is run by {v}."),
         ("Which firms run the mills on the river at {s}?", "By which firms are the river mills at {s} run?")),
    Form(_TOWN, _NUMBER, "",
         ("A safe in the bank of {s} opens with {v}.", "In the bank of {s} there is a safe with the combination {v}."),
         ("Which numbers open the safes in the bank of {s}?", "What are the combinations of the safes in {s}?")),
    Form(_PERSON, _TOWN, "",
         ("{s} owns an orchard in {v}.", "One of the orchards at {v} is owned by {s}."),
         ("In which towns does {s} own orchards?", "Where are the orchards of {s}?")),
    Form(_PERSON, _PERSON, "",
         ("{v} is a godchild of {s}.", "{s} is the godparent of {v}."),
         ("Who are the godchildren of {s}?", "Of which people is {s} the godparent?")),
    Form(_SHIP, _TOWN, "",
         ("{s} calls at {v} every week.", "{v} is a regular port of call of {s}."),
         ("At which ports does {s} call?", "What are the ports of call of {s}?")),
    Form(_FIRM, _SHIP, "",
         ("{s} has chartered {v} for the season.", "{v} sails this season under a charter of {s}."),
         ("Which ships has {s} chartered?", "Which ships sail under a charter of {s}?")),
    Form(_FIRM, _TOWN, "",
         ("{s} has opened a branch in {v}.", "In {v} there is a branch of {s}."),
         ("In which towns has {s} opened branches?", "Where are the branches of {s}?")),
    Form(_WORK, _PERSON, "",
         ("{v} sang in the first performance of {s}.", "In the first performance of {s}, {v} had a singing part."),
         ("Who sang in the first performance of {s}?", "Which singers took part in the first performance of {s}?")),
    Form(_WORK, _TOWN, "",
         ("The opera house of {v} has {s} in its repertoire.", "{s} is still played at the opera house of {v}."),
         ("In which towns is {s} in the repertoire?", "The opera houses of which towns play {s}?")),
)  # fmt: skip
"""Forms of which a subject may have several values at once, each in a record of its own."""
