"""PDF, DOCX, PPTX, XLSX and EPUB: text in reading order, structure as marks, damage named."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest

from indexers.records import Kind


def marked(record) -> list[tuple[int, str, str]]:
    """Level, name, and the line at the mark."""
    return [(m.level, m.name, record.text[m.at :].partition("\n")[0]) for m in record.marks]


def test_pdf_pages_are_marks(tmp_path, read, pdf):
    pytest.importorskip("pypdfium2")
    (tmp_path / "a.pdf").write_bytes(pdf("First page", "Second page", title="A PDF"))
    record = read(tmp_path).only
    assert record.text == "First page\n\nSecond page"
    assert marked(record) == [(1, "page 1", "First page"), (1, "page 2", "Second page")]
    assert (record.title, record.time) == ("A PDF", "2024-01-31T12:00:00Z")


def test_pdf_without_text_cut_short_or_locked_is_named(tmp_path, read, pdf):
    pytest.importorskip("pypdfium2")
    whole = pdf("First page")
    none = "<" + "00" * 32 + ">"
    locked = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O {none} /U {none} >> /ID [<00> <00>]"
    (tmp_path / "cut.pdf").write_bytes(whole[:60])
    (tmp_path / "locked.pdf").write_bytes(pdf("First page", encrypt=locked))
    (tmp_path / "picture.pdf").write_bytes(pdf(""))
    assert read(tmp_path).faults == {
        "cut.pdf": "It is not PDF that can be parsed; it may be cut short.",
        "locked.pdf": "It is encrypted; save it without a password first.",
        "picture.pdf": "Its 1 pages hold no text, only pictures; run it through OCR first.",
    }


def test_docx_paragraphs_headings_lists_and_tables_keep_their_order(tmp_path, read):
    docx = pytest.importorskip("docx")
    file = docx.Document()
    file.core_properties.title = "A letter"
    file.core_properties.modified = datetime(2024, 1, 31, tzinfo=UTC)
    file.add_heading("Top", 1)
    file.add_paragraph("Before.")
    table = file.add_table(2, 2)
    for row, cells in zip(table.rows, [("a", "b"), ("1", "2")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    file.add_heading("Sub", 2)
    file.add_paragraph("one", style="List Bullet")
    file.add_paragraph("two", style="List Bullet")
    file.save(tmp_path / "a.docx")
    record = read(tmp_path).only
    assert record.text == "Top\n\nBefore.\n\na | b\n1 | 2\n\nSub\n\n- one\n- two"
    assert marked(record) == [(1, "Top", "Top"), (2, "Sub", "Sub")]
    assert (record.title, record.time) == ("A letter", "2024-01-31T00:00:00Z")


def test_pptx_slides_are_marks(tmp_path, read):
    pptx = pytest.importorskip("pptx")
    file = pptx.Presentation()
    first = file.slides.add_slide(file.slide_layouts[1])
    first.shapes.title.text = "Opening"
    first.placeholders[1].text = "point one\npoint two"
    first.notes_slide.notes_text_frame.text = "say hello"
    second = file.slides.add_slide(file.slide_layouts[6])
    box = second.shapes.add_textbox(0, 0, 100, 100)
    box.text_frame.text = "untitled"
    file.save(tmp_path / "a.pptx")
    record = read(tmp_path).only
    assert record.text == "Opening\n\npoint one\npoint two\n\nsay hello\n\nuntitled"
    assert marked(record) == [(1, "Opening", "Opening"), (1, "slide 2", "untitled")]


def test_xlsx_rows_carry_their_header_and_sheets_are_marks(tmp_path, read):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "People"
    for row in [("name", "age"), ("Ann", 31.0), ("Bob", None), (None, None), ("Cy", datetime(2024, 1, 31))]:
        book.active.append(row)
    other = book.create_sheet("Numbers")
    other.append((1, 2.5))
    book.save(tmp_path / "a.xlsx")
    record = read(tmp_path).only
    assert record.text == "name: Ann | age: 31\nname: Bob\nname: Cy | age: 2024-01-31\n\n1 | 2.5"
    assert marked(record) == [(1, "People", "name: Ann | age: 31"), (1, "Numbers", "1 | 2.5")]
    assert record.kind is Kind.TABLE


PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>A book</dc:title><dc:creator>Ann</dc:creator><dc:date>2024-01-31</dc:date></metadata>
<manifest><item id="one" href="one.xhtml"/><item id="two" href="text/two%20x.xhtml"/>
<item id="no" href="no.xhtml"/></manifest>
<spine><itemref idref="two"/><itemref idref="one"/></spine></package>"""


def epub(**more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", '<c><rootfiles><rootfile full-path="O/p.opf"/></rootfiles></c>')
        book.writestr("O/p.opf", PACKAGE)
        book.writestr("O/one.xhtml", "<html><head><title>Last</title></head><body><p>The end.</p></body></html>")
        book.writestr("O/text/two x.xhtml", "<html><body><h1>Begin</h1><p>It began.</p></body></html>")
        book.writestr("O/no.xhtml", "<html><body>not in the spine</body></html>")
        for name, text in more.items():
            book.writestr(name.replace("__", "/"), text)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.epub", "without-a-suffix"])
def test_epub_chapters_follow_the_spine(tmp_path, read, name):
    (tmp_path / name).write_bytes(epub())
    record = read(tmp_path).only
    assert record.text == "Begin\n\nIt began.\n\nThe end."
    assert marked(record) == [(1, "Begin", "Begin"), (1, "Last", "The end.")]
    assert (record.title, record.time, record.metadata) == ("A book", "2024-01-31", {"author": "Ann"})


def test_a_locked_book_is_named(tmp_path, read):
    (tmp_path / "a.epub").write_bytes(epub(**{"META-INF__rights.xml": "<r/>"}))
    assert read(tmp_path).faults == {"a.epub": "It is encrypted (DRM)."}


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx", "epub"])
def test_an_office_file_that_is_no_zip_locked_or_hollow_is_named(tmp_path, read, suffix):
    if suffix != "epub":
        pytest.importorskip({"docx": "docx", "pptx": "pptx", "xlsx": "openpyxl"}[suffix])
    (tmp_path / f"no.{suffix}").write_bytes(b"just text")
    (tmp_path / f"locked.{suffix}").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    with zipfile.ZipFile(tmp_path / f"hollow.{suffix}", "w") as archive:
        archive.writestr("nothing", "")
    faults = read(tmp_path).faults
    assert faults[f"no.{suffix}"].startswith(f"It is named {suffix.upper()} but is no zip")
    assert faults[f"locked.{suffix}"].startswith("It is encrypted, or in the format from before")
    assert faults[f"hollow.{suffix}"].startswith(f"It is not {suffix.upper()} that can be parsed")


def test_a_document_too_large_to_hold_is_named(tmp_path, read):
    (tmp_path / "a.html").write_text("<p>" + "x" * 5000)
    assert read(tmp_path, max_file_bytes=1024).faults["a.html"].startswith("It is larger than 0.000976562 MiB")
