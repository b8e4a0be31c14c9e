"""What has to be known to see that a fact answers a question that shares no word with it.

World knowledge (a sight and its city), hypernyms (cello, stringed instrument), synonyms and definitions (fills
cavities, dentist). The wording is held apart: `stems` of the two sides never meet, and a test checks
it for every combination. Knows words; knows nothing of needles.
"""

from __future__ import annotations

import re
from typing import Final

SIGHTS: Final[tuple[tuple[str, str], ...]] = (
    ("the Semperoper", "Dresden"), ("the Brandenburg Gate", "Berlin"), ("the Eiffel Tower", "Paris"),
    ("the Colosseum", "Rome"), ("the Sagrada Família", "Barcelona"), ("the Prado", "Madrid"),
    ("the Rialto Bridge", "Venice"), ("the Uffizi", "Florence"), ("the Hermitage", "Saint Petersburg"),
    ("the Bolshoi Theatre", "Moscow"), ("the Charles Bridge", "Prague"), ("Wawel Castle", "Kraków"),
    ("the Hofburg", "Vienna"), ("Mirabell Palace", "Salzburg"), ("the Rijksmuseum", "Amsterdam"),
    ("the Atomium", "Brussels"), ("the Little Mermaid", "Copenhagen"), ("the Vasa Museum", "Stockholm"),
    ("the Hallgrímskirkja", "Reykjavik"), ("the Acropolis", "Athens"), ("the Hagia Sophia", "Istanbul"),
    ("the Burj Khalifa", "Dubai"), ("the Western Wall", "Jerusalem"), ("the Taj Mahal", "Agra"),
    ("the Gateway of India", "Mumbai"), ("the Petronas Towers", "Kuala Lumpur"), ("the Merlion", "Singapore"),
    ("the Harbour Bridge at Circular Quay", "Sydney"), ("the Space Needle", "Seattle"),
    ("the Golden Gate Bridge", "San Francisco"), ("Fenway Park", "Boston"), ("the Liberty Bell", "Philadelphia"),
    ("the Alamo", "San Antonio"), ("Graceland", "Memphis"), ("the French Quarter", "New Orleans"),
    ("the CN Tower", "Toronto"), ("the Château Frontenac", "Quebec"), ("the Sugarloaf", "Rio de Janeiro"),
    ("the Casa Rosada", "Buenos Aires"), ("Table Mountain", "Cape Town"), ("the Kinkaku-ji", "Kyoto"),
    ("the Sensō-ji", "Tokyo"), ("the Forbidden City", "Beijing"), ("the Bund", "Shanghai"),
    ("the Gyeongbokgung", "Seoul"), ("the Belém Tower", "Lisbon"), ("Holyrood Palace", "Edinburgh"),
    ("the Ha'penny Bridge", "Dublin"), ("the Hofbräuhaus", "Munich"), ("the Elbphilharmonie", "Hamburg"),
    ("the Grossmünster", "Zürich"), ("the Jet d'Eau", "Geneva"), ("La Scala", "Milan"), ("the Leaning Tower", "Pisa"),
    ("the Giralda", "Seville"), ("the Alhambra", "Granada"), ("the Fisherman's Bastion", "Budapest"),
    ("the Jemaa el-Fnaa", "Marrakesh"), ("the Khan el-Khalili", "Cairo"), ("Hoan Kiem Lake", "Hanoi"),
    ("Wat Arun", "Bangkok"), ("Bryggen", "Bergen"), ("the Shambles", "York"), ("the Royal Crescent", "Bath"),
    ("Piccadilly Circus", "London"), ("the Temppeliaukio church", "Helsinki"), ("the Vigeland sculptures", "Oslo"),
)  # fmt: skip
"""A sight, and the city it stands in."""

