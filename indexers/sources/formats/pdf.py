"""PDF: the text of its pages, each page a mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from indexers.sources.dates import iso
from indexers.sources.decode import clean, newlines
from indexers.sources.document import Builder, Document
from indexers.sources.extras import need
from indexers.sources.faults import Unreadable

_PART = 4 << 20
"""Characters after which the next page begins another Document."""

_EDGES = re.compile(r"[ \t]*\n[ \t]*")
_HYPHEN = re.compile("[\x02\ufffe\u00ad]\n?")
"""How PDFium writes a hyphen that only the end of a line called for."""


def read(data: bytes) -> Iterator[Document]:
    """Documents of a PDF file. `Unreadable` where it is locked or holds pictures of text only. Needs `documents`."""
    pdfium = need("pypdfium2", "documents")
    try:
        file = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable("It is encrypted; save it without a password first.") from error
        raise Unreadable("It is not PDF that can be parsed; it may be cut short.") from error
    with file:
        about = file.get_metadata_dict()
        title, author = about.get("Title", "").strip(), about.get("Author", "").strip()
        time = iso(about.get("ModDate")) or iso(about.get("CreationDate"))
        made = 0
        for builder in _pages(file):
            made += builder.length
            yield builder.build(title, time, author=author)
        if not made:
            raise Unreadable(f"Its {len(file)} pages hold no text, only pictures; run it through OCR first.")


def _pages(file: Any) -> Iterator[Builder]:
    builder = Builder()
    for number, page in enumerate(file, 1):
        builder.mark(1, f"page {number}")
        words = page.get_textpage()
        text = _HYPHEN.sub("", newlines(clean(words.get_text_range())))
        builder.block(_EDGES.sub("\n", text).strip())
        words.close()
        page.close()
        if builder.length >= _PART:
            yield builder
            builder = Builder()
    if builder.length:
        yield builder
