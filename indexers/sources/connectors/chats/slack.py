"""Slack's export: a zip with `users.json`, lists of channels, and a file a day and channel.

Format (Slack's help pages, exports in issues of slack-export-viewer and slack-advanced-exporter):

- `users.json` (`org_users.json`): `[{id, name, real_name, profile{display_name, real_name, email}, is_bot}]`.
- `channels.json` (public), `groups.json` (private), `mpims.json` (direct, several), `dms.json` (direct, two):
  `[{id, name, members[], purpose{value}}]`; entries of dms.json have no name. A standard export holds channels only.
- `<name, or id of a direct message>/YYYY-MM-DD.json`: `[{type, subtype, user | bot_id, text, ts, thread_ts, files[],
  attachments[], reactions[]}]`. `ts` is `"1452837318.000002"`: seconds since 1970, and unique in its channel.
- text is mrkdwn: `<@U1>`, `<#C1|name>`, `<!here>`, `<https://x|label>`, `&lt;`, `&gt;`, `&amp;`.
- an answer in a thread has the `thread_ts` of its parent.

Links to files carry a token of the export (`?t=xoxe-...`) that opens them for anybody: of files only names are kept,
and whatever looks like a token of Slack is taken out of every text.
Whose account it is stands nowhere; `me` says so. Everything but a direct message of two is a group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Kind, Person, Reader, Things
from indexers.sources.connectors.chats.streamed import elements
from indexers.sources.connectors.chats.stretches import Chat, Message, stretches
from indexers.sources.connectors.clock import Epoch, since
from indexers.sources.connectors.streams import listing, mapping, mappings
from indexers.sources.faults import FAULTS, sentence
from indexers.sources.words import words

_LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")
_DAY = re.compile(r"(?:^|/)([^/]+)/(\d{4}-\d\d-\d\d)\.json$")
_TOKEN = re.compile(r"([?&]t=)?xox[a-z]?-[\w%-]{6,}", re.IGNORECASE)
_MARKED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_SPOKEN = words(" bot_message me_message thread_broadcast file_share file_comment file_mention reply_broadcast") | {""}
"""Subtypes that somebody said; all others (channel_join, ...) are the program's."""


@dataclass(slots=True)
class _Workspace:
    """One export: its people by id, its chats by the name of their folder, and the days of each."""

    people: dict[str, Person] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    days: dict[str, list[File]] = field(default_factory=dict)


def _read(reader: Reader) -> Things:
    roots: dict[str, _Workspace] = {}
    about: list[tuple[str, File]] = []
    for file in reader.files("*.json"):
        if day := _DAY.search(file.path):
            root = file.name[: len(file.name) - len(day.group().lstrip("/"))]
            roots.setdefault(root, _Workspace()).days.setdefault(day.group(1), []).append(file)
        else:
            about.append((file.path.rpartition("/")[2], file))
    for wanted in (("users.json", "org_users.json"), _LISTS):
        for name, file in about:
            root = file.name[: len(file.name) - len(name)]
            if name in wanted and root in roots:
                yield from _about(reader, file, name, roots[root])
    for workspace in roots.values():
        for folder, days in workspace.days.items():
            chat = workspace.chats.get(folder) or _unlisted(folder)
            days.sort(key=lambda file: file.path)
            yield from stretches(chat, _messages(reader, days, workspace.people))


def _about(reader: Reader, file: File, name: str, workspace: _Workspace) -> Iterator[Skipped]:
    """Take in a list of people or of channels."""
    try:
        with reader.open(file) as stream:
            for _, entry in elements(stream, {"item"}):
                if not isinstance(entry, dict):
                    continue
                if name in _LISTS:
                    folder, chat = _chat(entry, name, workspace.people)
                    workspace.chats[folder] = chat
                else:
                    workspace.people[str(entry.get("id"))] = _person(entry)
    except FAULTS as error:
        yield Skipped(reader.source, file.name, sentence(error))


def _person(user: dict[str, Any]) -> Person:
    profile = mapping(user.get("profile"))
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return Person(str(next((name for name in names if name), user.get("id"))), str(profile.get("email") or ""))


