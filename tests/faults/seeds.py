"""Small real files of every format that sources read, made with the libraries that write them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import zstandard

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="date" content="2024-02-03"></head><body><main><h1>Harbour</h1><p>A <b>bridge</b> over the &amp; river.</p>
<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td colspan=3>2</td></tr></table><ul><li>one<li>two</ul>
<pre>x = 1</pre></main></body></html>"""

MARKDOWN = "---\ntitle: T\n---\n# One\n\nSome `code`.\n\n## Two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx\n```"

RST = "Title\n=====\n\nText.\n\nPart\n----\n\n.. code:: python\n\n   x = 1\n\n* item\n\n=== ===\na   b\n=== ==="

ROWS = b'{"_id": "1", "title": "A", "text": "First", "metadata": {"n": 1}}\n{"id": 2, "text": ["a", "b"], "x": 1.5}\n'

CODE = {
    "a.py": "import os\n\nclass A:\n    def f(self):\n        return {1: [2, (3,)]}\n\nasync def g(x): ...\n",
    "a.js": "class A { f(x) { return () => `a${x}`; } }\nfunction g() {}\n",
    "a.go": "package a\n\ntype T struct { x int }\n\nfunc (t T) F() int { return 1 }\n",
    "a.rs": "struct A; impl A { fn f<'a>(&'a self) -> u8 { 1 } }\n",
    "a.c": "int f(int x) { return x; }\nstruct s { int a; };\n",
}


def pdf() -> bytes:
    """Two pages by hand."""
    texts = ("The harbour", "The bridge")
    kids = " ".join(f"{10 + 2 * i} 0 R" for i in range(len(texts)))
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>", 2: f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", 4: "<< /Title (T) /CreationDate (D:20240131) >>",
    }  # fmt: skip
    for i, text in enumerate(texts):
        drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects[10 + 2 * i] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {11 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects[11 + 2 * i] = f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream"
    out, places = "%PDF-1.4\n", {}
    for number, body in objects.items():
        places[number] = len(out)
        out += f"{number} 0 obj\n{body}\nendobj\n"
    start = len(out)
    out += "xref\n0 1\n0000000000 65535 f \n" + "".join(f"{n} 1\n{p:010d} 00000 n \n" for n, p in places.items())
    return (out + f"trailer\n<< /Size 14 /Root 1 0 R /Info 4 0 R >>\nstartxref\n{start}\n%%EOF\n").encode()


def docx() -> bytes:
    """Headings, paragraphs and a table."""
    import docx as library

    file = library.Document()
    file.add_heading("Harbour", 1)
    file.add_paragraph("A bridge over the river.")
    file.add_paragraph("one", style="List Bullet")
    table = file.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    return _saved(file)


def pptx() -> bytes:
    """A slide with a title, a table and notes."""
    import pptx as library

    file = library.Presentation()
    slide = file.slides.add_slide(file.slide_layouts[1])
    slide.shapes.title.text = "Harbour"
    slide.placeholders[1].text = "A bridge"
    slide.shapes.add_table(2, 2, 0, 0, 99, 99).table.cell(0, 0).text = "cell"
    slide.notes_slide.notes_text_frame.text = "said"
    return _saved(file)


def xlsx() -> bytes:
    """Two sheets of numbers, words and a date."""
    from datetime import date

    import openpyxl

    book = openpyxl.Workbook()
    for row in (["name", "size", "day"], ["bridge", 3, date(2024, 1, 2)], ["boat", 2.5, None]):
        book.active.append(row)
    book.create_sheet("other").append(["=1+1", True])
    return _saved(book)


def epub() -> bytes:
    """Two chapters."""
    return _zip({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="a/b.opf"/></rootfiles></container>',
        "a/b.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<dc:title>B</dc:title><dc:date>2024</dc:date></metadata><manifest><item id="1" href="1.xhtml"/>'
        '<item id="2" href="t/2.xhtml"/></manifest><spine><itemref idref="1"/><itemref idref="2"/></spine></package>',
        "a/1.xhtml": PAGE, "a/t/2.xhtml": PAGE.replace("Harbour", "Bridge"),
    })  # fmt: skip


def parquet() -> bytes:
    """Rows with texts, numbers, a list and nothing."""
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({
        "_id": ["1", "2", "3"], "text": ["First", "Second", None], "n": [1, 2, 3], "l": [["a"], [], None],
        "t": pyarrow.array([0, 1, 2], pyarrow.timestamp("us")),
    })  # fmt: skip
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def tar(mode: str = "w") -> bytes:
    """Text files, a link and a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, text in (("a.txt", "first"), ("sub/b.md", "# Second\n"), ("c.jsonl", ROWS.decode())):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("l")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


def files() -> dict[str, tuple[str, list[bytes]]]:
    """Target -> the name a file of it has, and files."""
    inner = _zip({"a.txt": "first", "sub/b.html": PAGE, "../up.txt": "up", "c.csv": "a,b\n1,2\n"})
    found = {
        "jsonl": ("a.jsonl", [ROWS]), "csv": ("a.csv", [b"id,text,n\n1,First,2\n2,\"Sec\nond\",3\n", b"a;b\n1;2\n"]),
        "parquet": ("a.parquet", [parquet()]), "pdf": ("a.pdf", [pdf()]), "docx": ("a.docx", [docx()]),
        "pptx": ("a.pptx", [pptx()]), "xlsx": ("a.xlsx", [xlsx()]), "epub": ("a.epub", [epub()]),
        "html": ("a.html", [PAGE.encode()]), "markdown": ("a.md", [MARKDOWN.encode()]),
        "rst": ("a.rst", [RST.encode()]),
        "zip": ("a.zip", [inner, _zip({"in.zip": inner, "b.docx": docx()})]), "tar": ("a.tar", [tar()]),
        "tar.gz": ("a.tgz", [tar("w:gz")]), "gzip": ("a.txt.gz", [gzip.compress(b"text " * 99)]),
        "bzip2": ("a.txt.bz2", [bz2.compress(b"text " * 99)]), "xz": ("a.txt.xz", [lzma.compress(b"text " * 99)]),
        "zstd": ("a.txt.zst", [zstandard.ZstdCompressor(write_checksum=True).compress(b"text " * 99)]),
        "text": ("a.txt", ["Äpfel und Öl. " .encode("cp1252") * 9, b"plain", "\ufefféa".encode("utf-16")]),
        "unnamed": ("a", [pdf(), tar(), inner, ROWS, PAGE.encode(), b"#!/bin/sh\nf() { :; }\n"]),
    }  # fmt: skip
    found |= {f"code {name}": (name, [text.encode()]) for name, text in CODE.items()}
    return found


def given(folder: Path, found: dict[str, tuple[str, list[bytes]]], most: int = 1 << 20) -> None:
    """Add the real files of a folder: to the target of their suffix, or to one of their own."""
    by_suffix = {f".{name.rpartition('.')[2]}": target for target, (name, _) in found.items() if "." in name}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and 0 < path.stat().st_size <= most:
            target = by_suffix.get(path.suffix.lower(), f"real {path.suffix.lower() or 'unnamed'}")
            found.setdefault(target, (f"a{path.suffix}", []))[1].append(path.read_bytes())


def _saved(file: object) -> bytes:
    out = io.BytesIO()
    file.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def _zip(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()
