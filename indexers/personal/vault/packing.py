"""A batch of passages as bytes to be sealed, and the parts of it again: nothing is written in between.

The bytes: uint64 little-endian, the length of the head; the head, JSON, a list of [name, dtype, shape]; then each part
in that order, filled up with zeros to a multiple of 16 bytes. Texts are in zstd frames as in `cascade.index.texts`,
columns of strings are one zstd frame of JSON.
Knows arrays and columns; knows nothing of keys, grants or files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from cascade.errors import Corrupt
from cascade.index import texts
from cascade.index.analyzer import Analyzer
from cascade.index.catalog import PASSAGE_COLUMNS, RECORD_COLUMNS, CatalogBatch
from cascade.index.catalog import TEXT as STRING
from cascade.index.catalog import strings as column_of
from cascade.index.manifest import Built
from cascade.index.segment import Batch, lexical_texts
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import Int8s
from indexers.personal.vault.postings import FIELDS, Postings, analyzed

ALIGN = 16
TEXT, FRAMES, OFFSETS, STRINGS = "text", "frames", "offsets", "strings"

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Packed:
    """A segment in memory. `vectors`: int8 (n, dim). `tokens`: with uint32 offsets. `text`, `frames`, `offsets`: as in
    `cascade.index.texts`. All arrays are read-only."""

    vectors: Int8s
    tokens: TokenBatch
    text: NDArray[np.uint8]
    frames: NDArray[np.uint64]
    offsets: NDArray[np.uint32]
    catalog: CatalogBatch
    words: dict[str, Postings]

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def ids(self) -> NDArray[np.uint64]:
        """The id of each passage's record, uint64 (n, 2)."""
        records, at = self.catalog.records, self.catalog.passages["record"]
        return np.stack([records["id_hi"][at], records["id_lo"][at]], axis=1)


def pack(batch: Batch, built: Built) -> bytes:
    """A batch as bytes; its words are analyzed here."""
    parts: Arrays = {"vectors": batch.vectors, "ids": batch.tokens.ids, "heads": batch.tokens.heads}
    parts["begins"] = batch.tokens.offsets.astype(np.uint32)
    text, parts[FRAMES], parts[OFFSETS] = texts.framed(batch.texts)
    parts[TEXT] = np.frombuffer(text, np.uint8)
    strings: dict[str, list[str]] = {}
    for table, columns in (("records", batch.catalog.records), ("passages", batch.catalog.passages)):
        for name, column in columns.items():
            if column.dtype == STRING:
                strings[f"{table}.{name}"] = column.tolist()
            else:
                parts[f"{table}.{name}"] = column
    for field, postings in analyzed(lexical_texts(batch.texts, batch.catalog), Analyzer(built.language)).items():
        strings[field] = postings.terms
        for name in ("begins", "rows", "times", "lengths"):
            parts[f"{field}.{name}"] = getattr(postings, name)
    raw = json.dumps(strings).encode()
    parts[STRINGS] = np.frombuffer(zstandard.ZstdCompressor(3).compress(raw), np.uint8)
    return b"".join(_joined(parts))


def unpack(raw: bytes) -> Packed:
    """The parts of a packed batch. Raises Corrupt for bytes that `pack` did not make."""
    try:
        parts = dict(_parted(raw))
        return _made(parts, json.loads(zstandard.ZstdDecompressor().decompress(parts[STRINGS].tobytes())))
    except (ValueError, KeyError, TypeError, zstandard.ZstdError) as error:
        raise Corrupt(
            f"A sealed segment holds what this version of Cascade did not write ({error}). Upgrade Cascade."
        ) from error


def _made(parts: Mapping[str, NDArray[Any]], strings: Mapping[str, list[str]]) -> Packed:
    tables = []
    for table, wanted in (("records", RECORD_COLUMNS), ("passages", PASSAGE_COLUMNS)):
        names = {name: f"{table}.{name}" for name in wanted}
        tables.append({n: parts[at] if at in parts else column_of(strings[at]) for n, at in names.items()})
    words = {
        field: Postings(strings[field], *(parts[f"{field}.{name}"] for name in ("begins", "rows", "times", "lengths")))
        for field in FIELDS
    }
    return Packed(
        parts["vectors"], TokenBatch(parts["ids"], parts["begins"], parts["heads"]),
        parts[TEXT], parts[FRAMES], parts[OFFSETS], CatalogBatch(*tables), words,
    )  # fmt: skip


def _joined(parts: Arrays) -> Iterator[bytes]:
    head = json.dumps([[name, part.dtype.str, part.shape] for name, part in parts.items()]).encode()
    head += b" " * (-(len(head) + 8) % ALIGN)
    yield len(head).to_bytes(8, "little") + head
    for part in parts.values():
        yield np.ascontiguousarray(part).tobytes()
        yield bytes(-part.nbytes % ALIGN)


def _parted(raw: bytes) -> Iterator[tuple[str, NDArray[Any]]]:
    """Copies, so that what is not needed any more can go."""
    end = 8 + int.from_bytes(raw[:8], "little")
    for name, dtype, shape in json.loads(raw[8:end]):
        part = np.frombuffer(raw, np.dtype(dtype), int(np.prod(shape, dtype=np.int64)), end).reshape(shape).copy()
        part.flags.writeable = False
        yield name, part
        end += part.nbytes + -part.nbytes % ALIGN
