"""Conversations with assistants: the exports of ChatGPT and of Claude, each one `conversations.json` in a zip.

An item is one exchange: what was asked, and all that was answered to it. What was asked alone has no context, and an
answer alone no subject. The forms of the two are told in `chatgpt` and `claude`; which one a file is, its first
conversation tells. These are the most candid texts that people write: what was said in them belongs in a grant of its
own, and secrets are taken out of them before anything is kept.
Knows files; the programs know conversations.
"""

from __future__ import annotations

import re

from indexers.records import Skipped
from indexers.sources.connectors.assistants import chatgpt, claude
from indexers.sources.connectors.base import Connector, File, Kind, Reader, Things
from indexers.sources.connectors.streams import Broken, elements
from indexers.sources.faults import FAULTS, sentence

_NAMED = re.compile(r"(?:^|/)conversations(?:-\d+)?\.json$")
_LARGEST = 64 << 20
"""Bytes of one conversation. With pasted documents some have 20 MB."""


def _read(reader: Reader) -> Things:
    for file in reader.files("*conversations*.json"):
        if _NAMED.search(file.path):
            try:
                yield from _file(reader, file)
            except FAULTS as error:
                yield Skipped(reader.source, file.name, sentence(error))


def _file(reader: Reader, file: File) -> Things:
    with reader.open(file) as stream:
        for found in elements(stream, _LARGEST):
            locator = f"{file.name}$[{found.row}]"
            if isinstance(found, Broken):
                yield Skipped(reader.source, locator, found.reason)
            elif isinstance(found.value, dict) and "mapping" in found.value:
                yield from chatgpt.conversation(reader.source, locator, found.value)
            elif isinstance(found.value, dict) and "chat_messages" in found.value:
                yield from claude.conversation(reader.source, locator, found.value)
            else:
                yield Skipped(reader.source, locator, "It is a conversation neither of ChatGPT nor of Claude.")


CONNECTOR = Connector(
    "assistants",
    1,
    "Your conversations with ChatGPT and Claude: what you asked, what was answered, when, names of files; "
    "no pictures, no hidden instructions, no other versions of an edited question.",
    (Kind.ASSISTANT,),
    _read,
    places=("Downloads/*-chatgpt*.zip", "Downloads/data-*.zip"),
)
