"""What a life is made of before it is written: things (one record each) and facts (a question that some things answer).

Knows shapes; knows nothing of how a life comes about or in which format a thing ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from indexers.personal.life.words import City
from indexers.sources.connectors.base import Caution, Kind


class App(StrEnum):
    """The program a thing was left in; one export each, but for those of a Google account, which share one."""

    GMAIL = "gmail"
    MAILDIR = "maildir"
    WATCH = "youtube"
    SEARCH = "google-search"
    CHROME_TAKEOUT = "chrome-takeout"
    KEEP = "keep"
    GOOGLE_CHAT = "google-chat"
    PHOTO = "google-photos"
    CALENDAR = "calendar"
    CONTACT = "contacts"
    NETFLIX = "netflix"
    CHROME = "chrome"
    FIREFOX = "firefox"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    SLACK = "slack"
    DISCORD = "discord"
    MESSENGER = "messenger"
    SMS = "sms"
    CHATGPT = "chatgpt"
    CLAUDE = "claude"
    OBSIDIAN = "obsidian"
    ENEX = "enex"
    NOTION = "notion"
    SHELL = "shell"
    SPOTIFY = "spotify"


KINDS: Mapping[App, Kind] = {
    App.GMAIL: Kind.MAIL, App.MAILDIR: Kind.MAIL, App.WATCH: Kind.VIDEO, App.SEARCH: Kind.SEARCH,
    App.CHROME_TAKEOUT: Kind.VISIT, App.KEEP: Kind.NOTE, App.GOOGLE_CHAT: Kind.CHAT, App.PHOTO: Kind.PHOTO,
    App.CALENDAR: Kind.EVENT, App.CONTACT: Kind.CONTACT, App.NETFLIX: Kind.VIDEO, App.CHROME: Kind.VISIT,
    App.FIREFOX: Kind.VISIT, App.WHATSAPP: Kind.CHAT, App.TELEGRAM: Kind.CHAT, App.SLACK: Kind.CHAT,
    App.DISCORD: Kind.CHAT, App.MESSENGER: Kind.CHAT, App.SMS: Kind.CHAT, App.CHATGPT: Kind.ASSISTANT,
    App.CLAUDE: Kind.ASSISTANT, App.OBSIDIAN: Kind.NOTE, App.ENEX: Kind.NOTE, App.NOTION: Kind.NOTE,
    App.SHELL: Kind.COMMAND, App.SPOTIFY: Kind.TRACK,
}  # fmt: skip
"""What an item of each is."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the life. `handle` is the name in programs that have one; `number` is unique in the cast."""

    number: int
    name: str
    mail: str
    phone: str
    handle: str
    relation: str

    @property
    def first(self) -> str:
        """The first name."""
        return self.name.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Thing:
    """One record of a life.

    `canary` is a word that occurs in this record and nowhere else. `at` and `until` are instants. `author` is None for
    what a machine wrote. `room` is a chat's or a folder's name, `thread` a mail's; `caution` is why it may not be
    taken in without being asked for; `excluded` says that a person who must not appear wrote or was meant by it.
    `defect` names a real fault of the format that the writer gives this record.
    """

    number: int
    canary: str
    app: App
    at: datetime
    text: str
    title: str = ""
    author: Somebody | None = None
    to: tuple[Somebody, ...] = ()
    room: str = ""
    thread: str = ""
    url: str = ""
    until: datetime | None = None
    place: City | None = None
    labels: tuple[str, ...] = ()
    caution: Caution | None = None
    excluded: bool = False
    defect: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def barred(self) -> bool:
        """Whether it must not appear under a grant that says nothing of such things."""
        return self.caution is not None or self.excluded


class Class(StrEnum):
    """What makes a question about a life hard."""

    SINGLE = "single-source"
    CROSS = "cross-source"
    TEMPORAL = "temporal"
    WHO_SAID = "who-said"
    CHANGED = "changed-plans"
    NEVER = "never-happened"


@dataclass(frozen=True, slots=True)
class Fact:
    """A question with its answer, and what proves it.

    `proof`: groups of canaries; one record of every group is needed, any of a group will do. `rivals`: what a wrong
    answer would say. For what never happened, the proof is the record that says so, and `answer` says that it did not.
    """

    number: int
    kind: Class
    question: str
    answer: str
    proof: tuple[tuple[str, ...], ...]
    rivals: tuple[str, ...] = ()


def canary(seed: int, number: int) -> str:
    """A word that no text holds by accident: `zq` and nine letters and digits, from the seed and the number.

    Eleven characters, so that it can also be the id of a video.
    """
    raw = hashlib.blake2b(f"life {seed} {number}".encode(), digest_size=16).digest()
    drawn = int.from_bytes(raw, "big")
    letters = []
    for _ in range(9):
        drawn, at = divmod(drawn, len(_ALPHABET))
        letters.append(_ALPHABET[at])
    return "zq" + "".join(letters)


_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
