"""One thing of any format -> records: the spine below a source.

    bytes --choose--> format --reader--> documents --> records

Archives and compressed files are opened on the way, archives one level deep. A thing that cannot be read becomes a
`Skipped`, and so does what none of our readers takes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from indexers.records import Kind, Record, Skipped
from indexers.sources import packed, rows, tables, texts
from indexers.sources.blob import Blob
from indexers.sources.columns import Columns
from indexers.sources.document import Document
from indexers.sources.faults import FAULTS, Unreadable, sentence
from indexers.sources.formats import docx, epub, html, pdf, pptx, xlsx
from indexers.sources.formats.kinds import UNREAD, Format, choose, packing, suffix
from indexers.sources.globs import Globs
from indexers.sources.options import SourceOptions
from indexers.sources.streams import peeked, seekable, whole
from indexers.sources.titles import fallback

Things = Iterator[Record | Skipped]

_WHOLE: dict[Format, Callable[[bytes], Iterable[Document]]] = {
    Format.HTML: html.read,
    Format.PDF: pdf.read,
    Format.DOCX: docx.read,
    Format.PPTX: pptx.read,
    Format.XLSX: xlsx.read,
    Format.EPUB: epub.read,
}
"""Formats that are held whole while they are read."""

_PACKED = (Format.GZIP, Format.BZIP2, Format.XZ, Format.ZSTD)
_ARCHIVES = (Format.ZIP, Format.TAR)


@dataclass(frozen=True, slots=True)
class Read:
    """Reads blobs. `globs` choose among the members of archives; `depth` counts the archives around a blob.

    `beyond` reads formats that hold many things of other formats (mail): they stand on this module.
    """

    options: SourceOptions
    globs: Globs
    depth: int = 0
    beyond: Mapping[Format, Callable[[Blob, BinaryIO], Things]] = field(default_factory=dict)

    def __call__(self, blob: Blob) -> Things:
        """Everything in a blob: its records, or a `Skipped` for it, or both where it breaks off half-way."""
        try:
            with blob.open() as stream:
                yield from self._stream(blob, stream, packs=0)
        except FAULTS as error:
            yield _skipped(blob, error)

    def _stream(self, blob: Blob, stream: BinaryIO, packs: int) -> Things:
        head, stream = peeked(stream)
        if not head:
            by_design = blob.name == "py.typed" or choose(blob.name, head) is Format.CODE
            raise Unreadable("It is empty (0 bytes).", fault=not by_design)
        format_ = choose(blob.name, head)
        if format_ in _PACKED:
            if packs:
                raise Unreadable("It is compressed twice; unpack it first.")
            inner = replace(blob, name=packing(blob.name)[1])
            with packed.unpacked(stream, format_, self.options.max_ratio) as plain:
                yield from self._stream(inner, plain, packs + 1)
        elif format_ in _ARCHIVES:
            yield from self._archive(blob, stream, format_)
        else:
            yield from self._one(blob, head, stream, format_)

    def _archive(self, blob: Blob, stream: BinaryIO, format_: Format) -> Things:
        if self.depth > 1:
            raise Unreadable("It is an archive within an archive within an archive; unpack the outer one first.")
        within = replace(self, depth=self.depth + 1)
        if format_ is Format.ZIP:
            members = packed.zip_members(blob, stream, self.globs, self.options)
        else:
            members = packed.tar_members(blob, stream, self.globs)
        for member in members:
            if isinstance(member, Skipped):
                yield member
            else:
                yield from within(member)

    def _one(self, blob: Blob, head: bytes, stream: BinaryIO, format_: Format) -> Things:
        columns = Columns(blob.source, blob.locator, self.options)
        match format_:
            case Format.UNKNOWN:
                raise Unreadable("It is binary data of a kind that holds no text that can be read.", fault=False)
            case Format.UNREAD:
                raise Unreadable(UNREAD[suffix(blob.name)])
            case Format.MAIL | Format.MBOX:
                if format_ not in self.beyond:
                    raise Unreadable("It is a mail within another thing; save it and add the file itself.")
                yield from self.beyond[format_](blob, stream)
            case Format.JSONL:
                yield from rows.jsonl(stream, columns, self.options)
            case Format.PARQUET:
                with seekable(stream, self.options) as file:
                    yield from rows.parquet(file, columns)
            case Format.TABLE:
                yield from _records(blob, tables.read(stream, head, columns, self.options))
            case _ if format_ in _WHOLE:
                data = whole(stream, self.options.max_file_bytes)
                yield from _records(blob, _parsed(format_, data))
            case _:
                yield from _records(blob, texts.read(blob, stream, head, format_, self.options))


def _parsed(format_: Format, data: bytes) -> Iterator[Document]:
    """What a whole-file parser makes of the data; whatever it raises becomes `Unreadable`."""
    made = iter(_WHOLE[format_](data))
    while (document := _next(format_, made)) is not None:
        yield document


def _next(format_: Format, made: Iterator[Document]) -> Document | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return next(made, None)
    except FAULTS:
        raise
    except Exception as error:  # a foreign parser raises anything for a damaged file
        raise Unreadable(f"It is not {format_} that can be parsed: {sentence(error)}") from error


def _records(blob: Blob, made: Iterable[Document | Record | Skipped]) -> Things:
    """Records of documents. The second and later of one blob are its parts: `locator#part2`."""
    part, nothing = 0, True
    for thing in made:
        nothing = False
        if not isinstance(thing, Document):
            yield thing
            continue
        part += 1
        if thing.text and not thing.text.isspace():
            yield _record(blob, thing, part)
        elif part == 1:
            yield Skipped(blob.source, blob.locator, "It holds no text.", fault=thing.kind is not Kind.CODE)
    if nothing:
        yield Skipped(blob.source, blob.locator, "It holds no text.")


def _record(blob: Blob, document: Document, part: int) -> Record:
    return Record(
        blob.source,
        blob.locator if part == 1 else f"{blob.locator}#part{part}",
        document.text,
        document.title or fallback(blob.locator, document.kind),
        time=document.time or blob.time,
        kind=document.kind,
        language=document.language,
        metadata=document.metadata,
        marks=document.marks,
    )


def _skipped(blob: Blob, error: Exception) -> Skipped:
    fault = error.fault if isinstance(error, Unreadable) else True
    return Skipped(blob.source, blob.locator, sentence(error), fault)
