"""A source in parts that can be read anywhere: some of its files, or a stretch of the rows of one large file.

Together the parts of a source give just the records that the source gives, with the same names, in the same order. A
part carries a stamp of what its files looked like; where that changes, it is another part.
Knows files and rows; knows nothing of passages, of segments or of who reads a part.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from cascade.errors import UsageError
from indexers.records import Record, Skipped, digest
from indexers.sources import rows
from indexers.sources.blob import Blob
from indexers.sources.columns import Columns
from indexers.sources.faults import FAULTS, sentence
from indexers.sources.formats.kinds import Format, choose
from indexers.sources.open import STDIN, Blobs, open_source
from indexers.sources.options import SourceOptions
from indexers.sources.streams import HEAD, Bounded, buffered

LEAST, MOST, PARTS = 4 << 20, 256 << 20, 64
"""Bytes of files in a part, at least and at most, about; and into how many parts a source between these is divided. It
depends on the source alone, so that a build goes on where it was when the cluster is another."""

FILES = 2_000
"""Most files in a part."""

UNMEASURED = 64 << 10
"""Bytes that a thing is taken for that has no size of its own (an object of git)."""


UNOPENED: tuple[type[Exception], ...] = (*FAULTS, ValueError)
"""What opening a file and asking for its size may raise: not all things have a size."""


class Span(NamedTuple):
    """A stretch of one file: bytes of lines, or row groups of Parquet, from `begin` up to `end`; `first` numbers its
    first row."""

    format: Format
    begin: int
    end: int
    first: int


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of a source: the files called so by it, or a stretch of the one file."""

    spec: str
    options: SourceOptions
    locators: tuple[str, ...]
    span: Span | None = None
    stamp: str = ""

    @property
    def key(self) -> str:
        """Names the part and what its files looked like: 32 hexadecimal digits."""
        return digest(self.spec, repr(self.options), repr(self.locators), repr(self.span), self.stamp).hex()


class Measured(NamedTuple):
    """A file of a source, its bytes, and what changes when it does."""

    blob: Blob
    size: int
    stamp: str


def parted(
    spec: str, options: SourceOptions | None = None, size: int = 0
) -> tuple[list[Partition], list[Skipped]]:  # fmt: skip
    """The parts of a source, each of about so many bytes (0: as fits the source), and what the source passes over.

    Only plain JSONL and Parquet are divided; any other file is read whole by one. Lines are counted on the way.
    Raises UsageError for what can be read once only, and what `open_source` raises.
    """
    if spec == STDIN:
        raise UsageError("Standard input can be read by one machine only. Save it to a file, or use `cascade add`.")
    options = options or SourceOptions()
    things = list(open_source(spec, options).find())
    passed = [thing for thing in things if isinstance(thing, Skipped)]
    measured = [_measured(thing) for thing in things if isinstance(thing, Blob)]
    size = size or min(MOST, max(LEAST, sum(one.size for one in measured) // PARTS))
    found: list[Partition] = []
    held: list[Measured] = []
    for one in measured:
        spans = _spans(one, options, size) if one.size > size else []
        found += [Partition(spec, options, (one.blob.locator,), span, one.stamp) for span in spans]
        if not spans:
            held.append(one)
        if len(held) >= FILES or sum(each.size for each in held) >= size:
            found.append(_together(spec, options, held))
            held = []
    return [*found, *([_together(spec, options, held)] if held else [])], passed


def read(part: Partition) -> Iterator[Record | Skipped]:
    """Everything in a part of a source, in order."""
    source, wanted = open_source(part.spec, part.options), frozenset(part.locators)
    blobs = (one for one in source.find() if isinstance(one, Blob) and one.locator in wanted)
    if part.span is None:
        yield from replace(source, find=lambda: blobs).read()
        return
    for blob in blobs:
        try:
            yield from _stretch(source, blob, part.span)
        except FAULTS as error:
            yield Skipped(blob.source, blob.locator, sentence(error))


def _stretch(source: Blobs, blob: Blob, span: Span) -> Iterator[Record | Skipped]:
    columns = Columns(blob.source, blob.locator, source.options)
    with blob.open() as stream:
        if span.format is Format.PARQUET:
            yield from rows.parquet(stream, columns, range(span.begin, span.end), span.first)
            return
        stream.seek(span.begin)
        yield from rows.jsonl(
            buffered(Bounded(stream, span.end - span.begin)), columns, source.options, span.first
        )  # fmt: skip


def _together(spec: str, options: SourceOptions, held: Sequence[Measured]) -> Partition:
    stamp = digest(*(one.stamp for one in held)).hex()
    return Partition(spec, options, tuple(one.blob.locator for one in held), None, stamp)


def _measured(blob: Blob) -> Measured:
    """A file that cannot be opened is of no size: whoever reads it will say why."""
    try:
        with blob.open() as stream:
            said = os.fstat(stream.fileno())
            return Measured(blob, said.st_size, f"{said.st_size} {said.st_mtime_ns}")
    except UNOPENED:
        return Measured(blob, UNMEASURED, "")


def _spans(one: Measured, options: SourceOptions, size: int) -> list[Span]:
    """The stretches of a large file; none where it must be read whole."""
    try:
        with one.blob.open() as stream:
            head = stream.read(HEAD)
            stream.seek(0)
            match choose(one.blob.name, head):
                case Format.JSONL if _plain(options.encoding):
                    return list(_lines(stream, one.size, size))
                case Format.PARQUET:
                    return list(_groups(rows.groups(stream), one.size, size))
    except UNOPENED:
        return []
    return []


def _plain(encoding: str) -> bool:
    """Whether the byte of a line end is nothing else in an encoding."""
    return encoding.lower().replace("_", "-") in ("", "utf-8", "utf8", "ascii", "us-ascii", "latin-1", "iso-8859-1")


def _lines(stream: BinaryIO, whole: int, size: int) -> Iterator[Span]:
    begin, first = 0, 1
    while begin < whole:
        counted, at = 0, begin
        while at < min(begin + size, whole):
            piece = stream.read(min(1 << 20, begin + size - at))
            if not piece:
                break
            counted, at = counted + piece.count(b"\n"), at + len(piece)
        rest = stream.readline()
        while rest and not rest.endswith(b"\n"):
            at, rest = at + len(rest), stream.readline()
        end = at + len(rest)
        yield Span(Format.JSONL, begin, end, first)
        begin, first = end, first + counted + rest.count(b"\n")


def _groups(counts: Sequence[int], whole: int, size: int) -> Iterator[Span]:
    share = max(1, round(len(counts) * size / max(whole, 1)))
    edges, first = [*range(0, len(counts), share), len(counts)], 1
    for begin, end in pairwise(edges):
        yield Span(Format.PARQUET, begin, end, first)
        first += sum(counts[begin:end])
