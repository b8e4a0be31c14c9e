"""What the stages ask of an index, wherever its segments lie: in this process (`numbered`) or in many (on a cluster).

Rows are numbered through all segments of one commit. Answers depend on that commit and on what is asked, and on
nothing else.
Knows rows, scores and passages; knows nothing of files, of processes or of stages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Passage, Query, Rows
from cascade.errors import Corrupt, Unreachable
from cascade.index.coarse import Lists
from cascade.index.feedback import Echo
from cascade.index.layout import Layout
from cascade.index.lexical import Weighted
from cascade.index.manifest import Built, Manifest
from cascade.index.nominate import Nomination, Placed, Reach
from cascade.index.probe import Probe
from cascade.index.snapshot import Snapshot
from cascade.index.tokens import TokenBatch

T = TypeVar("T")

Allowed = Any
"""What a filter lets through, as the corpus that made it has it: nobody else looks into it. None for no filter."""


class Corpus(Protocol):
    """One commit of an index, open for any number of threads."""

    layout: Layout
    manifest: Manifest
    built: Built
    lists: dict[int, Lists]

    def __len__(self) -> int:
        """Live passages."""
        ...

    @property
    def total(self) -> int:
        """Passages, deleted ones among them."""
        ...

    @property
    def chunk(self) -> int:
        """Rows in one unit of work."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """What cannot be found in it now, in sentences. Empty: nothing."""
        ...

    @property
    def frequencies(self) -> NDArray[np.int64]:
        """In how many passages each token id occurs: int64 (vocabulary,)."""
        ...

    @property
    def mean_length(self) -> float:
        """Tokens in a passage, on average."""
        ...

    def fusion(self) -> bytes | None:
        """The file of the index's own fusion, if it has one that is whole."""
        ...

    def families(self, pieces: Sequence[str]) -> NDArray[np.int64]:
        """Which pieces of a vocabulary are forms of one word in the index's language: int64, equal where they are."""
        ...

    def occurrences(self, words: Sequence[str]) -> list[int]:
        """In how many passages each word occurs in any of its forms."""
        ...

    def named(self, text: str) -> dict[str, bool]:
        """The words of a text as the index has them, and whether each is written with a capital there."""
        ...

    def terms(self, text: str) -> list[Weighted]:
        """The words of a query that nominate passages of this index."""
        ...

    def leading(self, texts: Sequence[str], shares: Sequence[float], asked: str) -> list[Weighted]:
        """The weightiest words of some texts that a question does not have, as terms to nominate by."""
        ...

    def rotate(self, vector: Floats) -> Floats:
        """An encoder's vector in the coordinates of the index."""
        ...

    def matching(self, text: str) -> Allowed:
        """What a filter lets through. Raises BadFilter."""
        ...

    def count(self, masks: Allowed) -> int:
        """How many passages a filter lets through; all live ones without."""
        ...

    def fits(self, row: int, masks: Allowed) -> bool:
        """Whether a filter lets a row through."""
        ...

    def nominate(self, vector: Floats, masks: Allowed, everything: bool, reach: Reach) -> Nomination:
        """The rows nearest to a rotated vector. `everything`: compare all that is allowed exactly."""
        ...

    def worded(self, terms: Sequence[Weighted], keep: int, masks: Allowed) -> tuple[Rows, Floats]:
        """The best `keep` rows by BM25 of some terms, unordered: int64 (n,), float32 (n,)."""
        ...

    def holders(self, words: Sequence[str], most: int, allowed: Allowed = None, least: int = 2) -> list[Rows]:
        """The rows that hold each word, live and allowed; none for a word in over `most` passages, or under `least`."""
        ...

    def scan(self, rows: Rows, probe: Probe) -> tuple[Floats, int]:
        """What the scan finds of these rows, float32 (n, SCANNED), and the bytes that were read for it."""
        ...

    def hear(self, rows: Rows, echo: Echo) -> Floats:
        """How much these rows say of what the best passages say: float32 (n, 2)."""
        ...

    def covered(self, rows: Rows, probe: Probe) -> Floats:
        """How closely these rows resemble each of the q pieces of a question: float32 (n, q)."""
        ...

    def placed(self, row: int, vector: Floats) -> Placed:
        """Where a row lies, and its cosine with a rotated vector."""
        ...

    def vectors(self, rows: Rows) -> NDArray[np.int8]:
        """int8 (n, dim) of these rows, in the order given."""
        ...

    def tokens(self, rows: Rows) -> TokenBatch:
        """Token ids of these rows, in the order given."""
        ...

    def texts(self, rows: Rows) -> list[str]:
        """The texts of these rows alone, in the order given."""
        ...

    def read(self, rows: Rows) -> list[Passage]:
        """The passages of these rows, in the order given."""
        ...

    def read_counting(self, rows: Rows) -> tuple[list[Passage], int]:
        """The passages of these rows, and the bytes of text that were read for them."""
        ...

    def find(self, passage: str) -> int:
        """The row of a passage id. Raises NoPassage."""
        ...

    def rows_of(self, record: bytes, ordinal: int | None = None) -> Rows:
        """The live rows of a record, or of one passage of it."""
        ...

    def each(self, work: Callable[[int], T], over: Sequence[int]) -> list[T]:
        """Run `work` for some numbers, in parallel threads, results in order."""
        ...

    def aside(self, work: Callable[[], T]) -> Future[T]:
        """Run `work` beside what `each` does, so that it can be left behind when it is late."""
        ...

    def within(self, query: Query) -> Corpus:
        """The same for one question: nothing is waited for longer than its deadline allows.

        What did not answer by then is noted in the question's ledger, and Overdue raised; from then on this is without
        it, and says so in `missing`.
        """
        ...

    @property
    def live(self) -> Sequence[Any]:
        """How things stand: what `mended` is told of when work began."""
        ...

    def mended(self, error: Corrupt | Unreachable, began: Sequence[Any]) -> Corpus:
        """What is left when work that began so met damage. Raises the error where that is no help."""
        ...

    def newer(self) -> Corpus | None:
        """What has been committed since; looks anew where something is missing. None where there is nothing new."""
        ...

    def at_hand(self) -> Snapshot:
        """The index on this machine, for who looks at its segments themselves."""
        ...

    def close(self) -> None:
        """Let the index go."""
        ...
