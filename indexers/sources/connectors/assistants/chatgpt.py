"""A conversation of ChatGPT's export: `conversations.json`, or `conversations-000.json`, `-001` and so on.

`{title, create_time, update_time (seconds since 1970, with a fraction), conversation_id | id, default_model_slug,
is_archived, current_node, mapping{id: {id, parent, children[], message | null}}}`.

The mapping is a tree: an edited question and a regenerated answer are branches. What the owner saw last is the path
from `current_node` up to the root, backwards; the order of the mapping is none, and whoever follows it mixes versions.
Where `current_node` is missing, the newest leaf stands for it. Other branches are left out.

A message is `{id, author{role}, create_time, content, recipient, metadata}`. Content is `text` (`parts`, texts),
`multimodal_text` (`parts`: texts, `{content_type: image_asset_pointer}`, `{content_type: audio_transcription, text}`),
`code`, `execution_output`, `tether_quote`, `thoughts`, `reasoning_recap`, `user_editable_context` (custom
instructions). Kept is what user and assistant said to one another: recipient `all`, role user or assistant, not
`metadata.is_visually_hidden_from_conversation`, content of the first two kinds. Names of files are in
`metadata.attachments`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.assistants.exchanges import Talk, Turn, exchanges
from indexers.sources.connectors.base import Things
from indexers.sources.connectors.clock import unix
from indexers.sources.connectors.streams import mapping, mappings

_SAID = frozenset({"text", "multimodal_text"})
_PICTURES = frozenset({"image_asset_pointer", "video_container_asset_pointer"})


def conversation(source: str, locator: str, raw: dict[str, Any]) -> Things:
    """The exchanges of one conversation."""
    number = str(raw.get("conversation_id") or raw.get("id") or raw.get("create_time") or "")
    labels = [str(raw[key]) for key in ("default_model_slug", "gizmo_id") if raw.get(key)]
    labels += ["archived"] if raw.get("is_archived") else []
    title, moment = str(raw.get("title") or ""), unix(raw.get("create_time"))
    mapping = raw.get("mapping")
    if not isinstance(mapping, dict) or not number:
        yield Skipped(source, locator, "The conversation has no tree of messages.")
        return
    talk = Talk("ChatGPT", f"chatgpt:{number}", title, moment, tuple(labels))
    turns = [turn for message in _path(mapping, raw.get("current_node")) if (turn := _turn(message))]
    if not turns:
        yield Skipped(source, locator, "Nothing was said in it.", fault=False)
    yield from exchanges(talk, turns, f"{locator}.{number}")


def _path(mapping: dict[str, Any], node: Any) -> list[dict[str, Any]]:
    """The messages from the root to the node; a tree that bites its own tail ends there."""
    if node not in mapping:
        node = _newest(mapping)
    messages, seen = [], set()
    while isinstance(node, str) and node in mapping and node not in seen:
        seen.add(node)
        held = mapping[node] if isinstance(mapping[node], dict) else {}
        if isinstance(held.get("message"), dict):
            messages.append(held["message"])
        node = held.get("parent")
    return messages[::-1]


def _newest(mapping: dict[str, Any]) -> str:
    """The leaf with the newest message."""
    times = {
        key: _time(node["message"].get("create_time"))
        for key, node in mapping.items()
        if isinstance(node, dict) and isinstance(node.get("message"), dict) and not node.get("children")
    }
    return max(times, key=lambda key: times[key], default="")


def _time(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _turn(message: dict[str, Any]) -> Turn | None:
    """What was said, or None for what the program kept to itself."""
    author, content, about = (mapping(message.get(key)) for key in ("author", "content", "metadata"))
    role = author.get("role")
    if role not in {"user", "assistant"} or str(message.get("recipient") or "all") != "all":
        return None
    if about.get("is_visually_hidden_from_conversation") or content.get("content_type") not in _SAID:
        return None
    text = "\n".join(part for part in _parts(content) if part).strip()
    files = tuple(str(each["name"]) for each in mappings(about.get("attachments")) if each.get("name"))
    if not text and not files:
        return None
    return Turn(str(message.get("id") or ""), role == "user", text, unix(message.get("create_time")), files)


def _parts(content: dict[str, Any]) -> Iterator[str]:
    parts = content.get("parts")
    for part in parts if isinstance(parts, list) else [content.get("text")]:
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            yield "[image]" if part.get("content_type") in _PICTURES else str(part.get("text") or "")
