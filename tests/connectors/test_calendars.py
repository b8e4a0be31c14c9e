"""Calendars: lines, times and zones, what recurs, and events as items."""

from __future__ import annotations

import io
import random
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_reader import OpenReader

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Item, Kind, Origin, Person
from indexers.sources.connectors.calendars import read, rules, zones
from indexers.sources.formats.contentlines import Component, components

DENTIST = (
    "BEGIN:VEVENT\r\nUID:dentist@x\r\nDTSTAMP:20240601T000000Z\r\nDTSTART;TZID=Europe/Oslo:20240503T103000\r\n"
    "DTEND;TZID=Europe/Oslo:20240503T110000\r\nSUMMARY:Dentist\r\nLOCATION:Storgata 1\r\n{}END:VEVENT\r\n"
)


def of(folder: Path, *bodies: str, head: str = "", **choices: str) -> list[Item | Skipped]:
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{''.join(bodies)}END:VCALENDAR\r\n"
    (folder / "home.ics").write_bytes(text.encode())
    return list(read(OpenReader(folder, choices)))


def one(folder: Path, *lines: str, head: str = "", **choices: str) -> Item:
    (item,) = of(folder, DENTIST.format("".join(f"{line}\r\n" for line in lines)), head=head, **choices)
    assert isinstance(item, Item)
    return item


def at(folder: Path, start: str, head: str = "") -> Item:
    (item,) = of(folder, f"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\n{start}\r\nEND:VEVENT\r\n", head=head)
    assert isinstance(item, Item)
    return item


def test_an_event_is_an_item_in_words(tmp_path: Path):
    item = one(
        tmp_path,
        "DESCRIPTION:Bring the\\, old\\ncard",
        "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:Bob@example.com",
        'ATTENDEE;CN="Dee, C.";PARTSTAT=DECLINED:mailto:dee@example.com',
        "ORGANIZER;CN=Dr. Hansen:mailto:post@tann.example",
        "CATEGORIES:Health,House\\, garden",
        "URL:https://tann.example",
        "ATTACH;FILENAME=card.pdf:https://tann.example/card.pdf",
    )
    assert item.text == (
        "Dentist\nFriday 2024-05-03, 10:30 to 11:00\nWhere: Storgata 1\nWith: Bob, Dee, C. (declined)\n"
        "Bring the, old\ncard"
    )
    assert (item.kind, item.title, item.native, item.thread) == (Kind.EVENT, "Dentist", "dentist@x", "dentist@x")
    assert item.author == Person("Dr. Hansen", "post@tann.example")
    assert item.people == (Person("Bob", "bob@example.com"), Person("Dee, C.", "dee@example.com"))
    assert (item.labels, item.url, item.attachments) == (
        ("Health", "House, garden"),
        "https://tann.example",
        ("card.pdf",),
    )
    assert (item.locator, item.extra["calendar"], item.origin) == ("home.ics#3", "home", Origin.OTHER)


# times and zones


@pytest.mark.parametrize(
    ("start", "iso", "basis"),
    [
        ("DTSTART;TZID=Europe/Oslo:20240503T103000", "2024-05-03T10:30:00+02:00", Basis.OFFSET),
        ("DTSTART;TZID=W. Europe Standard Time:20240103T103000", "2024-01-03T10:30:00+01:00", Basis.OFFSET),
        ('DTSTART;TZID="Pacific Standard Time":20240503T103000', "2024-05-03T10:30:00-07:00", Basis.OFFSET),
        ("DTSTART;TZID=/softwarestudio.org/Olson_20011030_5/America/New_York:20240503T103000",
         "2024-05-03T10:30:00-04:00", Basis.OFFSET),
        ("DTSTART;TZID=\"(UTC+01:00) Amsterdam, Berlin\":20240503T103000", "2024-05-03T10:30:00+01:00", Basis.OFFSET),
        ("DTSTART:20240503T083000Z", "2024-05-03T08:30:00+00:00", Basis.UTC),
        ("DTSTART:20240503T103000", "2024-05-03T10:30:00", Basis.LOCAL),
        ("DTSTART;TZID=Nowhere/Land:20240503T103000", "2024-05-03T10:30:00", Basis.LOCAL),
        ("DTSTART;VALUE=DATE:20240503", "2024-05-03", Basis.DATE),
        ("DTSTART:20240503", "2024-05-03", Basis.DATE),
        ("DTSTART:99999999T999999", "", Basis.NONE),
    ],
)  # fmt: skip
def test_the_time_of_an_event_and_how_it_is_known(tmp_path: Path, start: str, iso: str, basis: Basis):
    text = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\n{start}\r\nEND:VEVENT\r\nEND:VCALENDAR"
    (tmp_path / "a.ics").write_text(text)
    (item,) = [thing for thing in read(OpenReader(tmp_path)) if isinstance(thing, Item)]
    assert (item.moment.iso, item.moment.basis) == (iso, basis)


