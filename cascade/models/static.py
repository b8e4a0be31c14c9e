"""The encoder `static`: passages by the token table, queries by MiniLM projected into the table's space.

The two halves differ on purpose: a query is encoded once and may cost 10 ms, a billion passages may not. A query also
leans a little to what the table itself makes of it, which is how its passages were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.models.minilm import MiniLM
from cascade.models.table import TokenTable
from cascade.models.vocabulary import Tokens

LEAN = 0.25
"""Of the table's vector of a query beside MiniLM's. Between 0.1 and 0.5 each of six sets gains by vectors alone
(docs/log.md, 2026-11-24)."""


class Static:
    """256 dimensions, 256 tokens. Opened at first use. `table` replaces the shipped token table."""

    name = "static"
    limit = 256

    def __init__(self, table: TokenTable | None = None) -> None:
        self._given = table
        self._queries = MiniLM()
        self.vocabulary = self._queries.vocabulary

    @cached_property
    def table(self) -> TokenTable:
        """The token table passages are made of."""
        return self._given or TokenTable.open()

    @property
    def dim(self) -> int:
        """The table's: 256 for the shipped one."""
        return self.table.dim

    @property
    def fingerprint(self) -> str:
        """Changes with the table or with MiniLM's weights."""
        return f"static-{self.table.fingerprint}-{self._queries.fingerprint}"

    def encode_query(self, text: str) -> Floats:
        """float32 (dim,), unit length; about 10 ms."""
        own = self.table.mean(self.vocabulary.encode([text])[0][: self.limit])
        mixed = self.table.project(self._queries.encode_query(text)) + np.float32(LEAN) * own
        unit: Floats = (mixed / np.linalg.norm(mixed)).astype(np.float32)
        return unit

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """float32 (n, dim), unit length, in the order given."""
        ids = self.vocabulary.encode(texts)
        offsets = np.concatenate(([0], np.cumsum([len(i) for i in ids], dtype=np.int64)))
        return self.encode_tokens(np.concatenate([*ids, np.empty(0, np.uint16)]), offsets)

    def encode_tokens(self, tokens: Tokens, offsets: NDArray[np.int64]) -> Floats:
        """As `encode_passages`, from ids of `Vocabulary`: passage i is tokens[offsets[i]:offsets[i+1]]."""
        return self.table.pool(tokens, offsets, self.limit)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens each text costs."""
        return self.vocabulary.count(texts)
