"""The three model seams: Encoder (text -> vector), Scorer (query, passages -> scores), Reader (prompt -> text).

Shapes and promises only. Importing this loads no model and no heavy library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from cascade.data import PLAIN, Floats, Manner


@runtime_checkable
class Encoder(Protocol):
    """Turns text into unit vectors. `fingerprint` changes whenever the vectors would.

    `limit` is the number of tokens it reads of a passage; the rest of a longer text is not seen.
    """

    @property
    def name(self) -> str:
        """What it is called, in settings and in results."""
        ...
    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        ...
    @property
    def limit(self) -> int:
        """Most tokens of a text that are read."""
        ...
    @property
    def fingerprint(self) -> str:
        """Changes whenever its vectors may."""
        ...

    def encode_query(self, text: str) -> Floats:
        """float32 (dim,), unit length; the same bytes for the same text, however it is called."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """float32 (n, dim), unit length, in the order given. Empty text gives a vector too (never NaN)."""
        ...


@runtime_checkable
class Scorer(Protocol):
    """Reads a query with each passage. Higher is better."""

    @property
    def name(self) -> str:
        """What it is called, in settings and in results."""
        ...

    def score(self, query: str, passages: Sequence[str]) -> Floats:
        """float32 (n,), comparable within one query; a cross-encoder gives probabilities 0..1."""
        ...


class Task(StrEnum):
    """What a reader is asked to do, so that a small one can be asked in the words it knows."""

    ANSWER = "answer"
    EXTRACT = "extract"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a reader is asked. `system` says how to answer, `context` holds numbered blocks, `question` the question.

    `history` is the conversation before, oldest first, alternating user and assistant as written.
    """

    system: str
    context: str
    question: str
    history: tuple[str, ...] = ()
    task: Task = Task.ANSWER
    manner: Manner = PLAIN

    @property
    def user(self) -> str:
        """The context and the question as one message."""
        return f"{self.context}\n\nQuestion: {self.question}" if self.context else self.question


@runtime_checkable
class Reader(Protocol):
    """Answers from a context. `window` is the effective window in the reader's own tokens: what it can really use."""

    @property
    def name(self) -> str:
        """What it is called, in settings and in results."""
        ...
    @property
    def window(self) -> int:
        """Tokens that it can truly use."""
        ...

    def count(self, text: str) -> int:
        """Tokens of a text as this reader counts them."""
        ...

    def read(self, prompt: Prompt, most: int = 256) -> Iterator[str]:
        """Stream the answer in pieces, at most `most` tokens of it. Raises ReaderFailed.

        A generator may return an `Ended`, which says more about how it ended than the text does.
        """
        ...
