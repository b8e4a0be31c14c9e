"""What DOCX, PPTX, XLSX and EPUB have in common: they are zips, and a zip can be damaged, locked or a bomb."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from indexers.sources.dates import iso
from indexers.sources.faults import Unreadable
from indexers.sources.options import MIB
from indexers.sources.streams import refuse_bomb

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a Compound File begins ([MS-CFB] 2.2): the old binary formats, and the new ones behind a password."""
_RATIO = 200
_LARGEST = 1024 * MIB


def checked(data: bytes, called: str) -> io.BytesIO:
    """The bytes as a file, once it is known to be a zip that unpacks to a bearable size."""
    if data.startswith(_OLE):
        raise Unreadable(f"It is encrypted, or in the format from before {called}; save it anew without a password.")
    file = io.BytesIO(data)
    if not zipfile.is_zipfile(file):
        raise Unreadable(f"It is named {called} but is no zip, as {called} files are; it may be cut short.")
    with zipfile.ZipFile(file) as archive:
        size = sum(member.file_size for member in archive.infolist())
    refuse_bomb(size, len(data), _RATIO)
    if size > _LARGEST:
        raise Unreadable(f"It unpacks to {size // MIB:,} MiB, which is too much to hold at once.")
    file.seek(0)
    return file


def properties(core: Any) -> tuple[str, str, str]:
    """Title, time (last change, else creation) and author of OOXML core properties (ECMA-376 part 2, 11)."""
    author = getattr(core, "author", None) or getattr(core, "creator", None) or ""
    return (core.title or "").strip(), iso(core.modified) or iso(core.created), author.strip()
