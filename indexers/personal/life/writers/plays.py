"""What was played: Netflix in both of its CSVs, Spotify's extended history.

Netflix's short list has local days (`25/12/2024`) and knows no profiles; the long one has UTC, all profiles, trailers
that played by themselves, and a title with commas. Spotify marks what was played in a private session.
Knows these two formats.
"""

from __future__ import annotations

import csv
import io
from zoneinfo import ZoneInfo

from indexers.personal.life.cast import slug
from indexers.personal.life.diary import ZONE
from indexers.personal.life.things import App, Thing
from indexers.personal.life.writers.zips import dumped
from indexers.personal.life.written import Desk
from indexers.sources.connectors.base import Caution

LONG = (
    "Profile Name", "Start Time", "Duration", "Attributes", "Title", "Supplemental Video Type", "Device Type",
    "Bookmark",
    "Latest Bookmark", "Country",
)  # fmt: skip


def write(desk: Desk) -> None:
    """Both services."""
    _netflix(desk)
    _spotify(desk)


def _netflix(desk: Desk) -> None:
    owner = desk.life.cast.owner.first
    things = desk.life.of(App.NETFLIX)[::-1]
    short = [thing for thing in things if thing.caution is None and thing.number % 2]
    long = [thing for thing in things if thing not in short]
    path = desk.file("netflix", "NetflixViewingHistory.csv")
    rows = [(_title(thing), f"{thing.at.astimezone(ZoneInfo(ZONE)):%d/%m/%Y}") for thing in short]
    path.write_bytes(_csv([("Title", "Date"), *rows]))
    desk.put("netflix", path, short)
    path = desk.file("netflix", "CONTENT_INTERACTION", "ViewingActivity.csv")
    played: list[tuple[str, ...]] = []
    for thing in long:
        end = ("Cadmium Chrome", "00:41:00", "Not latest view", "DK (Denmark)")
        who, at = thing.extra["profile"], f"{thing.at:%Y-%m-%d %H:%M:%S}"
        played.append((who, at, f"00:{20 + thing.number % 40}:{thing.number % 60:02d}", "", _title(thing), "", *end))
        if thing.number % 5 == 0:
            auto = "Autoplayed: user action: None; "
            played.append((who, at, "00:00:31", auto, "Trailer: Soon, and sooner", "TRAILER", *end))
    path.write_bytes(_csv([LONG, *played]))
    desk.put("netflix", path, long)
    desk.export("netflix", "videos", desk.folder / "netflix", profile=owner, date_order="dmy")


def _title(thing: Thing) -> str:
    return f"{thing.title} {thing.canary}"


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def _spotify(desk: Desk) -> None:
    things = desk.life.of(App.SPOTIFY)
    path = desk.file("spotify", "Spotify Extended Streaming History", "Streaming_History_Audio_2023-2026_0.json")
    played = [
        {
            "ts": f"{thing.at:%Y-%m-%dT%H:%M:%SZ}", "platform": "android", "ms_played": 30_000 + thing.number % 200_000,
            "conn_country": "DK", "master_metadata_track_name": f"{thing.title} ({thing.canary} mix)",
            "master_metadata_album_artist_name": thing.extra["artist"],
            "master_metadata_album_album_name": f"{thing.extra['artist']} sings", "spotify_track_uri":
            f"spotify:track:{slug(thing.title)}{thing.number}", "episode_name": None, "reason_start": "clickrow",
            "reason_end": "trackdone", "shuffle": False, "skipped": False, "offline": False,
            "incognito_mode": thing.caution == Caution.INCOGNITO,
        }
        for thing in things
    ]  # fmt: skip
    path.write_bytes(dumped(played))
    desk.put("spotify", path, things)
    desk.export("spotify", "music", desk.folder / "spotify")
