"""How messages become items: stretches of a conversation, cut where only their own neighbourhood says so.

A message alone is a poor passage ("yes, seven"), a whole chat is too long. An item is a *stretch*: messages of one chat
that follow one another, one a line, `HH:MM Name: text`. A stretch ends

- before a silence of more than an hour, and where a day ends (on the clock of the source);
- before the message with which it would grow beyond `_FULL` characters;
- past `_ENOUGH` characters, before one message in eight, chosen by its id.

Its native id is that of its first message. The first and last rules look only at two neighbours and at ids, so an
export that reaches further back or forward has the same stretches: only the last one may have grown (same id: it
replaces the old one), and where an export begins within a busy hour, its stretches fall in step with those of the
longer export after a few messages. Without the last rule they would not before the next silence.

Messages with cautions of their own (deleted, disappearing, system lines) and the branches of a thread run in lanes of
their own: what is left out of one lane changes no other.
Knows messages, not the programs they come from.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Item, Kind, Moment, Origin, Person, Things
from indexers.sources.faults import FAULTS

_SILENCE = timedelta(hours=1)
_ENOUGH, _FULL = 500, 1_500
"""Characters. A passage of about 300 tokens; shorter ones mix fewer subjects, longer ones lose the words asked for."""
_ANCHORS = 8
_LONGEST = 1 << 20
"""Characters of one message. No program sends more than 65,536; more is a file that somebody pasted."""
_SEVERAL = 64
"""Lanes open at once, before the oldest is closed."""


@dataclass(frozen=True, slots=True)
class Chat:
    """Where messages belong. `thread` is stable between exports; `cautions` hold for all messages.

    `people` are those of a conversation between two: they stand on every stretch, also where only one of them speaks.
    """

    thread: str
    title: str = ""
    people: tuple[Person, ...] = ()
    labels: tuple[str, ...] = ()
    cautions: frozenset[Caution] = frozenset()


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `id` is unique in its chat and stable between exports; `branch` is the id of a thread it answers."""

    id: str
    moment: Moment
    text: str
    locator: str
    author: Person | None = None
    mine: bool = False
    attachments: tuple[str, ...] = ()
    cautions: frozenset[Caution] = frozenset()
    branch: str = ""


_Lane = tuple[frozenset[Caution], str]


@dataclass(slots=True)
class _Open:
    """A stretch that may still grow."""

    messages: list[Message] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    last: datetime | None = None
    size: int = 0

    def ends_before(self, message: Message, at: datetime | None, line: str) -> bool:
        grown = self.size + len(line) + 1
        return _apart(self.last, at) or grown > _FULL or (self.size >= _ENOUGH and _is_anchor(message.id))

    def add(self, message: Message, at: datetime | None, line: str) -> None:
        self.messages.append(message)
        self.lines.append(line)
        self.last = at or self.last
        self.size += len(line) + 1


class Stretches:
    """The stretches of one chat, while its messages come in order of time."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self._lanes: dict[_Lane, _Open] = {}

    def add(self, message: Message) -> Iterator[Item]:
        """Take in a message; the stretches that it ends."""
        if not message.text.strip() and not message.attachments:
            return
        at, line = _time(message.moment), _line(message)
        lane, lanes = (message.cautions, message.branch), self._lanes
        if len(lanes) > 1 or lane not in lanes:
            for ended in [key for key, held in lanes.items() if key != lane and _apart(held.last, at)]:
                yield _item(self.chat, lanes.pop(ended))
        if lane in lanes and lanes[lane].ends_before(message, at, line):
            yield _item(self.chat, lanes.pop(lane))
        elif lane not in lanes and len(lanes) >= _SEVERAL:
            yield _item(self.chat, lanes.pop(next(iter(lanes))))
        lanes.setdefault(lane, _Open()).add(message, at, line)

    def close(self) -> Iterator[Item]:
        """The stretches that are left."""
        while self._lanes:
            yield _item(self.chat, self._lanes.pop(next(iter(self._lanes))))


def stretches(chat: Chat, messages: Iterable[Message | Skipped]) -> Things:
    """The items of one chat, from its messages in order of time. What was skipped goes through.

    Where reading the messages fails, everything before that is yielded first.
    """
    held = Stretches(chat)
    damage: Exception | None = None
    try:
        for message in messages:
            if isinstance(message, Skipped):
                yield message
            else:
                yield from held.add(message)
    except FAULTS as error:
        damage = error
    yield from held.close()
    if damage:
        raise damage


def group(distinct: int) -> frozenset[Caution]:
    """The caution of a chat in which so many people wrote."""
    return frozenset({Caution.GROUP}) if distinct > 2 else frozenset()


def _time(moment: Moment) -> datetime | None:
    return datetime.fromisoformat(moment.iso) if moment.iso else None


def _apart(before: datetime | None, after: datetime | None) -> bool:
    """Whether a stretch ends between two times. One that is unknown parts nothing."""
    if before is None or after is None:
        return False
    if (before.tzinfo is None) != (after.tzinfo is None) or before.date() != after.date():
        return True
    return abs(after - before) > _SILENCE


def _is_anchor(message: str) -> bool:
    return zlib.crc32(message.encode("utf-8", "surrogatepass")) % _ANCHORS == 0


def _line(message: Message) -> str:
    clock = message.moment.iso[11:16]
    name = f"{message.author.name or message.author.address}:" if message.author else ""
    files = " ".join(f"[{name}]" for name in message.attachments)
    text = message.text.strip()
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]} [the rest of a message of {len(text):,} characters is left out]"
    return " ".join(part for part in (clock, name, files, text) if part)


def _item(chat: Chat, held: _Open) -> Item:
    first, last = held.messages[0], held.messages[-1]
    authors = list(dict.fromkeys(message.author for message in held.messages if message.author))
    names = {author.name for author in authors}
    mine = all(message.mine for message in held.messages)
    cautions = chat.cautions | first.cautions
    extra: dict[str, str | int | float | bool] = {"messages": len(held.messages)}
    if last.moment.iso != first.moment.iso:
        extra["until"] = last.moment.iso
    if first.branch:
        extra["answers"] = first.branch
    return Item(
        Kind.CHAT, f"{chat.thread}/{first.id}", "\n".join(held.lines), first.locator, first.moment,
        title=chat.title,
        author=authors[0] if len(authors) == 1 else None,
        people=(*authors, *(person for person in chat.people if person.name not in names)),
        origin=Origin.MACHINE if Caution.SYSTEM in cautions else Origin.MINE if mine else Origin.OTHER,
        thread=chat.thread,
        labels=chat.labels,
        attachments=tuple(dict.fromkeys(name for message in held.messages for name in message.attachments)),
        cautions=cautions,
        extra=extra,
    )  # fmt: skip


def in_order(messages: Iterable[Message | Skipped], most: int = 200_000) -> Iterator[Message | Skipped]:
    """Messages sorted by time, then id, for files that are sorted otherwise; `most` at once, so a longer file is sorted
    in parts. What was skipped comes first."""
    batch: list[Message] = []
    for message in messages:
        if isinstance(message, Skipped):
            yield message
            continue
        batch.append(message)
        if len(batch) >= most:
            yield from sorted(batch, key=_order)
            batch = []
    yield from sorted(batch, key=_order)


def _order(message: Message) -> tuple[str, int, str]:
    return message.moment.iso, len(message.id), message.id
