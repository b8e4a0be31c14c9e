"""Listening (Spotify, Last.fm) and reading (Goodreads, Kindle, Pocket, Instapaper): two connectors.

Formats: spotify.py, lastfm.py, books.py, articles.py. Files are told by what they hold.
"""

from __future__ import annotations

import csv

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Kind, Reader, Things
from indexers.sources.connectors.music import articles, books, lastfm, spotify
from indexers.sources.connectors.streams import Seen, guarded, head


def listened(reader: Reader) -> Things:
    """Every piece and day once, and what was searched for."""
    seen = Seen()
    for file in reader.files("*.json", "*.csv"):
        for thing in guarded(reader, file, _listening(reader, file)):
            if isinstance(thing, Skipped) or seen.first(thing.native):
                yield thing


def _listening(reader: Reader, file: File) -> Things:
    begin = head(reader, file)
    if file.path.casefold().endswith(".json"):
        if spotify.fits(begin):
            yield from spotify.read(reader, file)
            return
    elif lastfm.fits(names := _names(begin)):
        yield from lastfm.read(reader, file, names)
        return
    yield Skipped(reader.source, file.name, "It is no history of listening that is known here.", fault=False)


def was_read(reader: Reader) -> Things:
    """Every book, highlight and article once."""
    seen = Seen()
    for file in reader.files("*.csv", "*.html", "*.htm", "*clippings*.txt", "*.txt"):
        for thing in guarded(reader, file, _reading(reader, file)):
            if isinstance(thing, Skipped) or seen.first(thing.native):
                yield thing


def _reading(reader: Reader, file: File) -> Things:
    begin, name = head(reader, file), file.path.casefold()
    if name.endswith(".txt"):
        if b"\n==========" in begin:
            yield from books.from_kindle(reader, file)
            return
    elif not name.endswith(".csv"):
        if articles.page_fits(begin):
            yield from articles.from_page(reader, file)
            return
    elif books.goodreads(names := _names(begin)):
        yield from books.from_goodreads(reader, file)
        return
    elif articles.table_fits(names):
        yield from articles.from_table(reader, file)
        return
    yield Skipped(reader.source, file.name, "It is no list of reading that is known here.", fault=False)


def _names(begin: bytes) -> list[str]:
    line = begin.decode("utf-8-sig", "replace").split("\n", 1)[0].strip("\r")
    return [name.strip() for name in next(csv.reader([line]), [])]


CONNECTOR = Connector(
    name="music",
    version=1,
    describes="What you listened to and searched for on Spotify and Last.fm: piece, artist, day, how often.",
    kinds=(Kind.TRACK, Kind.SEARCH),
    read=listened,
    places=("Downloads/my_spotify_data*.zip",),
)

READING = Connector(
    name="reading",
    version=1,
    describes="Books, highlights, notes and articles from Goodreads, a Kindle, Pocket and Instapaper.",
    kinds=(Kind.READING,),
    read=was_read,
    places=("Downloads/goodreads_library_export.csv", "Downloads/ril_export.html"),
)
