"""A component to an item: what is to take place, when, where and with whom, as text that is found by asking for it.

A single event is an item at its time. A series is one item, not one an occurrence: five hundred items that all say
"Stand-up" would drown everything else. Its text holds the rule in words and the dates, so that "when was the last
dentist's appointment" finds them together; `extra` holds the first and the last for filters. An occurrence that was
changed (RECURRENCE-ID) is an item of its own, in the thread of its series, and its old date is not among the dates.
Dates go up to a year after the file was made (DTSTAMP), so that reading it again gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from indexers.sources.connectors.base import Caution, Item, Kind, Moment, Origin, Person
from indexers.sources.connectors.calendars import rules, times
from indexers.sources.connectors.calendars.times import When, Zones
from indexers.sources.formats.contentlines import Component, Property

MOST = 500
"""Occurrences of a series that are told, and days after the file was made up to which they are."""
_AHEAD = timedelta(days=366)
_SHOWN = 60
_LONGEST = timedelta(days=3_660)
"""An event that lasts longer than ten years has an end that nobody meant."""
_PRIVATE = frozenset({"PRIVATE", "CONFIDENTIAL"})
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_KINDS = {"VEVENT": Kind.EVENT, "VTODO": Kind.EVENT, "VJOURNAL": Kind.NOTE}
KINDS = frozenset(_KINDS)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a file says around its events: its name, its zones, the occurrences that were changed, whose it is, and when
    it was made."""

    locator: str
    name: str
    zones: Zones
    changed: Mapping[str, frozenset[datetime]]
    mine: frozenset[str]
    made: datetime | None = None


def item(component: Component, calendar: Calendar) -> Item:
    """The item of an event, a task or a journal entry."""
    start = _when(component, "DTSTART", calendar) or _when(component, "DUE", calendar)
    series = _dates(component, start, calendar) if start else []
    moment = start.moment if start else Moment(raw=(component.text("DTSTART") or component.text("DUE"))[:100])
    people = [(line, _person(line)) for line in component.all("ATTENDEE")[:300]]
    organizer = component.get("ORGANIZER")
    author = _person(organizer) if organizer else None
    uid = component.text("UID")[:300]
    status = component.text("STATUS").upper()
    title = " ".join(component.text("SUMMARY").split())[:500]
    again = component.text("RECURRENCE-ID")[:40]
    extra: dict[str, str | int] = {"calendar": calendar.name, "status": status.lower()}
    if component.name == "VTODO":
        extra["completed"] = _said(_when(component, "COMPLETED", calendar))
    if len(series) > 1:
        extra |= {"occurrences": len(series), "last": series[-1].moment.iso}
    private = component.text("CLASS").upper() in _PRIVATE
    return Item(
        _KINDS[component.name],
        _native(component, uid, again, start, title),
        _text(component, calendar, start, series, people),
        f"{calendar.locator}#{component.line}",
        moment,
        f"Cancelled: {title}" if status == "CANCELLED" else title,
        author,
        tuple(person for _, person in people),
        Origin.MINE if author is None or author.address in calendar.mine else Origin.OTHER,
        thread=uid,
        labels=tuple(word for line in component.all("CATEGORIES") for word in _listed(line)),
        url=component.text("URL")[:1000],
        attachments=tuple(_attached(line) for line in component.all("ATTACH")[:50]),
        cautions=frozenset({Caution.CONFIDENTIAL}) if private else frozenset(),
        extra={key: value for key, value in extra.items() if value},
    )


def _native(component: Component, uid: str, again: str, start: When | None, title: str) -> str:
    if not uid:
        uid = f"{component.name.lower()}:{start.moment.iso if start else ''}:{title}"
    return f"{uid}/{again}" if again else uid


def _when(component: Component, name: str, calendar: Calendar) -> When | None:
    found = component.get(name)
    when = times.read(found.value, found.params, calendar.zones) if found else None
    return when.seen_in(calendar.zones.calendar) if when else None


def _dates(component: Component, start: When, calendar: Calendar) -> list[When]:
    """When it takes place: the rule's dates and further ones, less those left out and those that were changed."""
    rule = rules.parse(component.text("RRULE")) if component.get("RRULE") else None
    further = times.several(component.all("RDATE"), calendar.zones)
    if (rule is None and not further) or component.get("RECURRENCE-ID"):
        return [start]
    walls = [start.wall]
    if rule is not None:
        walls = list(rules.occurrences(rule, start.wall, _end(rule, start, component, calendar), MOST))
    found = {
        when.sortable: when for when in (*map(start.shifted, walls), *(when.seen_in(start.zone) for when in further))
    }
    gone = {when.sortable for when in times.several(component.all("EXDATE"), calendar.zones)}
    days = {when.wall.date() for when in times.several(component.all("EXDATE"), calendar.zones) if when.day}
    gone |= calendar.changed.get(component.text("UID")[:300], frozenset())
    kept = [found[at] for at in sorted(found) if at not in gone and found[at].wall.date() not in days]
    return kept[:MOST]


def _end(rule: rules.Rule, start: When, component: Component, calendar: Calendar) -> datetime:
    """The last wall time that is looked at: the rule's own, or a year after the file was made."""
    stamp = _when(component, "DTSTAMP", calendar) or _when(component, "LAST-MODIFIED", calendar)
    made = stamp.wall if stamp else calendar.made or datetime.combine(times.today(), datetime.min.time())
    try:
        end = max(made.replace(tzinfo=None), start.wall) + _AHEAD
    except OverflowError:
        end = start.wall
    until = times.read(rule.until, {}, Zones({})) if rule.until else None
    if until is None:
        return end
    wall = until.seen_in(start.zone).wall
    return min(end, wall.replace(hour=23, minute=59) if until.day else wall)


