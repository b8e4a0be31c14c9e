"""Org mode: headlines by stars, `#+TITLE:` and `#+DATE:`, drawers and planning lines left out.

Knows Org's lines; knows nothing of files.
"""

from __future__ import annotations

import re

from indexers.records import Mark
from indexers.sources.document import Document

_HEADLINE = re.compile(r"^(\*+) (?:(?:TODO|DONE|NEXT|WAITING|CANCELLED) )?(.*)$", re.MULTILINE)
_TAGS = re.compile(r"[ \t]:[\w@:]+:$")
_KEYWORD = re.compile(r"^#\+(\w+):[ \t]*(.*)$", re.MULTILINE)
_DRAWERS = (":PROPERTIES:", ":LOGBOOK:", ":CLOCK:")
_LINK = re.compile(r"\[\[([^\[\]\n]+)\]\[([^\[\]\n]+)\]\]|\[\[([^\[\]\n]+)\]\]")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def read(text: str) -> Document:
    """The document of an Org file."""
    about = {key.lower(): value.strip() for key, value in _KEYWORD.findall(text)}
    body = _KEYWORD.sub("", without_drawers(text)).strip("\n")
    body = _LINK.sub(lambda found: found.group(2) or found.group(3), body)
    named = ((found, _TAGS.sub("", found.group(2).rstrip()).rstrip()) for found in _HEADLINE.finditer(body))
    marks = tuple(Mark(found.start(), len(found.group(1)), name) for found, name in named if name)
    date = _DATE.search(about.get("date", ""))
    return Document(body, about.get("title", ""), date.group() if date else "", marks=marks)


def without_drawers(text: str) -> str:
    """The text without its drawers; one that does not end stays."""
    kept: list[str] = []
    begun = -1
    for line in text.split("\n"):
        word = line.strip().upper()
        if begun < 0 and word.startswith(_DRAWERS):
            begun = len(kept)
        kept.append(line)
        if begun >= 0 and word == ":END:":
            del kept[begun:]
            begun = -1
    return "\n".join(kept)
