"""Telegram Desktop's export as "machine-readable JSON": `result.json`, of everything or of one chat.

Format (from tdesktop's `export_output_json.cpp` and its issues):

- everything: `{personal_information{user_id,...}, contacts{...}, chats{about, list[chat]}, left_chats{list[chat]},
  ...}`; of one chat: the chat itself at the top. A chat is `{name, type, id, messages[]}`; saved messages have no
  name, a deleted account has the name null. The id of a personal chat is that of the other person.
- chat types: saved_messages, replies, personal_chat, bot_chat, private_group, private_supergroup, public_supergroup,
  private_channel, public_channel. All but the first, third and fourth are groups here: other people's words.
- a message: `id`, `type` (message, service, unsupported), `date` (wall time, no zone), `date_unixtime` (text; what is
  used), `from`, `from_id` (`user123`, `channel...`), `text` (text, or a list of texts and `{type, text, href}`),
  `text_entities` (the same as a list, always), `photo`, `file`, `media_type`, `poll`, `contact_information`,
  `location_information`, `place_name`, `self_destruct_period_seconds`, `reply_to_message_id`, `forwarded_from`.
  Files that were not exported are named `(File not included. Change data exporting settings to download.)`.
- service messages: `actor`, `action`. `set_messages_ttl` with `period_seconds` turns disappearing messages on and off.
- ids of messages are unique in their chat, and those of chats are stable between exports.

Two faults are repaired on the way: control characters written as `\\xNN` (tdesktop#27571), which is no JSON, and
`document_id` without quotation marks (tdesktop#24961).
HTML exports are told of, not read. Whose account it is stands only in a full export; else `me` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Kind, Moment, Person, Reader, Things
from indexers.sources.connectors.chats.streamed import TOO_LARGE, Repaired, elements
from indexers.sources.connectors.chats.stretches import Chat, Message, Stretches
from indexers.sources.connectors.clock import unix, written
from indexers.sources.faults import FAULTS, sentence

_CHATS = ("", "chats.list.item.", "left_chats.list.item.")
_PLACES = frozenset(
    [f"{at}{name}" for at in _CHATS for name in ("name", "type", "id", "messages.item")]
    + ["personal_information.user_id"]
)
_ALONE = frozenset({"saved_messages", "personal_chat", "bot_chat"})
_HEX = re.compile(rb"(?<!\\)((?:\\\\)*)\\x([0-9A-Fa-f]{2})")
_UNQUOTED = re.compile(rb'("document_id"\s*:\s*)([^"\s\d\-][^"\n\r,}\]]*)')
_MISSING = "(File not included"


def _read(reader: Reader) -> Things:
    for file in reader.files("*result*.json", "*messages*.html"):
        if file.path.lower().endswith(".html"):
            if file.path.lower().rpartition("/")[2] == "messages.html":
                reason = "Telegram's HTML export is not read; export again and choose machine-readable JSON."
                yield Skipped(reader.source, file.name, reason)
            continue
        yield from _File(reader, file).read()


class _File:
    """One `result.json`, read once from beginning to end: what is told of a chat stands before its messages."""

    def __init__(self, reader: Reader, file: File) -> None:
        self._reader, self._file = reader, file
        self._me = {reader.choices.get("me", "").removeprefix("@")} - {""}
        self._chat = Chat("")
        self._vanishing = False

    def read(self) -> Things:
        told: dict[str, Any] = {}
        chat: Stretches | None = None
        problem = ""
        try:
            with self._reader.open(self._file) as stream:
                for place, value in elements(Repaired(stream, _repair), _PLACES):
                    name = place.rpartition(".")[2]
                    if name == "item":
                        chat = chat or self._begin(told, place)
                        message = self._message(value)
                        yield from [message] if isinstance(message, Skipped) else chat.add(message)
                        continue
                    if chat:
                        yield from chat.close()
                        chat, told = None, {}
                    if name == "user_id":
                        self._me.add(f"user{value}")
                    told[name] = value
        except FAULTS as error:
            problem = sentence(error)
        yield from chat.close() if chat else ()
        if problem:
            yield Skipped(self._reader.source, self._file.name, problem)

    def _begin(self, told: dict[str, Any], place: str) -> Stretches:
        kind, name, self._vanishing = str(told.get("type") or ""), told.get("name"), False
        title = str(name) if name else "Saved messages" if kind == "saved_messages" else "Deleted account"
        labels = tuple(label for label in (kind, "left" if place.startswith("left") else "") if label)
        people = (Person(title, f"telegram:user{told.get('id')}"),) if kind in {"personal_chat", "bot_chat"} else ()
        cautions = frozenset() if kind in _ALONE else frozenset({Caution.GROUP})
        self._chat = Chat(f"telegram:{told.get('id', title)}", title, people, labels, cautions)
        return Stretches(self._chat)

    def _message(self, raw: Any) -> Message | Skipped:
        if raw is TOO_LARGE or not isinstance(raw, dict):
            return self._skip("?", "A message is larger than any that Telegram sends.")
        number = str(raw.get("id", ""))
        if raw.get("type") == "unsupported":
            return self._skip(number, "Telegram could not export this message; a newer version may.", fault=False)
        service = raw.get("type") == "service"
        if raw.get("action") == "set_messages_ttl":
            self._vanishing = bool(raw.get("period_seconds") or raw.get("period"))
        text, files = (_service(raw), ()) if service else (_text(raw), _files(raw))
        if not text and not files:
            return self._skip(number, "It holds neither words nor a file.", fault=False)
        cautions = {Caution.SYSTEM} if service else set()
        if raw.get("self_destruct_period_seconds") or (self._vanishing and not service):
            cautions.add(Caution.DISAPPEARING)
        author = _person(raw, "from") or _person(raw, "actor")
        return Message(
            number, _moment(raw), text, f"{self._file.name}$.{self._chat.thread}.{number}",
            author=author, mine=self._is_mine(author), attachments=files, cautions=frozenset(cautions),
        )  # fmt: skip

    def _is_mine(self, author: Person | None) -> bool:
        if author is None:
            return False
        known = {author.name, author.address.removeprefix("telegram:")}
        return bool(known & self._me) or self._chat.labels[:1] == ("saved_messages",)

    def _skip(self, number: str, reason: str, fault: bool = True) -> Skipped:
        return Skipped(self._reader.source, f"{self._file.name}$.{self._chat.thread}.{number}", reason, fault)


def _repair(lines: bytes) -> bytes:
    r"""JSON of the lines of a `result.json`: `\x0b` becomes `\u000b`, bare words after `document_id` are quoted."""
    if b"\\x" in lines:
        lines = _HEX.sub(rb"\1\\u00\2", lines)
    if b'"document_id"' in lines:
        lines = _UNQUOTED.sub(rb'\1"\2"', lines)
    return lines


def _moment(raw: dict[str, Any]) -> Moment:
    """`date_unixtime`, of which the raw form is the wall time; old exports have only the wall time."""
    counted, wall = raw.get("date_unixtime"), str(raw.get("date") or "")[:32]
    moment = unix(counted) if counted else Moment()
    return Moment(moment.iso, moment.basis, wall) if moment.iso else written(wall)


def _person(raw: dict[str, Any], key: str) -> Person | None:
    name, number = raw.get(key), raw.get(f"{key}_id")
    if not name and not number:
        return None
    return Person(str(name or ""), f"telegram:{number}" if number else "")


def _text(raw: dict[str, Any]) -> str:
    parts = [_words(raw.get("text_entities") or raw.get("text"))]
    if raw.get("forwarded_from"):
        parts.insert(0, f"[forwarded from {raw['forwarded_from']}]")
    parts.extend(said for key, say in _SAID.items() if raw.get(key) and (said := say(raw[key])))
    return " ".join(part for part in parts if part)


def _words(text: Any) -> str:
    if isinstance(text, str):
        return text
    if not isinstance(text, list):
        return ""
    pieces = []
    for part in text:
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, dict):
            shown, link = str(part.get("text") or ""), part.get("href")
            pieces.append(f"{shown} ({link})" if link and link != shown else shown)
    return "".join(pieces)


def _files(raw: dict[str, Any]) -> tuple[str, ...]:
    """Names of files; what was not exported as the kind of thing it was (`photo`, `voice message`)."""
    kind = str(raw.get("media_type") or ("photo" if raw.get("photo") else "file")).replace("_", " ")
    emoji = str(raw.get("sticker_emoji") or "")
    names = [str(raw.get("file_name") or raw[key]) for key in ("photo", "file") if raw.get(key)]
    kept = [f"{kind} {emoji}".strip() if name.startswith(_MISSING) or emoji else name for name in names]
    return tuple(kept) if kept else ((kind,) if raw.get("media_type") else ())


def _service(raw: dict[str, Any]) -> str:
    about = [str(raw.get("action") or "").replace("_", " ")]
    about += [str(raw[key]) for key in ("title", "duration_seconds", "discard_reason") if raw.get(key)]
    about += [", ".join(map(str, raw["members"]))] if isinstance(raw.get("members"), list) else []
    return " ".join([part for part in about if part] + [_words(raw.get("text"))]).strip()


def _poll(poll: Any) -> str:
    if not isinstance(poll, dict):
        return ""
    answers = [f"{answer.get('text')} ({answer.get('voters', 0)})" for answer in poll.get("answers") or []
               if isinstance(answer, dict)]  # fmt: skip
    return f"[poll] {poll.get('question')} {' / '.join(answers)}".strip()


def _contact(contact: Any) -> str:
    if not isinstance(contact, dict):
        return ""
    return "[contact] " + " ".join(str(part) for part in contact.values() if isinstance(part, str) and part)


def _location(place: Any) -> str:
    return f"[location] {place.get('latitude')}, {place.get('longitude')}" if isinstance(place, dict) else ""


_SAID: dict[str, Callable[[Any], str]] = {
    "poll": _poll, "contact_information": _contact, "location_information": _location,
    "place_name": str, "address": str,
}  # fmt: skip

CONNECTOR = Connector(
    "telegram",
    1,
    "The messages of a Telegram export in JSON: text, who wrote it, when, names of files; no pictures, no contacts.",
    (Kind.CHAT,),
    _read,
    places=("Downloads/Telegram Desktop/*/result.json",),
    asks={"me": "your name or id in the chats (user123), where the export is of a single chat"},
)
