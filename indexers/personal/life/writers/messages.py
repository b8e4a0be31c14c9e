"""Messenger and text messages, as Meta and "SMS Backup & Restore" export them.

Messenger: UTF-8 written as if each byte were a letter (`SÃ¸ren`), newest first, unsent messages still there; one chat
in
the flat form of end-to-end encrypted exports. Text messages: XML, times in milliseconds, but for `date_sent` of MMS.
Knows these two formats.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from indexers.personal.life.cast import slug
from indexers.personal.life.things import App, Somebody, Thing
from indexers.personal.life.writers.chatlogs import rooms
from indexers.personal.life.writers.zips import dumped
from indexers.personal.life.written import Desk
from indexers.sources.connectors.base import Caution


def write(desk: Desk) -> None:
    """Both programs."""
    _messenger(desk)
    _sms(desk)


def _messenger(desk: Desk) -> None:
    owner = desk.life.cast.owner
    for number, (room, things) in enumerate(rooms(desk.life.of(App.MESSENGER)).items()):
        if number == 1:
            path = desk.file("messenger", "e2ee", f"{slug(room)}_1.json")
            path.write_bytes(dumped(_flat(owner, room, things)))
        else:
            thread = f"{slug(room).replace('-', '')}_{10_000 + number}"
            path = desk.file("messenger", "your_facebook_activity", "messages", "inbox", thread, "message_1.json")
            inbox = {
                "participants": [{"name": _garbled(room)}, {"name": _garbled(owner.name)}],
                "messages": [_message(thing) for thing in reversed(things)], "title": _garbled(room),
                "is_still_participant": True, "thread_path": f"inbox/{thread}", "magic_words": [],
            }  # fmt: skip
            path.write_bytes(dumped(inbox, ensure_ascii=True))
        desk.put("messenger", path, things)
    desk.export("messenger", "meta", desk.folder / "messenger", me=owner.name)


def _message(thing: Thing) -> dict[str, Any]:
    assert thing.author is not None
    found: dict[str, Any] = {
        "sender_name": _garbled(thing.author.name),
        "timestamp_ms": int(thing.at.timestamp()) * 1000 + thing.number % 1000,
        "content": _garbled(f"{thing.text} ({thing.canary})"), "is_geoblocked_for_viewer": False,
    }  # fmt: skip
    if thing.number % 5 == 0:
        found["reactions"] = [{"reaction": _garbled("❤"), "actor": _garbled(thing.to[0].name if thing.to else "")}]
    if thing.caution == Caution.DELETED:
        found["is_unsent"] = True
    return found


def _flat(owner: Somebody, room: str, things: list[Thing]) -> dict[str, Any]:
    messages = [
        {
            "isUnsent": thing.caution == Caution.DELETED, "media": [], "reactions": [],
            "senderName": thing.author.name if thing.author else "", "text": f"{thing.text} ({thing.canary})",
            "timestamp": int(thing.at.timestamp()) * 1000, "type": "text",
        }
        for thing in reversed(things)
    ]  # fmt: skip
    return {"participants": [room, owner.name], "threadName": f"{room}_1", "messages": messages}


def _garbled(text: str) -> str:
    """Every byte of its UTF-8 as a letter of its own."""
    return text.encode("utf-8").decode("latin-1")


def _sms(desk: Desk) -> None:
    things = desk.life.of(App.SMS)
    lines = [
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>",
        f'<smses count="{len(things)}" backup_set="7f3a" backup_date="1782896400000" type="full">',
        *(_mms(desk, thing) if thing.number % 11 == 0 else _text(desk, thing) for thing in things), "</smses>", "",
    ]  # fmt: skip
    path = desk.file("sms", "sms-20260701090000.xml")
    path.write_text("\n".join(lines), "utf-8")
    desk.put("sms", path, things)
    desk.export("sms", "sms", desk.folder / "sms", me=desk.life.cast.owner.name)


def _address(desk: Desk, thing: Thing) -> str:
    """The other one's number; firms have their name there."""
    return next((one.phone for one in desk.life.cast.everyone if one.name == thing.room), thing.room)


def _attributes(**given: object) -> str:
    return " ".join(f"{name}={quoteattr(str(value))}" for name, value in given.items())


def _text(desk: Desk, thing: Thing) -> str:
    at, mine = int(thing.at.timestamp()) * 1000, thing.author == desk.life.cast.owner
    said = _attributes(
        protocol=0, address=_address(desk, thing), date=at, type=2 if mine else 1, subject="null",
        body=f"{thing.text} ({thing.canary})", read=1, status=-1, date_sent=0 if mine else at - 1000,
        readable_date=f"{thing.at:%d %b %Y %H:%M:%S}", contact_name=thing.room,
    )  # fmt: skip
    return f"  <sms {said} />"


def _mms(desk: Desk, thing: Thing) -> str:
    at, mine = int(thing.at.timestamp()), thing.author == desk.life.cast.owner
    address = _address(desk, thing)
    said = _attributes(
        date=at * 1000, msg_box=2 if mine else 1, address=address, m_type=128 if mine else 132, date_sent=at,
        sub="null",
        read=1, contact_name=thing.room, readable_date=f"{thing.at:%d %b %Y %H:%M:%S}",
    )  # fmt: skip
    part = _attributes(seq=0, ct="text/plain", name="text_0.txt", chset=106, text=f"{thing.text} ({thing.canary})")
    sender = _attributes(address=address if not mine else "insert-address-token", type=137, charset=106)
    return f"  <mms {said}>\n    <parts><part {part} /></parts>\n    <addrs><addr {sender} /></addrs>\n  </mms>"
