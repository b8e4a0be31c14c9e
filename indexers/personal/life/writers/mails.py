"""Mail outside of Google: a Maildir with an .eml beside it, and an mbox as Thunderbird leaves it.

Thunderbird's mbox, with its index (`Inbox.msf`) beside it: separators that are a bare `From ` without an address, no
blank line before some of them, and a mail that was deleted but is still in the file (`X-Mozilla-Status: 0009`). The
deleted one repeats a mail of the Maildir: it has no canary of its own.
"""

from __future__ import annotations

from indexers.personal.life.things import App, Thing
from indexers.personal.life.writers.mailing import message
from indexers.personal.life.written import Desk

FLAGS = ("S", "RS", "FS", "")


def write(desk: Desk) -> None:
    """Half of the mails as a Maildir, a few as .eml, the others in an mbox."""
    things = desk.life.of(App.MAILDIR)
    of = {thing.number: thing for thing in things}
    filed, loose, boxed = things[::2], things[1::4], things[3::4]
    for thing in filed:
        name = f"{int(thing.at.timestamp())}.M{thing.number}P1.host:2,{FLAGS[thing.number % 4]}"
        path = desk.file("maildir", "Maildir", "cur", name)
        path.write_bytes(_bytes(of, thing))
        desk.put("maildir", path, [thing])
    for box in ("new", "tmp"):
        desk.folder.joinpath("maildir", "Maildir", box).mkdir(parents=True, exist_ok=True)
    for thing in loose:
        path = desk.file("maildir", "loose", f"{thing.number}.eml")
        path.write_bytes(_bytes(of, thing))
        desk.put("maildir", path, [thing])
    path = desk.file("maildir", "thunderbird", "Mail", "Local Folders", "Inbox")
    path.with_name("Inbox.msf").write_bytes(b"// <!-- <mdb:mork:z v=\"1.4\"/> -->\n")
    path.write_bytes(_thunderbird(of, boxed, filed[:1]))
    desk.put("maildir", path, boxed)
    desk.export("maildir", "mail", desk.folder / "maildir", me=desk.life.cast.owner.mail)


def _thunderbird(of: dict[int, Thing], things: list[Thing], deleted: list[Thing]) -> bytes:
    parts = []
    for at, thing in enumerate(things):
        parts.append(b"From \r\nX-Mozilla-Status: 0001\r\n" + _bytes(of, thing) + (b"\r\n" if at % 2 else b""))
    for thing in deleted:
        raw = _bytes(of, thing).replace(thing.canary.encode(), b"deleted")
        parts.append(b"From - Mon Jan 01 10:00:00 2024\r\nX-Mozilla-Status: 0009\r\n" + raw)
    return b"".join(parts)


def _bytes(of: dict[int, Thing], thing: Thing) -> bytes:
    answered = of.get(int(thing.extra.get("answers", "-1")))
    return message(thing, answered, {})
