"""Spotify.

Extended history, `Streaming_History_Audio_2021-2023_4.json` (`endsong_0.json` before 2023), one JSON list of
`{"ts": "2024-05-01T08:30:00Z", "ms_played", "master_metadata_track_name", "master_metadata_album_artist_name",
"master_metadata_album_album_name", "spotify_track_uri", "episode_name", "episode_show_name", "audiobook_title"?,
"incognito_mode", "skipped", "ip_addr", "conn_country", "platform", ...}`; `ts` is the end of the play in UTC. Address
and device are not read. `incognito_mode` true has its caution.
Account data of the last year: `StreamingHistory_music_0.json` = `{"endTime": "2024-05-01 08:30", "artistName",
"trackName", "msPlayed"}` in UTC, `StreamingHistory_podcast_0.json` = `{"endTime", "podcastName", "episodeName",
"msPlayed"}`, `SearchQueries.json` = `{"platform", "searchTime": "2024-05-01T08:30:00.000Z[UTC]", "searchQuery", ...}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, File, Item, Kind, Origin, Reader, Things
from indexers.sources.connectors.clock import stamp, written
from indexers.sources.connectors.music.plays import Play, merged
from indexers.sources.connectors.pages import search_id
from indexers.sources.connectors.streams import Broken, elements
from indexers.sources.decode import clean

_LONG = "master_metadata_"
_NAMES = (
    ("track", f"{_LONG}track_name", f"{_LONG}album_artist_name", f"{_LONG}album_album_name"),
    ("track", "trackName", "artistName", "albumName"),
    ("episode", "episode_name", "episode_show_name", ""),
    ("episode", "episodeName", "podcastName", ""),
    ("book", "audiobook_chapter_title", "audiobook_title", ""),
)
_MARKS = (b'"ms_played"', b'"msPlayed"', b'"searchQuery"')


def fits(begin: bytes) -> bool:
    """Whether a file that begins like this is one of Spotify's."""
    return any(mark in begin for mark in _MARKS)


def read(reader: Reader, file: File) -> Things:
    """The items of one file."""
    other: list[Item | Skipped] = []
    with reader.open(file) as stream:

        def plays() -> Iterator[Play]:
            for element in elements(stream):
                if isinstance(element, Broken):
                    other.append(Skipped(reader.source, f"{file.name}@{element.start}", element.reason))
                    continue
                locator = f"{file.name}$[{element.row}]"
                value = element.value if isinstance(element.value, dict) else {}
                if found := _play(value, locator):
                    yield found
                elif search := _search(value, locator):
                    other.append(search)
                elif "searchQuery" not in value:
                    reason = "It names neither a track nor an episode."
                    other.append(Skipped(reader.source, locator, reason, fault=False))

        for thing in merged(reader.source, file.name, plays()):
            yield from other
            other.clear()
            yield thing
    yield from other


def _play(value: dict[str, Any], locator: str) -> Play | None:
    moment = written(_said(value, "ts") or _said(value, "endTime"), naive=Basis.UTC)
    if not moment.iso:
        return None
    milliseconds = value.get("ms_played", value.get("msPlayed"))
    seconds = milliseconds / 1000 if isinstance(milliseconds, int | float) and 0 <= milliseconds < 10**10 else -1.0
    private = value.get("incognito_mode") is True
    for what, title, artist, whole in _NAMES:
        if name := _said(value, title):
            return Play(
                _said(value, artist), name, moment, seconds, locator, "Spotify", _said(value, whole), what, private
            )
    return None


def _search(value: dict[str, Any], locator: str) -> Item | None:
    moment = written(_said(value, "searchTime").removesuffix("[UTC]"), naive=Basis.UTC)
    words = _said(value, "searchQuery")
    if not words or not moment.iso:
        return None
    return Item(
        Kind.SEARCH, search_id("spotify.com", words, stamp(moment)), f"Searched on Spotify: {words}",
        locator, moment, words, origin=Origin.MINE, labels=("Spotify",), extra={"site": "spotify.com"},
    )  # fmt: skip


def _said(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    return clean(found[:1_000]).strip() if isinstance(found, str) else ""
