"""Last.fm, as its exporters write it.

`lastfm-to-csv`: no first line with names, `artist,album,track,01 May 2024 08:30` in UTC, newest first.
ghan.nz: `uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid`, `uts` in seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, File, Reader, Things
from indexers.sources.connectors.clock import localised, unix
from indexers.sources.connectors.music.plays import Play, merged
from indexers.sources.connectors.streams import Broken, rows

_NAMELESS = ("artist", "album", "track", "date")


def fits(names: list[str]) -> bool:
    """Whether the first line of a table has names of Last.fm, or is itself a play."""
    return {"artist", "track", "uts"} <= set(names) or _is_play(names)


def _is_play(cells: list[str]) -> bool:
    return len(cells) == len(_NAMELESS) and bool(localised(cells[3]).iso)


def read(reader: Reader, file: File, names: list[str]) -> Things:
    """The items of one file, whose first line is this."""
    bad: list[Skipped] = []
    with reader.open(file) as stream:

        def plays() -> Iterator[Play]:
            for row in rows(stream, _NAMELESS if _is_play(names) else ()):
                if isinstance(row, Broken):
                    bad.append(Skipped(reader.source, f"{file.name}#{row.row}", row.reason))
                    continue
                cells = row.cells
                moment = unix(cells["uts"]) if "uts" in cells else localised(cells["date"], naive=Basis.UTC)
                locator = f"{file.name}#{row.number}"
                if moment.iso and cells["track"]:
                    yield Play(cells["artist"], cells["track"], moment, -1.0, locator, "Last.fm", cells["album"])
                else:
                    bad.append(Skipped(reader.source, locator, "It has no track or no time."))

        yield from merged(reader.source, file.name, plays())
    yield from bad
