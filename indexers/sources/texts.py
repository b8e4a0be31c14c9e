"""Text files of every kind: bytes to parts, parts to text, text to a Document with marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from indexers.records import Kind, Skipped
from indexers.sources.blob import Blob
from indexers.sources.decode import Decoded, binary, bom, decode
from indexers.sources.document import Document
from indexers.sources.faults import Unreadable
from indexers.sources.formats import code, markdown, rst
from indexers.sources.formats.kinds import Format, language, sniff
from indexers.sources.options import MIB, SourceOptions
from indexers.sources.streams import parts

_CODING = re.compile(rb"coding[:=]\s*[\"']?([-\w.]+)")
"""How Python (PEP 263) and XML say in their first lines what encoding they are in."""
_LFS = b"version https://git-lfs.github.com/spec/"


def read(
    blob: Blob, stream: BinaryIO, head: bytes, format_: Format, options: SourceOptions
) -> Iterator[Document | Skipped]:
    """A Document per part of at most `part_bytes`, in order; a part that cannot be read is a `Skipped` in its place."""
    if head.startswith(_LFS):
        raise Unreadable("It is a pointer to a file in Git LFS that was not fetched; run git lfs pull.")
    if not options.encoding and binary(head):
        found = sniff(head)
        holds = f"a {found} file" if found not in {Format.UNKNOWN, Format.TEXT} else "binary data"
        raise Unreadable(f"It is named like {format_} but holds {holds}.")
    encoding = options.encoding or bom(head)
    said = _CODING.search(head[:400]) if format_ is Format.CODE else None
    hint = said.group(1).decode() if said else ""
    for number, data in enumerate(parts(stream, options.part_bytes, _newline(encoding)), 1):
        try:
            if data is None:
                raise Unreadable(f"A line of it is longer than {options.part_bytes / MIB:g} MiB.")
            decoded = decode(data, encoding if number > 1 else options.encoding, hint)
            yield _document(decoded, format_, blob.name)
        except Unreadable as error:
            yield Skipped(blob.source, blob.locator if number == 1 else f"{blob.locator}#part{number}", str(error))


def _newline(encoding: str) -> bytes:
    try:
        return "\n".encode(encoding or "utf-8")[-4 if "32" in encoding else -2 if "16" in encoding else -1 :]
    except LookupError as error:
        raise Unreadable(f"No encoding is called {encoding}; see the list of Python's standard encodings.") from error


def _document(decoded: Decoded, format_: Format, name: str) -> Document:
    text = decoded.text
    match format_:
        case Format.MARKDOWN:
            document = markdown.read(text)
        case Format.RST:
            document = rst.read(text)
        case Format.CODE:
            document = code.read(text, language(name, text))
        case _:
            document = Document(text, kind=Kind.PLAIN)
    if decoded.note:
        return replace(document, metadata={**document.metadata, "encoding": decoded.note})
    return document
