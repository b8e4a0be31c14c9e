"""Google Chat in a Google Takeout: `Google Chat/Groups/<DM or Space id>/messages.json`.

- `messages.json`: `{messages[{creator{name, email, user_type}, created_date, text, topic_id, message_id, attached_files
  [{original_name, export_name}], quoted_message_metadata{text, creator}, message_state, deletion_metadata}]}`.
- `created_date` is a date in words of the account's language, in UTC: `Friday, May 29, 2026 at 3:00:29 AM UTC` (with
  U+202F), `2026年5月29日星期五 UTC 03:00:29`.
- `message_id` is `<space>/<topic>/<message>`, unique. `message_state` is DELETED for what was taken back.
- beside it `group_info.json`: `{name?, members[{name, email}]}`. In `Google Chat/Users/User <id>/user_info.json`:
  `{user{name, email}}`, the owner. Folders are called `DM <id>` or `Space <id>`; more than two members are a group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Connector, File, Kind, Person, Reader, Things
from indexers.sources.connectors.chats.streamed import elements, whole
from indexers.sources.connectors.chats.stretches import Chat, Message, group, stretches
from indexers.sources.connectors.clock import localised, written
from indexers.sources.connectors.streams import mapping, mappings
from indexers.sources.faults import FAULTS, sentence


def _read(reader: Reader) -> Things:
    groups: dict[str, File] = {}
    messages: list[File] = []
    owner = reader.choices.get("me", "")
    for file in reader.files("*messages.json", "*group_info.json", "*user_info.json"):
        folder, _, name = file.path.rpartition("/")
        if name == "group_info.json":
            groups[folder] = file
        elif name == "user_info.json":
            owner = owner or str(mapping(whole(reader, file).get("user")).get("email") or "")
        elif name == "messages.json":
            messages.append(file)
    for file in messages:
        folder = file.path.rpartition("/")[0]
        try:
            chat = _chat(folder.rpartition("/")[2], whole(reader, groups.get(folder)), owner)
            yield from stretches(chat, _messages(reader, file, owner))
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))


def _chat(folder: str, about: dict[str, Any], owner: str) -> Chat:
    people = [_person(member) for member in mappings(about.get("members"))]
    others = [person for person in people if person.address != owner]
    number = folder.partition(" ")[2] or folder
    title = str(about.get("name") or ", ".join(person.name for person in others[:5]) or folder)
    cautions = group(len(people))
    if not people and folder.startswith("Space"):
        cautions = frozenset({Caution.GROUP})
    return Chat(f"googlechat:{number}", title, () if cautions else tuple(others), (), cautions)


def _person(raw: dict[str, Any]) -> Person:
    return Person(str(raw.get("name") or ""), str(raw.get("email") or ""))


def _messages(reader: Reader, file: File, owner: str) -> Iterator[Message | Skipped]:
    with reader.open(file) as stream:
        for at, (_, raw) in enumerate(elements(stream, {"messages.item"})):
            locator = f"{file.name}$.messages[{at}]"
            if not isinstance(raw, dict):
                yield Skipped(reader.source, locator, "The entry is no message.")
                continue
            author = _person(mapping(raw.get("creator")))
            said = str(raw.get("created_date") or "")
            moment = localised(said, naive=Basis.UTC)
            moment = moment if moment.iso else replace(written(said, naive=Basis.UTC), raw=said)
            deleted = str(raw.get("message_state") or "").upper() == "DELETED" or bool(raw.get("deletion_metadata"))
            yield Message(
                str(raw.get("message_id") or f"{said}|{author.address}"), moment,
                str(raw.get("text") or ("[deleted]" if deleted else "")), locator,
                author=author if author.name or author.address else None,
                mine=bool(owner) and owner in {author.address, author.name},
                attachments=tuple(
                    str(each.get("original_name") or each.get("export_name"))
                    for each in mappings(raw.get("attached_files"))
                ),
                cautions=frozenset({Caution.DELETED}) if deleted else frozenset(),
            )  # fmt: skip


CONNECTOR = Connector(
    "googlechat",
    1,
    "The messages of Google Chat in a Takeout: text, who wrote it, when, names of files.",
    (Kind.CHAT,),
    _read,
    places=("Downloads/takeout-*.zip",),
    asks={"me": "your mail address, where the Takeout does not say it"},
)
