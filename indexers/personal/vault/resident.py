"""A segment whose parts are arrays in anonymous memory, read by the code that reads one from disk.

Nothing is mapped, and nothing needs a checksum: what was unsealed is what was written.
Knows the parts of one segment; knows nothing of keys, grants or other segments.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Rows
from cascade.index import files
from cascade.index.manifest import Built, Entry
from cascade.index.segment import Segment
from cascade.index.texts import Texts
from cascade.index.tokens import Tokens
from indexers.personal.vault.packing import Packed
from indexers.personal.vault.postings import Words


class Whole(files.Mapped):
    """An array in the place of a mapped file."""

    def __init__(self, path: Path, data: NDArray[Any]) -> None:
        self.path, self.data, self.below, self._map = path, data, 0, None
        self.width = data.dtype.itemsize * (data.shape[1] if data.ndim > 1 else 1)
        self._fresh, self._open = np.zeros(0, dtype=bool), False

    def expect(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> bool:
        """Nothing has to be read."""
        return False


class HeldTokens(Tokens):
    """Token ids in memory."""

    def __init__(self, path: Path, packed: Packed, vocabulary: int) -> None:
        batch = packed.tokens
        self._ids, self._offsets, self._heads = (
            Whole(path, part) for part in (batch.ids, batch.offsets, batch.heads)
        )  # fmt: skip
        self._vocabulary, self._checked = vocabulary, False

    def frequencies(self) -> NDArray[np.uint32]:
        """In how many passages each id occurs: uint32 (vocabulary,)."""
        return self.counted(np.arange(len(self._heads.data), dtype=np.int64), self._vocabulary)


class HeldTexts(Texts):
    """Texts in memory, in their frames."""

    def __init__(self, path: Path, packed: Packed) -> None:
        self._blob, self._frames, self._offsets = (
            Whole(path, part) for part in (packed.text, packed.frames, packed.offsets)
        )  # fmt: skip
        self._known, self._checked = True, False


class HeldSegment(Segment):
    """A segment of a grant in memory. `path` is the sealed file that it was read from, for sentences alone."""

    def __init__(self, path: Path, grant: str, packed: Packed, built: Built) -> None:
        self.grant = grant
        records = len(packed.catalog.records["id_hi"])
        self.folder, self.harm = path, ""
        self.entry = Entry(path.name, len(packed), records, 0, 0, "")
        self._built, self._lists = built, None
        self.mapped_vectors = Whole(path, packed.vectors)
        self.tokens = HeldTokens(path, packed, built.vocabulary_size)
        self.texts = HeldTexts(path, packed)
        self.words = Words(packed.words)  # type: ignore[assignment]  # another class of the same shape
        self.codes = None

    def lost(self, name: str, spans: object) -> Rows | None:
        """Everything: memory is not damaged by parts."""
        return None

    def close(self) -> None:
        """There is no folder to let go."""
