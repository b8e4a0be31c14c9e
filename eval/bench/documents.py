"""Which document a row belongs to: several passages of one document count once, at the rank of the best.

Knows a snapshot's catalog; knows nothing of queries or scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cascade.data import Rows
from cascade.errors import NotFound
from cascade.index.catalog import RECORD_COLUMNS
from cascade.index.filters import quoted
from cascade.index.snapshot import Snapshot
from eval.datasets import Labelled

KEY = 4 + list(RECORD_COLUMNS).index("key")
"""Where the key stands in what `Catalog.fetch` gives."""


class Documents:
    """Numbers for documents: int64 (rows,) from row to document; `keys` maps the keys of each labelled set to them."""

    def __init__(self, snapshot: Snapshot, sets: Sequence[Labelled]) -> None:
        self.of_row = _numbered(snapshot)
        self.keys = {one.name: self._keys(snapshot, one) for one in sets}

    def _keys(self, snapshot: Snapshot, one: Labelled) -> dict[str, int]:
        found: dict[str, int] = {}
        masks = snapshot.matching(f"source = {quoted(source_of(snapshot, one.corpus))}")
        for number, mask in enumerate(masks):
            rows = np.flatnonzero(mask)
            documents = self.of_row[rows + snapshot.bases[number]]
            for fact, document in zip(snapshot.catalog.fetch(number, rows), documents.tolist(), strict=True):
                if found.setdefault(str(fact[KEY]), document) != document:
                    self.of_row[self.of_row == document] = found[str(fact[KEY])]
        return found

    def ranked(self, rows: Rows) -> list[int]:
        """Documents in the order of their best row, without repeats."""
        return list(dict.fromkeys(self.of_row[rows].tolist()))

    def named(self, name: str, relevant: dict[str, int]) -> dict[int, int]:
        """Judgments by document number. A document the index does not hold gets a number that no row has."""
        keys = self.keys[name]
        return {keys.get(key, -1 - place): gain for place, (key, gain) in enumerate(relevant.items())}


def source_of(snapshot: Snapshot, corpus: Path) -> str:
    """The index's name for a corpus file: its path, or one with the same file and folder name. Raises NotFound."""
    names = sorted({name for number in range(len(snapshot.segments)) for name, _ in snapshot.catalog.sources(number)})
    whole = str(corpus.resolve())
    if whole in names:
        return whole
    same = [name for name in names if Path(name).parts[-2:] == Path(whole).parts[-2:]]
    if len(same) != 1:
        raise NotFound(
            f"{snapshot.layout.root} does not hold {corpus}. Add it: cascade add {snapshot.layout.root} {corpus}"
        )
    return same[0]


def _numbered(snapshot: Snapshot) -> NDArray[np.int64]:
    parts, base = [], 0
    for number in range(len(snapshot.segments)):
        records = snapshot.catalog.identities(number)["record"].astype(np.int64)
        parts.append(records + base)
        base += int(records.max(initial=-1)) + 1
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
