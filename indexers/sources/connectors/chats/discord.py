"""Discord: the data package that Discord sends, and the JSON of DiscordChatExporter.

**The data package** holds only the owner's own messages:

- `account/user.json`: `{id, username, global_name, ...}`. `messages/index.json`: channel id to a name for people
  ("Direct Message with anna", "general in Hiking").
- `messages/c<ID>/channel.json`: `{id, type, name?, guild{id, name}?, recipients[]?}`; `type` 1 or `DM` is a
  conversation of two. The letter c is missing before 2021; folders are capitalised since 2026 (`Messages/`).
- `messages/c<ID>/messages.csv` (`ID,Timestamp,Contents,Attachments`) until 2024, since then `messages.json`
  (`[{ID, Timestamp, Contents, Attachments}]`), newest first. ID is a snowflake, `Timestamp` is UTC
  (`2024-05-01 08:30:00[.123456][+00:00]`), `Attachments` are links parted by spaces.
- `activity/` holds what advertisers are told (a guess at age and gender): never opened.

**DiscordChatExporter** writes a file a channel, oldest first: `{guild{id, name}, channel{id, type, category, name},
messages[{id, type, timestamp, content, author{id, name, nickname, isBot}, attachments[{fileName}], embeds[],
forwardedMessage{content}}]}`. `type` is Default or Reply for what people say. Its HTML is not read.

The package knows one half of a conversation, so its items never replace those of the other.
Channels of servers and group messages are groups, in a package too: there they are the owner's half of a conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Connector, File, Kind, Person, Reader, Things
from indexers.sources.connectors.chats.streamed import elements, whole
from indexers.sources.connectors.chats.stretches import Chat, Message, Stretches, in_order, stretches
from indexers.sources.connectors.clock import written
from indexers.sources.connectors.streams import Row, mapping, mappings, rows
from indexers.sources.faults import FAULTS, sentence
from indexers.sources.words import words

_CHANNEL = re.compile(r"(?:^|/)messages/c?(\d+)/(channel\.json|messages\.csv|messages\.json)$", re.IGNORECASE)
_PACKAGE = re.compile(r"(?:^|/)(?:account|messages|servers|activity|activities|programs|support_tickets|ads)/", re.I)
_EXPORTED = ("guild", "channel")
_PLACES = frozenset(["messages.item", *(f"{at}.{key}" for at in _EXPORTED for key in ("id", "name", "type"))])
_SPOKEN = words("Default Reply ThreadStarterMessage ChatInputCommand ContextMenuCommand 0 19 20 21 23")


def _read(reader: Reader) -> Things:
    channels: dict[str, dict[str, File]] = {}
    about: dict[str, File] = {}
    for file in reader.files("*.json", "*messages.csv"):
        if found := _CHANNEL.search(file.path):
            folder = file.name[: -len(found.group(2))]
            channels.setdefault(folder, {})[found.group(2).lower()] = file
        elif re.search(r"(?:^|/)(?:messages/index|account/user)\.json$", file.path, re.IGNORECASE):
            about[file.path.rpartition("/")[2].lower()] = file
        elif not _PACKAGE.search(file.path):
            yield from _exported(reader, file)
    owner = _owner(reader, about.get("user.json"))
    names = _names(reader, about.get("index.json"))
    for folder, files in channels.items():
        number = re.sub(r"\D", "", folder.rstrip("/").rpartition("/")[2])
        try:
            chat = _channel(whole(reader, files.get("channel.json")), number, names.get(number, ""))
            for name in ("messages.json", "messages.csv"):
                if name in files:
                    yield from stretches(chat, in_order(_own(reader, files[name], owner)))
        except FAULTS as error:
            yield Skipped(reader.source, folder, sentence(error))


def _owner(reader: Reader, file: File | None) -> Person:
    user = whole(reader, file)
    name = str(user.get("global_name") or user.get("username") or reader.choices.get("me") or "Me")
    return Person(name, f"discord:{user['id']}" if user.get("id") else "")


def _names(reader: Reader, file: File | None) -> dict[str, str]:
    return {key: str(value) for key, value in whole(reader, file).items() if value}


def _channel(about: dict[str, Any], number: str, shown: str) -> Chat:
    server = str(mapping(about.get("guild")).get("name") or "")
    alone = str(about.get("type")) in {"1", "DM"} or (not about and shown.startswith("Direct Message with"))
    name = str(about.get("name") or shown or number)
    people = (Person(shown.removeprefix("Direct Message with ")),) if alone and shown else ()
    cautions = frozenset() if alone else frozenset({Caution.GROUP})
    return Chat(f"discord:{number}/own", name, people, (server,) if server else (), cautions)


def _own(reader: Reader, file: File, owner: Person) -> Iterator[Message | Skipped]:
    """The owner's messages of one channel, in the order of the file."""
    try:
        with reader.open(file) as stream:
            listed = (row for _, row in elements(stream, {"item"}))
            table = (row.cells if isinstance(row, Row) else None for row in rows(stream))
            for at, row in enumerate(table if file.path.lower().endswith(".csv") else listed):
                locator = f"{file.name}#{at + 1}"
                if not isinstance(row, dict) or not row.get("ID"):
                    yield Skipped(reader.source, locator, "The entry is no message.")
                    continue
                files = tuple(_file_name(link) for link in str(row.get("Attachments") or "").split())
                when = written(str(row.get("Timestamp") or ""), naive=Basis.UTC)
                said = str(row.get("Contents") or "")
                yield Message(str(row["ID"]), when, said, locator, author=owner, mine=True, attachments=files)
    except FAULTS as error:
        yield Skipped(reader.source, file.name, sentence(error))


