"""Books: Goodreads' table, and what was marked on a Kindle.

Goodreads `goodreads_library_export.csv`: `Book Id,Title,Author,...,My Rating,...,Date Read,Date Added,Bookshelves,
Exclusive Shelf,My Review,...,Private Notes,Read Count`, dates `2024/05/01`; a rating of 0 is none; a review is HTML.
Kindle `My Clippings.txt`, on the device, in its language: entries of
    TITLE (AUTHOR)
    - Your Highlight on page 12 | Location 170-171 | Added on Wednesday, May 1, 2024 8:30:00 AM
    (an empty line)
    TEXT
    ==========
in the device's wall time. Editing a highlight adds an entry and leaves the old one. An entry without text is a
bookmark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b

from indexers.records import Skipped
from indexers.sources.connectors.base import File, Item, Kind, Moment, Origin, Person, Reader, Things
from indexers.sources.connectors.clock import localised, written
from indexers.sources.connectors.pages import plain
from indexers.sources.connectors.streams import Broken, rows
from indexers.sources.decode import clean
from indexers.sources.streams import lines

_RULE = "=========="
_LONGEST = 1 << 20
_MOST_LINES = 2_000
_LONGEST_HEADING = 500
_NOTES = ("note", "notiz", "nota", "notitie", "notatka", "poznámka", "anteckning", "メモ", "заметка")
_AUTHOR = re.compile(r"^(.*)\(([^()]*(?:\([^()]*\))?[^()]*)\)\s*$")


def goodreads(names: list[str]) -> bool:
    """Whether a table with these columns is Goodreads'."""
    return {"Book Id", "Title", "Author", "Exclusive Shelf"} <= set(names)


def from_goodreads(reader: Reader, file: File) -> Things:
    """The books of a Goodreads export."""
    with reader.open(file) as stream:
        for row in rows(stream):
            if isinstance(row, Broken):
                yield Skipped(reader.source, f"{file.name}#{row.row}", row.reason)
            elif row.cells.get("Title"):
                yield _book(row.cells, f"{file.name}#{row.number}")


def _book(cells: dict[str, str], locator: str) -> Item:
    title, author, shelf = cells["Title"].strip(), cells["Author"].strip(), cells["Exclusive Shelf"]
    done = {"read": "Read", "currently-reading": "Reading", "to-read": "Wants to read"}.get(shelf, f"On shelf {shelf}:")
    rating = cells.get("My Rating", "0")
    stars = f", rated {rating} of 5" if rating in ("1", "2", "3", "4", "5") else ""
    own = [plain(cells.get(column, "")) for column in ("My Review", "Private Notes")]
    day = (cells.get("Date Read") or cells.get("Date Added") or "").replace("/", "-")
    return Item(
        kind=Kind.READING,
        native=f"goodreads:{cells['Book Id']}",
        text="\n".join([f"{done} the book {title} by {author}{stars}.", *(said for said in own if said)]),
        locator=locator,
        moment=written(day),
        title=title,
        origin=Origin.MINE if any(own) else Origin.MACHINE,
        labels=tuple(name.strip() for name in cells.get("Bookshelves", "").split(",") if name.strip()) or (shelf,),
        extra={"site": "Goodreads", "author": author, "shelf": shelf},
    )


def from_kindle(reader: Reader, file: File) -> Things:
    """The highlights and notes of a Kindle."""
    with reader.open(file) as stream:
        for start, entry in _entries(lines(stream, _LONGEST)):
            locator = f"{file.name}#{start}"
            found = _clipping(entry, locator)
            if isinstance(found, Item):
                yield found
            else:
                yield Skipped(reader.source, locator, found, fault=False)


def _entries(raws: Iterator[bytes | None]) -> Iterator[tuple[int, list[str]]]:
    """The lines between two rules, and the number of the first."""
    entry: list[str] = []
    start = 1
    for number, raw in enumerate(raws, 1):
        line = clean((raw or b"").decode("utf-8", "replace")).strip("\ufeff\r\n")
        if line.startswith(_RULE):
            if any(entry):
                yield start, entry
            entry, start = [], number + 1
        elif len(entry) < _MOST_LINES:
            entry.append(line)
    if any(entry):
        yield start, entry


def _clipping(entry: list[str], locator: str) -> Item | str:
    """The item, or why there is none."""
    if len(entry) < 2 or not entry[1].startswith("-"):
        return "It is no highlight or note."
    text = "\n".join(entry[2:]).strip()
    if not text:
        return "It is a bookmark without words."
    parts = [part.strip() for part in entry[1].lstrip("- ").split("|")]
    heading = entry[0][:_LONGEST_HEADING]
    named = _AUTHOR.match(heading)
    title, author = (named.group(1).strip(), named.group(2).strip()) if named else (heading.strip(), "")
    mine = parts[0].casefold().startswith(_NOTES) or any(f" {word}" in parts[0].casefold() for word in _NOTES)
    place = " ".join(parts[:-1])
    key = blake2b("\x00".join((title, place, text)).encode("utf-8", "replace"), digest_size=12).hexdigest()
    about = "My note on" if mine else "Marked in"
    return Item(
        kind=Kind.READING,
        native=f"kindle:{key}",
        text=f"{about} {title}{f' by {author}' if author else ''}:\n{text}",
        locator=locator,
        moment=localised(parts[-1]) if len(parts) > 1 else Moment(),
        title=title,
        author=None if mine or not author else Person(author),
        origin=Origin.MINE if mine else Origin.OTHER,
        thread=f"kindle:{title[:200]}",
        labels=("Kindle",),
        extra={"site": "Kindle", "author": author, "place": place[:200]},
    )
