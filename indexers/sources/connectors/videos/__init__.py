"""Videos watched: YouTube histories (JSON, HTML) and Netflix tables, with subtitles that lie beside them.

Files are told by what they hold, not by their names, which are translated. Formats: activity.py, netflix.py,
subtitles.py. Inside a Google Takeout the same history is read by the connector `takeout`, with the same ids.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Item, Kind, Reader, Things
from indexers.sources.connectors.pages import blocks
from indexers.sources.connectors.streams import Broken, Drift, Seen, elements, guarded, head
from indexers.sources.connectors.videos import netflix, youtube
from indexers.sources.connectors.videos.activity import KEYS, OPENING, Activity, from_html, from_json
from indexers.sources.connectors.videos.subtitles import LARGEST, PATTERNS, by_video, spoken
from indexers.sources.streams import whole

Activities = Iterator[tuple[Activity, str] | Skipped]

_DESCRIBED = 1_500
"""Characters of a description that stand with the watching itself."""


def read(reader: Reader) -> Things:
    """Everything watched, each watching once, and what was said in it where that lies beside."""
    seen, beside = Seen(), by_video(reader.files(*PATTERNS))
    for file in reader.files("*.json", "*.html", "*.htm", "*.csv"):
        for thing in guarded(reader, file, _file(reader, file)):
            if isinstance(thing, Skipped):
                yield thing
            elif seen.first(thing.native):
                yield thing
                video = thing.thread.removeprefix("youtube:")
                for words in beside.pop(video, ()) if thing.extra.get("action") == "watched" else ():
                    yield from guarded(reader, words, _spoken(reader, words, thing))
    for files in beside.values():
        for file in files:
            yield Skipped(reader.source, file.name, "No video of this history is the one it belongs to.", fault=False)


def _file(reader: Reader, file: File) -> Things:
    begin = head(reader, file)
    name = file.path.casefold()
    if name.endswith(".csv"):
        names = _names(begin)
        if netflix.fits(names):
            yield from netflix.read(reader, file, names)
            return
    elif is_activity(reader, file, begin):
        yield from activities(reader, file)
        return
    yield Skipped(reader.source, file.name, "It is no history of videos that is known here.", fault=False)


def _names(begin: bytes) -> list[str]:
    line = begin.decode("utf-8-sig", "replace").split("\n", 1)[0].strip()
    return [name.strip() for name in next(csv.reader([line]), [])]


def is_activity(reader: Reader, file: File, begin: bytes) -> bool:
    """Whether a file that begins like this is a list or a page of activities."""
    if file.path.casefold().endswith((".html", ".htm")):
        return OPENING in begin or OPENING in head(reader, file, 1 << 20)  # long styles may stand in front
    listed = begin.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[")
    return listed and b'"title"' in begin and (b'"time"' in begin or b'"publishedAt"' in begin)


def activities(reader: Reader, file: File) -> Things:
    """The items of a history of YouTube; what else Google tells there is counted."""
    elsewhere = 0
    for found in each_activity(reader, file):
        if isinstance(found, Skipped):
            yield found
        elif youtube.on_youtube(found[0]):
            yield youtube.item(*found)
        else:
            elsewhere += 1
    if elsewhere:
        reason = f"{elsewhere:,} activities in it are not of YouTube; the connector takeout reads them."
        yield Skipped(reader.source, file.name, reason, fault=False)


def each_activity(reader: Reader, file: File) -> Activities:
    """Every activity of a JSON or HTML file with its place, a Skipped for one that is none, and keys nobody knows."""
    owner = reader.choices.get("zone", "")
    if file.path.casefold().endswith((".html", ".htm")):
        with reader.open(file) as stream:
            for start, card in blocks(stream, OPENING):
                locator = f"{file.name}@{start}"
                found = from_html(card, owner)
                yield (found, locator) if found else Skipped(reader.source, locator, "This card has no title or date.")
        return
    drift = Drift(KEYS)
    with reader.open(file) as stream:
        for element in elements(stream):
            if isinstance(element, Broken):
                yield Skipped(reader.source, f"{file.name}@{element.start}", element.reason)
                continue
            locator = f"{file.name}$[{element.row}]"
            if found := from_json(element.value):
                drift.see(element.value if isinstance(element.value, dict) else ())
                yield found, locator
            else:
                yield Skipped(reader.source, locator, "This element has no title or no time.")
    yield from drift.told(reader.source, file.name)


def _spoken(reader: Reader, file: File, watched: Item) -> Things:
    with reader.open(file) as stream:
        data = whole(stream, LARGEST)
    described = file.path.casefold().endswith(".description")
    words = spoken(data)
    if not words:
        yield Skipped(reader.source, file.name, "It holds no words.", fault=False)
        return
    about = "Description" if described else "Subtitles"
    yield replace(
        watched,
        native=f"{watched.thread}#{file.path.rpartition('/')[2]}",
        text=f"{about} of the video {watched.title}:\n{words[:_DESCRIBED] if described else words}",
        locator=file.name,
        labels=(*watched.labels, about.lower()),
    )


CONNECTOR = Connector(
    name="videos",
    version=1,
    describes="What you watched and searched on YouTube and Netflix: titles, channels, times; subtitles beside them.",
    kinds=(Kind.VIDEO, Kind.TRACK, Kind.SEARCH),
    read=read,
    places=("Downloads/NetflixViewingHistory*.csv", "Downloads/watch-history.*"),
    asks={
        "profile": "The Netflix profiles that are yours, with commas; those of others are left out.",
        "date-order": "How dates in numbers are written where the file does not tell: dmy or mdy.",
        "zone": "Your time zone (Europe/Copenhagen), for HTML exports whose abbreviation names several.",
    },
)