def _file_name(link: str) -> str:
    return link.partition("?")[0].rpartition("/")[2] or link


def _exported(reader: Reader, file: File) -> Things:
    """A channel as DiscordChatExporter writes it; nothing where the file is something else."""
    told: dict[str, Any] = {}
    held: Stretches | None = None
    problem = ""
    try:
        with reader.open(file) as stream:
            for place, value in elements(stream, _PLACES):
                if place != "messages.item":
                    told[place] = value
                    continue
                if "channel.id" not in told:
                    break
                held = held or Stretches(_exported_chat(told))
                message = _exported_message(reader, file, value)
                yield from [message] if isinstance(message, Skipped) else held.add(message)
    except FAULTS as error:
        problem = sentence(error) if "channel.id" in told else ""
    yield from held.close() if held else ()
    if problem:
        yield Skipped(reader.source, file.name, problem)


def _exported_chat(told: dict[str, Any]) -> Chat:
    server, name = str(told.get("guild.name") or ""), str(told.get("channel.name") or "")
    alone = told.get("channel.type") in {"DirectTextChat", "DirectChat", 1}
    people = (Person(name),) if alone and name else ()
    cautions = frozenset() if alone else frozenset({Caution.GROUP})
    return Chat(f"discord:{told['channel.id']}", name, people, (server,) if server and not alone else (), cautions)


def _exported_message(reader: Reader, file: File, raw: Any) -> Message | Skipped:
    if not isinstance(raw, dict) or not raw.get("id"):
        return Skipped(reader.source, file.name, "An entry of it is no message.")
    number = str(raw["id"])
    who = mapping(raw.get("author"))
    author = Person(str(who.get("nickname") or who.get("name") or ""), f"discord:{who.get('id', '')}")
    me = reader.choices.get("me", "")
    parts = [str(raw.get("content") or "")]
    if forwarded := mapping(raw.get("forwardedMessage")).get("content"):
        parts.append(f"[forwarded] {forwarded}")
    for each in mappings(raw.get("embeds")):
        parts.append(" ".join(str(each[key]) for key in ("title", "description") if each.get(key)))
    files = tuple(str(each["fileName"]) for each in mappings(raw.get("attachments")) if each.get("fileName"))
    if not any(parts) and not files:
        return Skipped(reader.source, f"{file.name}$.{number}", "It holds neither words nor a file.", fault=False)
    return Message(
        number, written(str(raw.get("timestamp") or "")), "\n".join(part for part in parts if part),
        f"{file.name}$.{number}", author=author, attachments=files,
        mine=bool(me) and me in {author.name, str(who.get("name")), str(who.get("id"))},
        cautions=frozenset() if str(raw.get("type")) in _SPOKEN else frozenset({Caution.SYSTEM}),
    )  # fmt: skip


CONNECTOR = Connector(
    "discord",
    1,
    "Your messages in Discord's data package (never its advertising guesses), and chats exported with "
    "DiscordChatExporter: text, who wrote it, when, names of files.",
    (Kind.CHAT,),
    _read,
    places=("Downloads/package.zip", "Downloads/discord*.zip"),
    asks={"me": "your name or id, where the export does not say whose it is"},
)
