"""The token table: one small vector per WordPiece, in the space MiniLM's vectors are projected into.

Serves two readers: the encoder `static` (a passage is the sum of its tokens' rows) and the Scan (late interaction
between the tokens of query and passage). `cascade/models/table.safetensors` was distilled by
`cascade.models.distill` from all-MiniLM-L6-v2, whose weights are under Apache-2.0; so is the table.
Knows token ids and vectors; knows nothing of text or of the index.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.errors import ModelMissing
from cascade.models.threads import one_for_numpy
from cascade.models.vocabulary import Tokens
from cascade.models.weights import mapped

SHIPPED = Path(__file__).with_name("table.safetensors")


@dataclass(frozen=True, eq=False)
class TokenTable:
    """One row per WordPiece, at one byte a value.

    `rows`: int8 (size, dim). `scale`: float32 (size,), so that rows[i] * scale[i] is token i's vector; its length
    is the token's weight in a passage. `projection`: float32 (384, dim), from MiniLM's space into this one.
    `notes`: where the table comes from.
    """

    rows: NDArray[np.int8]
    scale: Floats
    projection: Floats
    notes: dict[str, str]

    @classmethod
    def open(cls, path: Path = SHIPPED) -> TokenTable:
        """Map a table from disk. Raises ModelTampered when it is not whole, ModelMissing when it cannot be read."""
        try:
            arrays, notes = mapped(path)
        except OSError as error:
            raise ModelMissing(
                f"{path} cannot be read ({error.strerror}). Install Cascade again, or raise the limit of open files."
            ) from error
        return cls(arrays["rows"], arrays["scale"], arrays["projection"], notes)

    @classmethod
    def quantized(cls, vectors: Floats, projection: Floats, notes: dict[str, str]) -> TokenTable:
        """Round float32 (size, dim) vectors to int8 with one scale per row; a zero row stays zero."""
        scale = np.abs(vectors).max(axis=1) / 127
        rows = np.rint(vectors / np.where(scale > 0, scale, 1)[:, None]).astype(np.int8)
        return cls(rows, scale.astype(np.float32), projection.astype(np.float32), notes)

    def save(self, path: Path) -> None:
        """Write the table as safetensors: the same table, the same bytes."""
        from safetensors.numpy import save_file

        arrays: dict[str, NDArray[Any]] = {"rows": self.rows, "scale": self.scale, "projection": self.projection}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path, dict(self.notes))

    @property
    def dim(self) -> int:
        """Values in a row."""
        return int(self.rows.shape[1])

    @property
    def size(self) -> int:
        """Rows: one for each piece of the vocabulary."""
        return int(self.rows.shape[0])

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits over every value: another table, another fingerprint."""
        state = hashlib.blake2b(digest_size=8)
        for array in (self.rows, self.scale, self.projection):
            state.update(np.ascontiguousarray(array).data)
        return state.hexdigest()

    @cached_property
    def directions(self) -> Floats:
        """float32 (size, dim): the rows at unit length, zero rows zero. Made at first use: 31 MB at 256 dimensions."""
        one_for_numpy()
        rows = self.rows.astype(np.float32)
        rows /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1)[:, None]
        rows.flags.writeable = False
        return rows

    def similarity(self, ids: Tokens) -> Floats:
        """Cosine of each given token with every token of the vocabulary: float32 (len(ids), size).

        A piece without meaning of its own ([UNK], markers) has a zero row and resembles nothing, itself included.
        """
        result: Floats = (self.directions @ self.directions[ids].T).T  # a third faster than the other way round
        return result

    def pool(self, tokens: Tokens, offsets: NDArray[np.int64], limit: int = 2**31) -> Floats:
        """Unit-length sums of rows: float32 (n, dim); passage i is tokens[offsets[i]:offsets[i + 1]][:limit].

        A passage without any known token gets the same constant unit vector as every other such passage.
        Over 100,000 passages/s of 128 tokens on one core; releases the GIL.
        """
        from cascade.models.pooling import pool

        out = np.empty((len(offsets) - 1, self.dim), dtype=np.float32)
        pool(self.rows, self.scale, tokens, np.asarray(offsets, dtype=np.int64), limit, out)
        return out

    def project(self, vectors: Floats) -> Floats:
        """MiniLM's vectors in the table's space, unit length: float32 (384,) to (dim,), or (n, 384) to (n, dim)."""
        result: Floats = vectors @ self.projection
        result /= np.sqrt((result * result).sum(axis=-1, keepdims=True))
        return result
