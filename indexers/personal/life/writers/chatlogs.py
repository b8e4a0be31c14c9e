"""WhatsApp and Telegram, as both export their chats.

WhatsApp: a zip with `_chat.txt` (iOS) or a .txt (Android) a chat, in the date forms of several phones, all day first;
marks of direction before system lines, a narrow blank before pm, media left out, deleted messages, texts of several
lines. Telegram: one result.json of a whole account, not valid JSON since control characters are written as `\\x1b`;
times that destroy themselves, service messages, an account that is gone, texts in pieces.
Knows these two formats.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

from indexers.personal.life.diary import ZONE
from indexers.personal.life.things import App, Somebody, Thing
from indexers.personal.life.writers.zips import dumped, pack
from indexers.personal.life.written import Desk
from indexers.sources.connectors.base import Caution

IOS = ("[%d/%m/%Y, %H:%M:%S] ", "[%d.%m.%y, %H:%M:%S] ", "[%d/%m/%Y, %I:%M:%S\u202f%p] ")
ANDROID = ("%d/%m/%Y, %H:%M - ", "%d.%m.%y, %H:%M - ", "%Y-%m-%d, %H:%M - ")
LEFT_TO_RIGHT = "\u200e"
ESCAPE = "\ue000"
"""Stands for a control character until the JSON is written."""


def write(desk: Desk) -> None:
    """Both programs."""
    _whatsapp(desk)
    _telegram(desk)


def rooms(things: list[Thing]) -> dict[str, list[Thing]]:
    """Things by conversation, names in order."""
    found: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        found[thing.room].append(thing)
    return dict(sorted(found.items()))


def _whatsapp(desk: Desk) -> None:
    for number, (room, things) in enumerate(rooms(desk.life.of(App.WHATSAPP)).items()):
        form = (IOS if number % 2 == 0 else ANDROID)[number // 2 % 3]
        raw = _lines(things, form).encode("utf-8")
        if number % 2 == 0:
            path = desk.file("whatsapp", f"WhatsApp Chat - {room}.zip")
            pack(path, {"_chat.txt": b"\xef\xbb\xbf" + raw if number % 4 == 0 else raw})
            desk.put("whatsapp", f"whatsapp/{path.name}!_chat.txt", things)
        else:
            path = desk.file("whatsapp", f"WhatsApp Chat with {room}.txt")
            path.write_bytes(raw)
            desk.put("whatsapp", path, things)
    desk.export("whatsapp", "whatsapp", desk.folder / "whatsapp", date_order="dmy", me=desk.life.cast.owner.name)


def _lines(things: list[Thing], form: str) -> str:
    ios = form.startswith("[")
    end, mark = "\r\n" if ios else "\n", LEFT_TO_RIGHT if ios else ""
    first = f"{things[0].at.astimezone(ZoneInfo(ZONE)):{form}}"
    encrypted = "Messages and calls are end-to-end encrypted. No one outside of this chat can read or listen to them."
    lines = [f"{mark}{first}{things[0].room}: {mark}{encrypted}" if ios else f"{first}{encrypted}"]
    for thing in things:
        assert thing.author is not None
        head = f"{thing.at.astimezone(ZoneInfo(ZONE)):{form}}{thing.author.name}: "
        broken = end if thing.number % 6 == 0 else " "
        lines.append(f"{head}{thing.text}{broken}({thing.canary})")
        if thing.number % 13 == 0:
            lines.append(f"{mark}{head}{mark}" + ("image omitted" if ios else "<Media omitted>"))
        if thing.number % 17 == 0:
            lines.append(f"{head}{mark}This message was deleted.")
    return end.join(lines) + end


def _telegram(desk: Desk) -> None:
    life, path = desk.life, desk.file("telegram", "DataExport_2026-07-01", "result.json")
    owner, chats = life.cast.owner, []
    for number, (room, things) in enumerate(rooms(life.of(App.TELEGRAM)).items()):
        messages = [_service(number)] + [_message(thing) for thing in things]
        gone = {**_service(number), "id": 10**6, "type": "message", "from": None, "from_id": "user99", "text": "hi"}
        gone["text_entities"] = [{"type": "plain", "text": "hi"}]
        chats.append({"name": room, "type": "personal_chat", "id": 5000 + number, "messages": [*messages, gone]})
    first, _, last = owner.name.partition(" ")
    whole = {
        "about": "Here is the data you requested.",
        "personal_information": {
            "user_id": _id(owner), "first_name": first, "last_name": last, "phone_number": owner.phone,
            "username": f"@{owner.handle}", "bio": "",
        },
        "contacts": {"about": "", "list": [_contact(one) for one in life.cast.friends]},
        "chats": {"about": "This page lists all chats.", "list": chats},
    }  # fmt: skip
    path.write_bytes(dumped(whole).replace(ESCAPE.encode(), b"\\x1b"))
    desk.put("telegram", path, life.of(App.TELEGRAM))
    desk.export("telegram", "telegram", desk.folder / "telegram")


def _contact(one: Somebody) -> dict[str, str]:
    first, _, last = one.name.partition(" ")
    return {"user_id": str(_id(one)), "first_name": first, "last_name": last, "phone_number": one.phone, "date": ""}


def _service(number: int) -> dict[str, Any]:
    return {
        "id": 1, "type": "service", "date": "2023-07-01T08:00:00", "date_unixtime": "1688191200", "actor": "Telegram",
        "actor_id": f"user{number}", "action": "joined_telegram", "text": "", "text_entities": [],
    }  # fmt: skip


def _message(thing: Thing) -> dict[str, Any]:
    assert thing.author is not None
    wall = thing.at.astimezone(ZoneInfo(ZONE))
    said = f"{thing.text} ({thing.canary})" + (ESCAPE if thing.number % 11 == 0 else "")
    entities: list[dict[str, str]] = [{"type": "plain", "text": said}]
    text: Any = said
    if thing.number % 7 == 0:
        head, _, rest = said.partition(" ")
        entities = [{"type": "bold", "text": head}, {"type": "plain", "text": f" {rest}"}]
        text = [entities[0], f" {rest}"]
    found = {
        "id": 100 + thing.number, "type": "message", "date": f"{wall:%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": str(int(thing.at.timestamp())), "from": thing.author.name,
        "from_id": f"user{_id(thing.author)}",
        "text": text, "text_entities": entities,
    }  # fmt: skip
    if thing.caution == Caution.DISAPPEARING:
        found["self_destruct_period_seconds"] = 60
    return found


def _id(one: Somebody) -> int:
    return 70_000 + one.number