def _chat(entry: dict[str, Any], name: str, people: dict[str, Person]) -> tuple[str, Chat]:
    number = str(entry.get("id") or entry.get("name"))
    kind = {"channels.json": "channel", "groups.json": "private channel", "mpims.json": "group"}.get(name, "direct")
    if name == "dms.json":
        members = listing(entry.get("members"))
        known = tuple(people.get(str(member), Person(str(member))) for member in members)
        title = ", ".join(person.name for person in known)
        return number, Chat(f"slack:{number}", title, known if len(known) <= 2 else (), (kind,))
    title = str(entry.get("name") or number)
    return title, Chat(f"slack:{number}", f"#{title}", (), (kind,), frozenset({Caution.GROUP}))


def _unlisted(folder: str) -> Chat:
    """A folder that no list names: taken for a group, as most are."""
    return Chat(f"slack:{folder}", f"#{folder}", cautions=frozenset({Caution.GROUP}))


def _messages(reader: Reader, days: list[File], people: dict[str, Person]) -> Iterator[Message | Skipped]:
    for file in days:
        try:
            with reader.open(file) as stream:
                for _, raw in elements(stream, {"item"}):
                    yield _message(reader, file, raw, people)
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))


def _message(reader: Reader, file: File, raw: Any, people: dict[str, Person]) -> Message | Skipped:
    if not isinstance(raw, dict):
        return Skipped(reader.source, file.name, "An entry of it is no message.")
    number = str(raw.get("ts", ""))
    locator = f"{file.name}$.{number}"
    author = _author(raw, people)
    files = tuple(_names(raw))
    text = _text(raw, people)
    if raw.get("subtype") == "tombstone":
        return Skipped(reader.source, locator, "It was deleted before the export.", fault=False)
    if not text and not files:
        return Skipped(reader.source, locator, "It holds neither words nor a file.", fault=False)
    spoken = str(raw.get("subtype") or "") in _SPOKEN
    parent = str(raw.get("thread_ts") or "")
    me = reader.choices.get("me", "")
    return Message(
        number, since(Epoch.UNIX, number.partition(".")[0]), text, locator,
        author=author, mine=bool(me) and author is not None and me in {author.name, author.address, raw.get("user")},
        attachments=files, branch=parent if parent != number else "",
        cautions=frozenset() if spoken else frozenset({Caution.SYSTEM}),
    )  # fmt: skip


def _author(raw: dict[str, Any], people: dict[str, Person]) -> Person | None:
    user = str(raw.get("user") or "")
    if user in people:
        return people[user]
    shown = mapping(raw.get("user_profile")).get("real_name") or raw.get("username")
    name = str(shown or user or raw.get("bot_id") or "")
    return Person(name) if name else None


def _names(raw: dict[str, Any]) -> Iterator[str]:
    for file in mappings(raw.get("files") or [raw.get("file")]):
        if name := file.get("name") or file.get("title"):
            yield _TOKEN.sub("[token]", str(name))


def _text(raw: dict[str, Any], people: dict[str, Person]) -> str:
    """What was said, and the titles and texts of what was attached to it."""
    parts = [str(raw.get("text") or "")]
    for attached in mappings(raw.get("attachments")):
        said = [str(attached[key]) for key in ("title", "text") if attached.get(key)]
        parts.append(" ".join(said) or str(attached.get("fallback") or ""))
    return "\n".join(plain(part, people) for part in parts if part)


def plain(text: str, people: dict[str, Person]) -> str:
    """Text without Slack's marks and tokens: names instead of ids, `label (link)` instead of `<link|label>`."""

    def said(mark: re.Match[str]) -> str:
        sort, what, label = mark.group(1), mark.group(2), mark.group(3)
        if sort == "@":
            return f"@{people[what].name if what in people else label or what}"
        if sort:
            sign = "" if "^" in what else sort.replace("!", "@")  # <!date^...|31 May> and the like
            return f"{sign}{label or what}"
        return f"{label} ({what})" if label and label != what else what

    shown = _MARKED.sub(said, text)
    return _TOKEN.sub("[token]", shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


CONNECTOR = Connector(
    "slack",
    1,
    "The messages of a Slack export: text, who wrote it, when, names of files; no files, no tokens, no reactions.",
    (Kind.CHAT,),
    _read,
    places=("Downloads/*Slack export*.zip",),
    asks={"me": "your name, mail address or user id in the workspace"},
)
