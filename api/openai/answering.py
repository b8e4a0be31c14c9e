"""A chat request -> the stream of its answer: the index it names, its own long texts, or both together.

Knows shelves, prompts and conversations; knows nothing of HTTP or of OpenAI's reply shapes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from api.openai.conversation import Conversation, Room, read
from api.openai.replies import Stream
from api.openai.schemas import Chat
from api.prompts import Prompts
from cascade.engine import Engine
from cascade.errors import UsageError

ALONE = "cascade"
"""The model that has no index: it answers from what the request itself holds."""


class Answering(NamedTuple):
    """An answer to come, and what its index is called in citations."""

    stream: Stream
    home: str


def answering(asked: Chat, engine: Engine | None, prompts: Prompts, owner: str, **how: Any) -> Answering:
    """Begin to answer. `engine`: the index asked, None for the request alone. `owner`: whose prompt this is.

    Nothing is searched before the first piece is taken. `how`: the other fields of Query. Raises UsageError.
    """
    reader = engine.reader if engine else prompts.reader
    said = read(asked.messages, Room(reader.window, reader.count), alone=engine is None)
    if engine is None and not said.documents:
        raise UsageError(
            "The model cascade answers from what the request itself holds, and this one holds a question alone. "
            "Send the text too, or name an index: cascade/NAME; /v1/models lists them."
        )
    how = {**asked.how, "history": said.history, "manner": asked.manner(said), **how}
    return Answering(_stream(said, engine, prompts, owner, how), asked.model.removeprefix("cascade/"))


def _stream(said: Conversation, engine: Engine | None, prompts: Prompts, owner: str, how: dict[str, Any]) -> Stream:
    own = [prompts.engine(owner, said.documents, how.get("ledger"))] if said.documents else []
    first, *beside = [*([engine] if engine else []), *own]
    return (yield from first.stream(said.question, beside=beside, **how))
