"""WhatsApp's "export chat": `_chat.txt` (iOS) or `WhatsApp Chat with NAME.txt` (Android), alone or in its zip.

The form of the lines is told in `whatsapp_lines`. What matters here:

- times are the phone's wall time; the zone is nowhere. Which number of a date is the day depends on the phone's
  language and is decided over the whole file; where no date tells, the file is skipped, and asks for `date-order`.
- with whom a chat is stands in the name of the file (iOS: of the zip), in the language of the phone. A chat in which
  more than two people write is a group, and so is one of two whose names do not include the one in the file's name.
- there are no ids. A message's is its minute, its author and which it is of that author in that minute: so that a
  message later edited or deleted replaces the old one. What was exported with seconds and without is the same.
- once a system line turns disappearing messages on, what follows is such until another turns them off. An export that
  begins after that line does not tell.
- exports hold at most the last 40,000 messages (10,000 with files), so the oldest one may hold what later ones do not.

Read twice: for dates and names, then for messages. The databases (msgstore.db, ChatStorage.sqlite) are not read.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Kind, Person, Reader, Things
from indexers.sources.connectors.chats import whatsapp_words as words
from indexers.sources.connectors.chats.stretches import Chat, Message, stretches
from indexers.sources.connectors.chats.whatsapp_lines import Head, body, day, head, moment
from indexers.sources.connectors.clock import Order, order_of
from indexers.sources.faults import FAULTS, sentence
from indexers.sources.streams import lines

_LINE = 1 << 20
_NAMES = 4_096
"""Names that are told apart: WhatsApp's largest groups hold 1,024 people."""
_PEEK = 50
"""Lines within which a chat must have begun."""


@dataclass(slots=True)
class _Survey:
    """What the first reading finds out. `other` is the person a chat of two is with, where it is known."""

    bracket: bool = False
    title: str = ""
    names: dict[str, None] = field(default_factory=dict)
    order: Order | None = None
    asks: bool = False
    halves: set[str] = field(default_factory=set)

    @property
    def group(self) -> bool:
        known = {_letters(name) for name in self.names}
        return len(self.names) > 2 or (len(self.names) == 2 and bool(self.title) and _letters(self.title) not in known)

    def chat(self) -> Chat:
        """The chat, by its title or by those who write in it."""
        title = self.title or ", ".join(sorted(self.names))
        people = () if self.group or not self.title else (Person(self.title),)
        cautions = frozenset({Caution.GROUP}) if self.group else frozenset()
        return Chat(f"whatsapp:{title.casefold()}", title, people, cautions=cautions)

    def is_mine(self, name: str, me: str) -> bool:
        if me:
            return name == me
        return not self.group and bool(self.title) and _letters(name) != _letters(self.title)


def _read(reader: Reader) -> Things:
    for file in reader.files("*.txt"):
        try:
            with reader.open(file) as stream:
                bracket = _form(stream)
            if bracket is not None:
                yield from _chat(reader, file, bracket)
            elif "whatsapp" in file.name.casefold() or file.path.endswith("_chat.txt"):
                yield Skipped(reader.source, file.name, "No line of it begins like a message of WhatsApp.")
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))


def _form(stream: BinaryIO) -> bool | None:
    """Whether times stand in brackets; None where nothing looks like a chat."""
    for number, line in _decoded(stream):
        if number > _PEEK:
            break
        for bracket in (True, False):
            if head(line, bracket):
                return bracket
    return None


def _chat(reader: Reader, file: File, bracket: bool) -> Things:
    survey = _surveyed(reader, file, bracket)
    if survey.asks:
        yield Skipped(
            reader.source, file.name,
            "Its dates may be day/month or month/day, and none of them says which. "
            "Choose date-order: dmy (day first) or mdy (month first).",
        )  # fmt: skip
        return
    if unknown := sorted(survey.halves)[:3]:
        reason = f"Its times carry {', '.join(unknown)}: morning or afternoon? Only the days are kept."
        yield Skipped(reader.source, file.name, reason)
    yield from stretches(survey.chat(), _messages(reader, file, survey))


