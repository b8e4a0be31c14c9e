"""What a peer is, and what every peer is given: the same passages, so that only the engine differs.

Knows records, and passages as Cascade cuts and embeds them; knows no engine.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

from cascade.errors import UsageError
from cascade.models.base import Encoder
from cascade.models.vocabulary import Vocabulary
from indexers.passages import Cutter, Rules, embedded
from indexers.records import Record

AT_ONCE = 1_024
"""Passages handed to an engine at once."""

DEEPER = 3
"""Passages asked for per record wanted, since several may be of one record."""


class Peer(Protocol):
    """A search engine over records. Their keys must differ: they are what is found."""

    @property
    def name(self) -> str:
        """What it is called in results."""
        ...

    def build(self, records: Iterable[Record]) -> None:
        """Index the records, once. Memory does not grow with their text, except where the engine's does."""
        ...

    def search(self, text: str, k: int) -> list[str]:
        """Keys of the best `k` records, best first, without repeats; fewer where there are fewer."""
        ...


Count = Callable[[Sequence[str]], list[int]]


class Piece(NamedTuple):
    """A passage: the key of its record, and its text with title and headings, as Cascade embeds it."""

    key: str
    text: str


def batches(records: Iterable[Record], encoder: Encoder) -> Iterator[list[Piece]]:
    """The passages of records, cut as ingest cuts them for this encoder, about `AT_ONCE` at a time."""
    cutter = Cutter(Vocabulary(), Rules(limit=min(encoder.limit, 256)), own_count(encoder))
    stream = iter(records)
    held: list[Piece] = []
    while some := list(islice(stream, AT_ONCE)):
        for record, pieces in zip(some, cutter.cut(some), strict=True):
            held += [Piece(record.key or record.locator, embedded(record, piece)) for piece in pieces]
        while len(held) >= AT_ONCE:
            yield held[:AT_ONCE]
            held = held[AT_ONCE:]
    if held:
        yield held


def own_count(encoder: Encoder) -> Count | None:
    """How an encoder counts tokens, where it does not read those of Cascade's own vocabulary."""
    return None if hasattr(encoder, "encode_tokens") else getattr(encoder, "count", None)


def first(keys: Iterable[str], k: int) -> list[str]:
    """The first `k` keys that differ."""
    return list(islice(dict.fromkeys(keys), k))


def need(module: str) -> Any:
    """A library of the extra `peers`, imported now. Raises UsageError where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(
            f"A peer needs {module.partition('.')[0]}, which is not installed: pip install 'cascade-retrieval[peers]'."
        ) from error