def test_the_calendars_zone_holds_for_times_that_name_none(tmp_path: Path):
    head = "X-WR-TIMEZONE:Asia/Tokyo\r\nX-WR-CALNAME:Family\r\n"
    assert at(tmp_path, "DTSTART:20240503T103000", head).moment.iso == "2024-05-03T10:30:00+09:00"
    instant = at(tmp_path, "DTSTART:20240503T203000Z", head)
    assert instant.moment.iso == "2024-05-04T05:30:00+09:00"
    assert "Saturday 2024-05-04, 05:30" in instant.text
    assert instant.extra["calendar"] == "Family"


ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Custom\r\nBEGIN:STANDARD\r\nDTSTART:16011028T030000\r\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
    "BEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n"
    "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
)


@pytest.mark.parametrize(
    ("wall", "offset"),
    [("20240103T103000", "+01:00"), ("20240503T103000", "+02:00"), ("20240330T103000", "+01:00"),
     ("20240401T103000", "+02:00"), ("20241103T103000", "+01:00"), ("19010503T103000", "+02:00")],
)  # fmt: skip
def test_a_zone_that_the_file_describes_is_taken_wherever_it_stands(tmp_path: Path, wall: str, offset: str):
    event = f"BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Custom:{wall}\r\nEND:VEVENT\r\n"
    for bodies in ((ZONE, event), (event, ZONE)):
        (item,) = of(tmp_path, *bodies)
        assert isinstance(item, Item)
        assert item.moment.iso.endswith(offset)


def test_every_windows_zone_is_one_that_is_known():
    assert [name for name in zones.WINDOWS if zones.named(name) is None] == []
    assert len(zones.WINDOWS) > 130
    assert zones.named("../../etc/passwd") is None
    assert zones.named("Europe") is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("DTSTART;VALUE=DATE:20240503", "DTEND;VALUE=DATE:20240504"), "Friday 2024-05-03"),
        (("DTSTART;VALUE=DATE:20240503", "DTEND;VALUE=DATE:20240506"), "Friday 2024-05-03 to Sunday 2024-05-05"),
        (("DTSTART:20240503T220000", "DURATION:PT4H"), "Friday 2024-05-03, 22:00 to Saturday 2024-05-04, 02:00"),
        (("DTSTART:20240503T220000", "DURATION:P99999D9999999"), "Friday 2024-05-03, 22:00"),
        (("DTSTART:20240503T100000", "DTEND:20240503T090000"), "Friday 2024-05-03, 10:00"),
    ],
)
def test_how_long_it_lasts_is_said(tmp_path: Path, lines: tuple[str, ...], said: str):
    assert at(tmp_path, "\r\n".join(lines)).text.split("\n")[1] == said


# what recurs


def test_a_series_is_one_item_with_its_rule_and_dates(tmp_path: Path):
    item = one(
        tmp_path, "RRULE:FREQ=MONTHLY;INTERVAL=6;UNTIL=20260101T000000Z", "EXDATE;TZID=Europe/Oslo:20241103T103000"
    )
    assert "Repeats every 6 months until 2026-01-01.\nDates:\n2024-05: 3; 2025-05: 3" in item.text
    assert item.extra["occurrences"] == 2
    assert item.extra["last"] == "2025-05-03T10:30:00+02:00"


