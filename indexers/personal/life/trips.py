"""A trip: searched for, booked, planned with somebody, photographed, told; and one that was called off.

Every trip leaves traces in mail, calendar, chat, photographs, browser, videos and notes, so that some questions need
two of them. Friends travel too, in the same words, so that a hotel in a message is not always the owner's.
Knows one story; knows nothing of the others or of formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from indexers.personal.life.cast import slug
from indexers.personal.life.diary import Deck, Diary, month
from indexers.personal.life.things import App, Class, Somebody, Thing
from indexers.personal.life.words import AIRLINES, CHANNELS, CITIES, HOTELS, TABLES, City
from indexers.sources.connectors.clock import spoken

ROOMS = (App.WHATSAPP, App.TELEGRAM, App.MESSENGER, App.SMS, App.GOOGLE_CHAT)


@dataclass(frozen=True, slots=True)
class Decks:
    """What trips are dealt from."""

    visited: Deck
    called_off: Deck
    hotels: Deck
    tables: Deck

    @classmethod
    def of(cls, diary: Diary) -> Decks:
        """Cities are either gone to or planned and called off, never both."""
        cities = diary.random.sample(CITIES, len(CITIES))
        cut = len(cities) * 3 // 5
        decks = (Deck(diary.random, cards) for cards in (cities[:cut], cities[cut:], HOTELS, TABLES))
        return cls(*decks)


def trip(diary: Diary, day: date, decks: Decks) -> None:
    """Go somewhere from `day` on for a few days, with somebody."""
    random = diary.random
    city, hotel, table = decks.visited.deal(), decks.hotels.deal(), decks.tables.deal()
    friend = random.choice(diary.cast.close)
    until = day + timedelta(days=random.randint(2, 4))
    bed, flight, code = _booked(diary, city, hotel, day, until)
    planned = diary.note(
        App.CALENDAR, diary.wall(day, 0), f"{city.name} with {friend.first}. Flight {flight.extra['number']}.",
        f"Trip to {city.name}", until=diary.wall(until + timedelta(days=1), 0), labels=("all-day",), place=city,
        to=(friend,),
    )  # fmt: skip
    advice = _advised(diary, city, table, friend, day)
    watched = _prepared(diary, city, hotel, day)
    photos = _seen(diary, city, table, day, until)
    _told(diary, city, hotel, until, decks)
    when = month(day)
    others = [other for other in HOTELS if other != hotel][:3]
    diary.learn(Class.SINGLE, f"Which hotel did I book in {city.name} for {when}?", hotel, bed, rivals=others)
    diary.learn(
        Class.SINGLE, f"What was the number of my flight to {city.name} in {when}?", flight.extra["number"], flight
    )
    diary.learn(
        Class.CROSS,
        f"Where did {friend.first} tell me to eat in {city.name}, and what was the booking code of my hotel "
        f"there in {when}?", f"{table}; {code}", advice, bed,
    )  # fmt: skip
    diary.learn(
        Class.CROSS, f"Which channel's video about {city.name} did I watch before the trip in {when}, and with which "
        "airline did I fly?", f"{watched.extra['channel']}; {flight.extra['airline']}", watched, flight,
    )  # fmt: skip
    diary.learn(Class.TEMPORAL, f"Which city did I travel to in {when}?", city.name, [planned, bed, flight, *photos])


def _booked(diary: Diary, city: City, hotel: str, day: date, until: date) -> tuple[Thing, Thing, str]:
    random, owner = diary.random, diary.cast.owner
    begin = day - timedelta(days=random.randint(25, 45))
    code, seat = diary.code(), f"{random.randint(3, 31)}{random.choice('ACDF')}"
    (airline, letters), number = random.choice(AIRLINES), random.randint(110, 989)
    hello = random.choice(("Dear guest", f"Dear {owner.first}", "Hello"))
    bed = diary.note(
        App.GMAIL, diary.about(begin),
        f"{hello},\n\nthank you for booking at {hotel}, {city.name}. We look forward to your stay from {spoken(day)} "
        f"to {spoken(until)}: one double room, breakfast included, {random.randint(6, 24)}0 EUR in all, to be paid "
        f"on arrival.\n\nYour booking code is {code}. Check-in is from {random.randint(1, 4)} pm.\n\n"
        f"Kind regards\n{hotel}",
        f"Your stay at {hotel}: booking {code}", to=(owner,),
        extra={"from": f"{hotel} <stay@{slug(hotel)}.example>"}, labels=("Inbox", "Travel"),
    )  # fmt: skip
    flight = diary.note(
        App.GMAIL, diary.about(begin + timedelta(days=1)),
        f"Your e-ticket\n\n{airline} flight {letters}{number} to {city.name} ({city.code}) on {spoken(day)}, departure "
        f"{random.randint(6, 19):02d}:{random.randrange(0, 60, 5):02d}, seat {seat}. One bag of 10 kg.\n"
        f"Reference {diary.code(6, 0)}. Please check in online from 30 hours before departure.",
        f"E-ticket {city.name} {letters}{number}", to=(owner,), labels=("Inbox", "Travel"),
        extra={
            "from": f"{airline} <tickets@{slug(airline)}.example>", "html": "yes", "number": f"{letters}{number}",
            "airline": airline, "attachment": f"ticket-{letters}{number}.txt",
        },
    )  # fmt: skip
    return bed, flight, code


def _advised(diary: Diary, city: City, table: str, friend: Somebody, day: date) -> Thing:
    app, random = diary.random.choice(ROOMS), diary.random
    at = diary.about(day - timedelta(days=random.randint(8, 20)), 9, 20)
    owner = diary.cast.owner
    diary.chat(app, at, owner, friend, random.choice((
        f"Any idea where to eat in {city.name}?", f"You know {city.name}, where should we have dinner?",
    )))  # fmt: skip
    return diary.chat(app, at + timedelta(minutes=3), friend, friend, random.choice((
        f"In {city.name} go to {table}! Ask for the {city.dish} and sit outside.",
        f"{table} in {city.name}, no question. The {city.dish} there is the best I ever had.",
        f"Book a table at {table}. Small place in {city.name}, {city.dish} like at home.",
    )))  # fmt: skip


def _prepared(diary: Diary, city: City, hotel: str, day: date) -> Thing:
    random = diary.random
    early = day - timedelta(days=random.randint(46, 60))
    name = slug(city.name)
    diary.note(App.SEARCH, diary.about(early), f"{city.name} hotels near {city.sight}")
    diary.note(
        random.choice((App.CHROME, App.FIREFOX, App.CHROME_TAKEOUT)), diary.about(early), "",
        f"{hotel}, {city.name}: rooms and prices", url=f"https://beds.example/{name}/{slug(hotel)}",
    )  # fmt: skip
    diary.note(
        App.KEEP, diary.about(day - timedelta(days=2)),
        f"[ ] passport\n[x] adapter\n[ ] {diary.prose.say('thing')}\n[ ] see {city.sight}\n[ ] taste {city.dish}",
        f"Packing for {city.name}", labels=("Travel",),
    )  # fmt: skip
    channel = random.choice(CHANNELS)
    title = random.choice((
        f"48 hours in {city.name}", f"{city.name} on foot: {city.sight} and more",
        f"What to eat in {city.name}: {city.dish}",
    ))  # fmt: skip
    return diary.note(
        App.WATCH, diary.about(day - timedelta(days=random.randint(3, 9)), 17, 22), "", title,
        extra={"channel": channel}
    )


def _seen(diary: Diary, city: City, table: str, day: date, until: date) -> list[Thing]:
    captions = (f"{city.sight[0].upper()}{city.sight[1:]}, {city.name}", f"{city.dish} at {table}",
    f"Morning in {city.name}")
    days = (until - day).days
    return [
        diary.note(
            App.PHOTO, diary.about(day + timedelta(days=at % (days + 1)), 9, 20), caption, place=city,
            room=f"{city.name} {day.year}", defect="long name" if at == 0 else "",
        )
        for at, caption in enumerate(captions)
    ]  # fmt: skip


def _told(diary: Diary, city: City, hotel: str, until: date, decks: Decks) -> None:
    """What is written home; and a friend who has been somewhere else, in much the same words."""
    random, cast = diary.random, diary.cast
    home = until + timedelta(days=1)
    diary.chat(
        random.choice(ROOMS), diary.about(home), cast.owner, cast.mother,
        random.choice((
            f"Back from {city.name}. {city.sight[0].upper()}{city.sight[1:]} was wonderful, {hotel} less so.",
            f"We are home again. {city.name} in one sentence: {city.sight}, and {city.dish} every day.",
        )),
    )  # fmt: skip
    other, friend = random.choice([one for one in CITIES if one != city]), random.choice(cast.friends)
    diary.chat(
        random.choice(ROOMS), diary.about(home + timedelta(days=3)), friend, friend,
        f"We just came back from {other.name}! Stayed at {decks.hotels.deal()}, saw {other.sight}. You would love it.",
    )


def called_off(diary: Diary, day: date, decks: Decks) -> None:
    """A trip that is planned, and then not made."""
    random, cast = diary.random, diary.cast
    city, friend = decks.called_off.deal(), random.choice(cast.friends)
    early = day - timedelta(days=random.randint(30, 50))
    diary.note(
        App.GMAIL, diary.about(early),
        diary.prose.say("{hello}\n\nshall we go to {there} in {when}? I found a cheap flight. {smalltalk}\n\n{bye}",
                        to=friend.first, me=cast.owner.first, there=city.name, when=month(day)),
        f"{city.name} in {month(day)}?", author=cast.owner, to=(friend,), labels=("Sent",),
    )  # fmt: skip
    diary.note(
        App.CALENDAR, diary.wall(day, 0), f"Perhaps, with {friend.first}", f"{city.name}?", place=city, to=(friend,),
        until=diary.wall(day + timedelta(days=3), 0), labels=("all-day", "cancelled"),
    )  # fmt: skip
    reason = random.choice((
        "my boss needs me that week", "the flight was cancelled and the next one costs a fortune", "I broke my foot",
        "we spent the money on the roof", "I have to look after my aunt",
    ))  # fmt: skip
    end = diary.chat(
        random.choice(ROOMS), diary.about(day - timedelta(days=random.randint(4, 12))), friend, friend,
        f"I am so sorry, we have to call off {city.name} in {month(day)}: {reason}. Another year!",
    )
    diary.learn(
        Class.NEVER, f"Did I go to {city.name} with {friend.first} in {month(day)}?",
        f"No, the trip was called off: {reason}", end, rivals=("Yes",),
    )  # fmt: skip
