"""PPTX: slide by slide, each marked with its title; text, tables and the speaker's notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from indexers.sources.document import Builder, Document
from indexers.sources.extras import need
from indexers.sources.formats.office import checked, properties


def read(data: bytes) -> Iterator[Document]:
    """The Document of a PPTX file. Needs the extra `documents`."""
    pptx = need("pptx", "documents")
    file = pptx.Presentation(checked(data, "PPTX"))
    builder = Builder()
    for number, slide in enumerate(file.slides, 1):
        head = slide.shapes.title
        name = " ".join(head.text_frame.text.split()) if head is not None and head.has_text_frame else ""
        if name:
            builder.heading(1, name)
        else:
            builder.mark(1, f"slide {number}")
        skip = head.shape_id if name else None
        _shapes((shape for shape in slide.shapes if shape.shape_id != skip), builder)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            builder.block(slide.notes_slide.notes_text_frame.text.strip())
    title, time, author = properties(file.core_properties)
    yield builder.build(title, time, author=author)


def _shapes(shapes: Iterable[Any], builder: Builder) -> None:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            _shapes(shape.shapes, builder)
        elif getattr(shape, "has_table", False):
            for row in shape.table.rows:
                builder.row(cell.text for cell in row.cells)
        elif shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                builder.block(" ".join(paragraph.text.split()), close=True)
