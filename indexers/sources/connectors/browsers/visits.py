"""Visits to items: one for each page and day, however often it was opened.

A browser writes a row for every load, reload and step of a redirect: dozens of rows with the same title for an
afternoon on one page. As passages they would crowd one another out of every answer and say no more than one of them, so
the visits of a page on one day (in UTC, for an id must not depend on where it is made) are one item, with the first
time of the day and their number. What is asked of a history is "when did I read about X" and "what was that page about
Y": title, site and day answer both. A search is an item of its own kind, the same words of one day once.

Addresses are kept without their secrets (pages/links.py); what is no address of the web is counted and left out.
Knows visits; knows nothing of how a browser stores them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from indexers.records import Skipped
from indexers.sources.connectors.base import Item, Kind, Moment, Origin, Reader, Things
from indexers.sources.connectors.clock import stamp
from indexers.sources.connectors.pages import Link, cleaned, search_id, searched
from indexers.sources.decode import clean

_MOST_PAGES = 50_000
"""Pages of one day that are held; a day with more is given in several turns."""

_LONGEST_TITLE = 500
_LONGEST_ID = 400


@dataclass(frozen=True, slots=True)
class Visit:
    """One load of a page. `place`: where it stands in its file (`#12`); `about`: what the page says of itself; `words`:
    what was searched for, where the browser says so; `typed`: its address was typed.

    `shown` is false for a frame, a step of a redirect, a load that failed: nobody saw it as a page.
    """

    url: str
    title: str
    moment: Moment
    place: str
    words: str = ""
    typed: bool = False
    shown: bool = True
    about: str = ""


@dataclass(slots=True)
class _Page:
    """The visits of one page on one day."""

    link: Link
    title: str
    first: Moment
    place: str
    words: str
    about: str = ""
    count: int = 0
    typed: bool = False

    def add(self, visit: Visit) -> None:
        self.count += 1
        self.typed = self.typed or visit.typed
        self.title = visit.title or self.title
        self.about = visit.about or self.about
        if visit.moment.iso < self.first.iso:
            self.first = visit.moment


def merged(reader: Reader, file: str, visits: Iterable[Visit], label: str) -> Things:
    """The items of visits that come in order of time, either way; `label` names the browser."""
    days = Days(label, file, left_out(reader.choices.get("sites-out", "")))
    for visit in visits:
        yield from days.add(visit)
    yield from days.flush()
    yield from days.told(reader.source)


def left_out(choice: str) -> tuple[str, ...]:
    """The sites of a choice, in the form they are compared in."""
    return tuple(site.strip().casefold().removeprefix("www.") for site in choice.split(",") if site.strip())


class Days:
    """Gathers the pages of one day and gives them when the next begins."""

    def __init__(self, label: str, file: str, out: tuple[str, ...]) -> None:
        self._label, self._file, self._out = label, file, out
        self._day = ""
        self._pages: dict[str, _Page] = {}
        self._local = self._unwanted = self._timeless = self._unseen = 0

    def add(self, visit: Visit) -> Iterator[Item]:
        """Take a visit; the items of the day before, where this is of another."""
        if not visit.shown:
            self._unseen += 1
            return
        if not visit.moment.iso:
            self._timeless += 1
            return
        link = cleaned(visit.url)
        if link is None:
            self._local += 1
            return
        if any(link.site == site or link.site.endswith("." + site) for site in self._out):
            self._unwanted += 1
            return
        day = stamp(visit.moment)[:10]
        if day != self._day or len(self._pages) >= _MOST_PAGES:
            yield from self.flush()
            self._day = day
        words = visit.words or searched(visit.url)
        key = search_id(link.site, words, day) if words else _page_id(link.url, day)
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = _Page(link, visit.title, visit.moment, visit.place, words)
        page.add(visit)

    def flush(self) -> Iterator[Item]:
        """The items of the day."""
        for native, page in self._pages.items():
            yield _item(native, page, self._file + page.place, self._label)
        self._pages = {}

    def told(self, source: str) -> Iterator[Skipped]:
        """What was left out, counted by reason."""
        for count, reason in (
            (self._local, "are of files, pages of the browser itself or this network"),
            (self._unwanted, "are of sites that are to be left out"),
            (self._unseen, "are frames, steps of redirects or failed loads, not pages that were seen"),
            (self._timeless, "have no time"),
        ):
            if count:
                yield Skipped(source, self._file, f"{count:,} visits {reason}.", fault=False)


def _page_id(url: str, day: str) -> str:
    if len(url) > _LONGEST_ID:
        url = url[:_LONGEST_ID] + blake2b(url.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"visit:{url}@{day}"


def _item(native: str, page: _Page, locator: str, label: str) -> Item:
    title = " ".join(clean(page.title).split())[:_LONGEST_TITLE]
    extra: dict[str, str | int | float | bool] = {"site": page.link.site, "visits": page.count}
    if page.typed:
        extra["typed"] = True
    if page.words:
        text, title, kind, origin = f"Searched on {page.link.site}: {page.words}", page.words, Kind.SEARCH, Origin.MINE
    else:
        text = f"Visited {title or page.link.path or page.link.url} ({page.link.site})"
        if about := " ".join(clean(page.about).split())[:_LONGEST_TITLE]:
            text += f"\n{about}"
        kind, origin = Kind.VISIT, Origin.MACHINE
    return Item(
        kind=kind,
        native=native,
        text=text,
        locator=locator,
        moment=page.first,
        title=title,
        origin=origin,
        labels=(label,),
        url=page.link.url,
        extra=extra,
    )


def bookmark(url: str, title: str, moment: Moment, locator: str, folder: str = "") -> Item | None:
    """The item of a page that was kept; None where its address is none of the web."""
    link = cleaned(url)
    if link is None:
        return None
    said = " ".join(clean(title).split())[:_LONGEST_TITLE] or link.path or link.url
    within = f" in {folder}" if folder else ""
    return Item(
        kind=Kind.VISIT,
        native=f"bookmark:{link.url[:1_000]}",
        text=f"Bookmarked {said} ({link.site}){within}",
        locator=locator,
        moment=moment,
        title=said,
        origin=Origin.MACHINE,
        labels=("bookmark", *((folder,) if folder else ())),
        url=link.url,
        extra={"site": link.site},
    )
