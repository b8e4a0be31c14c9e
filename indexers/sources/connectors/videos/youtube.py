"""YouTube: which activities are videos watched, songs heard and searches, and which only look like it.

What was watched is told by the address, for the verb of a title is in the account's language: `/watch?v=ID`,
`/shorts/ID`, `/live/ID`, `youtu.be/ID`, on `www.`, `m.` and `music.youtube.com`. In English the verb tells apart what
has such an address too and is no watching ("Liked X", "Saved X"); in another language the title is kept with its verb.
A video that was removed has no address, or an empty `v=`, or its address for a title; it stays, without an id.
What an advertiser put there (`details`: "From Google Ads") has its caution.
An id is `youtube:ID@SECOND` in UTC: JSON has microseconds and HTML has not, and both tell of the same watching.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import urlsplit

from indexers.sources.connectors.base import Caution, Item, Kind, Origin
from indexers.sources.connectors.clock import stamp
from indexers.sources.connectors.pages import query_of, search_id, searched
from indexers.sources.connectors.videos.activity import Activity

_ID = re.compile(r"[\w-]{11}")
_FOLDERS = ("shorts", "live", "embed", "v", "e")
_VERBS = (
    ("watched", "Watched "), ("liked", "Liked "), ("disliked", "Disliked "), ("saved", "Saved "),
    ("shared", "Shared "), ("subscribed", "Subscribed to "), ("searched", "Searched for "), ("viewed", "Viewed "),
    ("voted", "Voted on "), ("commented", "Commented on "), ("reacted", "Reacted to "), ("visited", "Visited "),
    ("joined", "Joined "), ("answered", "Answered "), ("used", "Used "), ("added", "Added "),
    ("dismissed", "Dismissed "), ("watched", "Vous avez regardé "), ("viewed", "Vous avez consulté "),
    ("watched", "Has visto "), ("watched", "Hai guardato "), ("watched", "Você assistiu a "),
    ("watched", "Obejrzano: "), ("watched", "Obejrzano "), ("watched", "Zhlédnuto: "),
    ("watched", "Je hebt gekeken naar "), ("watched", "Du har set "), ("watched", "Du har sett "),
)  # fmt: skip
"""What was done, and how titles begin. The English ones are known from exports, the others from the sites: where one is
wrong, the title is kept whole, with its verb, and nothing is lost."""
_VERBS_BEHIND = (("watched", " angesehen"), ("watched", " bekeken"), ("watched", " を視聴しました"))


def on_youtube(activity: Activity) -> bool:
    """Whether it happened there: by header, product or address."""
    names = (activity.header, *activity.products)
    return any(name.casefold().startswith("youtube") for name in names) or _site(activity.url).endswith("youtube.com")


def video_id(url: str) -> str:
    """The id of the video that an address is of; empty where it is of none."""
    site = _site(url)
    if site != "youtu.be" and not site.endswith(("youtube.com", "youtube-nocookie.com")):
        return ""
    try:
        parts = [part for part in urlsplit(url).path.split("/") if part]
    except ValueError:
        return ""
    if site == "youtu.be":
        found = parts[0] if parts else ""
    elif len(parts) > 1 and parts[0] in _FOLDERS:
        found = parts[1]
    else:
        found = query_of(url).get("v", "") if parts[:1] == ["watch"] else ""
    return found if _ID.fullmatch(found) else ""


def item(activity: Activity, locator: str) -> Item:
    """The item of an activity on YouTube."""
    if "search_query=" in activity.url and (words := searched(activity.url)):
        return _search(activity, words, locator)
    video = video_id(activity.url)
    action, title = _parted(activity)
    nameless = not title or title.startswith(("http:", "https:")) or title == activity.url
    if video and not action:
        action = "watched"
    music = _site(activity.url) == "music.youtube.com" or activity.header == "YouTube Music"
    channel = activity.subtitles[0][0] if activity.subtitles else ""
    shown = "" if nameless else title
    place = "YouTube Music" if music else "YouTube"
    extra: dict[str, str | int | float | bool] = {"site": place, "action": action or "other"}
    if channel:
        extra["channel"] = channel.removesuffix(" - Topic")
    if action == "watched" and not video:
        extra["removed"] = True
    return Item(
        kind=Kind.TRACK if music else Kind.VIDEO,
        native=f"youtube:{video or _digest(activity.title)}{_suffix(action)}@{stamp(activity.moment)}",
        text=_said(action, shown, channel, place),
        locator=locator,
        moment=activity.moment,
        title=shown,
        origin=Origin.MACHINE,
        thread=f"youtube:{video}" if video else "",
        labels=tuple(dict.fromkeys((activity.header or "YouTube", *activity.products))),
        url=f"https://www.youtube.com/watch?v={video}" if video else "",
        cautions=frozenset({Caution.ADVERTISEMENT}) if activity.advertised else frozenset(),
        extra=extra,
    )


def _search(activity: Activity, words: str, locator: str) -> Item:
    return Item(
        kind=Kind.SEARCH,
        native=search_id("youtube.com", words, stamp(activity.moment)),
        text=f"Searched on YouTube: {words}",
        locator=locator,
        moment=activity.moment,
        title=words,
        origin=Origin.MINE,
        labels=("YouTube",),
        extra={"site": "youtube.com", "action": "searched"},
    )


def _parted(activity: Activity) -> tuple[str, str]:
    """What was done, where the verb is known, and the title without it."""
    title = activity.title
    for action, verb in _VERBS:
        if title.startswith(verb):
            return action, activity.link_text or title[len(verb) :].strip()
    for action, verb in _VERBS_BEHIND:
        if title.endswith(verb):
            return action, activity.link_text or title[: -len(verb)].strip(' „“"')
    return "", activity.link_text or title


def _said(action: str, title: str, channel: str, place: str) -> str:
    """What is indexed: the words of title and channel, in a sentence that says what was done with it."""
    done = {"watched": "Listened to" if place == "YouTube Music" else "Watched", "subscribed": "Subscribed to"}
    verb = done.get(action, action.capitalize() or "Seen")
    by = f" by {channel.removesuffix(' - Topic')}" if channel else ""
    if not title:
        return f"{verb} on {place} a video whose title the export does not tell{by}."
    return f"{verb} on {place}: {title}{by}"


def _suffix(action: str) -> str:
    return "" if action in ("watched", "") else f":{action}"


def _digest(text: str) -> str:
    return "-" + blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _site(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").casefold().removeprefix("www.")
    except ValueError:
        return ""
