"""Near-duplicates: seven copies of a paragraph that differ in one fact, of which the question names one.

Knows paragraphs; knows nothing of the other classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from eval.needles.names import MONTHS, Entity
from eval.needles.scene import Draft, Plan, Scene

_NUMBERS: Final = tuple(str(number) for number in range(2, 30))
_LETTERS: Final = tuple("ABCDEFGHJKLMNPRSTUVW")
_YEARS: Final = tuple(str(year) for year in range(1961, 1999))
COPIES: Final = 7


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text with one fact in it: `{w}` says which copy, `{v}` what differs, `{s}` is common to all copies."""

    subject: Entity
    value: Entity
    which: tuple[str, ...]
    text: str
    question: str


_TOWN, _SHIP, _FIRM, _NUMBER, _PERSON = Entity.TOWN, Entity.SHIP, Entity.FIRM, Entity.NUMBER, Entity.PERSON

PARAGRAPHS: Final = (
    Paragraph(_TOWN, _NUMBER, _NUMBERS,
              "Inspection of the harbour of {s}. All cranes were tested on a dry morning in the presence of the "
              "harbour master. Cables, brakes and hooks were found in good order. The crane on berth {w} carries the "
              "seal {v}. The next inspection is due in two years.",
              "Which seal does the crane on berth {w} in the harbour of {s} carry?"),
    Paragraph(_FIRM, _NUMBER, MONTHS,
              "Monthly statement of {s}. The books were closed on the last working day and compared with the ledger. "
              "The two agreed. The turnover for {w} came to {v} crowns. The statement was signed by both "
              "partners and filed.",
              "What was the turnover of {s} for {w}?"),
    Paragraph(_SHIP, _PERSON, _YEARS,
              "Muster roll of the {s}. The crew came aboard in the first week of spring and received two sets of "
              "working clothes. The cook of the year {w} was {v}. Rations were weighed out every Sunday after the "
              "service.",
              "Who was cook on the {s} in the year {w}?"),
    Paragraph(_TOWN, _PERSON, _NUMBERS,
              "Allotments of {s}. The rent is due on the first of October and includes water from the pump. Sheds may "
              "not be higher than two metres. Plot {w} is let to {v}. Fruit trees need the consent of the neighbours.",
              "To whom is plot {w} of the allotments of {s} let?"),
    Paragraph(_FIRM, _NUMBER, _LETTERS,
              "Storage plan of {s}. The building was divided into sections after the fire, and each section has its "
              "own door to the yard. Section {w} has the key number {v}. Keys are handed out by the porter against a "
              "signature.",
              "What is the key number of section {w} in the storage plan of {s}?"),
    Paragraph(_TOWN, _NUMBER, _YEARS,
              "From the chronicle of {s}. The winter was long, and the ferry lay idle for weeks. The poor box was "
              "opened at Easter, as every year. In {w} the church counted {v} visitors. A new rope was bought for the "
              "smaller bell.",
              "How many visitors did the church of {s} count in {w}?"),
    Paragraph(_SHIP, _NUMBER, _NUMBERS,
              "Loading list of the {s}. The hatches were opened at six, and the work was done before the tide. The "
              "sacks were dry and whole. Hold {w} took {v} tiles. The tally was agreed with the agent on the quay.",
              "How many tiles did hold {w} of the {s} take?"),
    Paragraph(_FIRM, _PERSON, _LETTERS,
              "Duty roster of {s}. The shifts change at seven, and whoever comes late tells the gatekeeper. Lamps are "
              "refilled before the change. Gang {w} is led by {v}. Complaints are put in the box beside the canteen.",
              "Who leads gang {w} of {s}?"),
    Paragraph(_TOWN, _NUMBER, _LETTERS,
              "Waterworks of {s}. The pipes were laid in the dry years and are flushed every autumn. Leaks are to be "
              "reported at the office by the bridge. The meter of district {w} showed {v} at the last reading. The "
              "filters were changed in May.",
              "What did the water meter of district {w} of {s} show at the last reading?"),
    Paragraph(_TOWN, _PERSON, MONTHS,
              "Parish letter of {s}. The collection was given to the school, and the choir is looking for two tenors. "
              "Candles may be brought to the vestry. The service in {w} will be led by {v}. Tea is served afterwards "
              "in the hall.",
              "Who leads the service of the parish of {s} in {w}?"),
)  # fmt: skip


def near_duplicate(scene: Scene) -> Plan:
    """Seven copies with the same words around them; the question names which is meant."""
    paragraph = PARAGRAPHS[scene.number % len(PARAGRAPHS)]
    subject = scene.names.name(paragraph.subject)
    which = scene.random.sample(paragraph.which, COPIES)
    values = [scene.names.name(paragraph.value)]
    while len(values) < COPIES:
        values.append(scene.names.sibling(values[0]) if len(values) < 4 else scene.names.name(paragraph.value))
    seed = scene.random.random()
    drafts = []
    for at, (one, value) in enumerate(zip(which, values, strict=True)):
        fact = paragraph.text.format(s=subject, w=one, v=value)
        body = scene.filler.around(fact, scene.depth, Random(seed))  # the same words around every copy
        drafts.append(Draft(fact, relevant=at == 0, body=body))
    question = paragraph.question.format(s=subject, w=which[0])
    return Plan(question, tuple(drafts), (values[0],), tuple(values[1:]), (subject,))
