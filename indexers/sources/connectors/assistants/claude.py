"""A conversation of Claude's export: `conversations.json` in `data-<date>-batch-0000.zip`.

`{uuid, name, created_at, updated_at, account{uuid}, chat_messages[{uuid, sender (human | assistant), text, content
[{type: text, text} | {type: thinking | tool_use | tool_result, ...}], created_at, attachments[{file_name,
extracted_content}], files[{file_name}]}]}` (known at second hand; every field may be missing). Times are ISO 8601 with
a zone. `content`, where it is there, says more exactly than `text` what was said: its texts are kept, thinking and
tools are not. `extracted_content` is the text of a document that was put in: it is kept beside, not indexed.
"""

from __future__ import annotations

from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.assistants.exchanges import Talk, Turn, exchanges
from indexers.sources.connectors.base import Things
from indexers.sources.connectors.clock import written
from indexers.sources.connectors.streams import mappings


def conversation(source: str, locator: str, raw: dict[str, Any]) -> Things:
    """The exchanges of one conversation."""
    number = str(raw.get("uuid") or raw.get("created_at") or "")
    messages = raw.get("chat_messages")
    if not isinstance(messages, list) or not number:
        yield Skipped(source, locator, "The conversation has no list of messages.")
        return
    created = written(str(raw.get("created_at") or ""))
    talk = Talk("Claude", f"claude:{number}", str(raw.get("name") or ""), created)
    turns = [turn for message in messages if isinstance(message, dict) and (turn := _turn(message))]
    if not turns:
        yield Skipped(source, locator, "Nothing was said in it.", fault=False)
    yield from exchanges(talk, turns, f"{locator}.{number}")


def _turn(message: dict[str, Any]) -> Turn | None:
    said = [str(part.get("text") or "") for part in mappings(message.get("content")) if part.get("type") == "text"]
    text = "\n\n".join(part for part in said if part).strip() or str(message.get("text") or "").strip()
    attached = mappings(message.get("attachments"))
    names = tuple(
        str(each["file_name"]) for each in [*attached, *mappings(message.get("files"))] if each.get("file_name")
    )
    if not text and not names:
        return None
    pasted = "\n\n".join(str(each["extracted_content"]) for each in attached if each.get("extracted_content"))
    mine = message.get("sender") == "human"
    when = written(str(message.get("created_at") or ""))
    return Turn(str(message.get("uuid") or when.iso), mine, text, when, names, pasted)
