"""What a thing is called where it has no title of its own: words from its locator."""

from __future__ import annotations

import re

from indexers.records import Kind
from indexers.sources.formats.kinds import packing
from indexers.sources.words import words

_GENERIC = words(
    """readme index changelog changes history news copyright license copying notice authors contributors todo faq
    install contributing main default untitled document notes"""
)
"""Names that say nothing without the folder they are in."""

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")


def fallback(locator: str, kind: Kind) -> str:
    """A title from a locator: the whole path for code, whose readers know files by it; the file's stem for the rest.

    A stem that many files share (`README`) is given with its folder.
    """
    path = locator.rpartition("!")[2]
    if kind is Kind.CODE:
        return path
    folder, _, name = path.rpartition("/")
    name = packing(name)[1]
    stem = _SUFFIX.sub("", name) or name
    parent = folder.rpartition("/")[2]
    return f"{parent}/{stem}" if parent and stem.lower().split(".")[0] in _GENERIC else stem
