"""Conversations with assistants: ChatGPT's zip and Claude's JSON.

ChatGPT: a tree of messages, of which the path to `current_node` counts; a reply that was given up (regenerated) hangs
beside it, a hidden system message before it. Claude: a flat list.
Knows these two formats.
"""

from __future__ import annotations

from typing import Any

from indexers.personal.life.things import App, Thing
from indexers.personal.life.writers.zips import dumped, pack
from indexers.personal.life.written import Desk


def write(desk: Desk) -> None:
    """Both services."""
    things = desk.life.of(App.CHATGPT)
    path = desk.file("chatgpt", "chatgpt-export.zip")
    shards = {f"conversations-{at:03d}.json": things[at::2] for at in range(2)}
    pack(path, {"user.json": dumped({"id": "user-1"}), **{
        name: dumped([_tree(thing) for thing in part]) for name, part in shards.items()
    }})  # fmt: skip
    for name, part in shards.items():
        desk.put("chatgpt", f"chatgpt/{path.name}!{name}", part)
    desk.export("chatgpt", "assistants", path)
    things = desk.life.of(App.CLAUDE)
    path = desk.file("claude", "conversations.json")
    path.write_bytes(dumped([_flat(thing) for thing in things]))
    desk.put("claude", path, things)
    desk.export("claude", "assistants", desk.folder / "claude")


def _tree(thing: Thing) -> dict[str, Any]:
    at, key = thing.at.timestamp(), f"c{thing.number}"
    hidden = {"is_visually_hidden_from_conversation": True}
    nodes: dict[str, Any] = {
        "root": _node("root", None, ["system"], None),
        "system": _node("system", "root", ["ask"], _said("system", "", at, hidden)),
        "ask": _node("ask", "system", ["old", "new"], _said("user", f"{thing.text} ({thing.canary})", at, {})),
        "old": _node("old", "ask", [], _said("assistant", "I cannot say.", at + 2, {})),
        "new": _node("new", "ask", [], _said("assistant", thing.extra["reply"], at + 9, {})),
    }
    return {
        "title": thing.title, "create_time": at, "update_time": at + 9, "mapping": nodes, "current_node": "new",
        "conversation_id": key, "id": key,
    }  # fmt: skip


def _node(key: str, parent: str | None, children: list[str], message: dict[str, Any] | None) -> dict[str, Any]:
    return {"id": key, "parent": parent, "children": children, "message": message}


def _said(role: str, text: str, at: float, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{role}-{int(at)}", "author": {"role": role, "name": None, "metadata": {}}, "create_time": at,
        "content": {"content_type": "text", "parts": [text]}, "status": "finished_successfully", "metadata": metadata,
        "recipient": "all",
    }  # fmt: skip


def _flat(thing: Thing) -> dict[str, Any]:
    at = f"{thing.at:%Y-%m-%dT%H:%M:%S}.{thing.number % 10**6:06d}Z"
    messages = [
        {
            "uuid": f"{sender}-{thing.number}", "sender": sender, "text": text, "created_at": at, "attachments": [],
            "content": [{"type": "text", "text": text}], "files": [],
        }
        for sender, text in (("human", f"{thing.text} ({thing.canary})"), ("assistant", thing.extra["reply"]))
    ]  # fmt: skip
    return {"uuid": f"conv-{thing.number}", "name": thing.title, "created_at": at, "updated_at": at,
    "chat_messages": messages}
