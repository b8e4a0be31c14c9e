"""DOCX: paragraphs and tables in their order, headings as marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from indexers.sources.document import Builder, Document
from indexers.sources.extras import need
from indexers.sources.faults import Unreadable
from indexers.sources.formats.office import checked, properties

_HEADING = re.compile(r"(?:heading|überschrift|titre|título) ?(\d)", re.IGNORECASE)

_WIDEST = 1_000
"""Columns that a cell may span; Word allows 63. Each would be walked over."""


def read(data: bytes) -> Iterator[Document]:
    """The Document of a DOCX file. Needs the extra `documents`."""
    docx = need("docx", "documents")
    file = docx.Document(checked(data, "DOCX"))
    builder = Builder()
    for block in file.iter_inner_content():
        if hasattr(block, "rows"):
            _table(block, builder)
        else:
            _paragraph(block, builder)
    title, time, author = properties(file.core_properties)
    yield builder.build(title, time, author=author)


def _paragraph(paragraph: Any, builder: Builder) -> None:
    text = paragraph.text.strip()
    style = (paragraph.style.name or "") if paragraph.style is not None else ""
    if found := _HEADING.match(style):
        builder.heading(int(found.group(1)), text)
    elif style in {"Title", "Titel", "Titre"}:
        builder.heading(1, text)
    elif style.startswith("List") and text:
        builder.block(f"- {text}", close=True)
    else:
        builder.block(text)


def _table(table: Any, builder: Builder) -> None:
    """Rows; a cell that spans several columns or rows counts once in each row."""
    for row in table.rows:
        if any(cell.grid_span > _WIDEST for cell in row._tr.tc_lst):
            raise Unreadable(f"A cell of a table in it spans more than {_WIDEST:,} columns, as none does that is real.")
        cells: list[Any] = []
        for cell in row.cells:
            if not cells or cell._tc is not cells[-1]._tc:
                cells.append(cell)
        builder.row(cell.text for cell in cells)
