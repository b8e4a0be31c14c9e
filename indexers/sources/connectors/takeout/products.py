"""Which part of an export a file belongs to, told by what it holds.

An export is rooted at `Takeout/` (not translated), one folder a product below it. Names of products, folders and files
are in the account's language (`Mail` but `Google Fotos`, `My Activity` but `Meine Aktivitäten`, `watch-history.json`
but `Wiedergabeverlauf.json`), while endings, keys of JSON and classes of HTML are not: so a file is told by its ending
and, for JSON, HTML and CSV, by its first bytes. Pictures, and JSON that says nothing of itself (an album's
`metadata.json`), go with the product they lie in. A product may be spread over the parts of an export; the reader gives
them as one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from indexers.records import Skipped
from indexers.sources.connectors import location
from indexers.sources.connectors.base import File, Reader
from indexers.sources.connectors.browsers import kept, synced
from indexers.sources.connectors.streams import head
from indexers.sources.connectors.takeout import comments, installs
from indexers.sources.connectors.videos import is_activity


class Route(StrEnum):
    """Who reads a file."""

    MAIL = "mail"
    CALENDARS = "calendars"
    CONTACTS = "contacts"
    PHOTOS = "photos"
    CHAT = "googlechat"
    KEEP = "keep"
    ACTIVITY = "activity"
    HISTORY = "history"
    BOOKMARKS = "bookmarks"
    COMMENTS = "comments"
    INSTALLS = "installs"
    LOCATION = "location"
    UNKNOWN = ""


_BY_ENDING = {"mbox": Route.MAIL, "ics": Route.CALENDARS, "vcf": Route.CONTACTS}
_PICTURES = frozenset({
    "jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "tif", "tiff", "bmp", "avif", "dng", "raw", "mp", "mp4", "mov",
    "m4v", "3gp", "avi", "mkv", "webm", "mpg", "mts",
})  # fmt: skip
_PEEKED = frozenset({"json", "html", "htm", "csv"})
_PART = re.compile(r"(.*?)-(\d{3})\.(?:zip|tgz|tar\.gz)$", re.IGNORECASE)
_ADOPTING = (Route.CHAT, Route.KEEP, Route.PHOTOS)
_MOST_PEEKS = 200
"""Files of one ending in one product that are looked into before the product counts as one that nobody reads."""


@dataclass(slots=True)
class _Product:
    """A product's files, and who reads those that tell it themselves."""

    name: str
    files: list[tuple[File, Route]] = field(default_factory=list)
    told: set[Route] = field(default_factory=set)
    peeked: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Export:
    """The files of an export by who reads them, and what nobody reads."""

    routes: dict[Route, list[File]] = field(default_factory=dict)
    unread: list[Skipped] = field(default_factory=list)


def export(reader: Reader) -> Export:
    """Look through an export: names, and the first bytes of what names do not tell."""
    products: dict[str, _Product] = {}
    parts: dict[str, set[int]] = {}
    for file in reader.files():
        name = product_of(file.path)
        product = products.setdefault(name, _Product(name))
        route = _route(reader, file, product)
        product.files.append((file, route))
        product.told.add(route)
        if part := _PART.match(file.name.partition("!")[0]):
            parts.setdefault(part.group(1), set()).add(int(part.group(2)))
    found = Export()
    for product in products.values():
        _adopt(product)
        unknown = []
        for file, route in product.files:
            if route is Route.UNKNOWN:
                unknown.append(file)
            else:
                found.routes.setdefault(route, []).append(file)
        if unknown:
            found.unread.append(_unread(reader.source, product.name, unknown))
    found.unread.extend(_missing(reader.source, parts))
    return found


def product_of(path: str) -> str:
    """The folder below `Takeout/`; empty for a file that lies in none."""
    steps = path.split("/")
    at = next((number for number, step in enumerate(steps[:-1]) if step.casefold() == "takeout"), -1)
    return steps[at + 1] if len(steps) > at + 2 else ""


def _route(reader: Reader, file: File, product: _Product) -> Route:
    ending = file.path.rpartition(".")[2].casefold()
    if route := _BY_ENDING.get(ending):
        return route
    if ending not in _PEEKED or _settled(product, ending):
        return Route.UNKNOWN
    product.peeked[ending] += 1
    return _told_by(reader, file, ending)


def _settled(product: _Product, ending: str) -> bool:
    """Whether the product's other files have said what it is: ten thousand pictures are not looked through."""
    if product.told & set(_ADOPTING):
        return True
    return product.peeked[ending] >= _MOST_PEEKS and not product.told - {Route.UNKNOWN}


def _told_by(reader: Reader, file: File, ending: str) -> Route:
    begin = head(reader, file)
    if ending == "csv":
        return Route.COMMENTS if comments.fits(begin) else Route.UNKNOWN
    if ending != "json":
        if kept.netscape(begin):
            return Route.BOOKMARKS
        return Route.ACTIVITY if is_activity(reader, file, begin) else Route.UNKNOWN
    for route, marks in (
        (Route.PHOTOS, (b'"photoTakenTime"',)),
        (Route.KEEP, (b'"isTrashed"', b'"isPinned"')),
        (Route.CHAT, (b'"messages"', b'"creator"')),
        (Route.CHAT, (b'"members"', b'"user_type"')),
    ):
        if all(mark in begin for mark in marks):
            return route
    if synced.fits(begin):
        return Route.HISTORY
    if installs.fits(begin):
        return Route.INSTALLS
    if is_activity(reader, file, begin):
        return Route.ACTIVITY
    return Route.LOCATION if any(mark in begin for mark in location.MARKS) else Route.UNKNOWN


def _adopt(product: _Product) -> None:
    """Give what does not tell who reads it to whoever reads the rest of the product."""
    owner = next((route for route in _ADOPTING if route in product.told), None)
    if owner is None:
        return
    fitting = {"json"} if owner is Route.CHAT else {"json"} | _PICTURES
    product.files = [
        (file, owner if route is Route.UNKNOWN and _ending(file) in fitting else route) for file, route in product.files
    ]


def _ending(file: File) -> str:
    return file.path.rpartition(".")[2].casefold()


def _unread(source: str, product: str, files: list[File]) -> Skipped:
    """One line for what nobody reads of a product, with how many files of which ending."""
    endings = Counter(_ending(file)[:12] if "." in file.path else "none" for file in files)
    kinds = ", ".join(f"{count:,} {ending}" for ending, count in endings.most_common(6))
    where = f"Takeout/{product}/" if product else files[0].name
    number = f"{len(files):,} files" if len(files) > 1 else "1 file"
    return Skipped(source, where, f"{number} that nothing here reads ({kinds}).", fault=False)


def _missing(source: str, parts: dict[str, set[int]]) -> Iterator[Skipped]:
    """The numbers that lack before the last part that is there."""
    for name, numbers in parts.items():
        if lacking := sorted(set(range(1, max(numbers) + 1)) - numbers):
            said = ", ".join(f"{number:03}" for number in lacking[:20])
            reason = f"Of this export the parts {said} are missing; put them beside the others and read again."
            yield Skipped(source, name, reason)
