"""Slack's export and Discord's data package.

Slack: a zip of a file a day; files carry a token that opens them (`xoxe-...`); users are ids in angle brackets.
Discord:
a zip of one's own messages alone, as CSV or JSON a channel, with folders of advertising guesses beside them.
Knows these two formats.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

from indexers.personal.life.diary import ZONE
from indexers.personal.life.things import App, Somebody, Thing
from indexers.personal.life.writers.chatlogs import rooms
from indexers.personal.life.writers.zips import dumped, pack
from indexers.personal.life.written import Desk

SNOWFLAKES = 1_420_070_400_000
"""When Discord's ids begin, in milliseconds."""


def write(desk: Desk) -> None:
    """Both services."""
    _slack(desk)
    _discord(desk)


def _slack(desk: Desk) -> None:
    life, team = desk.life, (desk.life.cast.owner, *desk.life.cast.colleagues)
    by_room = rooms(life.of(App.SLACK))
    dms = {f"D{900 + at}": room for at, room in enumerate(room for room in by_room if room != "general")}
    names = {one.name: one for one in team}
    members: dict[str, bytes] = {
        "users.json": dumped([_user(one) for one in team]),
        "channels.json": dumped([{
            "id": "C100", "name": "general", "created": 1688191200, "members": [_id(one) for one in team],
            "topic": {"value": ""}, "purpose": {"value": "Everything"},
        }]),
        "dms.json": dumped([
            {"id": key, "created": 1688191200, "members": [_id(life.cast.owner), _id(names[room])]}
            for key, room in dms.items()
        ]),
        "integration_logs.json": b"[]",
    }  # fmt: skip
    folders = {"general": "general", **{room: key for key, room in dms.items()}}
    for room, things in by_room.items():
        days: dict[str, list[Thing]] = defaultdict(list)
        for thing in things:
            days[f"{thing.at.astimezone(ZoneInfo(ZONE)):%Y-%m-%d}"].append(thing)
        for day, said in days.items():
            name = f"{folders[room]}/{day}.json"
            members[name] = dumped([*(_slack_message(one) for one in said), *_joined(said[0])])
            desk.put("slack", f"slack/Fjord Slack export.zip!{name}", said)
    path = desk.file("slack", "Fjord Slack export.zip")
    pack(path, members)
    desk.export("slack", "slack", path, me=desk.life.cast.owner.name)


def _id(one: Somebody) -> str:
    return f"U{1000 + one.number}"


def _user(one: Somebody) -> dict[str, Any]:
    profile = {"real_name": one.name, "display_name": one.handle, "email": one.mail}
    return {"id": _id(one), "name": one.handle, "real_name": one.name, "deleted": False, "profile": profile}


def _slack_message(thing: Thing) -> dict[str, Any]:
    assert thing.author is not None
    asked = f"<@{_id(thing.to[0])}> " if thing.to and thing.number % 4 == 0 else ""
    text = f"{asked}{thing.text} ({thing.canary})".replace("&", "&amp;")
    found: dict[str, Any] = {
        "type": "message", "user": _id(thing.author), "text": text, "team": "T1",
        "ts": f"{int(thing.at.timestamp())}.{thing.number:06d}",
    }  # fmt: skip
    if thing.defect == "token":
        url = f"https://files.slack.example/T1-F{thing.number}/plan.pdf?t=xoxe-{thing.number:010d}-1111111111-2222222222"
        found["files"] = [{"id": f"F{thing.number}", "name": "plan.pdf", "mimetype": "application/pdf",
        "url_private": url}]
    return found


def _joined(thing: Thing) -> list[dict[str, Any]]:
    if thing.number % 5:
        return []
    at = f"{int(thing.at.timestamp()) + 60}.000001"
    who = _id(thing.author) if thing.author else "U0"
    return [{"type": "message", "subtype": "channel_join", "user": who, "text": f"<@{who}> has joined", "ts": at}]


def _discord(desk: Desk) -> None:
    life, path = desk.life, desk.file("discord", "package.zip")
    index: dict[str, str] = {}
    members: dict[str, bytes] = {
        "README.txt": b"Welcome to your package.",
        "account/user.json": dumped({"id": "4242", "username": life.cast.owner.handle, "email": life.cast.owner.mail}),
        "activity/analytics/events-2026-00000-of-00001.json": b'{"predicted_age":"25-34"}\n',
    }
    friends = {one.name for one in life.cast.everyone}
    for number, (room, things) in enumerate(rooms(life.of(App.DISCORD)).items()):
        key = str(800_000 + number)
        index[key] = f"Direct Message with {room}" if room in friends else room
        channel: dict[str, Any] = {"id": key, "type": "DM", "recipients": ["4242", "4243"]}
        if room not in friends:
            channel = {"id": key, "type": "GUILD_TEXT", "name": room, "guild": {"id": "77", "name": "Makers"}}
        members[f"messages/c{key}/channel.json"] = dumped(channel)
        name = f"messages/c{key}/messages.{'csv' if number % 2 else 'json'}"
        members[name] = _csv(things) if number % 2 else dumped([_row(thing) for thing in things])
        desk.put("discord", f"discord/package.zip!{name}", things)
    members["messages/index.json"] = dumped(index)
    pack(path, members)
    desk.export("discord", "discord", path)


def _row(thing: Thing) -> dict[str, Any]:
    flake = (int(thing.at.timestamp()) * 1000 - SNOWFLAKES << 22) + thing.number % 4096
    return {
        "ID": flake, "Timestamp": f"{thing.at:%Y-%m-%d %H:%M:%S}", "Contents": f"{thing.text} ({thing.canary})",
        "Attachments": "",
    }  # fmt: skip


def _csv(things: list[Thing]) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, ("ID", "Timestamp", "Contents", "Attachments"), lineterminator="\r\n")
    rows.writeheader()
    for thing in things:
        rows.writerow({**_row(thing), "Timestamp": f"{thing.at:%Y-%m-%d %H:%M:%S}.{thing.number % 10**6:06d}+00:00"})
    return text.getvalue().encode("utf-8")
