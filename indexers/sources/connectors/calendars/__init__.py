"""Calendars: iCalendar files (`.ics`, and vCalendar's `.vcs`) of Google, Outlook, Apple, Thunderbird and phones.

    lines --components--> VEVENT, VTODO, VJOURNAL --item--> items

Each component is read by itself, so one that is broken loses itself alone. A file is read twice: first for its zones,
its name and the occurrences that were changed, which may stand after what needs them; then for the items.
CLASS:PRIVATE and CONFIDENTIAL are cautioned. VFREEBUSY, VALARM and the like say nothing that a person would ask for.
Knows nothing of grants, of other connectors, or of the index.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Item, Kind, Reader, Things
from indexers.sources.connectors.calendars import times, zones
from indexers.sources.connectors.calendars.events import KINDS, Calendar, item
from indexers.sources.connectors.calendars.times import Zones
from indexers.sources.faults import FAULTS, sentence
from indexers.sources.formats.contentlines import Component, components

_SILENT = frozenset({"VTIMEZONE", "VALARM", "STANDARD", "DAYLIGHT"})
_MOST = 500
"""Zones that a file may describe."""


def read(reader: Reader) -> Things:
    """Every event, task and journal entry of every calendar."""
    mine = frozenset(word.strip().casefold() for word in reader.choices.get("me", "").split(",") if word.strip())
    for file in reader.files("*.ics", "*.vcs", "*.ical", "*.icalendar"):
        try:
            yield from _calendar(reader, file, mine)
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error), getattr(error, "fault", True))


def _calendar(reader: Reader, file: File, mine: frozenset[str]) -> Iterator[Item | Skipped]:
    calendar = _around(reader, file, mine)
    found = 0
    with reader.open(file) as stream:
        for thing in components(stream):
            if not isinstance(thing, Component) or thing.name in _SILENT:
                continue
            found += 1
            locator = f"{file.name}#{thing.line}"
            if thing.name not in KINDS:
                yield Skipped(
                    reader.source,
                    locator,
                    f"It is a {thing.name[:40] or 'component without a name'}, which holds no event.",
                    fault=False,
                )
                continue
            if not thing.properties:
                yield Skipped(reader.source, locator, f"It is a {thing.name} with nothing in it.")
                continue
            made = item(thing, calendar)
            if thing.broken:
                reason = f"{thing.broken} of its lines are no iCalendar and were passed over; the rest was read."
                yield Skipped(reader.source, locator, reason)
            if thing.get("DTSTART") and not made.moment.iso:
                yield Skipped(reader.source, locator, "Its time cannot be read; the event was kept without one.")
            yield made
    if not found:
        yield Skipped(reader.source, file.name, "It holds no event.", fault=False)


def _around(reader: Reader, file: File, mine: frozenset[str]) -> Calendar:
    """What must be known of a file before its events are read."""
    described: dict[str, tzinfo] = {}
    again: list[Component] = []
    name, zone = "", ""
    with reader.open(file) as stream:
        for thing in components(stream):
            if not isinstance(thing, Component):
                name = name or (thing.text.strip() if thing.name in {"X-WR-CALNAME", "NAME"} else "")
                zone = zone or (thing.value.strip() if thing.name in {"X-WR-TIMEZONE", "TIMEZONE-ID"} else "")
            elif thing.name == "VTIMEZONE" and len(described) < _MOST:
                described.setdefault(thing.text("TZID"), zones.Described(thing))
            elif thing.get("RECURRENCE-ID"):
                kept = [line for line in thing.properties if line.name in {"UID", "RECURRENCE-ID"}]
                again.append(Component(thing.name, thing.line, kept))
    known = Zones(described, zones.named(zone) or described.get(zone) if zone else None)
    changed: dict[str, set[datetime]] = {}
    for component in again:
        if when := times.several(component.all("RECURRENCE-ID"), known):
            changed.setdefault(component.text("UID")[:300], set()).add(when[0].sortable)
    stem = file.path.rpartition("/")[2].rpartition(".")[0]
    made = datetime.fromtimestamp(file.modified, UTC) if 0 < file.modified < 1e11 else None
    frozen = {uid: frozenset(dates) for uid, dates in changed.items()}
    return Calendar(file.name, name or stem, known, frozen, mine, made)


CONNECTOR = Connector(
    name="calendars",
    version=1,
    describes="Events, tasks and journal entries with their times, places, guests and descriptions.",
    kinds=(Kind.EVENT, Kind.NOTE),
    read=read,
    places=(
        "Downloads/*.ics",
        ".local/share/evolution/calendar/*/calendar.ics",
        "Library/Calendars/*.caldav/*.calendar/Events",
        ".calendars",
    ),
    asks={"me": "Your own addresses, with commas between them: events you organise count as your words."},
)
