"""What happens once in a life: a move and a change of job, by which other things are dated ("before the move").

Knows these two; knows nothing of other stories or of formats.
"""

from __future__ import annotations

from datetime import date, timedelta

from indexers.personal.life.cast import slug
from indexers.personal.life.diary import Diary
from indexers.personal.life.things import App, Class
from indexers.personal.life.words import STREETS
from indexers.sources.connectors.clock import spoken


def move(diary: Diary, day: date) -> None:
    """The owner moves from one city to another; a club is left and another joined."""
    random, cast, (old, new) = diary.random, diary.cast, diary.cast.homes
    before, after = (f"{street} {random.randint(2, 88)}" for street in random.sample(STREETS, 2))
    hobby = random.choice(("climbing", "rowing", "chess", "choir"))
    clubs = (f"{old} {hobby} club", f"{new} {hobby} club")
    for club, since in zip(clubs, (day - timedelta(days=200), day + timedelta(days=30)), strict=True):
        diary.note(
            App.GMAIL, diary.about(since),
            f"Welcome to the {club}! Your membership number is {diary.code(2, 4)}; we meet on "
            f"{diary.prose.say('weekday')}s.",
            f"Welcome to the {club}", to=(cast.owner,), labels=("Inbox",),
            extra={"from": f"{club} <members@{slug(club)}.example>"},
        )  # fmt: skip
    mail = diary.note(
        App.GMAIL, diary.about(day - timedelta(days=12)),
        f"Dear all,\n\non {spoken(day)} we move from {before}, {old}, to {after}, {new}. Please write the new address "
        f"down, and come for soup once the boxes are gone.\n\n{cast.owner.first}",
        "We are moving!", author=cast.owner, to=cast.close[:6], labels=("Sent",),
    )  # fmt: skip
    event = diary.note(
        App.CALENDAR, diary.wall(day, 8), f"Van from 8. {cast.brother.first} helps.", "Moving day",
        until=diary.wall(day, 18), to=(cast.brother,),
    )  # fmt: skip
    diary.learn(Class.SINGLE, "What is our new address since the move?", f"{after}, {new}", mail, rivals=(before,))
    diary.learn(Class.TEMPORAL, "On which day did we move?", spoken(day), [mail, event])
    clubs_said = [one for one in diary.things if one.title == f"Welcome to the {clubs[0]}"]
    diary.learn(
        Class.TEMPORAL, f"Which {hobby} club did I belong to before the move?", clubs[0], clubs_said, rivals=(clubs[1],)
    )


def new_job(diary: Diary, day: date) -> None:
    """The owner changes from one firm to another."""
    cast, (old, new) = diary.cast, diary.cast.employers
    salary = f"{diary.random.randint(41, 59)},{diary.random.randint(1, 9)}00 kr a month"
    mail = diary.note(
        App.GMAIL, diary.about(day - timedelta(days=50), 8, 17),
        f"Dear {cast.owner.first},\n\nwe are glad to offer you a position at {new} from {spoken(day)}, at {salary}. "
        "Please sign the enclosed contract within a week.\n\nPeople & Culture",
        f"Your offer from {new}", to=(cast.owner,), labels=("Inbox", "Work"),
        extra={"from": f"{new} <people@{slug(new)}.example>", "attachment": "contract.txt"},
    )  # fmt: skip
    said = diary.chat(
        App.WHATSAPP, diary.about(day), cast.owner, cast.mother,
        f"First day at {new}! Nobody knows yet that I miss the coffee at {old}.",
    )
    diary.learn(Class.SINGLE, f"What salary did {new} offer me?", salary, mail)
    diary.learn(Class.TEMPORAL, f"When did I begin to work at {new}?", spoken(day), [mail, said], rivals=(old,))
