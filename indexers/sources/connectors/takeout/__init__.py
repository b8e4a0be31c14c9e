"""Google Takeout, read inside its archives, all parts as one, in any language.

Products and files are told by what they hold (products.py). Mail, calendars, contacts, photos, Chat and Keep are read
by the connectors of those names on a reader that gives them their files and nothing else; activity, YouTube, Chrome and
Play are read here. Where you were is left out unless the choice `location` says yes. What nobody reads is told, product
by product; so are parts of the export that are missing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from indexers.records import Skipped
from indexers.sources.connectors import location
from indexers.sources.connectors.base import Connector, File, Kind, Reader, Things
from indexers.sources.connectors.browsers import kept, synced
from indexers.sources.connectors.streams import Seen, guarded
from indexers.sources.connectors.takeout import activities, comments, installs
from indexers.sources.connectors.takeout.narrowed import Narrowed
from indexers.sources.connectors.takeout.products import Route, export

_HERE: dict[Route, Callable[[Reader, File], Things]] = {
    Route.ACTIVITY: activities.read,
    Route.HISTORY: synced.read,
    Route.BOOKMARKS: kept.from_page,
    Route.COMMENTS: comments.read,
    Route.INSTALLS: installs.read,
    Route.LOCATION: location.read_file,
}
_ELSEWHERE = {
    Route.MAIL: "mail",
    Route.CALENDARS: "calendars",
    Route.CONTACTS: "contacts",
    Route.KEEP: "notes.keep",
    Route.CHAT: "chats.googlechat",
    Route.PHOTOS: "photos",
}
"""Modules beside this package, imported when an export holds something for them."""


def read(reader: Reader) -> Things:
    """Everything in the export once, product by product in a fixed order."""
    found = export(reader)
    seen = Seen()
    for route in Route:
        files = found.routes.get(route, [])
        if not files:
            continue
        if route is Route.LOCATION and reader.choices.get("location", "") != "yes":
            reason = f"{len(files):,} files of where you were are left out; the choice location=yes takes them in."
            yield Skipped(reader.source, files[0].name, reason, fault=False)
            continue
        for thing in _of(reader, route, files):
            if isinstance(thing, Skipped) or seen.first(thing.native):
                yield thing
    yield from found.unread


def _of(reader: Reader, route: Route, files: list[File]) -> Things:
    if reads := _HERE.get(route):
        for file in files:
            yield from guarded(reader, file, reads(reader, file))
        return
    connector = _connector(_ELSEWHERE[route])
    if connector is None:
        reason = f"{len(files):,} files need the connector {route}, which is not part of this installation."
        yield Skipped(reader.source, files[0].name, reason, fault=False)
        return
    yield from connector.read(Narrowed(reader, files))


def _connector(module: str) -> Connector | None:
    name = f"indexers.sources.connectors.{module}"
    try:
        found = import_module(name).CONNECTOR
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            return None
        raise
    return found if isinstance(found, Connector) else None


CONNECTOR = Connector(
    name="takeout",
    version=1,
    describes=(
        "A Google Takeout: mail, calendars, contacts, photos, Chat, Keep, YouTube and Chrome histories, My Activity "
        "with its searches, comments, apps installed. Not where you were, unless you say so."
    ),
    kinds=(
        Kind.MAIL, Kind.DOCUMENT, Kind.EVENT, Kind.CONTACT, Kind.PHOTO, Kind.CHAT, Kind.NOTE, Kind.VIDEO, Kind.TRACK,
        Kind.SEARCH, Kind.VISIT, Kind.ASSISTANT, Kind.PLACE,
    ),
    read=read,
    places=("Downloads/takeout-*.zip", "Downloads/takeout-*.tgz", "Downloads/Takeout"),
    asks={
        "location": "yes takes in where you were; without it that is left out.",
        "gps": "exact keeps places to the metre; without it they are rounded to about a kilometre.",
        "zone": "Your time zone (Europe/Copenhagen), for HTML exports whose abbreviation names several.",
        "sites-out": "Sites to leave out of histories, with commas, each with all below it.",
        "me": "Your own addresses, with commas between them.",
    },
)  # fmt: skip
