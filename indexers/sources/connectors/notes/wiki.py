"""Markdown as Obsidian and Logseq write it, as text that reads well, with tags and names of files beside it.

`[[Page|label]]` is its label, `![[file.pdf]]` and `![](file.png)` name a file, `%%comments%%` and `^block-ids` are for
the program, `#tag` and `#nested/tag` stay in the text and are labels too. Code is left as it is.
Knows Markdown; knows nothing of folders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from indexers.sources.document import Document
from indexers.sources.formats import markdown

_FRONT = re.compile(r"---[ \t]*\n(?:.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_CODE = re.compile(r"(^```.*?^```[^\n]*$|^~~~.*?^~~~[^\n]*$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
_EMBED = re.compile(r"!\[\[([^\[\]\n|#^]+)(?:[|#^][^\[\]\n]*)?\]\]|!\[[^\[\]\n]*\]\(([^()\s]+)(?:\s[^()\n]*)?\)")
_LINK = re.compile(r"\[\[([^\[\]\n|]+)(?:\|([^\[\]\n]*))?\]\]")
_COMMENT = re.compile(r"%%.*?%%", re.DOTALL)
_BLOCK = re.compile(r"(?<![ \t])[ \t]{1,20}\^[A-Za-z0-9-]+[ \t]{0,20}$", re.MULTILINE)
_TAG = re.compile(r"(?<![\w/&#(])#([^\W\d_][\w/-]*)")
_NOTE = (".md", ".canvas")
_MOST = 64


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its document without front matter, the scalars of that, tags and files it names."""

    document: Document
    tags: tuple[str, ...]
    files: tuple[str, ...]
    about: dict[str, str]


def page(text: str) -> Page:
    """What a page says."""
    front = _FRONT.match(text)
    head = markdown.read(front.group()) if front else Document("")
    about = {name: str(value) for name, value in head.metadata.items()}
    files: dict[str, None] = {}
    body = _readable(text[front.end() :] if front else text, files)
    document = markdown.read(body.strip("\n"))
    document = replace(document, title=head.title or document.title, time=head.time or document.time)
    tags = [tag.strip().removeprefix("#") for key in ("tags", "tag") for tag in about.pop(key, "").split(",")]
    tags += [tag for piece in _CODE.split(body)[::2] for tag in _TAG.findall(piece)]
    return Page(document, tuple(dict.fromkeys(tag for tag in tags if tag))[:_MOST], tuple(files)[:_MOST], about)


def _readable(text: str, files: dict[str, None]) -> str:
    """Text without the program's own signs; files it shows are added to `files`. What is in code stays."""

    def embedded(found: re.Match[str]) -> str:
        name = (found.group(1) or found.group(2)).strip()
        if name.lower().endswith(_NOTE) or "." not in name:
            return f"[{name}]"
        files[name] = None
        return f"[{name.rpartition('/')[2]}]"

    def linked(found: re.Match[str]) -> str:
        return (found.group(2) or found.group(1)).strip()

    pieces = _CODE.split(_COMMENT.sub("", text))
    for at in range(0, len(pieces), 2):
        pieces[at] = _LINK.sub(linked, _EMBED.sub(embedded, _BLOCK.sub("", pieces[at])))
    return "".join(pieces)
