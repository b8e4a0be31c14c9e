"""My Activity of every product: searches, pages, questions to an assistant, and what else Google noted.

The form is that of videos/activity.py. What happened on YouTube is given as `videos` gives it, a search or a page as
`browsers` gives it, with the same ids: the same search stands in My Activity, in Chrome's history and in the browser,
and is one. Addresses through `google.com/url?q=` are those they lead to. A question to an assistant is one item with
its reply. The rest ("Used Maps") is one item a day for each title. What advertisers put there has its caution.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, File, Item, Kind, Origin, Reader, Things
from indexers.sources.connectors.browsers.visits import Days, Visit, left_out
from indexers.sources.connectors.clock import stamp
from indexers.sources.connectors.pages import cleaned, query_of
from indexers.sources.connectors.videos import each_activity, youtube
from indexers.sources.connectors.videos.activity import Activity

_VERBS = ("Visited ", "Searched for ", "Viewed ", "Watched ", "Read ", "Looked at ", "Clicked on ")
_ASSISTANTS = ("gemini", "bard", "assistant", "ai mode")
_ASKED = ("Prompted with: ", "Prompted ", "Asked Gemini: ", "Asked Bard: ", "Asked ", "Said ", "Branched ", "Answered ")
_MOST = 20_000
_LONGEST_REPLY = 20_000


@dataclass(slots=True)
class _Rest:
    """What has no address, by day and title."""

    day: str = ""
    held: dict[str, tuple[Activity, str, int]] = field(default_factory=dict)


def read(reader: Reader, file: File) -> Things:
    """The items of one file."""
    days = Days("My Activity", file.name, left_out(reader.choices.get("sites-out", "")))
    rest = _Rest()
    for found in each_activity(reader, file):
        if isinstance(found, Skipped):
            yield found
            continue
        activity, locator = found
        if youtube.on_youtube(activity) and not _asked(activity):
            yield youtube.item(activity, locator)
        elif _asked(activity):
            yield _exchange(activity, locator)
        elif activity.advertised:
            yield _item(activity, locator, 1, frozenset({Caution.ADVERTISEMENT}))
        elif cleaned(url := _target(activity.url)):
            yield from days.add(Visit(url, _titled(activity), activity.moment, locator[len(file.name) :]))
        else:
            yield from _gathered(rest, activity, locator)
    yield from days.flush()
    yield from _given(rest)
    yield from days.told(reader.source)


def _target(url: str) -> str:
    """Where an address leads: Google writes links of results as redirects."""
    link = cleaned(url)
    if link and link.site.startswith("google.") and link.url.partition("?")[0].endswith("/url"):
        found = query_of(url)
        return found.get("q") or found.get("url") or ""
    return url


def _titled(activity: Activity) -> str:
    title = activity.link_text or activity.title
    verb = next((verb for verb in _VERBS if title.startswith(verb)), "")
    return "" if title[len(verb) :].startswith(("http:", "https:")) else title[len(verb) :]


def _asked(activity: Activity) -> bool:
    names = (activity.header, *activity.products)
    return bool(activity.reply) or (
        any(name.casefold().startswith(_ASSISTANTS) for name in names) and activity.title.startswith(_ASKED)
    )


def _exchange(activity: Activity, locator: str) -> Item:
    said = activity.title
    said = next((said[len(verb) :] for verb in _ASKED if said.startswith(verb)), said)
    said = "\n".join([said, *(name for name, _ in activity.subtitles)])
    reply = activity.reply[:_LONGEST_REPLY]
    who = activity.header or "Google"
    return Item(
        kind=Kind.ASSISTANT,
        native=f"activity:{who}:{_digest(activity.title)}@{stamp(activity.moment)}",
        text=f"Asked {who}: {said}" + (f"\n{who}: {reply}" if reply else ""),
        locator=locator,
        moment=activity.moment,
        title=said[:200],
        origin=Origin.MACHINE if reply else Origin.MINE,
        labels=(who,),
    )


def _gathered(rest: _Rest, activity: Activity, locator: str) -> Things:
    day = stamp(activity.moment)[:10]
    if day != rest.day or len(rest.held) >= _MOST:
        yield from _given(rest)
        rest.day = day
    key = f"{activity.header}\0{activity.title}"
    first, where, count = rest.held.get(key, (activity, locator, 0))
    earliest = min(first, activity, key=lambda one: stamp(one.moment))
    rest.held[key] = earliest, where, count + 1


def _given(rest: _Rest) -> Things:
    for activity, locator, count in rest.held.values():
        yield _item(activity, locator, count, frozenset())
    rest.held = {}


def _item(activity: Activity, locator: str, count: int, cautions: frozenset[Caution]) -> Item:
    beside = "; ".join(name for name, _ in activity.subtitles)[:500]
    link = cleaned(activity.url)
    day = stamp(activity.moment)[:10]
    return Item(
        kind=Kind.VISIT,
        native=f"activity:{activity.header}:{_digest(activity.title)}@{day}",
        text=f"{activity.header}: {activity.title}" + (f" ({beside})" if beside else ""),
        locator=locator,
        moment=activity.moment,
        title=activity.title[:300],
        origin=Origin.MACHINE,
        labels=tuple(dict.fromkeys((activity.header, *activity.products))),
        url=link.url if link else "",
        cautions=cautions,
        extra={"visits": count},
    )


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=10).hexdigest()
