"""A segment: an immutable, checksummed folder of passages, all its files in one row order.

Knows its own rows; knows nothing of other segments, deletions or queries.
"""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import Rows
from cascade.errors import Corrupt
from cascade.index import catalog, checks, coarse, codes, files, layout, lexical, texts, tokens
from cascade.index.analyzer import Analyzer
from cascade.index.catalog import CatalogBatch
from cascade.index.coarse import Lists
from cascade.index.codes import Codes
from cascade.index.files import digest
from cascade.index.manifest import Built, Entry
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import Int8s


@dataclass(frozen=True, slots=True)
class Batch:
    """Passages on their way into a segment. All four have the same length and order.

    `vectors`: int8 (n, dim), rotated. `texts`: UTF-8 of each passage, exactly as in its record.
    """

    vectors: Int8s
    tokens: TokenBatch
    texts: Sequence[bytes]
    catalog: CatalogBatch

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, order: Rows) -> Batch:
        """The same passages in another order, or fewer."""
        return Batch(
            self.vectors[order], self.tokens.take(order), texts.Joined.of(self.texts).take(order),
            self.catalog.take(order),
        )  # fmt: skip

    @classmethod
    def join(cls, parts: Sequence[Batch]) -> Batch:
        """Several batches as one."""
        return cls(
            np.concatenate([part.vectors for part in parts]),
            TokenBatch.join([part.tokens for part in parts]),
            texts.Joined.join([part.texts for part in parts]),
            CatalogBatch.join([part.catalog for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """Passages in list order: `order` int64 (n,), where each came from; `listed` int64 (n,), ascending, its list."""

    order: Rows
    listed: Rows
    imbalance: float

    @classmethod
    def by(cls, lists: Lists, vectors_: Int8s) -> Placed:
        """Each passage in its nearest list; in a list they keep their order."""
        return cls.of(lists.assign(vectors_, threads=os.cpu_count() or 1), lists)

    @classmethod
    def of(cls, listed: Rows, lists: Lists) -> Placed:
        """Passages of which it is known in which list each is."""
        order = np.argsort(listed, kind="stable")
        return cls(order, listed[order], coarse.balance(listed, len(lists)))


def write(folder: Path, batch: Batch, built: Built, lists: Lists | None, placed: Placed | None = None) -> float:
    """Write a segment aside in `folder` (which must not exist), in list order if there are lists.

    `placed`: by these lists, where that is known already. Column after column is put in order, so that only one is held
    twice. Returns how uneven the lists are (1.0: even, or no lists).
    """
    files.disk.make(folder)
    order = np.arange(len(batch))
    if lists is not None:
        placed = placed or Placed.by(lists, batch.vectors)
        order = placed.order
    ordered = batch.vectors[order]
    files.write(folder / layout.VECTORS, ordered)
    if lists is not None and placed is not None:
        codes.write(folder, ordered, placed.listed, lists)
    del ordered
    tokens.write(folder, batch.tokens.take(order), built.vocabulary_size)
    rest = batch.catalog.take(order)
    said = texts.Joined.of(batch.texts).take(order)
    texts.write(folder, said)
    lexical.write(folder / layout.WORDS, lexical_texts(said, rest), Analyzer(built.language))
    del said
    catalog.write(folder / layout.PASSAGES, rest)
    _write_sums(folder)
    return placed.imbalance if placed else 1.0


def lexical_texts(said: Sequence[bytes], held: CatalogBatch) -> Iterator[str]:
    """What the words of each passage are taken from: its title, its heading, its text."""
    titles, headings = held.records["title"], held.passages["heading"]
    for text, record, heading in zip(said, held.passages["record"], headings, strict=True):
        yield f"{titles[record]}\n{heading}\n{text.decode('utf-8', 'replace')}"


def _write_sums(folder: Path) -> None:
    found = {
        path.relative_to(folder).as_posix(): files.checksum(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"  # a thread of tantivy may have made it anew just now
    }
    files.write(folder / layout.SUMS, files.encoded(found))


def entry(folder: Path, batch: Batch, generation: int, imbalance: float) -> Entry:
    """What the manifest says of a finished segment."""
    raw = files.read(folder / layout.SUMS)
    size = sum(s["size"] for s in json.loads(raw).values()) + len(raw)
    return Entry(
        folder.name.removeprefix(layout.UNFINISHED), len(batch), len(batch.catalog.records["id_hi"]), generation, size,
        digest(raw), imbalance,
    )  # fmt: skip


class Segment:
    """A finished segment, open for reading; each part is opened at its first use.

    Holds a shared lease on the folder while it is open, so that a writer leaves it in place.
    """

    def __init__(self, folder: Path, said: Entry, built: Built, lists: Lists | None) -> None:
        self.folder, self.entry, self._built, self._lists = folder, said, built, lists
        checks.unlinked(folder.parent, folder.name)
        self._lease, self.harm = Lease(folder), ""
        raw = files.same(folder / layout.SUMS, checks.read(folder / layout.SUMS), said.hash)
        self.sums = checks.sums(folder, raw, said.passages, built.dim, said.generation > 0)

    def __len__(self) -> int:
        return self.entry.passages

    @cached_property
    def mapped_vectors(self) -> files.Mapped:
        """int8 (n, dim), as mapped; touch before reading."""
        mapped = files.Mapped(self.folder / layout.VECTORS, self.sums[layout.VECTORS], "i1", self._built.dim)
        if self.codes is not None:
            mapped.scattered()
        return mapped

    @cached_property
    def codes(self) -> Codes | None:
        """1-bit codes, if the segment has lists of this format and their files fit; else its search is exact."""
        if self._lists is None or layout.CODES not in self.sums:
            return None
        try:
            return Codes(self.folder, self.sums, self._lists, len(self))
        except Corrupt:
            return None

    @cached_property
    def tokens(self) -> tokens.Tokens:
        """Token ids."""
        return tokens.Tokens(self.folder, self.sums, self._built.vocabulary_size)

    @cached_property
    def texts(self) -> texts.Texts:
        """Passage texts."""
        return texts.Texts(self.folder, self.sums)

    @cached_property
    def words(self) -> lexical.Lexical | lexical.Wordless:
        """The lexical index; its files are checked whole before tantivy reads them. Where one is damaged, no words, and
        `harm` says so."""
        try:
            for name, expected in self.sums.items():
                if name.startswith(f"{layout.WORDS}/"):
                    files.check(self.folder / name, expected)
            return lexical.Lexical(self.folder / layout.WORDS, Analyzer(self._built.language), len(self))
        except Corrupt as error:
            self.harm = f"Passages of {self.folder} are found by vectors alone: {error}"
            return lexical.Wordless()

    def frequencies(self, rows: Rows) -> Any:
        """In how many passages each token id occurs: uint32 (vocabulary,). Where that is damaged, counted in `rows`."""
        try:
            return self.tokens.frequencies()
        except Corrupt:
            return self.tokens.counted(rows, self._built.vocabulary_size)

    def vectors(self, rows: Rows | None = None) -> Int8s:
        """int8 vectors of these rows (a copy), or of all (a view)."""
        return self.seen(rows) if rows is None else self.seen(rows)[rows]

    def seen(self, rows: Rows | None) -> Int8s:
        """All int8 vectors, as mapped, of which these rows (None: all) are checked, and about to be in memory."""
        mapped = self.mapped_vectors
        mapped.touch(rows)
        if rows is None:
            mapped.expect(np.zeros(1, np.int64), np.full(1, len(self)))
        elif len(rows):
            mapped.expect(rows, rows + 1)
        return mapped.data

    def under(self, lists: Lists) -> bool:
        """Whether the rows are in the order of these lists."""
        return self._lists is not None and np.array_equal(self._lists.centroids, lists.centroids)

    def listed(self, rows: Rows) -> Rows | None:
        """The list of each of these rows, int64 (n,); None where there are none that can be read."""
        return None if self.codes is None else np.searchsorted(self.codes.offsets, rows, side="right") - 1

    def lost(self, name: str, spans: Sequence[tuple[int, int]]) -> Rows | None:
        """The rows that damage in these bytes of a file takes with it; None: all of them. Raises Corrupt."""
        width = {layout.VECTORS: self._built.dim, layout.HEADS: 1, layout.TOKEN_OFFSETS: 4, layout.TEXT_OFFSETS: 4}
        if not spans:
            return None
        if name in width:
            reach = int(name in (layout.TOKEN_OFFSETS, layout.TEXT_OFFSETS))  # a row is between two offsets
            parts = [np.arange(begin // width[name] - reach, -(-end // width[name])) for begin, end in spans]
            rows = np.unique(np.concatenate(parts))
            return rows[(rows >= 0) & (rows < len(self))]
        if name == layout.TOKENS:
            return self.tokens.rows_in(spans)
        return self.texts.rows_in(spans) if name == layout.TEXT else None

    def batch(self, rows: Rows, columns: CatalogBatch) -> Batch:
        """These rows as a batch, for compaction. `columns`: the segment's whole catalog."""
        return Batch(self.vectors(rows), self.tokens.batch(rows), self.texts.read(rows)[0], columns.take(rows))

    def close(self) -> None:
        """Give up the lease."""
        self._lease.release()


class Lease:
    """A shared lock on a segment's checksum file: while it is held, no writer removes the folder."""

    def __init__(self, folder: Path) -> None:
        self._close: Callable[[], object] | None = None
        try:
            with files.reading(folder / layout.SUMS):
                handle = os.open(folder / layout.SUMS, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except Corrupt:  # whoever reads on will tell
            return
        self._close = weakref.finalize(self, os.close, handle)  # also when nobody releases it
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_SH)

    def release(self) -> None:
        """Let the folder go."""
        if self._close is not None:
            self._close()


def remove(folder: Path) -> bool:
    """Remove a segment's folder unless a reader holds it; True when it is gone."""
    if held(folder):
        return False
    files.disk.clear(folder)
    return not folder.exists()


def held(folder: Path) -> bool:
    """Whether a reader holds a segment's folder."""
    sums = folder / layout.SUMS
    if sums.exists() and fcntl is not None:
        with sums.open("rb") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
    return False


try:
    import fcntl
except ImportError:  # Windows keeps open files from being removed by itself
    fcntl = None  # type: ignore[assignment]
