"""Signal, as the program signal-export writes it: a folder a chat, with `data.json` and `chat.md`.

Signal's own database is encrypted under a key in the system's keyring, and its form changes often; it is not read.

- `<chat>/data.json` is one object a line: `{date, sender, body, quote, sticker{emoji}, reactions[], attachments[{name,
  path}], deleted, call, missed}` (the last three since 2026). `date` is ISO 8601, wall time of the computer.
- `<chat>/chat.md`, read where there is no data.json: `[2024-05-01 08:30:00] Anna: text`, other lines continue; a quote
  is `> ...` before the text, files `![name](./media/...)`, reactions `(- Ben: x -)`, stickers `(( x ))`. Before version
  1.5 the file is `index.md` and the time has no seconds and a comma (`[2024-05-01, 08:30]`).
- the owner is `Me`; a sender who was not found is `No-Sender`. The folder is the chat's name without its signs.
- disappearing messages are not exported unless asked for; where `expireTimer` says so (some forks write it), they are
  marked. A chat with another name than that of its only sender, or with more senders, is a group.

Messages have no ids: a message's is its second, its sender and which it is of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Kind, Moment, Person, Reader, Things
from indexers.sources.connectors.chats.stretches import Chat, Message, stretches
from indexers.sources.connectors.clock import written
from indexers.sources.connectors.streams import mapping, mappings
from indexers.sources.faults import FAULTS, sentence
from indexers.sources.streams import lines

_LINE = 4 << 20
_NAMES = 4_096
_HEAD = re.compile(r"\[(\d{4}-\d\d-\d\d),? (\d\d:\d\d(?::\d\d)?)\] ([^:\n]{1,100}): ?(.*)", re.DOTALL)
_FILE = re.compile(r"!?\[([^\[\]\n]*)\]\(\./[^()\n]*\)")
_EXTRAS = (("(- ", " -)"), ("(( ", " ))"), ("> ", ""))
"""How lines begin and end that hold reactions, stickers and quotes."""
_ME, _NOBODY = "Me", "No-Sender"


def _read(reader: Reader) -> Things:
    chats: dict[str, File] = {}
    for file in reader.files("*data.json", "*chat.md", "*index.md"):
        name = file.path.rpartition("/")[2].lower()
        folder = file.name[: -len(name)]
        if name in {"data.json", "chat.md", "index.md"} and (folder not in chats or name == "data.json"):
            chats[folder] = file
    for file in chats.values():
        try:
            yield from _chat(reader, file)
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))


def _chat(reader: Reader, file: File) -> Things:
    senders: dict[str, None] = {}
    for raw, _ in _raws(reader, file):
        sender = str(raw.get("sender") or "")
        if sender and len(senders) < _NAMES and sender not in {_ME, _NOBODY}:
            senders[sender] = None
    folder = file.path.rpartition("/")[0].rpartition("/")[2]
    name = folder or ", ".join(senders)
    others = {_letters(sender) for sender in senders}
    group = len(others) > 1 or bool(others and _letters(folder) and _letters(folder) not in others)
    people = () if group else tuple(map(Person, senders)) or (Person(name),)
    chat = Chat(f"signal:{name}", name, people, (), frozenset({Caution.GROUP}) if group else frozenset())
    yield from stretches(chat, _messages(reader, file))


def _messages(reader: Reader, file: File) -> Iterator[Message | Skipped]:
    second, counts = "", dict[str, int]()
    for raw, number in _raws(reader, file):
        locator = f"{file.name}#{number}"
        if not raw:
            yield Skipped(reader.source, locator, "The line is no message of signal-export.")
            continue
        sender, at = str(raw.get("sender") or ""), written(str(raw.get("date") or ""))
        if second != at.iso:
            second, counts = at.iso, {}
        counts[sender] = counts.get(sender, -1) + 1
        yield _message(raw, at, f"{at.iso}|{sender}|{counts[sender]}", locator)


def _message(raw: dict[str, Any], at: Moment, number: str, locator: str) -> Message:
    sender = str(raw.get("sender") or "")
    sticker = str(mapping(raw.get("sticker")).get("emoji") or raw.get("sticker") or "")
    said = str(raw.get("body") or "").strip()
    cautions = set()
    if raw.get("deleted"):
        cautions.add(Caution.DELETED)
        said = said or "This message was deleted"
    if raw.get("call"):
        cautions.add(Caution.SYSTEM)
    if raw.get("expireTimer") or raw.get("expire_timer") or raw.get("isViewOnce"):
        cautions.add(Caution.DISAPPEARING)
    return Message(
        number, at, said or (f"[sticker {sticker}]" if sticker else ""), locator,
        author=Person("" if sender == _NOBODY else sender), mine=sender == _ME,
        attachments=tuple(str(each.get("name")) for each in mappings(raw.get("attachments")) if each.get("name")),
        cautions=frozenset(cautions),
    )  # fmt: skip


def _raws(reader: Reader, file: File) -> Iterator[tuple[dict[str, Any], int]]:
    """Messages with the numbers of their lines; an empty one for a line that is none."""
    with reader.open(file) as stream:
        numbered = enumerate(lines(stream, _LINE), 1)
        if file.path.lower().endswith(".md"):
            yield from _markdown(numbered)
            return
        for number, line in numbered:
            if line and line.strip():
                try:
                    yield mapping(json.loads(line)), number
                except (ValueError, RecursionError):
                    yield {}, number


def _markdown(numbered: Iterator[tuple[int, bytes | None]]) -> Iterator[tuple[dict[str, Any], int]]:
    held: dict[str, Any] = {}
    begun, size = 0, 0
    for number, raw in numbered:
        line = (raw or b"").decode("utf-8", "replace").replace("\r\n", "\n")
        if found := _HEAD.match(line):
            if held:
                yield _taken_apart(held), begun
            day, clock, sender, body = found.groups()
            held, begun, size = {"date": f"{day}T{clock}", "sender": sender, "body": body}, number, len(body)
        elif held and size < _LINE:
            held["body"] += line
            size += len(line)
    if held:
        yield _taken_apart(held), begun


def _taken_apart(held: dict[str, Any]) -> dict[str, Any]:
    """The fields of data.json, from a message in Markdown."""
    lines = (line.rstrip() for line in held["body"].split("\n"))
    kept = [line for line in lines if not any(line.startswith(a) and line.endswith(b) for a, b in _EXTRAS)]
    held["attachments"] = [{"name": name} for line in kept for name in _FILE.findall(line)]
    body = "\n".join(_FILE.sub("", line).rstrip() for line in kept).strip()
    held["deleted"] = body in {"(This message was deleted)", "This message was deleted."}
    held["body"] = body
    return held


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


CONNECTOR = Connector(
    "signal",
    1,
    "Signal chats as signal-export writes them: text, who wrote it, when, names of files.",
    (Kind.CHAT,),
    _read,
)
