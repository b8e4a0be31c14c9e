"""The encoder `static`: passages by the token table, queries by MiniLM projected into the table's space.

The two halves differ on purpose: a query is encoded once and may cost 10 ms, a billion passages may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.models.minilm import MiniLM
from cascade.models.table import TokenTable
from cascade.models.vocabulary import Tokens


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
        return self.table.project(self._queries.encode_query(text))

    def expect(self, text: str) -> AbstractContextManager[None]:
        """As MiniLM's: a query that may soon be encoded, together with others that wait."""
        return self._queries.expect(text)

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
