"""A damaged segment, read for what is whole in it; the rest is made again from its texts and catalog.

A text counts as whole when its digest is the catalog's. Knows one segment's files; knows nothing of commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import zstandard
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.errors import Corrupt
from cascade.index import files, layout
from cascade.index.catalog import Catalog, CatalogBatch
from cascade.index.manifest import Entry, Manifest
from cascade.index.segment import Batch, Segment
from cascade.index.snapshot import Snapshot
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import Int8s, quantize
from cascade.models.base import Encoder
from cascade.models.vocabulary import Vocabulary
from indexers.embed import ReadsTokens, digests
from indexers.heads import embedded_text, head_text

Opening = Callable[[], Encoder]
AT_ONCE = 2048
"""Passages that are tokenized or encoded together."""

SLAB = 1 << 26
"""Bytes within which a frame of text ends, packed or not."""

TOKEN_FILES = frozenset({layout.TOKENS, layout.TOKEN_OFFSETS, layout.HEADS, layout.FREQUENCIES})


@dataclass(frozen=True, slots=True)
class Lost:
    """A record of which `passages` of its `of` could not be brought back."""

    record: str
    key: str
    source: str
    locator: str
    title: str
    passages: int
    of: int


class Salvage:
    """One damaged segment. `harm`: what is wrong with its files. `copy`: the folder of the same segment, whole."""

    def __init__(
        self, folder: Path, entry: Entry, manifest: Manifest, harm: Sequence[Corrupt], copy: Path | None,
        replica: Snapshot | None,
    ) -> None:  # fmt: skip
        self.folder, self.entry, self.built = folder, entry, manifest.built
        self.copy, self.replica = copy, replica
        inside = [error for error in harm if error.path and error.path.is_relative_to(folder)]
        self.harm = {error.path.relative_to(folder).as_posix(): error for error in inside if error.path}
        self.blind = layout.SUMS in self.harm
        self.made: list[str] = []

    def batch(self, rows: Rows, encoder: Opening, rotation: Floats) -> tuple[Batch, list[Lost]]:
        """These rows, as far as they can be had, and the records that lost some. Raises Corrupt where none can be."""
        if self.copy is not None:
            self.made.append("taken from the copy")
            return self._copied(self.copy, rows), []
        columns = self._columns().take(np.arange(self.entry.passages))
        texts = self._texts(columns)
        sound = np.array([texts[row] is not None for row in rows.tolist()], dtype=bool)
        lost = _lost(columns, rows[~sound], rows)
        rows = rows[sound]
        raw = [text for row in rows.tolist() if (text := texts[row]) is not None]
        chosen = columns.take(rows)
        shown = [text.decode("utf-8", "surrogatepass") for text in raw]
        tokens = self._tokens(chosen, shown, rows)
        vectors = self._vectors(chosen, shown, tokens, rows, encoder, rotation)
        self.made.append("words and codes made again")
        return Batch(vectors, tokens, raw, chosen), lost

    def _copied(self, folder: Path, rows: Rows) -> Batch:
        whole = Segment(folder, self.entry, self.built, None)
        part = (folder / layout.PASSAGES, whole.sums[layout.PASSAGES], len(whole))
        with closing(Catalog([part])) as catalog, closing(whole):
            return whole.batch(rows, catalog.batch(0))

    def _columns(self) -> CatalogBatch:
        """The catalog. Where its sum is unknown, DuckDB's own checksums and the texts' digests stand for it."""
        path = self.folder / layout.PASSAGES
        if layout.PASSAGES in self.harm:
            raise self.harm[layout.PASSAGES]
        with closing(Catalog([(path, files.checksum(path), self.entry.passages)])) as catalog:
            columns = catalog.batch(0)
        if len(columns) != self.entry.passages:
            raise Corrupt(f"{path} is of another segment.", path)
        return columns

    def _texts(self, columns: CatalogBatch) -> list[bytes | None]:
        """The UTF-8 of each row, or None: from its frame, else from the replica, and only with the right digest."""
        sizes = (columns.passages["stop"] - columns.passages["start"]).astype(np.int64).tolist()
        heads = _heads(columns)
        out: list[bytes | None] = [None] * len(columns)
        right = np.zeros(len(columns), dtype=bool)
        for frames in (self._listed(), self._one_after_another()):
            if not right.all():
                _fill(out, right, sizes, frames)
                read = [(text or b"").decode("utf-8", "surrogatepass") for text in out]
                embedded = [embedded_text(*head, text) for head, text in zip(heads, read, strict=True)]
                right = digests(embedded) == columns.passages["digest"]
                right &= np.array([text is not None for text in out], dtype=bool)
        for row in np.flatnonzero(~right).tolist():
            out[row] = self._elsewhere(columns, row, heads[row])
        return out

    def _listed(self) -> Iterator[tuple[int, str]]:
        """The frames that the list of frames names, as far as they can be read: the row each begins with, and text."""
        with suppress(Corrupt, ValueError):
            blob = files.read(self.folder / layout.TEXT)
            listed = np.frombuffer(files.read(self.folder / layout.FRAMES), "<u8").reshape(-1, 2)
            bounds = np.minimum(listed, [len(blob), self.entry.passages]).astype(np.int64).tolist()
            decompressor = zstandard.ZstdDecompressor()
            for (begin, first), (end, _) in pairwise(bounds):
                with suppress(zstandard.ZstdError, UnicodeDecodeError):
                    yield first, decompressor.decompress(blob[begin:end], SLAB).decode("utf-8", "surrogatepass")

    def _one_after_another(self) -> Iterator[tuple[int, str]]:
        """Frames in the order they stand, up to the first that cannot be read; -1: the row after the last one's."""
        with suppress(Corrupt, zstandard.ZstdError, UnicodeDecodeError):
            blob, at = files.read(self.folder / layout.TEXT), 0
            while at < len(blob):
                frame = zstandard.ZstdDecompressor().decompressobj()
                raw = frame.decompress(memoryview(blob)[at : at + SLAB])
                if not frame.eof:
                    return
                at = min(at + SLAB, len(blob)) - len(frame.unused_data)
                yield -1, raw.decode("utf-8", "surrogatepass")

    def _elsewhere(self, columns: CatalogBatch, row: int, head: tuple[str, str]) -> bytes | None:
        """A row's text from the replica, if the same passage is there."""
        if self.replica is None:
            return None
        at = int(columns.passages["record"][row])
        record = b"".join(int(columns.records[name][at]).to_bytes(8, "big") for name in ("id_hi", "id_lo"))
        found = self.replica.rows_of(record, int(columns.passages["ordinal"][row]))
        try:
            text = self.replica.texts(found[:1])[0] if len(found) else ""
        except Corrupt:
            return None
        right = len(found) and digests([embedded_text(*head, text)])[0] == columns.passages["digest"][row]
        return text.encode("utf-8", "surrogatepass") if right else None

    def _tokens(self, columns: CatalogBatch, texts: list[str], rows: Rows) -> TokenBatch:
        if not self.blind and not TOKEN_FILES & self.harm.keys():
            with suppress(Corrupt), closing(Segment(self.folder, self.entry, self.built, None)) as whole:
                return whole.tokens.batch(rows)
        self.made.append("tokens made again")
        vocabulary = Vocabulary()
        heads = [head_text(*head, text) for head, text in zip(_heads(columns), texts, strict=True)]
        distinct = list(dict.fromkeys(heads))
        of_head = dict(zip(distinct, vocabulary.encode(distinct), strict=True))
        bodies = [ids for part in _parts(texts) for ids in vocabulary.encode(part)]
        return TokenBatch.of([of_head[head] for head in heads], bodies)

    def _vectors(
        self, columns: CatalogBatch, texts: list[str], tokens: TokenBatch, rows: Rows, opening: Opening,
        rotation: Floats,
    ) -> Int8s:  # fmt: skip
        """The stored vectors, but for those in damaged blocks, which are encoded again."""
        out = np.zeros((len(rows), self.built.dim), dtype=np.int8)
        wanted = np.ones(len(rows), dtype=bool)
        error = self.harm.get(layout.VECTORS)
        path = self.folder / layout.VECTORS
        if not self.blind and (error is None or error.spans):
            with closing(Segment(self.folder, self.entry, self.built, None)) as whole:
                held = np.frombuffer(files.read(path), "i1").reshape(-1, self.built.dim)
                gone = whole.lost(layout.VECTORS, error.spans) if error else np.empty(0, np.int64)
            wanted = np.isin(rows, np.empty(0, np.int64) if gone is None else gone)
            out[~wanted] = held[rows[~wanted]]
        at = np.flatnonzero(wanted)
        if len(at):
            self.made.append(f"{len(at):,} vectors encoded again")
            out[at] = encoded(opening(), columns.take(at), [texts[i] for i in at.tolist()], tokens.take(at), rotation)
        return out