def test_dates_go_up_to_a_year_after_the_file_was_made_whenever_it_is_read(tmp_path: Path):
    item = one(tmp_path, "RRULE:FREQ=YEARLY")
    assert item.extra["last"] == "2025-05-03T10:30:00+02:00"


def test_a_long_series_shows_its_last_dates(tmp_path: Path):
    item = one(tmp_path, "RRULE:FREQ=DAILY;COUNT=300")
    assert "300 times from 2024-05-03; the last 60 of them:" in item.text
    assert item.extra["occurrences"] == 300
    endless = one(tmp_path, "RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20990101")
    assert endless.extra["occurrences"] == 395  # from 3 May 2024 to 1 June 2025


def test_further_dates_are_added_and_days_taken_out(tmp_path: Path):
    item = one(tmp_path, "RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:20240601T083000Z", "EXDATE;VALUE=DATE:20240510")
    assert "2024-05: 3, 17; 2024-06: 1" in item.text


def test_an_occurrence_that_was_moved_is_an_item_of_its_own_and_its_old_date_is_gone(tmp_path: Path):
    moved = (
        "BEGIN:VEVENT\r\nUID:dentist@x\r\nRECURRENCE-ID;TZID=Europe/Oslo:20240510T103000\r\nSUMMARY:Dentist\r\n"
        "DTSTART;TZID=Europe/Oslo:20240511T120000\r\nEND:VEVENT\r\n"
    )
    first, second = of(tmp_path, moved, DENTIST.format("RRULE:FREQ=WEEKLY;COUNT=3\r\n"))
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert (first.native, first.thread) == ("dentist@x/20240510T103000", second.thread)
    assert first.text == "Dentist\nSaturday 2024-05-11, 12:00\nInstead of Friday 2024-05-10, 10:30."
    assert "Dates:\n2024-05: 3, 17" in second.text


def test_a_rule_is_said_in_words():
    said = {
        "FREQ=DAILY": "every day",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR": "every 2 weeks on Monday and Friday",
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=5": "every month on the last Friday 5 times",
        "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=21;UNTIL=20301231": "every year on day 21 in June until 2030-12-31",
        "FREQ=HOURLY;INTERVAL=4": "every 4 hours",
    }
    assert {rule: rules.words(parsed) for rule in said if (parsed := rules.parse(rule))} == said


@pytest.mark.parametrize("value", ["", "FREQ=SOMETIMES", "FREQ=DAILY;INTERVAL=x", "BYDAY=MO", "FREQ=WEEKLY;COUNT=-"])
def test_a_rule_that_is_none_is_none(value: str):
    assert rules.parse(value) is None


DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def made_up(dice: random.Random) -> str:
    """A rule on which `dateutil` and RFC 5545 agree: it takes `1MO,TU` for neither, and miscounts last weeks."""
    freq = dice.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    said = [f"FREQ={freq}", f"INTERVAL={dice.randint(1, 4)}"]
    numbered = freq in {"MONTHLY", "YEARLY"} and dice.random() < 0.4
    if dice.random() < 0.5:
        days = dice.sample(DAYS, dice.randint(1, 3))
        said.append("BYDAY=" + ",".join(f"{dice.choice([1, 2, -1, -2])}{day}" if numbered else day for day in days))
    if dice.random() < 0.3:
        said.append(f"BYMONTH={','.join(map(str, dice.sample(range(1, 13), 2)))}")
    if freq != "WEEKLY" and not numbered and dice.random() < 0.3:
        said.append(f"BYMONTHDAY={','.join(map(str, dice.sample([1, 2, 15, 28, 30, 31, -1, -3], 2)))}")
    elif freq == "YEARLY" and not numbered and dice.random() < 0.2:
        said.append(f"BYYEARDAY={dice.choice([1, 60, 200, 366, -1])}")
    elif freq == "YEARLY" and "BYDAY" in str(said) and not numbered and dice.random() < 0.5:
        said.append(f"BYWEEKNO={dice.choice([1, 20, 33, -1])}")
    if freq in {"MONTHLY", "YEARLY"} and len(said) > 2 and dice.random() < 0.2:
        said.append(f"BYSETPOS={dice.choice([1, 2, -1])}")
    if dice.random() < 0.3:
        said.append(f"WKST={dice.choice(['SU', 'WE'])}")
    return ";".join(said) + (";BYHOUR=9,17" if dice.random() < 0.1 else "")


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 700))
def test_occurrences_are_those_of_dateutil(seed, day):
    from dateutil.rrule import rrulestr

    written = made_up(random.Random(seed))
    start = datetime(2020, 1, 1, 9, 30) + timedelta(day)
    end = start + timedelta(1_200)
    rule = rules.parse(written)
    assert rule is not None
    mine = list(rules.occurrences(rule, start, end, 10_000))
    assert mine[0] == start
    assert mine[1:] == [
        when for when in rrulestr(f"{written};UNTIL={end:%Y%m%dT%H%M%S}", dtstart=start) if when != start
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=9999999999",
        "FREQ=MONTHLY;BYSETPOS=366;BYDAY=MO",
        "FREQ=YEARLY;COUNT=99999999999",
        "FREQ=DAILY;UNTIL=99991231T235959Z",
    ],
)
def test_a_rule_without_occurrences_takes_no_time(tmp_path: Path, rule: str):
    began = time.process_time()
    things = of(tmp_path, *[DENTIST.format(f"RRULE:{rule}\r\n")] * 50)
    assert len(things) == 50
    assert time.process_time() - began < 5


# what is kept apart


@pytest.mark.parametrize(("said", "private"), [("PRIVATE", True), ("confidential", True), ("PUBLIC", False)])
def test_private_events_are_cautioned(tmp_path: Path, said: str, private: bool):
    assert one(tmp_path, f"CLASS:{said}").cautions == (frozenset({Caution.CONFIDENTIAL}) if private else frozenset())


def test_a_cancelled_event_says_so(tmp_path: Path):
    item = one(tmp_path, "STATUS:CANCELLED")
    assert item.title == "Cancelled: Dentist"
    assert "This was cancelled." in item.text


def test_events_that_the_owner_organises_are_the_owners_words(tmp_path: Path):
    assert one(tmp_path, "ORGANIZER:MAILTO:me@x.org", me="you@x.org,ME@x.org").origin is Origin.MINE
    assert one(tmp_path, "ORGANIZER:MAILTO:bob@x.org", me="me@x.org").origin is Origin.OTHER
    assert one(tmp_path).origin is Origin.MINE


def test_tasks_and_journal_entries_are_items(tmp_path: Path):
    task = (
        "BEGIN:VTODO",
        "UID:t",
        "SUMMARY:Paint",
        "DUE;VALUE=DATE:20240503",
        "COMPLETED:20240502T100000Z",
        "END:VTODO",
    )
    entry = ("BEGIN:VJOURNAL", "UID:j", "SUMMARY:Day one", "DTSTART;VALUE=DATE:20240501", "END:VJOURNAL")
    done, day = of(tmp_path, *(f"{line}\r\n" for line in (*task, *entry)))
    assert isinstance(done, Item)
    assert isinstance(day, Item)
    assert done.text == "Paint\nFriday 2024-05-03\nDue: Friday 2024-05-03\nDone: Thursday 2024-05-02, 10:00"
    assert (day.kind, day.moment.iso) == (Kind.NOTE, "2024-05-01")


def test_a_description_in_html_is_read_as_text(tmp_path: Path):
    assert one(tmp_path, "DESCRIPTION:<p>Bring <b>cake</b> &amp\\; tea<br>2 < 3</p>").text.endswith(
        "Bring cake & tea\n2 < 3"
    )


