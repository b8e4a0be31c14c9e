"""Chat messages -> what is asked, what was said before, and which texts are too long to be said at all.

Knows messages and a reader's window; knows nothing of indexes, HTTP or how answers are made. What is long depends on
each message alone and on the window, never on how many follow it: so the same text is the same document next turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.prompts import Document
from cascade.errors import UsageError
from cascade.sentences import sentences

Message = Mapping[str, Any]

SAID = 600
"""Most characters of a question that stands before or behind a long text."""

SHORT = 200
"""Tokens of a text that is said, however small the window: an answer of the turn before, say."""

ROLES = ("system", "developer", "user", "assistant", "tool")
INSTRUCTING = ("system", "developer")

SEARCHED = "[This text is long. It is searched, and what matters of it stands in the numbered passages.]"
"""Stands for a long text in what the reader is sent."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a reader's window has room for. `count`: tokens of a text, as the reader counts them."""

    window: int
    count: Callable[[str], int]

    @property
    def conversation(self) -> int:
        """Tokens that a conversation may take; the rest is for passages and the answer."""
        return self.window // 2

    @property
    def text(self) -> int:
        """Tokens of one text, above which it is long. What is shorter than a few paragraphs never is."""
        return max(self.conversation // 4, SHORT)

    def size(self, text: str) -> int:
        """Tokens of a text; of one that surely does not fit, an estimate that costs nothing."""
        return len(text) // 4 if len(text) > 16 * self.window else self.count(text)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a request says, without what is long in it.

    `system`: all instructions. `history`: before the question, user and assistant in turn. `turns`: the other messages
    as a reader behind an endpoint is to be sent them; `place`: which of them asks. `documents`: what is to be
    searched, oldest first.
    """

    question: str
    system: str
    history: tuple[str, ...]
    turns: tuple[Message, ...]
    place: int
    documents: tuple[Document, ...]


@dataclass(slots=True)
class _Turn:
    """A message, what of its text is said, and what of it is a document."""

    message: Message
    said: str
    documents: list[Document]


def read(messages: Sequence[Message], room: Room, alone: bool = False) -> Conversation:
    """Tell question, conversation and documents apart. `alone`: there is no index, so every text but the question is
    searched. Raises UsageError.
    """
    place = _asking(messages)
    total = sum(room.size(text) for message in messages for text in texts(message))
    most = -1 if alone else (room.text if total > room.conversation else None)
    given = [_given(messages, number) for number in range(len(messages))]
    turns = [
        _turn(message, f"message {number + 1}", given[number], most, room) for number, message in enumerate(messages)
    ]
    if alone:
        asked = (number for number, message in enumerate(messages) if message["role"] == "user")
        for number in asked:
            turns[number] = _question(messages[number], f"message {number + 1}", given[number], room)
    _forget(turns, place, room)
    question = turns[place].said.strip()
    if not question:
        raise UsageError("The last message of the user holds no text. Put the question there, as text.")
    return Conversation(
        question,
        "\n\n".join(turn.said for turn in turns if turn.message["role"] in INSTRUCTING and turn.said),
        _alternating(turns[:place]),
        tuple(_sent(turn) for turn in turns if _goes(turn)),
        sum(_goes(turn) for turn in turns[:place]),
        tuple(document for turn in turns for document in turn.documents),
    )


def texts(message: Message) -> list[str]:
    """The texts of a message, one a part. Raises UsageError where it is no message."""
    content = message.get("content")
    if content is None or isinstance(content, str):
        return [content] if content else []
    found = [part.get("text") for part in content if part.get("type") in ("text", "input_text", "output_text")]
    return [text for text in found if isinstance(text, str) and text]


def _asking(messages: Sequence[Message]) -> int:
    """The place of the message that asks: the user's last. Raises UsageError for what are no messages."""
    for number, message in enumerate(messages, 1):
        if not isinstance(message, Mapping) or message.get("role") not in ROLES:
            raise UsageError(f"Message {number} has no role. Give it one of: {', '.join(ROLES)}.")
        content = message.get("content")
        parts = isinstance(content, list) and all(isinstance(part, Mapping) for part in content)
        if not (content is None or isinstance(content, str) or parts):
            raise UsageError(f"The content of message {number} is neither text nor a list of parts. Write it as text.")
        if isinstance(content, list) and message["role"] == "user":
            _refuse_foreign(content, number)
    asked = [place for place, message in enumerate(messages) if message["role"] == "user"]
    if not asked:
        raise UsageError('No message is of the user. Ask in one: {"role": "user", "content": "..."}.')
    return asked[-1]


def _refuse_foreign(parts: Sequence[Message], number: int) -> None:
    """Raise UsageError for files and sound: they would be ignored in silence. Images go to the reader as they are."""
    for part in parts:
        if part.get("type") not in ("text", "input_text", "output_text", "image_url"):
            raise UsageError(
                f"Message {number} has a part of type {part.get('type')!r}, which is not read here. "
                "Send its text, or add the file to an index: cascade add INDEX FILE."
            )


def _given(messages: Sequence[Message], number: int) -> bool:
    """Whether a message of the user is handed over and asks nothing: the user speaks again right after it."""
    following = messages[number + 1]["role"] if number + 1 < len(messages) else ""
    return bool(messages[number]["role"] == "user" == following)


def _turn(message: Message, name: str, given: bool, most: int | None, room: Room) -> _Turn:
    """A message with its long texts taken out; None: nothing is long, -1: everything but what the user says is."""
    found = texts(message)
    whole = "\n\n".join(found)
    if most is None or not found or (most < 0 and message["role"] in INSTRUCTING and room.size(whole) <= room.text):
        return _Turn(message, whole, [])
    limit = max(most, 0) if most >= 0 else room.text
    long = [place for place, text in enumerate(found) if room.size(text) > limit]
    if not long:
        return _Turn(message, whole, [])
    said = [text for place, text in enumerate(found) if place not in long]
    named = {place: name if len(found) == 1 else f"{name} part {place + 1}" for place in long}
    if said:
        return _Turn(message, "\n\n".join(said), [Document(named[place], found[place]) for place in long])
    *before, last = long
    document, spoken = split(found[last])
    documents = [Document(named[place], found[place]) for place in before]
    if message["role"] == "user" and not given:
        return _Turn(message, spoken, [*documents, Document(named[last], document)])
    begun = found[0][:SAID].split("\n\n")[0] if message["role"] in INSTRUCTING else ""
    return _Turn(message, f"{begun}\n{SEARCHED}".strip(), [*documents, Document(named[last], found[last])])


def _question(message: Message, name: str, given: bool, room: Room) -> _Turn:
    """A message of the user where nothing but the request is searched: its last paragraph asks, the rest is read."""
    turn = _turn(message, name, given, room.text, room)
    found = texts(message)
    if given and not turn.documents and found:
        return _Turn(message, "", [Document(name, "\n\n".join(found))])
    if turn.documents or not found:
        return turn
    if len(found) > 1:
        documents = [Document(f"{name} part {at}", text) for at, text in enumerate(found[:-1], 1)]
        return _Turn(message, found[-1], documents)
    document, said = split(found[0])
    return _Turn(message, said, [Document(name, document)] if document.strip() else [])


def split(text: str) -> tuple[str, str]:
    """A long text and the question asked about it: its last line, or its first where that alone has a question mark.

    Of a text without lines, its last sentence.
    """
    body = text.strip()
    head, _, after = body.partition("\n")
    before, _, tail = body.rpartition("\n")
    if after and "?" in head and "?" not in tail and len(head) <= SAID:
        return after.strip(), head.strip()
    if before and len(tail) <= SAID:
        return before.strip(), tail.strip()
    near = body[-4 * SAID :]
    ends = [start for start, end in sentences(near) if near[start:end].strip()]
    start = ends[-1] if ends and len(near) - ends[-1] <= SAID else max(0, len(near) - SAID)
    cut = len(body) - len(near) + start
    return body[:cut].strip(), body[cut:].strip()


def _forget(turns: list[_Turn], place: int, room: Room) -> None:
    """Make the oldest turns documents until what is said fits: they are found again when they matter."""
    sizes = [room.size(turn.said) for turn in turns]
    over = sum(sizes) - room.conversation
    for number, turn in enumerate(turns):
        if over <= 0:
            return
        tied = turn.message["role"] == "tool" or turn.message.get("tool_calls") or number >= place
        if tied or turn.message["role"] in INSTRUCTING or not turn.said:
            continue
        if turn.said != SEARCHED and not turn.documents:
            turn.documents.append(Document(f"message {number + 1}", turn.said))
        turn.said = ""
        over -= sizes[number]


def _alternating(turns: Sequence[_Turn]) -> tuple[str, ...]:
    """What user and assistant said in turn, the user first, the assistant last; what one said in a row is one."""
    found: list[str] = []
    for turn in turns:
        role = turn.message["role"]
        if role not in ("user", "assistant") or not turn.said:
            continue
        wanted = 0 if role == "user" else 1
        if len(found) % 2 == wanted:
            found.append(turn.said)
        elif found:
            found[-1] = f"{found[-1]}\n{turn.said}"
    return tuple(found if len(found) % 2 == 0 else [*found, ""])


def _goes(turn: _Turn) -> bool:
    """Whether the reader is sent a message beside the instructions, which go before all others."""
    instructs = turn.message["role"] in INSTRUCTING
    return not instructs and bool(turn.said or turn.message.get("tool_calls"))


def _sent(turn: _Turn) -> Message:
    """A message as the reader is sent it: as it came, or with what is said of it."""
    if not turn.documents:
        return turn.message
    content = turn.message.get("content")
    seen = [part for part in content if part.get("type") == "image_url"] if isinstance(content, list) else []
    return {**turn.message, "content": [{"type": "text", "text": turn.said}, *seen] if seen else turn.said}
