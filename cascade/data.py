"""The nouns that flow: Query -> Candidates -> Ranking -> Context -> Answer.

Each is frozen and keeps what it came from, so an Answer can say why.
Holds values only: knows nothing of files, models, stages or HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from cascade.ledger import Ledger

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

CEILING = 117
"""Most passages that reach the packer: the number in the original idea. A ceiling, not a target."""

WIDTH = 30_000
"""Most candidates that reach the scan: the number in the original idea."""


class Effort(StrEnum):
    """How much compute a query may spend."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a record: what is retrieved, reranked, packed and cited.

    `start` and `end` are offsets in code points into the record's text:
    `record_text[start:end] == text`. `time` is ISO 8601 or empty.
    """

    id: str
    record: str
    key: str
    source: str
    locator: str
    title: str
    heading: str
    text: str
    start: int
    end: int
    time: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a person would call it: title and heading path."""
        return " > ".join(part for part in (self.title, self.heading) if part)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the one who asks wants it said. Nothing of it changes what is found.

    `system`: instructions of their own, read before Cascade's. `most`: most tokens of the answer; None: as set.
    `stop`: the answer ends before the first of these. `verbatim`: the text of the answer is left as written.
    `turns`: the conversation as chat messages, which a reader behind an endpoint is sent instead of `Query.history`;
    `place`: which of them asks. `passed`: more fields for such a reader, as they are. Other readers see neither.
    """

    system: str = ""
    most: int | None = None
    stop: tuple[str, ...] = ()
    verbatim: bool = False
    turns: tuple[Mapping[str, Any], ...] = ()
    place: int = -1
    passed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> tuple[str, ...]:
        """The texts of `turns`, but for those of `system` and of the one that asks, which are counted elsewhere."""
        asks = self.turns[self.place] if self.turns else {}
        others = [turn for turn in self.turns if turn is not asks and turn.get("role") not in ("system", "developer")]
        return tuple(_text(turn.get("content")) for turn in others)

    @property
    def tools(self) -> bool:
        """Whether the reader may answer with a call of a tool."""
        return bool(self.passed.get("tools"))


PLAIN = Manner()
"""Nothing is asked for."""


def _text(content: Any) -> str:
    """The text of a chat message: plain, or in parts."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a reader ended. `finish`: stop, length, tool_calls or a word of the server's; empty: it did not say.

    `calls`: the tools it wants called, as chat completions have them. `read` and `wrote`: tokens, as the server
    counted them; 0 where it did not.
    """

    finish: str = ""
    calls: tuple[Mapping[str, Any], ...] = ()
    read: int = 0
    wrote: int = 0


UNTOLD = Ended()
"""Nothing is said."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question, and how it may be answered.

    `history` is the conversation before it, oldest first. `deadline` is in seconds from now.
    `filter` is in the grammar of `cascade.index.filters`. `trace` names passages whose fate the ledger follows.
    """

    text: str
    ledger: Ledger
    history: tuple[str, ...] = ()
    filter: str = ""
    effort: Effort = Effort.NORMAL
    deadline: float | None = None
    trace: tuple[str, ...] = ()
    manner: Manner = PLAIN

    @property
    def sought(self) -> str:
        """What is looked for: the question, after the last thing the person said before it, if anything.

        A history alternates between person and assistant; its entries may carry their speaker ("user: ...").
        """
        said = [turn.split(":", 1)[1].strip() for turn in self.history if turn.lower().startswith(("user:", "human:"))]
        if not said and self.history:
            said = list(self.history[-2::-2][:1]) if len(self.history) > 1 else [self.history[-1]]
        return f"{said[-1]}\n{self.text}" if said else self.text


@dataclass(frozen=True, slots=True)
class Candidates:
    """What Retrieve nominated, in ascending order of `rows`.

    `rows`: int64 (n,), row numbers in the snapshot. `dense`: float32 (n,), cosine estimated from codes or exact,
    NaN where only words nominated the row. `lexical`: float32 (n,), BM25, NaN where only vectors did. `allowed`: for
    each segment, bool (rows,), what the question's filter lets through; None without a filter. `missing`: what could
    not be asked, in sentences.
    """

    query: Query
    vector: Floats
    rows: Rows
    dense: Floats
    lexical: Floats
    allowed: Any = None
    missing: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def stems(self, rows: Rows) -> Floats:
        """BM25 of stage one of some of the candidates, float32 (n,); 0 where words did not nominate them."""
        return np.nan_to_num(self.lexical[np.searchsorted(self.rows, rows)])


@dataclass(frozen=True, slots=True)
class Lead:
    """What the best passages so far say, to look for more by.

    `texts`: each with its title. `shares`: float32 (n,), how far each is believed; sum 1. `vector`: float32 (dim,),
    rotated, their middle, unit length.
    """

    texts: tuple[str, ...]
    shares: Floats
    vector: Floats


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with its place. `relevance` is calibrated to 0..1; `score` orders, higher is better."""

    rank: int
    row: int
    score: float
    relevance: float
    passage: Passage


@dataclass(frozen=True, slots=True)
class Ranking:
    """What Rerank selected, best first."""

    query: Query
    candidates: Candidates
    ranked: tuple[Ranked, ...]

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages alone, best first."""
        return tuple(r.passage for r in self.ranked)

    @property
    def complete(self) -> bool:
        """False when a part of the index could not be asked."""
        return not self.candidates.missing

    def __len__(self) -> int:
        return len(self.ranked)


def sure(ranked: Iterable[Ranked]) -> float:
    """The probability that any of these is relevant, 0..1, as if each were by chance alone: 1 - prod(1 - relevance)."""
    return 1.0 - prod(1.0 - one.relevance for one in ranked)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of neighbouring passages of one record, as the model will read it, under one number."""

    number: int
    header: str
    text: str
    ranked: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What the model will see: numbered blocks within a budget of the reader's tokens."""

    query: Query
    ranking: Ranking
    blocks: tuple[Block, ...]
    tokens: int
    budget: int

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages that fit, in reading order."""
        return tuple(r.passage for block in self.blocks for r in block.ranked)

    @property
    def text(self) -> str:
        """The packed window: the same selection gives the same bytes."""
        return "\n\n".join(f"{block.header}\n{block.text}" for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Citation:
    """A number used in an answer and the block it stands for. `quote` is the passage text that supports it."""

    number: int
    block: Block
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader said, and what it rests on. `unknown` lists cited numbers that name nothing."""

    query: Query
    context: Context
    text: str
    citations: tuple[Citation, ...]
    abstained: bool
    reader: str
    unknown: tuple[int, ...] = ()
    ended: Ended = UNTOLD

    @property
    def answer(self) -> str:
        """The text: `engine.ask("q").answer`."""
        return self.text