def _text(
    component: Component,
    calendar: Calendar,
    start: When | None,
    series: list[When],
    people: list[tuple[Property, Person]],
) -> str:
    """The event in words."""
    said = [" ".join(component.text("SUMMARY").split())[:500]]
    if component.text("STATUS").upper() == "CANCELLED":
        said.append("This was cancelled.")
    if start:
        said.append(_span(component, calendar, start))
    if again := component.get("RECURRENCE-ID"):
        said.append(_instead(again, start, calendar))
    said += _repeats(component, series)
    if where := " ".join(component.text("LOCATION").split()):
        said.append(f"Where: {where[:500]}")
    if people:
        said.append(f"With: {', '.join(_named(line, person) for line, person in people[:100])}")
    if component.name == "VTODO":
        said += _task(component, calendar)
    said.append(_plain(component.text("DESCRIPTION")))
    said += [_plain(line.text) for line in component.all("COMMENT")[:20]]
    return "\n".join(part for part in said if part)


def _instead(again: Property, start: When | None, calendar: Calendar) -> str:
    """Which date of a series was changed, where the time was."""
    was = times.read(again.value, again.params, calendar.zones)
    if was is None or (start is not None and was.sortable == start.sortable):
        return ""
    return f"Instead of {_said(was.seen_in(start.zone if start else calendar.zones.calendar))}."


def _task(component: Component, calendar: Calendar) -> list[str]:
    due, done = _when(component, "DUE", calendar), _when(component, "COMPLETED", calendar)
    return [f"Due: {_said(due)}" if due else "", f"Done: {_said(done)}" if done else ""]


def _span(component: Component, calendar: Calendar, start: When) -> str:
    """`Friday 2024-05-03, 10:30 to 11:00`, or the days it lasts."""
    end = _when(component, "DTEND", calendar)
    if end is None and (length := times.duration(component.text("DURATION"))):
        try:
            end = start.shifted(start.wall + length)
        except OverflowError:
            end = None
    if end is None or end.day != start.day or not timedelta() < end.wall - start.wall < _LONGEST:
        return _said(start)
    if start.day:
        last = end.wall - timedelta(days=1)  # DTEND is the day after the last
        return _said(start) if last <= start.wall else f"{_said(start)} to {_said(start.shifted(last))}"
    end = end if end.zone == start.zone else end.seen_in(start.zone)
    return (
        f"{_said(start)} to {end.wall:%H:%M}"
        if end.wall.date() == start.wall.date()
        else f"{_said(start)} to {_said(end)}"
    )


def _said(when: When | None) -> str:
    if when is None:
        return ""
    return f"{when.wall:%A} {when.wall.date().isoformat()}" + ("" if when.day else f", {when.wall:%H:%M}")


def _repeats(component: Component, series: list[When]) -> list[str]:
    """The rule in words, and the dates by their months: `2024-05: 3, 10, 17`."""
    if len(series) < 2 and not component.get("RRULE"):
        return []
    rule = rules.parse(component.text("RRULE"))
    if rule is None and len(series) < 2:
        return []
    said = [f"Repeats {rules.words(rule)}." if rule else "On several days."]
    shown = series[-_SHOWN:]
    if len(series) > len(shown):
        said.append(f"{len(series)} times from {series[0].wall.date()}; the last {len(shown)} of them:")
    elif series:
        said.append("Dates:")
    if series:
        months: Iterable[tuple[str, Iterable[When]]] = groupby(shown, key=lambda when: f"{when.wall:%Y-%m}")
        said.append("; ".join(f"{month}: {', '.join(_days(days))}" for month, days in months))
    return said


def _days(series: Iterable[When]) -> Iterable[str]:
    return dict.fromkeys(str(when.wall.day) for when in series)


def _person(line: Property) -> Person:
    value = line.value.strip()
    address = value[7:] if value[:7].lower() == "mailto:" else line.params.get("EMAIL", "") or value
    address = address.strip().casefold()[:320]
    name = line.params.get("CN", "").strip()[:200]
    return Person("" if name.casefold() == address else name, address if "@" in address else "")


def _named(line: Property, person: Person) -> str:
    declined = line.params.get("PARTSTAT", "").upper() == "DECLINED"
    return f"{person.name or person.address}{' (declined)' if declined else ''}"


def _listed(line: Property) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", word).strip() for word in re.split(r"(?<!\\),", line.value) if word.strip()]


def _attached(line: Property) -> str:
    if line.params.get("VALUE", "").upper() == "BINARY" or line.params.get("ENCODING"):
        return line.params.get("X-FILENAME") or line.params.get("FILENAME") or f"({line.params.get('FMTTYPE', 'file')})"
    return line.params.get("FILENAME") or line.value.strip()[:300]


def _plain(text: str) -> str:
    """A description without the HTML that Google and Outlook write into it."""
    if "<" in text and ">" in text and _TAG.search(text):
        import html

        text = re.sub(r"(?i)<(?:br|/p|/div|/li)\b[^<>]*>", "\n", text)
        text = html.unescape(_TAG.sub("", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
