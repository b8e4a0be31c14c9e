"""Google Takeout: one export in two zip archives, folders named in English, labels of mail in Danish.

    takeout-20260701T090000Z-001.zip    mail, YouTube, Chrome, Keep, photographs
    takeout-20260701T090000Z-002.zip    the sidecars of the photographs, calendar, contacts, chat, searches, a label's
    mail

Faults: sidecars lie in another part than their pictures; mails with a label are in that label's file once more; labels
are RFC 2047 words as a whole; bodies have escaped `From ` lines (mboxrd).
Knows which product lies where; each product is somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indexers.personal.life.things import App, Thing
from indexers.personal.life.writers import calendars, cards, google, pictures
from indexers.personal.life.writers.mailing import encoded, message
from indexers.personal.life.writers.zips import pack
from indexers.personal.life.written import Desk

PART = "takeout-20260701T090000Z-{:03d}.zip"
ALL = "Takeout/Mail/All mail Including Spam and Trash.mbox"

LABELS: Mapping[str, str] = {
    "Inbox": "Indbakke", "Sent": "Sendt", "Spam": "Spam", "Trash": "Papirkurv", "Travel": "Rejser", "Work": "Arbejde",
}  # fmt: skip


def write(desk: Desk) -> None:
    """Both parts."""
    life = desk.life
    mails = life.of(App.GMAIL)
    first = {ALL: _mbox(desk, mails)}
    second = {"Takeout/Mail/Rejser.mbox": _mbox(desk, [one for one in mails if "Travel" in one.labels])}
    where = dict.fromkeys((one.canary for one in mails), (1, ALL))
    for number, part, product in (
        (1, first, google.videos(life)), (1, first, google.history(life)), (1, first, google.keep(life)),
        (2, second, google.searches(life)), (2, second, google.chats(life)), (2, second, calendars.google(life)),
        (2, second, cards.google(life)),
    ):  # fmt: skip
        for name, data, things in product:
            part[name] = data
            where.update({thing.canary: (number, name) for thing in things})
    for picture in pictures.album(life):
        first.update(picture.images)
        second[picture.sidecar] = picture.said
        bare = picture.thing.defect == "no exif"
        where[picture.thing.canary] = (2, picture.sidecar) if bare else (1, next(iter(picture.images)))
    of = {thing.canary: thing for thing in life.things}
    for number, part in ((1, first), (2, second)):
        path = desk.file("takeout", PART.format(number))
        pack(path, part)
    for canary, (number, name) in where.items():
        desk.put("takeout", f"takeout/{PART.format(number)}!{name}", [of[canary]])
    desk.export("takeout", "takeout", desk.folder / "takeout", me=life.cast.owner.mail)


def _mbox(desk: Desk, mails: Iterable[Thing]) -> bytes:
    of = {thing.number: thing for thing in desk.life.of(App.GMAIL)}
    return b"".join(_entry(of, thing) for thing in mails)


def _entry(of: Mapping[int, Thing], thing: Thing) -> bytes:
    """One mail of an mbox: its separator, what Gmail adds, and the mail with its `From ` lines escaped."""
    labels = ",".join([*(LABELS.get(one, one) for one in thing.labels), *(["Ulæst"] if thing.number % 4 == 0 else [])])
    thread = of.get(int(thing.extra.get("answers", "-1")), thing)
    headers = {"X-GM-THRID": str(10**18 + thread.number), "X-Gmail-Labels": encoded(labels)}
    raw = message(thing, of.get(int(thing.extra.get("answers", "-1"))), headers)
    lines = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in raw.split(b"\r\n")]
    return f"From {10**18 + thing.number}@xxx {thing.at:%a %b %d %H:%M:%S} +0000 {thing.at:%Y}\r\n".encode() + (
        b"\r\n".join(lines) + b"\r\n\r\n"
    )
