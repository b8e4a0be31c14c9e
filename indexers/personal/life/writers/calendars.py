"""Calendars (RFC 5545): one as Google exports it, and one of another program, in the file formats' own ways.

By `defect`: `windows zone` (a zone that only Windows knows), `floating` (no zone at all), `folded letter` (a line that
is
folded within a letter, at 75 octets), `broken` (an event with an impossible date stands before it). All-day events are
dates; confidential ones say so; those that were called off are `CANCELLED`. The first everyday event recurs weekly.
Knows calendars; knows nothing of archives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from indexers.personal.life.diary import ZONE
from indexers.personal.life.life import Life
from indexers.personal.life.things import App, Somebody, Thing
from indexers.sources.connectors.base import Caution

OCTETS = 75
WIDE = " " + "ø" * 45 + " " + "ø" * 45
"""Two runs of letters of two octets, longer than a line and at an odd distance: one of them is folded in a letter."""
WINDOWS = "Romance Standard Time"
"""What Windows calls the zone of Copenhagen (CLDR, windowsZones)."""


def google(life: Life) -> Iterator[tuple[str, bytes, list[Thing]]]:
    """Four events of five, in a file that has the owner's address as its name."""
    things = [thing for thing in life.of(App.CALENDAR) if thing.number % 5]
    yield f"Takeout/Calendar/{life.cast.owner.mail}.ics", calendar(life, things), things


def other(life: Life) -> tuple[bytes, list[Thing]]:
    """The fifth, of another program."""
    things = [thing for thing in life.of(App.CALENDAR) if not thing.number % 5]
    return calendar(life, things), things


def calendar(life: Life, things: Sequence[Thing]) -> bytes:
    """A calendar of these events."""
    lines = ["BEGIN:VCALENDAR", "PRODID:-//Example//Calendar//EN", "VERSION:2.0", f"X-WR-TIMEZONE:{ZONE}"]
    recurring = next((thing for thing in things if not thing.caution and not thing.labels and not thing.defect), None)
    for thing in things:
        lines += _event(thing, life.cast.owner, thing is recurring)
    return b"\r\n".join(_folded(line) for line in [*lines, "END:VCALENDAR", ""])


def _event(thing: Thing, owner: Somebody, recurs: bool) -> Iterator[str]:
    if thing.defect == "broken":
        yield from ("BEGIN:VEVENT", f"UID:broken-{thing.number}@example.com", "DTSTART:20240231T250000", "END:VEVENT")
    yield from ("BEGIN:VEVENT", f"UID:{thing.number}@example.com", f"DTSTAMP:{thing.at:%Y%m%dT%H%M%SZ}")
    assert thing.until is not None
    yield _when("DTSTART", thing, thing.at)
    yield _when("DTEND", thing, thing.until)
    if recurs:
        yield "RRULE:FREQ=WEEKLY;COUNT=4"
    wide = WIDE if thing.defect == "folded letter" else ""
    yield f"SUMMARY:{_escaped(thing.title)}"
    yield f"DESCRIPTION:{_escaped(f'{thing.text}{wide} ({thing.canary})')}"
    if thing.place:
        yield f"LOCATION:{_escaped(f'{thing.place.name}, {thing.place.country}')}"
    yield f"ORGANIZER;CN={owner.name}:mailto:{owner.mail}"
    for one in thing.to:
        yield f'ATTENDEE;CN="{one.name}";PARTSTAT=ACCEPTED:mailto:{one.mail}'
    if thing.caution == Caution.CONFIDENTIAL:
        yield "CLASS:CONFIDENTIAL"
    yield f"STATUS:{'CANCELLED' if 'cancelled' in thing.labels else 'CONFIRMED'}"
    yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT30M", "END:VALARM", "END:VEVENT")


def _when(name: str, thing: Thing, at: datetime) -> str:
    wall = at.astimezone(ZoneInfo(ZONE))
    if "all-day" in thing.labels:
        return f"{name};VALUE=DATE:{wall:%Y%m%d}"
    if thing.defect == "windows zone":
        return f"{name};TZID={WINDOWS}:{wall:%Y%m%dT%H%M%S}"
    if thing.defect == "floating":
        return f"{name}:{wall:%Y%m%dT%H%M%S}"
    if thing.number % 2:
        return f"{name}:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={ZONE}:{wall:%Y%m%dT%H%M%S}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """Lines of at most 75 octets; a letter of several octets may be cut in two, as the standard allows."""
    raw = line.encode("utf-8")
    parts = [raw[:OCTETS]] + [raw[at : at + OCTETS - 1] for at in range(OCTETS, len(raw), OCTETS - 1)]
    return b"\r\n ".join(parts)
