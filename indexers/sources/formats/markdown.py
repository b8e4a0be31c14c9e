"""Markdown: the file's own text, its headings as marks, its front matter as title, date and metadata."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from indexers.records import Kind, Mark
from indexers.sources.dates import iso
from indexers.sources.document import Document
from indexers.sources.lineup import starts

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_FRONT = re.compile(r"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_PAIR = re.compile(r"([A-Za-z_][\w -]*?)\s*:\s*(.*?)\s*$")
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|<[^>]+>|(\*\*|__|[*`~]{1,3})|\{#[^}]*\}")
_DATES = ("date", "created", "updated", "modified", "published")
_MOST = 16
"""Most entries of front matter kept as metadata."""


def read(text: str) -> Document:
    """The Document of a Markdown text. Its title is the front matter's, else the first heading of level 1."""
    front = _FRONT.match(text)
    about = _entries(front.group(1)) if front else {}
    body = "\n" * front.group().count("\n") + text[front.end() :] if front else text
    marks = tuple(_headings(body, starts(text)))
    title = about.pop("title", "") or next((mark.name for mark in marks if mark.level == 1), "")
    time = next((found for name in _DATES if (found := iso(about.get(name)))), "")
    return Document(text, title, time, Kind.MARKDOWN, metadata=dict(list(about.items())[:_MOST]), marks=marks)


def _headings(body: str, lines: list[int]) -> list[Mark]:
    tokens = _parser().parse(body)
    marks = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.map:
            name = " ".join(_MARKUP.sub(r"\1", tokens[at + 1].content).split())
            if name:
                marks.append(Mark(lines[token.map[0]], int(token.tag[1:]), name))
    return marks


@cache
def _parser() -> MarkdownIt:
    """CommonMark with tables. Only blocks are parsed: what is inside a paragraph says nothing about headings."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable("inline")


def _entries(front: str) -> dict[str, str]:
    """The scalar `name: value` lines of YAML front matter, lists as words parted by commas; deeper things are left."""
    entries: dict[str, str] = {}
    name = ""
    for line in front.split("\n"):
        if line.startswith(("- ", "  - ")) and name:
            item = line.strip()[2:].strip("\"' ")
            entries[name] = f"{entries[name]}, {item}" if entries[name] else item
        elif pair := _PAIR.match(line):
            name, value = pair.group(1).lower(), pair.group(2)
            entries[name] = ", ".join(part.strip(" \"'") for part in value.strip("[]").split(",")) if (
                value.startswith("[")
            ) else value.strip("\"'")
        elif line.strip():
            name = ""
    return {name: value for name, value in entries.items() if 0 < len(value) <= 1_000 and value not in {"|", ">", ">-"}}
