"""What a source yields: records, and what it had to leave out.

A record is one thing from a source: a file, a row, a mail. Its id is a hash of source, key or locator, and content,
so that a second ingest of the same thing is the same thing, and two rows with equal text are two.
Knows nothing of passages, encoders or the index.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Kind(StrEnum):
    """How the text of a record is built, so that it can be cut on its structure."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    RST = "rst"
    CODE = "code"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a record's text where structure begins: a heading, or a definition in code.

    `at` is an offset in code points; `level` counts from 1 (outermost); `name` is the heading or the qualified name.
    """

    at: int
    level: int
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """One thing from a source.

    `source` names the source as the user gave it (stable between runs); `locator` is the source's own name for the
    thing (a path, `archive.zip!member`, `data.jsonl#17`); `key` is the thing's own id, where it has one.
    `time` is ISO 8601 or empty. `marks` are in ascending order of `at`.
    """

    source: str
    locator: str
    text: str
    title: str = ""
    key: str = ""
    time: str = ""
    kind: Kind = Kind.PLAIN
    language: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()

    @property
    def place(self) -> bytes:
        """16 bytes that name the thing a changed file replaces: source and locator (or file and key, where it has one).

        A key is unique in its file, not in a folder of files: `a.jsonl#1` and `b.jsonl#1` may both have the key "1".
        """
        return digest(self.source, f"{self.locator.rpartition('#')[0]}#{self.key}" if self.key else self.locator)

    @property
    def id(self) -> bytes:
        """16 bytes that name this content of the thing."""
        meta = json.dumps(dict(self.metadata), sort_keys=True, ensure_ascii=False, default=str)
        return digest(self.source, self.key or self.locator, self.title, self.time, meta, self.text)


def digest(*parts: str) -> bytes:
    """16 bytes of blake2b over texts, each with its length: no two lists of texts come to the same."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        state.update(len(raw).to_bytes(8, "little"))
        state.update(raw)
    return state.digest()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something a source left out, and why, in one sentence.

    `fault` is False for what was never meant to be read (an image, a font, a folder of caches, a file that holds
    nothing by design): worth a count, not a line in the list of failures, and no reason for `--fail-on-error` to fail.
    A `locator` that ends in `/` stands for everything under it; that of an archive, for all its members.
    """

    source: str
    locator: str
    reason: str
    fault: bool = True


class Source(Protocol):
    """A place records come from. Reading streams: memory does not grow with the source."""

    @property
    def name(self) -> str:
        """Stable between runs; becomes `Record.source`."""
        ...

    def read(self) -> Iterable[Record | Skipped]:
        """Everything in it, in a stable order. Never raises for one bad thing; yields a Skipped instead."""
        ...
