"""What must not appear unless it is asked for: spam, the deleted, the disappearing, the confidential, other people's.

Also secrets that a scrubber must find before anything is kept. The tokens have the shape of real ones and are drawn
here; none opens anything.
Knows what is barred and why; knows nothing of formats.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from indexers.personal.life.diary import Diary
from indexers.personal.life.things import App, Thing
from indexers.personal.life.words import CITIES
from indexers.sources.connectors.base import Caution


def barred(diary: Diary, day: date) -> None:
    """One of each kind, around a day."""
    _google(diary, day)
    _chats(diary, day)
    _others(diary, day)
    _excluded(diary, day)


def _google(diary: Diary, day: date) -> None:
    random, owner, say = diary.random, diary.cast.owner, diary.prose.say
    diary.note(
        App.GMAIL, diary.about(day), f"Congratulations {owner.first}!! You won a {say('product')}. Click now.",
        "You have WON", author=diary.cast.stranger, to=(owner,), labels=("Spam",), caution=Caution.SPAM,
    )  # fmt: skip
    diary.note(
        App.GMAIL, diary.about(day), say("newsletter"), f"Letter {random.randint(2, 99)}", to=(owner,),
        labels=("Trash",),
        caution=Caution.TRASH, extra={"from": "Letters <letters@weekly.example>"},
    )  # fmt: skip
    diary.note(App.KEEP, diary.about(day), say("note"), "Old list", caution=Caution.TRASH)
    diary.note(
        App.CALENDAR, diary.wall(day, 15), f"About {diary.cast.brother.first}'s diagnosis. Tell nobody.", "Family talk",
        until=diary.wall(day, 16), caution=Caution.CONFIDENTIAL,
    )  # fmt: skip
    diary.note(
        App.WATCH, diary.about(day), "", f"{say('product').capitalize()}: now {random.randint(2, 9)}0% off",
        caution=Caution.ADVERTISEMENT, extra={"channel": say("shop")},
    )  # fmt: skip
    city = random.choice(CITIES)
    diary.note(App.PHOTO, diary.about(day), say("caption"), place=city, room="Shared", caution=Caution.PARTNER)
    diary.note(App.PHOTO, diary.about(day), say("caption"), room="Photos", caution=Caution.TRASH)


def _chats(diary: Diary, day: date) -> None:
    random, cast, say = diary.random, diary.cast, diary.prose.say
    friend = random.choice(cast.friends)
    diary.chat(
        App.TELEGRAM, diary.about(day), friend, friend, f"This one burns after reading: {say('smalltalk')}",
        caution=Caution.DISAPPEARING,
    )  # fmt: skip
    diary.chat(
        App.MESSENGER, diary.about(day), friend, friend, f"I should not have written this. {say('smalltalk')}",
        caution=Caution.DELETED,
    )  # fmt: skip
    group = random.sample(cast.friends, 3)
    at = diary.about(day)
    for author in (*group, cast.owner):
        at += timedelta(minutes=random.randint(1, 5))
        diary.note(
            App.WHATSAPP, at, say("chat"), author=author, to=(*group, cast.owner), room="Sunday swimmers",
            caution=Caution.GROUP,
        )  # fmt: skip


def _others(diary: Diary, day: date) -> None:
    say, partner = diary.prose.say, diary.cast.partner
    diary.note(
        App.NETFLIX, diary.about(day, 18), "", say("{series}: Season {small}: Episode {small}"),
        caution=Caution.PROFILE,
        extra={"profile": partner.first},
    )  # fmt: skip
    diary.note(
        App.SPOTIFY, diary.about(day), "", say("song"), caution=Caution.INCOGNITO, extra={"artist": say("artist")}
    )


def _excluded(diary: Diary, day: date) -> None:
    """Somebody who asked not to be in it: as a writer of mails and messages, and in the address book."""
    say, owner, who = diary.prose.say, diary.cast.owner, diary.cast.excluded
    diary.note(
        App.GMAIL, diary.about(day), say("{hello}\n\n{smalltalk} {ask}\n\n{bye}", to=owner.first, me=who.first),
        say("About {event}"), author=who, to=(owner,), labels=("Inbox",), excluded=True,
    )  # fmt: skip
    diary.chat(App.WHATSAPP, diary.about(day), who, who, say("smalltalk"), excluded=True)


def secrets(diary: Diary, day: date) -> None:
    """Tokens, a card number and a password where people leave them."""
    at = diary.about(day)
    for app, text in (
        (App.SHELL, "export AWS_SECRET_ACCESS_KEY={aws}"), (App.OBSIDIAN,
        "The deploy key is {github}, do not lose it."),
        (App.GMAIL, "Hi, the card for the hotel is {card}, thanks!"), (App.TELEGRAM, "the wifi password: {word}"),
        (App.CHATGPT, "Why does this fail? client = connect('https://svc:{word}@db.example/main')"),
    ):  # fmt: skip
        name = text.partition("{")[2].partition("}")[0]
        value = _secret(diary, name)
        _left(diary, app, at, text.replace("{" + name + "}", value), name)
        diary.secrets.append((name, value))


def _left(diary: Diary, app: App, at: datetime, text: str, kind: str) -> Thing:
    cast, extra = diary.cast, {"secret": kind}
    if app == App.TELEGRAM:
        return diary.chat(app, at, cast.partner, cast.partner, text, extra=extra)
    if app == App.GMAIL:
        return diary.note(app, at, text, "Card", author=cast.owner, to=(cast.partner,), labels=("Sent",), extra=extra)
    if app == App.CHATGPT:
        return diary.note(app, at, text, "Connection refused", extra={**extra, "reply": "Nobody answers."})
    return diary.note(app, at, text, "Keys", room="Work", extra=extra)


def _secret(diary: Diary, name: str) -> str:
    random = diary.random
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    if name == "github":
        return "ghp_" + "".join(random.choices(letters, k=36))
    if name == "aws":
        return "".join(random.choices(letters + "/+", k=40))
    if name == "word":
        return "".join(random.choices(letters, k=14))
    return card("4" + "".join(random.choices("0123456789", k=14)))


def card(digits: str) -> str:
    """A card number: the digits and the one that makes Luhn's sum right."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if at % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)