def encoded(encoder: Encoder, columns: CatalogBatch, texts: list[str], tokens: TokenBatch, rotation: Floats) -> Int8s:
    """Rotated int8 vectors of passages, as ingest makes them: int8 (n, dim)."""
    parts = []
    heads = _heads(columns)
    for begin in range(0, len(texts), AT_ONCE):
        at = np.arange(begin, min(begin + AT_ONCE, len(texts)))
        if isinstance(encoder, ReadsTokens):
            chosen = tokens.take(at)
            found = encoder.encode_tokens(chosen.ids, chosen.offsets)
        else:
            found = encoder.encode_passages([embedded_text(*heads[i], texts[i]) for i in at.tolist()])
        parts.append(quantize(found @ rotation))
    return np.concatenate(parts)


def _heads(columns: CatalogBatch) -> list[tuple[str, str]]:
    """Title and heading of each passage."""
    titles = columns.records["title"][columns.passages["record"]]
    return list(zip(titles.tolist(), columns.passages["heading"].tolist(), strict=True))


def _parts(texts: list[str]) -> Iterator[list[str]]:
    return (texts[begin : begin + AT_ONCE] for begin in range(0, len(texts), AT_ONCE))


def _fill(
    out: list[bytes | None], right: NDArray[np.bool_], sizes: list[int], frames: Iterable[tuple[int, str]]
) -> None:  # fmt: skip
    """Cut frames into rows of so many code points, and put in those that are not right yet."""
    row = 0
    for first, text in frames:
        row, at = row if first < 0 else first, 0
        while row < len(out) and at + sizes[row] <= len(text) and (at < len(text) or not sizes[row]):
            if not right[row]:
                out[row] = text[at : at + sizes[row]].encode("utf-8", "surrogatepass")
            at += sizes[row]
            row += 1


def _lost(columns: CatalogBatch, gone: Rows, rows: Rows) -> list[Lost]:
    """The records of rows that are gone."""
    of = np.bincount(columns.passages["record"][rows], minlength=len(columns.records["id_hi"]))
    numbers, counts = np.unique(columns.passages["record"][gone], return_counts=True)
    out = []
    for at, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        one = {name: column[at] for name, column in columns.records.items()}
        id_ = f"{int(one['id_hi']):016x}{int(one['id_lo']):016x}"
        key, source, locator, title = (str(one[name]) for name in ("key", "source", "locator", "title"))
        out.append(Lost(id_, key, source, locator, title, count, int(of[at])))
    return out
