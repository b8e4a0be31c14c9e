"""Which document a row belongs to: several passages of one document count once, at the rank of the best.

A record of any source that says what a judged document says (title and text, whatever the case and the blanks) is that
document: finding the one is finding the other. Knows a snapshot; knows nothing of rankings or scores.
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
from eval.datasets import Labelled, Question
from eval.stored import whole

KEY = 4 + list(RECORD_COLUMNS).index("key")
"""Where the key stands in what `Catalog.fetch` gives."""


class Documents:
    """Numbers for documents: int64 (rows,) from row to document; `keys` maps the keys of each labelled set to them.

    `twins`: records that were found to say what a judged document says.
    """

    def __init__(self, snapshot: Snapshot, sets: Sequence[Labelled]) -> None:
        self._snapshot = snapshot
        self.of_row = _numbered(snapshot)
        self.keys = {one.name: self._keys(one) for one in sets}
        judged = {self.keys[one.name].get(key, -1) for one in sets for q in one.questions for key in q.relevant}
        self.twins = self._join(judged - {-1})

    def _keys(self, one: Labelled) -> dict[str, int]:
        found: dict[str, int] = {}
        snapshot = self._snapshot
        masks = snapshot.matching(f"source = {quoted(source_of(snapshot, one.corpus))}")
        for number, mask in enumerate(masks):
            rows = np.flatnonzero(mask)
            documents = self.of_row[rows + snapshot.bases[number]]
            for fact, document in zip(snapshot.catalog.fetch(number, rows), documents.tolist(), strict=True):
                if found.setdefault(str(fact[KEY]), document) != document:
                    self.of_row[self.of_row == document] = found[str(fact[KEY])]
        return found

    def _join(self, judged: set[int]) -> int:
        """Give the records that say the same as a judged document its number; how many there were."""
        if not judged:
            return 0
        said: dict[str, int] = {}
        for one in whole(self._snapshot, np.isin(self.of_row, list(judged))):
            said.setdefault(plain(f"{one.title} {one.text}"), int(self.of_row[int(one.key)]))
        renamed: dict[int, int] = {}
        for one in whole(self._snapshot):
            number, document = said.get(plain(f"{one.title} {one.text}")), int(self.of_row[int(one.key)])
            if number is not None and number != document:
                renamed[document] = number
        for document, number in renamed.items():
            self.of_row[self.of_row == document] = number
        for keys in self.keys.values():
            keys.update({key: renamed[document] for key, document in keys.items() if document in renamed})
        return len(renamed)

    def ranked(self, rows: Rows) -> list[int]:
        """Documents in the order of their best row, without repeats."""
        return list(dict.fromkeys(self.of_row[rows].tolist()))

    def named(self, name: str, relevant: dict[str, int]) -> dict[int, int]:
        """Judgments by document number. A document the index does not hold gets a number that no row has."""
        keys = self.keys[name]
        return {keys.get(key, -1 - place): gain for place, (key, gain) in enumerate(relevant.items())}

    def rows(self, document: int) -> Rows:
        """The live rows of a document, its twins included, ascending."""
        rows = np.flatnonzero(self.of_row == document)
        live = np.concatenate(self._snapshot.live)
        found: Rows = rows[live[rows]]
        return found

    def itself(self, name: str, question: Question) -> int | None:
        """The document that the question is, if it is one: it must not find itself. The same id alone is no proof."""
        document = self.keys[name].get(question.id)
        if document is None or question.id in question.relevant:
            return None
        passage = self._snapshot.read(self.rows(document)[:1])[0]
        said = plain(question.text)
        return document if said in (plain(passage.text), plain(passage.title)) else None


def plain(text: str) -> str:
    """A text as it is compared: lower case, one blank between words."""
    return " ".join(text.casefold().split())


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
