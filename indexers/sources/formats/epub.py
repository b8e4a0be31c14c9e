"""EPUB: the chapters of a book in the order of its spine, read as HTML (EPUB 3.3, sections 4 and 5)."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree import ElementTree

from indexers.sources.dates import iso
from indexers.sources.document import Builder, Document
from indexers.sources.faults import Unreadable
from indexers.sources.formats import html
from indexers.sources.formats.office import checked

_CONTAINER = "META-INF/container.xml"
_RIGHTS = "META-INF/rights.xml"


def read(data: bytes) -> Iterator[Document]:
    """The Document of a book; its headings are marks. `Unreadable` where it is locked (DRM)."""
    with zipfile.ZipFile(checked(data, "EPUB")) as book:
        if _RIGHTS in book.namelist():
            raise Unreadable("It is encrypted (DRM).")
        container = ElementTree.fromstring(book.read(_CONTAINER))
        rootfile = container.find(".//{*}rootfile")
        if rootfile is None:
            raise Unreadable("It names no package document, so its chapters cannot be found.")
        package = unquote(rootfile.get("full-path", ""))
        root = ElementTree.fromstring(book.read(package))
        builder, met = Builder(), set[str]()
        for path in _spine(root, posixpath.dirname(package)):
            if path in book.NameToInfo and path not in met:
                met.add(path)
                html.chapter(builder, book.read(path))
    author, language = _about(root, "creator"), _about(root, "language")
    yield builder.build(_about(root, "title"), iso(_about(root, "date")), author=author, language=language)


def _spine(root: ElementTree.Element, folder: str) -> list[str]:
    """Paths of the chapters inside the zip, in reading order."""
    items = {item.get("id"): item.get("href", "") for item in root.iterfind(".//{*}manifest/{*}item")}
    hrefs = (items.get(ref.get("idref")) for ref in root.iterfind(".//{*}spine/{*}itemref"))
    return [posixpath.normpath(posixpath.join(folder, unquote(href))) for href in hrefs if href]


def _about(root: ElementTree.Element, name: str) -> str:
    found = root.find(f".//{{*}}metadata/{{*}}{name}")
    return (found.text or "").strip() if found is not None else ""
