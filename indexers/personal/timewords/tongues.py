"""The words of five languages, in lower case, and how they are put together.

In a template, `{n}` is a number, `{unit}`, `{month}`, `{weekday}`, `{day}` and `{year}` are what they say. Where words
take endings, they are patterns.
Knows words; knows nothing of dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indexers.personal.timewords.spans import Feast, Season, Unit


@dataclass(frozen=True, slots=True, eq=False)
class Tongue:
    """A language. `last`, `this` and `next` stand before what they qualify; `last_after` and `next_after` after it.

    `at` are the prepositions that may come before a time; `relations` those that turn it into a half-open range.
    `past` and `future` are words that tell the tense of a question; `unlike` are words that tell that it is in another
    language, which has one of these words for something else (`hier` is "here" in German).
    """

    name: str
    article: str
    at: str
    relations: Mapping[str, str]
    days: Mapping[str, int]
    ago: tuple[str, ...]
    lately: tuple[str, ...]
    between: tuple[str, ...]
    last: str
    this: str
    next: str
    units: Mapping[str, Unit]
    numbers: Mapping[str, int]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    seasons: Mapping[str, Season]
    feasts: Mapping[str, Feast]
    dates: tuple[str, ...]
    of: str
    past: str
    future: str
    last_after: str = ""
    next_after: str = ""
    fused: Mapping[str, int | Season] = field(default_factory=dict)
    in_year: str = ""
    unlike: str = ""


def _numbered(words: str) -> dict[str, int]:
    """Numbers from one on; several words for one are joined with `|`."""
    return {word: at for at, part in enumerate(words.split(), 1) for word in part.split("|")}


def _months(words: str) -> dict[str, int]:
    return _numbered(words)


def _weekdays(words: str) -> dict[str, int]:
    return {word: at - 1 for word, at in _numbered(words).items()}


ENGLISH = Tongue(
    "en", r"(?:the\s+)?", r"in|on|during|over|at|around|from|throughout|of",
    {"since": "since", "before": "before|prior to", "after": "after", "until": "until|till|up to"},
    {"the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0, "this morning": 0,
     "this afternoon": 0, "this evening": 0, "tomorrow": 1, "the day after tomorrow": 2},
    (r"(?:exactly\s+)?{n}\s+{unit}\s+ago",),
    (r"(?:(?:in|over|during|within)\s+)?the\s+(?:last|past)\s+{n}\s+{unit}",
     r"(?:in|over|during|within)\s+the\s+past\s+{unit}"),
    (r"between\s+{one}\s+and\s+{other}", r"from\s+{one}\s+(?:to|until|till|through)\s+{other}"),
    "last|previous", "this|the current", "next|the coming",
    {"days?": Unit.DAY, "weeks?": Unit.WEEK, "months?": Unit.MONTH, "years?": Unit.YEAR, "weekends?": Unit.WEEKEND},
    _numbered("a|an|one two three four five six seven eight nine ten eleven twelve"),
    _months("january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep "
            "october|oct november|nov december|dec"),
    _weekdays("monday tuesday wednesday thursday friday saturday sunday"),  # not `sun`: "in the sun"
    {"spring": Season.SPRING, "summer": Season.SUMMER, "autumn|fall": Season.AUTUMN, "winter": Season.WINTER},
    {"christmas|xmas": Feast.CHRISTMAS, "new year'?s eve|new year’s eve": Feast.EVE, "easter": Feast.EASTER,
     "halloween": Feast.HALLOWEEN, "valentine'?s day|valentine’s day": Feast.VALENTINE},
    (r"(?:the\s+)?{day}(?:st|nd|rd|th)?\s+(?:of\s+)?{month}(?:,?\s+{year})?",
    r"{month}\s+(?:the\s+)?{day}(?:st|nd|rd|th)?(?:,?\s+{year})?"),
    r"(?:\s+of)?", r"did|was|were|had|went|has|have|ate|saw|said|told|wrote|bought|paid|sent|got|\w{2,}ed",
    r"will|shall|am i|do i have|do we have|going to|is (?:the|my|our|there)|are (?:we|there|my)|planned",
    in_year=r"(?:the\s+year\s+)?",
)  # fmt: skip

GERMAN = Tongue(
    "de", r"(?:(?:der|die|das|dem|den|des)\s+)?", r"im|in|am|an|zu|über|während|um|vom|von|seit dem",
    {"since": "seit", "before": "vor", "after": "nach", "until": "bis"},
    {"vorgestern": -2, "gestern": -1, "gestern abend": -1, "heute": 0, "heute morgen": 0, "heute abend": 0,
    "übermorgen": 2},
    (r"vor\s+{n}\s+{unit}",), (r"(?:in\s+)?(?:den|der)\s+(?:letzten|vergangenen)\s+{n}\s+{unit}",),
    (r"zwischen\s+{one}\s+und\s+{other}", r"von\s+{one}\s+bis\s+{other}"),
    "(?:letzt|vorig|vergangen)e[nmrs]?", "diese[nmrs]?", "(?:nächst|kommend)e[nmrs]?",
    {"tag(?:e|en)?": Unit.DAY, "wochen?": Unit.WEEK, "monat(?:e|en|s)?": Unit.MONTH, "jahr(?:e|en|es)?": Unit.YEAR,
     "wochenenden?": Unit.WEEKEND},
    _numbered("einem|einer|ein|eine|einen zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"),
    _months("januar|jänner februar|feber märz april mai juni juli august september oktober november dezember"),
    _weekdays("montag dienstag mittwoch donnerstag freitag samstag|sonnabend sonntag"),
    {"frühling|frühjahr": Season.SPRING, "sommer": Season.SUMMER, "herbst": Season.AUTUMN, "winter": Season.WINTER},
    {"weihnachten": Feast.CHRISTMAS, "silvester": Feast.EVE, "ostern": Feast.EASTER, "halloween": Feast.HALLOWEEN,
     "valentinstag": Feast.VALENTINE},
    (r"{day}\.\s*{month}(?:\s+{year})?",), "", r"war|waren|hatte|hatten|habe|haben|hat|wurde|wurden|ging|gab",
    r"werde|werden|wird|habe ich vor", in_year=r"(?:jahre?\s+)?",
)  # fmt: skip

FRENCH = Tongue(
    "fr", r"(?:(?:le|la|les|au|aux|du)\s+|l['’]|à\s+l['’])?", r"en|au|à|pendant|durant|lors de|vers|de",
    {"since": "depuis", "before": "avant", "after": "après", "until": "jusqu['’](?:en|à|au)"},
    {"avant-hier": -2, "hier": -1, "hier soir": -1, "aujourd['’]hui": 0, "ce matin": 0, "ce soir": 0, "demain": 1},
    (r"il\s+y\s+a\s+{n}\s+{unit}",), (r"(?:ces|les|au\s+cours\s+des)\s+{n}\s+derni(?:er|ère)s\s+{unit}",),
    (r"entre\s+{one}\s+et\s+{other}", r"de\s+{one}\s+à\s+{other}"), "", "cet|cette|ce", "",
    {"jours?": Unit.DAY, "semaines?": Unit.WEEK, "mois": Unit.MONTH, "ans?|années?": Unit.YEAR,
    "week-ends?": Unit.WEEKEND},
    _numbered("un|une deux trois quatre cinq six sept huit neuf dix onze douze"),
    _months("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    _weekdays("lundi mardi mercredi jeudi vendredi samedi dimanche"),
    {"printemps": Season.SPRING, "été": Season.SUMMER, "automne": Season.AUTUMN, "hiver": Season.WINTER},
    {"noël": Feast.CHRISTMAS, "la saint-sylvestre": Feast.EVE, "pâques": Feast.EASTER, "halloween": Feast.HALLOWEEN,
     "la saint-valentin": Feast.VALENTINE},
    (r"{day}(?:er)?\s+{month}(?:\s+{year})?",), r"(?:\s+de)?", r"ai|as|a|avons|ont|était|étais|étions|suis|sommes|fut",
    r"vais|va|allons|sera|serai|serons", "derni(?:er|ère)|passée?", "prochaine?", in_year=r"(?:l['’]année\s+)?",
    unlike=r"ich|wir|wer|wo|wann|ist|war|waren|habe|haben|hat|hatte|und|der|die|das|nicht|mit|wurde|sind",
)  # fmt: skip

SPANISH = Tongue(
    "es", r"(?:(?:el|la|los|las|del|al)\s+)?", r"en|durante|por|a|hacia|el|de",
    {"since": "desde", "before": "antes de|antes del", "after": "después de|después del|tras", "until": "hasta"},
    {"anteayer": -2, "ayer": -1, "anoche": -1, "hoy": 0, "esta mañana": 0, "esta noche": 0, "pasado mañana": 2},
    (r"hace\s+{n}\s+{unit}",), (r"(?:en\s+)?(?:los|las)\s+últim[oa]s\s+{n}\s+{unit}",),
    (r"entre\s+{one}\s+y\s+{other}", r"(?:de|desde)\s+{one}\s+(?:a|hasta)\s+{other}"), "", "est[ea]", "pr[óo]xim[oa]",
    {"días?": Unit.DAY, "semanas?": Unit.WEEK, "mes(?:es)?": Unit.MONTH, "años?": Unit.YEAR,
     "fin(?:es)? de semana": Unit.WEEKEND},
    _numbered("un|una|uno dos tres cuatro cinco seis siete ocho nueve diez once doce"),
    _months("enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre"),
    _weekdays("lunes martes miércoles jueves viernes sábado domingo"),
    {"primavera": Season.SPRING, "verano": Season.SUMMER, "otoño": Season.AUTUMN, "invierno": Season.WINTER},
    {"navidad|navidades": Feast.CHRISTMAS, "nochevieja": Feast.EVE, "semana santa|pascua": Feast.EASTER,
     "halloween": Feast.HALLOWEEN, "san valentín": Feast.VALENTINE},
    (r"{day}\s+de\s+{month}(?:\s+(?:de|del)\s+{year})?",), r"(?:\s+(?:de|del))?",
    r"fue|fui|fuimos|era|estaba|estuve|estuvimos|había|hice|hizo|dijo|compré|comimos|pagué",
    r"voy|vamos|será|tengo|iré",
    "pasad[oa]|últim[oa]", "que viene|próxim[oa]", in_year=r"(?:el\s+año\s+)?",
)  # fmt: skip

DANISH = Tongue(
    "da", r"(?:(?:den|det|de)\s+)?", r"i|om|på|under|omkring|ved|den",
    {"since": "siden", "before": "før|inden", "after": "efter", "until": "indtil"},
    {"i forgårs": -2, "forgårs": -2, "i går": -1, "i går aftes": -1, "i aftes": -1, "i dag": 0, "i morges": 0,
    "i aften": 0,
     "i morgen": 1, "i overmorgen": 2},
    (r"for\s+{n}\s+{unit}\s+siden",), (r"(?:i\s+)?de\s+(?:sidste|seneste)\s+{n}\s+{unit}",),
    (r"mellem\s+{one}\s+og\s+{other}", r"fra\s+{one}\s+til\s+{other}"),
    "sidste|forrige", "denne|dette|den her", "næste|kommende",
    {"dage?": Unit.DAY, "uger?": Unit.WEEK, "måned(?:er)?": Unit.MONTH, "år": Unit.YEAR,
    "weekend(?:er)?": Unit.WEEKEND},
    _numbered("en|et to tre fire fem seks syv otte ni ti elleve tolv"),
    _months("januar februar marts april maj juni juli august september oktober november december"),
    _weekdays("mandag tirsdag onsdag torsdag fredag lørdag søndag"),
    {"for[åa]ret?": Season.SPRING, "sommer(?:en)?": Season.SUMMER, "efterår(?:et)?": Season.AUTUMN,
    "vinter(?:en)?": Season.WINTER},
    {"jul(?:en)?": Feast.CHRISTMAS, "nytårsaften": Feast.EVE, "påsken?": Feast.EASTER, "halloween": Feast.HALLOWEEN,
     "valentinsdag": Feast.VALENTINE},
    (r"{day}\.\s*{month}(?:\s+{year})?",), r"", r"var|havde|har|blev|fik|gik|sagde|spiste|købte|betalte|så",
    r"skal|vil|bliver", fused={
        "i mandags": 0, "i tirsdags": 1, "i onsdags": 2, "i torsdags": 3, "i fredags": 4, "i lørdags": 5,
        "i søndags": 6,
        "i foråret": Season.SPRING, "i sommers": Season.SUMMER, "i efteråret": Season.AUTUMN,
        "i vinters": Season.WINTER,
    }, in_year=r"(?:år\s+)?",
)  # fmt: skip

TONGUES = (ENGLISH, GERMAN, FRENCH, SPANISH, DANISH)