def _surveyed(reader: Reader, file: File, bracket: bool) -> _Survey:
    survey = _Survey(bracket, _title(file))
    ambiguous = False

    def dates() -> Iterator[tuple[int, int, int]]:
        nonlocal ambiguous
        with reader.open(file) as stream:
            for found, _, text in _heads(stream, bracket):
                _meet(survey, found, text)
                if day(found, None) is None:
                    ambiguous = True
                    yield int(found.dates[0]), int(found.dates[1]), int(found.dates[2])

    decided = order_of(dates())
    try:
        survey.order = Order(reader.choices["date-order"]) if "date-order" in reader.choices else decided
    except ValueError:
        survey.order = decided
    survey.asks = ambiguous and survey.order is None
    return survey


def _meet(survey: _Survey, found: Head, text: str) -> None:
    """Note who writes, and words for halves of the day that are not known."""
    said = body(text, found.marked, bool(found.name))
    if found.name and Caution.SYSTEM not in said.cautions and len(survey.names) < _NAMES:
        survey.names[found.name] = None
    if found.half and found.clock[0] <= 12 and words.afternoon(found.half) is None:
        survey.halves.add(found.half[:12])


def _messages(reader: Reader, file: File, survey: _Survey) -> Iterator[Message | Skipped]:
    me = reader.choices.get("me", "")
    minute, counts = "", dict[str, int]()
    vanishing = False
    with reader.open(file) as stream:
        for found, number, text in _heads(stream, survey.bracket):
            at, said = moment(found, survey.order), body(text, found.marked, bool(found.name))
            locator = f"{file.name}#{number}"
            if not at.iso:
                yield Skipped(reader.source, locator, "Its date is none of the calendar.")
                continue
            cautions = said.cautions
            if Caution.SYSTEM in cautions:
                switched = words.vanishing(said.text)
                vanishing = vanishing if switched is None else switched
            elif vanishing:
                cautions |= {Caution.DISAPPEARING}
            if minute != at.iso[:16]:
                minute, counts = at.iso[:16], {}
            counts[found.name] = counts.get(found.name, -1) + 1
            yield Message(
                f"{minute}|{found.name}|{counts[found.name]}", at, said.text, locator,
                author=Person(found.name) if found.name and Caution.SYSTEM not in cautions else None,
                mine=survey.is_mine(found.name, me), attachments=said.attachments, cautions=cautions,
            )  # fmt: skip


def _heads(stream: BinaryIO, bracket: bool) -> Iterator[tuple[Head, int, str]]:
    """Heads of messages, the numbers of their lines and their whole texts."""
    held: Head | None = None
    begun, text, size = 0, list[str](), 0
    for number, line in _decoded(stream):
        if found := head(line, bracket):
            if held:
                yield held, begun, "\n".join(text)
            held, begun, text, size = found, number, [found.rest], len(found.rest)
        elif held and size < _LINE:
            text.append(line.rstrip("\n"))
            size += len(line)
    if held:
        yield held, begun, "\n".join(text)


def _decoded(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, from 1. A line that nobody typed (over a mebibyte) is empty."""
    for number, raw in enumerate(lines(stream, _LINE), 1):
        line = (raw or b"").removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
        yield number, line.replace("\r\n", "\n").replace("\x00", "")


def _title(file: File) -> str:
    """With whom the chat is, from the innermost name that says so: the file's, its folder's, its archive's."""
    for part in reversed(file.name.replace("!", "/").split("/")):
        name = part if PurePosixPath(part).suffix.lower() not in {".txt", ".zip"} else PurePosixPath(part).stem
        if found := words.title(name):
            return found
    return ""


def _letters(name: str) -> str:
    """A name without spaces and signs: phone numbers are spaced in more than one way."""
    return "".join(char for char in name.casefold() if char.isalnum())


CONNECTOR = Connector(
    "whatsapp",
    1,
    "The messages of WhatsApp chats exported as text or zip: text, who wrote it, when, names of files; no pictures.",
    (Kind.CHAT,),
    _read,
    places=("Downloads/WhatsApp Chat*.zip", "Downloads/WhatsApp Chat*.txt"),
    asks={
        "date-order": "dmy or mdy: whether the day or the month stands first, for chats whose dates do not tell",
        "me": "your name as the chats show it, where it is not clear who of two you are",
    },
)