# damage


def test_one_bad_event_loses_itself_alone(tmp_path: Path):
    bad = "BEGIN:VEVENT\r\nUID:2\r\nDTSTART:soon\r\nthis is no line\r\nSUMMARY:Bad\r\nEND:VEVENT\r\n"
    things = of(tmp_path, bad, DENTIST.format(""))
    assert [thing.title for thing in things if isinstance(thing, Item)] == ["Bad", "Dentist"]
    assert len([thing for thing in things if isinstance(thing, Skipped)]) == 2


def test_events_without_an_end_are_kept(tmp_path: Path):
    things = of(tmp_path, "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:One\r\n", "BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Two\r\n")
    assert [thing.title for thing in things if isinstance(thing, Item)] == ["One", "Two"]


def test_a_fold_may_split_a_character():
    data = b"BEGIN:VEVENT\r\nSUMMARY:caf\xc3\r\n \xa9 au\r\n\t lait\r\nEND:VEVENT\r\n"
    (event,) = components(io.BytesIO(data))
    assert isinstance(event, Component)
    assert event.text("SUMMARY") == "café au lait"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_lines_end_in_any_way(end: str):
    data = 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY;X="a:b;c":x: y\r\nEND:VEVENT\r\n'.replace("\r\n", end)
    (event,) = [thing for thing in components(io.BytesIO(data.encode())) if isinstance(thing, Component)]
    assert event.text("SUMMARY") == "x: y"


def test_a_line_without_an_end_is_cut():
    data = b"BEGIN:VEVENT\r\nATTACH:" + b"A" * 10_000_000 + b"\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
    (event,) = components(io.BytesIO(data))
    assert isinstance(event, Component)
    assert (event.text("SUMMARY"), len(event.text("ATTACH")) < 70_000) == ("x", True)


def test_files_without_events_are_told(tmp_path: Path):
    (tmp_path / "a.ics").write_bytes(b"")
    (tmp_path / "b.ics").write_bytes(b"BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nUID:1\r\nEND:VFREEBUSY\r\nEND:VCALENDAR")
    assert [(thing.locator, thing.fault) for thing in read(OpenReader(tmp_path)) if isinstance(thing, Skipped)] == [
        ("a.ics", False),
        ("b.ics#2", False),
    ]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_no_damage_to_a_calendar_raises(tmp_path_factory, seed):
    dice = random.Random(seed)
    rule = "RRULE:FREQ=MONTHLY;BYDAY=2TU;UNTIL=20250101T000000Z\r\nEXDATE:20240801T083000Z\r\nRDATE:20240901\r\n"
    data = bytearray(f"BEGIN:VCALENDAR\r\n{ZONE}{DENTIST.format(rule)}END:VCALENDAR\r\n".encode())
    for _ in range(dice.randint(1, 15)):
        where = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[where] = dice.randrange(256)
            case 1:
                del data[where : where + dice.randrange(20)]
            case 2:
                data[where:where] = data[where : where + dice.randrange(60)]
            case _:
                data[where:where] = dice.choice(
                    [b"\r\n", b" ", b";", b":", b'"', b"99999999", b"-", b"\xff", b"=", b","]
                )
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "a.ics").write_bytes(bytes(data))
    for thing in read(OpenReader(folder)):
        assert isinstance(thing, Item | Skipped)


def test_reading_again_gives_the_same(tmp_path: Path):
    bodies = (ZONE, DENTIST.format("RRULE:FREQ=WEEKLY\r\n"), DENTIST.format(""))
    assert of(tmp_path, *bodies) == of(tmp_path, *bodies)


def test_a_week_53_is_only_in_the_years_that_have_one():
    rule = rules.parse("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO")
    assert rule is not None
    found = rules.occurrences(rule, datetime(2014, 1, 1, 9), datetime(2027, 1, 1), 100)
    assert [when.date().isoformat() for when in found][1:] == ["2015-12-28", "2020-12-28", "2026-12-28"]
