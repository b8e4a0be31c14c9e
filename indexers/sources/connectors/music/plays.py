"""Plays to items: one for each piece and day, with how often and how long it was heard.

A streaming service writes a row for every start, also of what was skipped after a second. As passages, thousands of
rows that differ in nothing but the minute would hide one another; "what did I listen to in May" is answered by piece
and day. The day is that of UTC. An id holds no service: what one reports to another (Spotify to Last.fm) is one
listening. Plays shorter than half a minute are no listening: they are counted and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Item, Kind, Moment, Origin, Things
from indexers.sources.connectors.clock import stamp
from indexers.sources.decode import clean

_SHORTEST = 30.0
_MOST = 50_000
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Play:
    """One play: by whom, of what, when, for how long (seconds, below 0 where the export does not say).

    `what` is "track", "episode" or "book"; `whole` names the album, the show or nothing.
    """

    artist: str
    title: str
    moment: Moment
    seconds: float
    locator: str
    service: str
    whole: str = ""
    what: str = "track"
    private: bool = False


def merged(source: str, file: str, plays: Iterable[Play]) -> Things:
    """The items of plays that come in order of time, either way."""
    short, day, held = 0, "", dict[str, tuple[Play, int]]()
    for play in plays:
        if 0 <= play.seconds < _SHORTEST:
            short += 1
            continue
        today = stamp(play.moment)[:10]
        if today != day or len(held) >= _MOST:
            yield from _items(held)
            day, held = today, {}
        native = _native(play, today)
        before, count = held.get(native, (None, 0))
        held[native] = (_joined(before, play) if before else play), count + 1
    yield from _items(held)
    if short:
        reason = f"{short:,} plays are shorter than {_SHORTEST:.0f} seconds."
        yield Skipped(source, file, reason, fault=False)


def _joined(before: Play, play: Play) -> Play:
    first = min(before.moment, play.moment, key=stamp)
    return replace(before, moment=first, seconds=max(before.seconds, 0) + max(play.seconds, 0))


def _native(play: Play, day: str) -> str:
    private = "private:" if play.private else ""
    return f"{private}{play.what}:{play.artist.casefold()[:_LONGEST]}|{play.title.casefold()[:_LONGEST]}@{day}"


def _items(held: dict[str, tuple[Play, int]]) -> Iterator[Item]:
    for native, (play, count) in held.items():
        title, artist, whole = (clean(text)[:_LONGEST] for text in (play.title, play.artist, play.whole))
        by = f" by {artist}" if artist else ""
        within = f", from {whole}" if whole and whole != title else ""
        extra: dict[str, str | int | float | bool] = {"site": play.service, "artist": artist, "plays": count}
        if play.seconds >= 0:
            extra["minutes"] = round(play.seconds / 60, 1)
        yield Item(
            kind=Kind.TRACK,
            native=native,
            text=f"Listened to {title}{by}{within} ({play.service})",
            locator=play.locator,
            moment=play.moment,
            title=title,
            origin=Origin.MACHINE,
            labels=(play.service,),
            cautions=frozenset({Caution.INCOGNITO}) if play.private else frozenset(),
            extra=extra,
        )
