"""Everyday: what fills a life between the things that are asked for, in every program, until it is as large as wanted.

Knows programs and small talk; knows nothing of facts or of formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from indexers.personal.life.cast import slug
from indexers.personal.life.diary import Diary
from indexers.personal.life.things import App
from indexers.personal.life.words import CITIES
from indexers.sources.connectors.base import Caution

WEIGHTS: Mapping[App, int] = {
    App.GMAIL: 22, App.MAILDIR: 1, App.WATCH: 11, App.SEARCH: 6, App.CHROME_TAKEOUT: 3, App.KEEP: 3, App.GOOGLE_CHAT: 2,
    App.PHOTO: 3, App.CALENDAR: 5, App.NETFLIX: 3, App.CHROME: 7, App.FIREFOX: 4, App.WHATSAPP: 6, App.TELEGRAM: 3,
    App.SLACK: 3, App.DISCORD: 3, App.MESSENGER: 2, App.SMS: 2, App.CHATGPT: 2, App.CLAUDE: 1, App.OBSIDIAN: 2,
    App.ENEX: 1, App.NOTION: 1, App.SHELL: 3, App.SPOTIFY: 4,
}  # fmt: skip
"""How often something is left in each program; chats come several messages at a time."""

PUBLIC = ("bread-talk", "kayak-nerds")
"""Channels of many people; the others on Discord are friends."""

CHATS = (App.WHATSAPP, App.TELEGRAM, App.MESSENGER, App.SMS, App.GOOGLE_CHAT)


def contacts(diary: Diary) -> None:
    """The address book: everybody once, some of them with a second address; the excluded one too."""
    for at, one in enumerate(diary.cast.everyone):
        diary.note(
            App.CONTACT, diary.about(diary.begin), f"{one.relation.capitalize()}", one.name, author=one,
            extra={"version": ("2.1", "3.0", "4.0")[at % 3]}, excluded=one == diary.cast.excluded,
        )  # fmt: skip


def something(diary: Diary, app: App, day: date) -> None:
    """Something small that is left in a program on a day."""
    if app in CHATS:
        at = diary.about(day, 8, 20)
        diary.dialogue(app, at, diary.random.choice(diary.cast.close), diary.random.randint(2, 6))
    else:
        _EACH[app](diary, app, day)


def fill(diary: Diary, count: int) -> None:
    """Everyday things, spread evenly over the days, until there are `count`; each program at least twice."""
    days = (diary.end - diary.begin).days
    apps = list(WEIGHTS)
    for app in (*apps, *apps):
        something(diary, app, diary.begin + timedelta(days=diary.random.randint(0, days)))
    while len(diary.things) < count:
        app = diary.random.choices(apps, weights=list(WEIGHTS.values()))[0]
        something(diary, app, diary.begin + timedelta(days=diary.random.randint(0, days)))


def _mail(diary: Diary, app: App, day: date) -> None:
    kind = diary.random.choice((_letter, _work, _work, _notice, _notice))
    kind(diary, app, day)


def _letter(diary: Diary, app: App, day: date) -> None:
    random, say, owner = diary.random, diary.prose.say, diary.cast.owner
    friend = random.choice(diary.cast.close)
    first = diary.note(
        app, diary.about(day),
        say("{hello}\n\n{smalltalk} {smalltalk}\n\n{ask}\n\n{bye}", to=owner.first, me=friend.first),
        say("About {event}"),
        author=friend, to=(owner,), labels=("Inbox",), thread=f"t{len(diary.things)}",
        defect=diary.turn("", "", "body From", "latin-1", "no date"),
    )  # fmt: skip
    if random.random() < 0.5:
        diary.note(
            app, min(first.at + timedelta(hours=random.randint(1, 30)), diary.wall(diary.end, 23)),
            say("{hello}\n\n{smalltalk} {ask}\n\n{bye}", to=friend.first, me=owner.first), f"Re: {first.title}",
            author=owner, to=(friend,), labels=("Sent",), thread=first.thread, extra={"answers": str(first.number)},
        )  # fmt: skip


def _work(diary: Diary, app: App, day: date) -> None:
    say, owner = diary.prose.say, diary.cast.owner
    colleague = diary.random.choice(diary.cast.colleagues)
    diary.note(
        app, diary.about(day, 7, 18), say("{hello}\n\n{work} {work}\n\n{bye}", to=owner.first, me=colleague.first),
        say("{project}: {component}"), author=colleague, to=(owner,), labels=("Inbox", "Work"),
        defect=diary.turn("", "", "", "long attachment"),
    )  # fmt: skip


def _notice(diary: Diary, app: App, day: date) -> None:
    say, shop = diary.prose.say, diary.prose.say("shop")
    diary.note(
        app, diary.about(day), say(diary.random.choice(("newsletter", "receipt")), shop=shop),
        say(diary.random.choice(("Your letter: {topic}", "Receipt", "News from {shop}",
        "{small} things about {topic}")),
            shop=shop),
        to=(diary.cast.owner,), labels=("Inbox",),
        extra={"from": f"{shop} <news@{slug(shop)}.example>", "html": diary.turn("", "yes", "only")},
    )  # fmt: skip


def _watch(diary: Diary, app: App, day: date) -> None:
    defect = diary.turn("", "", "", "", "removed", "no url")
    diary.note(app, diary.about(day), "", diary.prose.say("video"), defect=defect,
    extra={"channel": diary.prose.say("channel")})


def _search(diary: Diary, app: App, day: date) -> None:
    diary.note(app, diary.about(day), diary.prose.say("search"))


def _visit(diary: Diary, app: App, day: date) -> None:
    title = diary.prose.say("page")
    site = diary.random.choice(("news", "forum", "shop", "wiki", "blog"))
    diary.note(app, diary.about(day), "", title, url=f"https://{site}.example/{slug(title)}")


def _note(diary: Diary, app: App, day: date) -> None:
    say = diary.prose.say
    diary.note(
        app, diary.about(day), "\n\n".join(say("note") for _ in range(diary.random.randint(1, 3))),
        say(diary.random.choice(("{topic}", "{event}", "{hobby} log", "{chore}"))).capitalize(),
        room=say(diary.random.choice(("Home", "Work", "Reading", "{hobby}"))), labels=(slug(say("topic")),),
    )  # fmt: skip


def _photo(diary: Diary, app: App, day: date) -> None:
    defect = diary.turn("", "", "duplicate", "no exif", "edited")
    place = diary.random.choice((None, diary.random.choice(CITIES[:12])))
    room = "Best of" if defect == "duplicate" else f"Photos from {day.year}"
    diary.note(app, diary.about(day), diary.prose.say("caption"), room=room, place=place, defect=defect)


def _event(diary: Diary, app: App, day: date) -> None:
    at = diary.about(day, 8, 20)
    friend = diary.random.choice(diary.cast.everyone[:-1])
    defect = diary.turn("", "", "windows zone", "floating", "folded letter", "broken")
    diary.note(
        app, at, diary.prose.say("chat"), diary.prose.say("appointment"), until=at + timedelta(hours=1), to=(friend,),
        defect=defect
    )


def _netflix(diary: Diary, app: App, day: date) -> None:
    title = diary.prose.say(diary.random.choice(("{film}", "{series}: Season {small}: Episode {small}")))
    diary.note(app, diary.about(day, 18, 22), "", title, extra={"profile": diary.cast.owner.first})


def _slack(diary: Diary, app: App, day: date) -> None:
    at, mates = diary.about(day, 8, 16), diary.random.sample(diary.cast.colleagues, 2)
    for author in (*mates, diary.cast.owner):
        at += timedelta(minutes=diary.random.randint(1, 9))
        diary.note(
            app, at, diary.prose.say("work"), author=author, to=diary.cast.colleagues, room="general",
            caution=Caution.GROUP,
            defect=diary.turn("", "", "token"),
        )  # fmt: skip


def _discord(diary: Diary, app: App, day: date) -> None:
    room = diary.random.choice((*PUBLIC, *[one.name for one in diary.cast.friends[:3]]))
    caution = Caution.GROUP if room in PUBLIC else None
    diary.note(app, diary.about(day), diary.prose.say("chat"), author=diary.cast.owner, room=room, caution=caution)


def _assistant(diary: Diary, app: App, day: date) -> None:
    question = diary.prose.say("question")
    reply = diary.prose.some("reply", diary.random.randint(1, 3))
    diary.note(app, diary.about(day), question, question[:40].rstrip(), extra={"reply": reply})


def _command(diary: Diary, app: App, day: date) -> None:
    diary.note(app, diary.about(day), diary.prose.say("command"))


def _track(diary: Diary, app: App, day: date) -> None:
    diary.note(app, diary.about(day), "", diary.prose.say("song"), extra={"artist": diary.prose.say("artist")})


_EACH: Mapping[App, Callable[[Diary, App, date], None]] = {
    App.GMAIL: _mail, App.MAILDIR: _letter, App.WATCH: _watch, App.SEARCH: _search, App.CHROME_TAKEOUT: _visit,
    App.KEEP: _note, App.PHOTO: _photo, App.CALENDAR: _event, App.NETFLIX: _netflix, App.CHROME: _visit,
    App.FIREFOX: _visit, App.SLACK: _slack, App.DISCORD: _discord, App.CHATGPT: _assistant, App.CLAUDE: _assistant,
    App.OBSIDIAN: _note, App.ENEX: _note, App.NOTION: _note, App.SHELL: _command, App.SPOTIFY: _track,
}  # fmt: skip
