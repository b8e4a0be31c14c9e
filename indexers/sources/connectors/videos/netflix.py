"""Netflix: what was watched, by which profile.

`NetflixViewingHistory.csv` (the button on the page; one profile): `Title,Date`, newest first, the date in numbers in
the order of the account's country: `6/19/25`, `19/06/2025`, `19.06.2025`. The names of the columns may be translated.
`CONTENT_INTERACTION/ViewingActivity.csv` (the whole package; every profile): `Profile Name,Start Time,Duration,
Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country`, times `YYYY-MM-DD HH:MM:SS` in
UTC, a duration `H:MM:SS`. A supplemental type (TRAILER, HOOK, PROMOTIONAL) is an advertisement.
`CONTENT_INTERACTION/SearchHistory.csv`: `Profile Name,...,Query Typed,Displayed Name,Action,Section,Utc Timestamp`.

Which of two numbers is the day is told by the whole file (clock/orders.py), by the choice `date-order`, or the file is
left out with a question. Profiles are other people: those that the choice `profile` does not name have their caution,
all of them where it names none and there is more than one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, File, Item, Kind, Moment, Origin, Reader, Things
from indexers.sources.connectors.clock import Order, day, order_of, stamp, written
from indexers.sources.connectors.streams import Broken, Drift, Row, rows

_TITLES = {"title", "titel", "titre", "título", "titolo", "tytuł", "název", "タイトル", "otsikko", "tittel"}
_NUMBERS = re.compile(r"^\s*(\d{1,4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,4})\W*$")
_MOST_PROFILES = 64
_ACTIVITY = frozenset({
    "Profile Name", "Start Time", "Duration", "Attributes", "Title", "Supplemental Video Type", "Device Type",
    "Bookmark", "Latest Bookmark", "Country",
})  # fmt: skip


def fits(names: list[str]) -> bool:
    """Whether a table with these columns is one of Netflix."""
    return _short(names) or {"Profile Name", "Title", "Start Time"} <= set(names) or "Query Typed" in names


def _short(names: list[str]) -> bool:
    return len(names) == 2 and names[0].casefold() in _TITLES


def read(reader: Reader, file: File, names: list[str]) -> Things:
    """The items of one file, whose first line has these names."""
    if _short(names):
        yield from _history(reader, file, names)
    else:
        yield from _activity(reader, file)


def _history(reader: Reader, file: File, names: list[str]) -> Things:
    title, date = names
    order = _order(reader, file, date)
    if order is None:
        yield Skipped(
            reader.source, file.name,
            "Its dates do not say which number is the day; say so with the choice date-order=dmy or date-order=mdy.",
        )  # fmt: skip
        return
    times: Counter[str] = Counter()
    last = ""
    with reader.open(file) as stream:
        for row in rows(stream):
            locator = f"{file.name}#{_number(row)}"
            if isinstance(row, Broken):
                yield Skipped(reader.source, locator, row.reason)
                continue
            found = day(row.cells[date], order)
            if found is None:
                yield Skipped(reader.source, locator, "Its date cannot be read.")
                continue
            iso = found.isoformat()
            if iso != last:
                times.clear()
                last = iso
            times[row.cells[title]] += 1
            again = times[row.cells[title]]
            yield _watched(row.cells[title], Moment(iso, Basis.DATE, row.cells[date]), locator, again=again)


def _number(row: Row | Broken) -> int:
    return row.number if isinstance(row, Row) else row.row


def _order(reader: Reader, file: File, column: str) -> Order | None:
    """The order that the grant names, else the one that all dates of the file tell."""
    if (asked := reader.choices.get("date-order", "")) in set(Order):
        return Order(asked)
    with reader.open(file) as stream:
        found = [row.cells[column] for _, row in zip(range(200), rows(stream), strict=False) if isinstance(row, Row)]
    if found and all("." in said or re.match(r"\s*\d{4}", said) for said in found):
        return Order.DAY_FIRST
    with reader.open(file) as stream:
        return order_of(_dates(stream_rows=rows(stream), column=column))


def _dates(stream_rows: Iterator[Row | Broken], column: str) -> Iterator[tuple[int, int, int]]:
    for row in stream_rows:
        if isinstance(row, Row) and (numbers := _NUMBERS.match(row.cells[column])):
            first, second, year = map(int, numbers.groups())
            yield first, second, year


def _activity(reader: Reader, file: File) -> Things:
    chosen = {name.strip().casefold() for name in reader.choices.get("profile", "").split(",") if name.strip()}
    if not chosen:
        profiles = _profiles(reader, file)
        chosen = profiles if len(profiles) == 1 else set()
    drift = Drift(_ACTIVITY)
    searches = False
    with reader.open(file) as stream:
        for row in rows(stream):
            locator = f"{file.name}#{_number(row)}"
            if isinstance(row, Broken):
                yield Skipped(reader.source, locator, row.reason)
                continue
            searches = searches or "Query Typed" in row.cells
            if not searches and row.number == 1:
                drift.see(row.cells)
            found = _searched(row.cells, locator) if searches else _played(row.cells, locator)
            if found is None:
                yield Skipped(reader.source, locator, "It has no title or no time.")
            else:
                yield _owned(found, row.cells.get("Profile Name", ""), chosen)
    yield from drift.told(reader.source, file.name)


def _profiles(reader: Reader, file: File) -> set[str]:
    found: set[str] = set()
    with reader.open(file) as stream:
        for row in rows(stream):
            if isinstance(row, Row) and len(found) < _MOST_PROFILES:
                found.add(row.cells.get("Profile Name", "").strip().casefold())
    return found


def _owned(item: Item, profile: str, chosen: set[str]) -> Item:
    from dataclasses import replace

    others = profile.strip().casefold() not in chosen
    cautions = item.cautions | {Caution.PROFILE} if others else item.cautions
    return replace(item, native=f"{item.native}/{profile}", labels=(*item.labels, profile), cautions=cautions)


def _played(cells: dict[str, str], locator: str) -> Item | None:
    moment = written(cells.get("Start Time", ""), naive=Basis.UTC)
    title = cells.get("Title", "").strip()
    if not title or not moment.iso:
        return None
    return _watched(
        title,
        moment,
        locator,
        promoted=bool(cells.get("Supplemental Video Type", "").strip()),
        extra={"duration": cells.get("Duration", ""), "device": cells.get("Device Type", "")[:80]},
    )


def _searched(cells: dict[str, str], locator: str) -> Item | None:
    moment = written(cells.get("Utc Timestamp", ""), naive=Basis.UTC)
    words = cells.get("Query Typed", "").strip() or cells.get("Displayed Name", "").strip()
    if not words or not moment.iso:
        return None
    return Item(
        Kind.SEARCH, f"search:netflix.com:{words.casefold()[:300]}@{stamp(moment)}", f"Searched on Netflix: {words}",
        locator, moment, words, origin=Origin.MINE, labels=("Netflix",), extra={"site": "netflix.com"},
    )  # fmt: skip


def _watched(
    title: str,
    moment: Moment,
    locator: str,
    again: int = 1,
    promoted: bool = False,
    extra: dict[str, str] | None = None,
) -> Item:
    repeated = f"#{again}" if again > 1 else ""
    return Item(
        kind=Kind.VIDEO,
        native=f"netflix:{title[:300]}@{stamp(moment)}{repeated}",
        text=f"Watched on Netflix: {title}",
        locator=locator,
        moment=moment,
        title=title,
        origin=Origin.MACHINE,
        labels=("Netflix",),
        cautions=frozenset({Caution.ADVERTISEMENT}) if promoted else frozenset(),
        extra={"site": "Netflix", "action": "watched"} | {k: v for k, v in (extra or {}).items() if v},
    )
