"""The JSON products of Google Takeout: YouTube, Chrome, Keep, searches, Chat.

Faults written: videos that were removed (no URL, no channel), watches without `titleUrl` (2026-09), advertisements,
shared posts among the watches; Keep notes without `createdTimestampUsec`; Chat dates with U+202F and in words.
Each function yields members of an archive: path, bytes, and the things in it. Knows nothing of archives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from indexers.personal.life.cast import slug
from indexers.personal.life.life import Life
from indexers.personal.life.things import App, Thing
from indexers.personal.life.writers.zips import dumped
from indexers.sources.connectors.base import Caution

Member = tuple[str, bytes, list[Thing]]


def videos(life: Life) -> Iterator[Member]:
    """YouTube's watch history, newest first, and its searches."""
    things = life.of(App.WATCH)
    entries: list[dict[str, Any]] = []
    for thing in reversed(things):
        if thing.defect == "removed":
            entries.append(_activity(thing, "YouTube", "Watched a video that has been removed"))
        entries.append(_watch(thing))
        if thing.number % 40 == 0:
            entries.append(_activity(thing, "YouTube", "Viewed a post that is no longer available"))
    yield "Takeout/YouTube and YouTube Music/history/watch-history.json", dumped(entries), things
    asked = life.of(App.SEARCH)[1::2]
    found = [_asked(thing, "YouTube", "https://www.youtube.com/results?search_query=") for thing in reversed(asked)]
    yield "Takeout/YouTube and YouTube Music/history/search-history.json", dumped(found), asked


def searches(life: Life) -> Iterator[Member]:
    """What was searched for with Google."""
    asked = life.of(App.SEARCH)[::2]
    found = [_asked(thing, "Search", "https://www.google.com/search?q=") for thing in reversed(asked)]
    yield "Takeout/My Activity/Search/MyActivity.json", dumped(found), asked


def history(life: Life) -> Iterator[Member]:
    """Chrome's history as the account has it."""
    things = life.of(App.CHROME_TAKEOUT)
    visits = [
        {
            "page_transition": "LINK", "title": f"{thing.title} {thing.canary}", "url": thing.url, "client_id": "c1",
            "time_usec": int(thing.at.timestamp()) * 1_000_000 + thing.number,
        }
        for thing in reversed(things)
    ]  # fmt: skip
    yield "Takeout/Chrome/History.json", dumped({"Browser History": visits}), things


def keep(life: Life) -> Iterator[Member]:
    """One file a note."""
    for thing in life.of(App.KEEP):
        usec = int(thing.at.timestamp()) * 1_000_000
        note: dict[str, Any] = {
            "color": "DEFAULT", "isTrashed": thing.caution == Caution.TRASH, "isPinned": False, "isArchived": False,
            "title": thing.title, "userEditedTimestampUsec": usec,
        }  # fmt: skip
        if thing.number % 3:
            note["createdTimestampUsec"] = usec - 60_000_000
        if thing.text.startswith("["):
            lines = [*thing.text.split("\n"), f"[ ] ref {thing.canary}"]
            note["listContent"] = [{"text": line[4:], "isChecked": line.startswith("[x]")} for line in lines]
        else:
            note["textContent"] = f"{thing.text}\nref {thing.canary}"
        if thing.labels:
            note["labels"] = [{"name": name} for name in thing.labels]
        yield f"Takeout/Keep/{slug(thing.title)}-{thing.number}.json", dumped(note), [thing]


def chats(life: Life) -> Iterator[Member]:
    """Direct messages: a folder a conversation."""
    rooms: dict[str, list[Thing]] = defaultdict(list)
    for thing in life.of(App.GOOGLE_CHAT):
        rooms[thing.room].append(thing)
    owner = {"name": life.cast.owner.name, "email": life.cast.owner.mail, "user_type": "Human"}
    people = {one.name: {"name": one.name, "email": one.mail, "user_type": "Human"} for one in life.cast.everyone}
    yield "Takeout/Google Chat/Users/User 1/user_info.json", dumped({"user": owner}), []
    for number, (room, things) in enumerate(sorted(rooms.items())):
        folder = f"Takeout/Google Chat/Groups/DM {slug(room)[:4]}{number}"
        messages = [
            {
                "creator": owner if thing.author == life.cast.owner else people[room], "created_date": _spelled(thing),
                "text": f"{thing.text} ({thing.canary})", "topic_id": f"t{thing.number}",
                "message_id": f"m{number}/t{thing.number}/{thing.number}",
            }
            for thing in things
        ]  # fmt: skip
        yield f"{folder}/group_info.json", dumped({"members": [owner, people[room]]}), []
        yield f"{folder}/messages.json", dumped({"messages": messages}), things


def _watch(thing: Thing) -> dict[str, Any]:
    if thing.defect == "no url":
        return _activity(thing, "YouTube", f"Watched https://www.youtube.com/watch?v={thing.canary}")
    entry = _activity(thing, "YouTube Music" if thing.number % 9 == 0 else "YouTube",
    f"Watched {thing.title} {thing.canary}")
    host = "https://music.youtube.com" if thing.number % 9 == 0 else "https://www.youtube.com"
    entry["titleUrl"] = f"{host}/watch?v={thing.canary}"
    channel = thing.extra["channel"]
    entry["subtitles"] = [{"name": channel, "url": f"https://www.youtube.com/channel/UC{slug(channel)}"}]
    if thing.caution == Caution.ADVERTISEMENT:
        entry["details"] = [{"name": "From Google Ads"}]
    return entry


def _asked(thing: Thing, header: str, base: str) -> dict[str, Any]:
    entry = _activity(thing, header, f"Searched for {thing.text} {thing.canary}")
    return {**entry, "titleUrl": base + f"{thing.text} {thing.canary}".replace(" ", "+")}


def _activity(thing: Thing, header: str, title: str) -> dict[str, Any]:
    product = header.removesuffix(" Music")
    return {
        "header": header, "title": title, "time": f"{thing.at:%Y-%m-%dT%H:%M:%S}.{thing.number % 1000:03d}Z",
        "products": [product],
        "activityControls": [f"{product} watch history" if product == "YouTube" else "Web & App Activity"],
    }  # fmt: skip


def _spelled(thing: Thing) -> str:
    """`Friday, May 29, 2026 at 3:00:29⎵AM UTC`, with a narrow blank before AM."""
    at = thing.at
    return f"{at:%A, %B} {at.day}, {at.year} at {at.hour % 12 or 12}:{at:%M:%S}\u202f{at:%p} UTC"
