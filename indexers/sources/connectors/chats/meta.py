"""Messenger and Instagram: "download your information" in JSON, and Messenger's own export of encrypted chats.

**Download your information**: `<root>/messages/<box>/<thread>/message_N.json`, where the root is
`your_activity_across_facebook/`, `your_facebook_activity/`, `your_instagram_activity/` or nothing (before 2024), and
the box is inbox, archived_threads, e2ee_cutover, message_requests or filtered_threads (taken for spam). A file holds up
to 10,000 messages, newest first, and `message_1` is the newest:
`{participants[{name}], messages[{sender_name, timestamp_ms, content, photos[{uri}], videos, audio_files, files, gifs,
sticker{uri}, share{link, share_text}, call_duration, type, is_unsent}], title, thread_path}`.
Every text is written wrongly: the bytes of its UTF-8 as characters (`\\u00c3\\u00a9` for an e with an accent).

**Encrypted chats**: `<name>_<number>.json`, `{participants["Anna", ...], threadName, messages[{senderName, text,
timestamp (ms), isUnsent, media[{uri}], type}]}`.

Messages have no ids; a message's is its millisecond and its sender. In a chat of two the title is the other one.
Unsent messages keep their place; their text may be left or not. HTML downloads are told of, not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Kind, Person, Reader, Things
from indexers.sources.connectors.chats.streamed import elements
from indexers.sources.connectors.chats.stretches import Chat, Message, in_order, stretches
from indexers.sources.connectors.clock import unix
from indexers.sources.connectors.streams import mapping, mappings
from indexers.sources.faults import FAULTS, sentence

_THREAD = re.compile(r"(?:^|/)messages/([^/]+)/([^/]+)/message_(\d+)\.(json|html)$", re.IGNORECASE)
_FLAT = re.compile(r"(?:^|/)([^/]+)_(\d+)\.json$")
_ABOUT = frozenset({"title", "threadName", "participants.item"})
_FILES = ("photos", "videos", "audio_files", "files", "gifs", "media")
_SPOKEN = frozenset({"", "generic", "share", "text", "media", "link", "placeholder"})
_MOST = 1_024
"""Participants that are looked at."""


@dataclass(frozen=True, slots=True)
class _About:
    """What a thread's first file says of it."""

    title: str
    people: tuple[str, ...]

    @property
    def group(self) -> bool:
        return len(self.people) > 2


def _read(reader: Reader) -> Things:
    threads: dict[tuple[str, str], list[tuple[int, File]]] = {}
    for file in reader.files("*message_*.json", "*message_*.html", "*_*.json"):
        found, flat = _THREAD.search(file.path), _FLAT.search(file.path)
        if found and found.group(4).lower() == "html":
            if found.group(3) == "1":
                reason = "Downloads in HTML are not read; ask for your information again, in JSON."
                yield Skipped(reader.source, file.name, reason)
        elif found:
            threads.setdefault((found.group(1), found.group(2)), []).append((-int(found.group(3)), file))
        elif flat and not flat.group(1).lower().startswith("message"):
            threads.setdefault(("", f"{flat.group(1)}_{flat.group(2)}"), []).append((0, file))
    for (box, folder), files in threads.items():
        files.sort(key=lambda numbered: (numbered[0], numbered[1].name))
        yield from _thread(reader, box, folder, [file for _, file in files])


def _thread(reader: Reader, box: str, folder: str, files: list[File]) -> Things:
    try:
        about = _about(reader, files[-1], flat=not box)
    except FAULTS as error:
        yield from [Skipped(reader.source, files[-1].name, sentence(error))] if box else ()
        about = _About(folder.rpartition("_")[0] or folder, ()) if box else None
    if about is None:
        return  # some other file whose name ends in a number
    cautions = {Caution.GROUP} if about.group else set()
    if box.lower() == "filtered_threads":
        cautions.add(Caution.SPAM)
    others = () if about.group else tuple(Person(name) for name in about.people if name == about.title)
    number = folder.rpartition("_")[2]
    thread = f"meta:{number}" if number.isdecimal() and len(number) > 7 else f"meta:{folder}"
    chat = Chat(thread, about.title, others, (box,) if box else (), frozenset(cautions))
    yield from stretches(chat, _messages(reader, files, about))


def _about(reader: Reader, file: File, flat: bool) -> _About | None:
    """Title and participants; None where a file in the flat form is not of this kind at all."""
    title, people = "", dict[str, None]()
    with reader.open(file) as stream:
        for place, value in elements(stream, _ABOUT):
            if place in {"title", "threadName"}:
                title = mended(str(value))
                if flat:
                    break
            elif len(people) < _MOST:
                name = value.get("name") if isinstance(value, dict) else value
                people[mended(str(name or ""))] = None
    if flat and not title:
        return None
    names = tuple(name for name in people if name)
    title = re.sub(r"_\d+$", "", title) if flat else title
    return _About(title or ", ".join(names), names)


def _messages(reader: Reader, files: list[File], about: _About) -> Iterator[Message | Skipped]:
    for file in files:
        yield from in_order(_of_file(reader, file, about))


def _of_file(reader: Reader, file: File, about: _About) -> Iterator[Message | Skipped]:
    me = reader.choices.get("me", "")
    try:
        with reader.open(file) as stream:
            for at, (_, raw) in enumerate(elements(stream, {"messages.item"})):
                locator = f"{file.name}$.messages[{at}]"
                if isinstance(raw, dict):
                    yield _message(raw, locator, about, me)
                else:
                    yield Skipped(reader.source, locator, "The entry is no message.")
    except FAULTS as error:
        yield Skipped(reader.source, file.name, sentence(error))


def _message(raw: dict[str, Any], locator: str, about: _About, me: str) -> Message:
    sender = mended(str(raw.get("sender_name") or raw.get("senderName") or ""))
    stamp = raw.get("timestamp_ms") or raw.get("timestamp") or ""
    share = mapping(raw.get("share"))
    parts = [raw.get("content") or raw.get("text"), share.get("share_text"), share.get("link")]
    said = "\n".join(mended(str(part)) for part in parts if part)
    files = [each.get("uri") for key in _FILES for each in mappings(raw.get(key))]
    files.append(mapping(raw.get("sticker")).get("uri"))
    cautions = set()
    if raw.get("is_unsent") or raw.get("isUnsent"):
        cautions.add(Caution.DELETED)
        said = said or "[unsent]"
    if str(raw.get("type") or "").lower() not in _SPOKEN or raw.get("call_duration") is not None:
        cautions.add(Caution.SYSTEM)
    if raw.get("is_ephemeral") or raw.get("ephemeral") or raw.get("is_view_once"):
        cautions.add(Caution.DISAPPEARING)
    mine = sender == me if me else len(about.people) == 2 and about.title in about.people and sender != about.title
    return Message(
        f"{stamp}|{sender}", unix(stamp), said, locator, author=Person(sender) if sender else None, mine=mine,
        attachments=tuple(mended(str(uri)).rpartition("/")[2] for uri in files if uri), cautions=frozenset(cautions),
    )  # fmt: skip


def mended(text: str) -> str:
    """Text whose characters were the bytes of its UTF-8; as it is where that is not so."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


CONNECTOR = Connector(
    "meta",
    1,
    "The messages of a Messenger or Instagram download in JSON: text, who wrote it, when, names of files.",
    (Kind.CHAT,),
    _read,
    places=("Downloads/facebook-*.zip", "Downloads/instagram-*.zip", "Downloads/messages.zip"),
    asks={"me": "your name as the chats show it"},
)
