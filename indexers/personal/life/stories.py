"""What else happens in a life and is asked for later: purchases, dinners that move, advice, appointments, loans.

Each story is told once in a while, with other people and other objects, and leaves its facts with what proves them.
Knows these stories; knows nothing of trips or of formats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from indexers.personal.life.cast import slug
from indexers.personal.life.diary import Deck, Diary, month
from indexers.personal.life.things import App, Class, Somebody, Thing
from indexers.personal.life.words import ARTISTS, BOOKS, CLINICS, FILMS, PRODUCTS, PROJECTS, SERIES, TABLES
from indexers.sources.connectors.clock import spoken

ROOMS = (App.WHATSAPP, App.TELEGRAM, App.MESSENGER, App.SMS, App.GOOGLE_CHAT)
NOTES = (App.OBSIDIAN, App.ENEX, App.NOTION, App.KEEP)

LENT = (
    "the tall stepladder", "the tile cutter", "my grandfather's binoculars", "the fondue set", "the roof box",
    "the wetsuit", "the label printer", "the big stockpot", "the travel cot", "the pressure washer", "the ukulele",
    "the sledge", "the raclette grill", "the beamer stand", "the wallpaper steamer", "the camping stove",
    "the hand loom",
    "the ice auger", "the croquet set", "the star atlas", "the jam funnel", "the bike trailer",
    "the moss-green suitcase",
    "the apple press",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decks:
    """What stories are dealt from; a card that comes back comes in another month."""

    products: Deck
    tables: Deck
    advice: Deck
    clinics: Deck
    lent: Deck
    projects: Deck
    artists: Deck

    @classmethod
    def of(cls, diary: Diary) -> Decks:
        """All of them, shuffled."""
        advice = [("book", name) for name in BOOKS] + [("film", name) for name in FILMS]
        advice += [("series", name) for name in SERIES]
        cards = (PRODUCTS, TABLES, advice, CLINICS, LENT, PROJECTS, ARTISTS)
        return cls(*(Deck(diary.random, part) for part in cards))


def purchase(diary: Diary, day: date, decks: Decks) -> None:
    """Something is bought; its serial number is noted elsewhere."""
    random, owner = diary.random, diary.cast.owner
    (product, shop), order, serial = decks.products.deal(), diary.code(2, 6), diary.code(3, 7)
    price = f"{random.randint(3, 89)}{random.choice((25, 49, 50, 75, 95))}"
    mail = diary.note(
        App.GMAIL, diary.about(day),
        f"Thank you for your order {order}.\n\n1 x {product}: {price} kr, paid by card. We deliver to your door on "
        f"{spoken(day + timedelta(days=4))}. You may return it within {random.choice((14, 30, 60))} days.\n\n{shop}",
        f"Order {order}: your {product}", to=(owner,), labels=("Inbox",),
        extra={"from": f"{shop} <orders@{slug(shop)}.example>", "html": random.choice(("", "yes"))},
    )  # fmt: skip
    app = random.choice(NOTES)
    note = diary.note(
        app, diary.about(day + timedelta(days=5)),
        f"The {product} from {shop} has serial number {serial}. The manual is in {diary.prose.say('vessel')}; warranty "
        f"until {month(day + timedelta(days=730))}.",
        f"Serial number of the {product}" if random.random() < 0.5 else "Warranties", room="Home",
    )  # fmt: skip
    when = month(day)
    diary.learn(Class.SINGLE, f"How much did I pay for the {product} in {when}?", f"{price} kr", mail)
    diary.learn(
        Class.CROSS, f"What are the order number and the serial number of the {product} that I bought in {when}?",
        f"{order}; {serial}", mail, note,
    )  # fmt: skip


def dinner(diary: Diary, day: date, decks: Decks) -> None:
    """A dinner is agreed, and then moved to another day and another place."""
    random, friend = diary.random, diary.random.choice(diary.cast.friends)
    first, second, later = decks.tables.deal(), decks.tables.deal(), day + timedelta(days=random.randint(2, 6))
    app = random.choice(ROOMS)
    diary.note(
        App.CALENDAR, diary.wall(day, 19), f"Table for two at {first}", f"Dinner with {friend.first} at {first}",
        until=diary.wall(day, 22), to=(friend,),
    )  # fmt: skip
    at = diary.about(day - timedelta(days=2), 9, 20)
    diary.chat(app, at, diary.cast.owner, friend, f"Looking forward to dinner at {first} on {spoken(day)}!")
    moved = diary.chat(app, at + timedelta(minutes=20), friend, friend, random.choice((
        f"Bad news, {first} is full on {spoken(day)}. Shall we have dinner at {second} on {spoken(later)} instead?",
        f"Can we move our dinner? {spoken(later)} at {second} would suit me better than {first}, I have a cold.",
        f"Change of plan: dinner at {second}, {spoken(later)}. {first} has closed for good!",
    )))  # fmt: skip
    diary.chat(app, at + timedelta(minutes=24), diary.cast.owner, friend, f"{second} it is, see you then")
    diary.learn(
        Class.CHANGED,
        f"Where did {friend.first} and I have dinner in {month(later)}, after we had to move it from {first}?",
        f"{second}, {spoken(later)}", moved, rivals=(first,),
    )  # fmt: skip


def meeting(diary: Diary, day: date, decks: Decks) -> None:
    """A review at work is set by mail and moved in the chat."""
    random, project = diary.random, decks.projects.deal()
    boss, later = random.choice(diary.cast.colleagues), day + timedelta(days=random.randint(1, 5))
    diary.note(
        App.GMAIL, diary.about(day - timedelta(days=9), 8, 17),
        diary.prose.say("{hello}\n\nthe review of {p} is on {d} at 10:00 in room {small}. {work}\n\n{bye}",
                        to=diary.cast.owner.first, me=boss.first, p=project, d=spoken(day)),
        f"Review of {project}", author=boss, to=(diary.cast.owner,), labels=("Inbox", "Work"),
    )  # fmt: skip
    hour = random.randint(9, 16)
    moved = diary.chat(
        App.SLACK, diary.about(day - timedelta(days=2), 8, 17), boss, boss,
        f"Heads up: the {project} review is not on {spoken(day)} any more. New date {spoken(later)}, {hour}:00, "
        f"room {random.randint(10, 40)}.",
    )  # fmt: skip
    diary.learn(
        Class.CHANGED, f"To which date and hour was the review of project {project} in {month(day)} moved?",
        f"{spoken(later)}, {hour}:00", moved, rivals=(spoken(day),),
    )  # fmt: skip


def advice(diary: Diary, day: date, decks: Decks) -> None:
    """Somebody recommends something; somebody else warns of something else in the same words."""
    random = diary.random
    what, name = decks.advice.deal()
    friend = random.choice(diary.cast.close)
    verb = {"book": "read", "film": "watch", "series": "watch"}[what]
    said = _said(diary, day, friend, random.choice((
        f"You have to {verb} {name}. I could not stop, and I thought of you all the time.",
        f"My tip for the holidays: {verb} {name}! Tell me how you like it.",
        f"If you {verb} one {what} this year, let it be {name}.",
    )))  # fmt: skip
    others = [one for one in diary.cast.close if one.first != friend.first]
    rival = random.choice(others)
    _said(diary, day + timedelta(days=random.randint(3, 30)), rival, f"I gave up on {name} half way. Did you like it?")
    diary.learn(
        Class.WHO_SAID, f"Who recommended the {what} {name} to me in {month(day)}?", friend.name, said,
        rivals=(rival.name,),
    )  # fmt: skip


def loan(diary: Diary, day: date, decks: Decks) -> None:
    """Something is lent."""
    what, friend = decks.lent.deal(), diary.random.choice(diary.cast.friends)
    said = _said(diary, day, friend, diary.random.choice((
        f"Thanks for lending me {what}! I will bring it back after the weekend.",
        f"I still have {what} of yours in the cellar, remind me",
        f"May I keep {what} another week? It is just what we needed.",
    )))  # fmt: skip
    diary.learn(Class.WHO_SAID, f"Who borrowed {what} from me in {month(day)}?", friend.name, said)


def appointment(diary: Diary, day: date, decks: Decks) -> None:
    """Somebody is seen about a tooth or a knee; what was said is written down the same evening."""
    random = diary.random
    role, name, part = decks.clinics.deal()
    weeks, side = random.randint(2, 11), random.choice(("left", "right", "upper", "lower", "front"))
    hour = random.randint(8, 16)
    diary.note(
        App.SMS, diary.about(day - timedelta(days=1), 9, 17),
        f"Reminder: {name}, {spoken(day)} at {hour}:15. Reply 1 to confirm.",
        room=name, extra={"from": name},
    )  # fmt: skip
    event = diary.note(
        App.CALENDAR, diary.wall(day, hour, 15), f"{name}, {diary.prose.say('{small}')}nd floor",
        f"{role.capitalize()}",
        until=diary.wall(day, hour + 1),
    )  # fmt: skip
    finding = random.choice((
        f"the {side} {part} needs watching, come back in {weeks} weeks",
        f"all well but for the {side} {part}; next in {weeks} weeks",
        f"no more than {weeks} minutes a day on the {side} {part}",
    ))  # fmt: skip
    note = diary.note(
        random.choice(NOTES), diary.about(day, 18, 22), f"{spoken(day)}: the {role} says {finding}.",
        f"Seen by the {role}",
        room="Health",
    )  # fmt: skip
    diary.learn(Class.TEMPORAL, f"What did the {role} say in {month(day)}?", finding, note)
    diary.learn(Class.TEMPORAL, f"On which day was I at the {role} in {month(day)}?", spoken(day), [event, note])


def concert(diary: Diary, day: date, decks: Decks) -> None:
    """A concert that everybody looks forward to, and that does not take place."""
    random, artist = diary.random, decks.artists.deal()
    ticket = diary.code(3, 4)
    diary.note(
        App.GMAIL, diary.about(day - timedelta(days=60)),
        f"You are going to {artist}! {spoken(day)}, doors 19:00, ticket {ticket}, standing.",
        f"Your ticket for {artist}",
        to=(diary.cast.owner,), extra={"from": "Billetlugen Nord <post@billet-nord.example>"}, labels=("Inbox",),
    )  # fmt: skip
    called = diary.note(
        App.GMAIL, diary.about(day - timedelta(days=5)),
        f"We are sorry to tell you that the concert of {artist} on {spoken(day)} has been cancelled. The price of "
        f"ticket {ticket} will be refunded within {random.randint(5, 20)} days.",
        f"Cancelled: {artist}", to=(diary.cast.owner,), labels=("Inbox",),
        extra={"from": "Billetlugen Nord <post@billet-nord.example>", "html": "yes"},
    )  # fmt: skip
    diary.learn(
        Class.NEVER, f"Did I see {artist} live in {month(day)}?", "No, the concert was cancelled", called,
        rivals=("Yes",)
    )


def _said(diary: Diary, day: date, friend: Somebody, text: str) -> Thing:
    app = diary.random.choice(ROOMS)
    at = diary.about(day, 9, 20)
    diary.dialogue(app, at, friend, diary.random.randint(1, 3))
    return diary.chat(app, at + timedelta(minutes=25), friend, friend, text)


STORIES: tuple[Callable[[Diary, date, Decks], None], ...] = (
    purchase, dinner, meeting, advice, advice, loan, appointment, concert,
)  # fmt: skip
"""Told once a round."""
