"""Exchanges: a question and what was answered to it, from the messages of a conversation in their order.

Knows who spoke and what; knows nothing of the exports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexers.records import Kind as Text
from indexers.sources.connectors.base import Item, Kind, Moment, Origin, Person

_LONGEST = 1 << 20
"""Characters of one side of an exchange; the rest is left out, and said so."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation. `program` is the assistant's name, `native` the conversation's id with the program before it."""

    program: str
    native: str
    title: str
    moment: Moment
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said at once. `pasted` is the text of documents that came with it: kept, not indexed."""

    id: str
    mine: bool
    text: str
    moment: Moment
    attachments: tuple[str, ...] = ()
    pasted: str = ""


def exchanges(talk: Talk, turns: Iterable[Turn], locator: str) -> Iterator[Item]:
    """The items of a conversation. Answers before any question are an exchange of their own."""
    held: list[Turn] = []
    for turn in turns:
        if turn.mine and any(not earlier.mine for earlier in held):
            yield _item(talk, held, locator)
            held = []
        held.append(turn)
    if held:
        yield _item(talk, held, locator)


def _item(talk: Talk, turns: list[Turn], locator: str) -> Item:
    mine, program = Person("Me"), Person(talk.program)
    asked = "\n\n".join(turn.text for turn in turns if turn.mine and turn.text)
    answered = "\n\n".join(turn.text for turn in turns if not turn.mine and turn.text)
    sides = [f"{name}: {_cut(text)}" for name, text in (("Me", asked), (talk.program, answered)) if text]
    first = turns[0]
    return Item(
        Kind.ASSISTANT,
        f"{talk.native}/{first.id}",
        "\n\n".join(sides),
        f"{locator}.{first.id}",
        first.moment if first.moment.iso else talk.moment,
        title=talk.title,
        author=mine if not answered else program if not asked else None,
        people=(mine, program),
        origin=Origin.MACHINE if answered else Origin.MINE,
        thread=talk.native,
        labels=talk.labels,
        quoted=_cut("\n\n".join(turn.pasted for turn in turns if turn.pasted)),
        attachments=tuple(dict.fromkeys(name for turn in turns for name in turn.attachments)),
        form=Text.MARKDOWN,
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} [the rest of {len(text):,} characters is left out]"