TRAITS: Final[tuple[tuple[str, str], ...]] = (
    ("rehearses on a cello", "plays a stringed instrument"),
    ("feeds a tortoise every morning", "has a reptile as a pet"),
    ("gets cramps after a glass of milk", "is lactose intolerant"),
    ("refuses meat, eggs, honey and cheese", "is vegan"),
    ("mends wristwatches", "works as a horologist"),
    ("fills cavities and fits crowns", "is a dentist"),
    ("helps women in labour", "is a midwife"),
    ("certifies deeds and last wills", "is a notary"),
    ("nails iron onto hooves", "is a farrier"),
    ("writes sonnets", "is a poet"),
    ("sells aspirin and ointments across a counter", "is a pharmacist"),
    ("ties bouquets of tulips", "is a florist"),
    ("measures eyesight and grinds lenses", "is an optician"),
    ("lands a Boeing four times a week", "is a pilot"),
    ("vaccinates dogs and cows", "is a veterinarian"),
    ("grew up with Farsi", "comes from an Iranian family"),
    ("mistakes red traffic lights for green ones", "is colour-blind"),
    ("grows dizzy on ladders and balconies", "is afraid of heights"),
    ("panics in lifts and narrow cupboards", "suffers from claustrophobia"),
    ("trains with foil and sabre", "does fencing as a sport"),
    ("pastes stamps into albums", "is a philatelist"),
    ("lists robins and herons through binoculars", "is interested in birds"),
    ("pins beetles under glass", "is an entomologist"),
    ("prays at the mosque on Fridays", "is a Muslim"),
    ("eats matzo in spring", "keeps the Jewish holidays"),
    ("lies awake until four", "suffers from insomnia"),
    ("injects insulin", "has diabetes"),
    ("never leaves home without an inhaler", "has asthma"),
    ("holds pens and scissors on the side most people do not", "is left-handed"),
    ("moves pawns and bishops", "loves chess"),
    ("practises serves and backhands", "is good at tennis"),
    ("swings on the parallel bars and the pommel horse", "does gymnastics"),
    ("prepares nigiri and miso soup", "cooks Japanese food"),
    ("digs for Roman shards", "is an archaeologist"),
    ("presses grapes and fills barrels", "makes wine"),
    ("hears confession and says mass", "is a Catholic priest"),
    ("casts a fly for trout", "goes fishing"),
    ("kneads dough from three o'clock at night", "is a baker"),
    ("argues before the jury for the accused", "is a defence lawyer"),
    ("takes the pulse of people in an ambulance", "is a paramedic"),
    ("plasters fractured legs", "is an orthopaedist"),
    ("sorts novels onto shelves and stamps the date of return", "is a librarian"),
    ("unblocks drains and replaces taps", "is a plumber"),
    ("lays rails and tightens points", "builds railways"),
)  # fmt: skip
"""What is told of somebody, and what it makes them."""

FACTS: Final = (
    "{v}, who rents a flat beside {sight}, {trait}.",
    "From the kitchen window {v} looks down on {sight}; after hours {v} {trait}.",
    "{v} {trait}; the doorbell with that name is a few steps from {sight}.",
    "The neighbours opposite {sight} know {v} as somebody who {trait}.",
)
QUESTIONS: Final = ("Which inhabitant of {city} {what}?", "Who in {city} {what}?", "In {city}, which person {what}?")
TRAPS: Final = (
    "{v} wrote a novel set in {city} about a stranger who {what}.",
    "{v} once missed a train to {city} because of a man on the platform who {what}.",
    "A film that {v} reviewed begins in {city} with a child who {what}.",
)
"""These say every word of the question, and of nobody who answers it."""

_STOP: Final = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "has", "have", "in", "into"),
        *("is", "it", "its", "of", "on", "one", "or", "she", "he", "that", "the", "their", "there", "these", "they"),
        *("this", "to", "was", "were", "what", "when", "where", "which", "who", "whom", "with", "not", "no", "than"),
        *("then", "after", "before", "so", "very"),
    )
)
_ENDINGS: Final = re.compile(r"(?:ations?|ings?|ed|es|s|ers?|ly|ists?|e)$")


def stems(text: str) -> frozenset[str]:
    """The content words of a text without their commonest English endings; at most five letters of each.

    Coarse on purpose: it takes words for kin that are none rather than miss any that are.
    """
    found = re.findall(r"[^\W\d_]+", text.casefold())
    return frozenset(_ENDINGS.sub("", word)[:5] or word for word in found if word not in _STOP and len(word) > 1)
