"""ENML, the HTML of Evernote's notes, as a document.

HTML with `<en-todo checked="true"/>` (or `<li style="--en-checked:true;">`) for boxes, `<en-media hash="..."/>` for
files, and `<en-crypt>` for passages that are encrypted, of which only that there is one is said.
Knows ENML; knows nothing of the export around it.
"""

from __future__ import annotations

import re

from indexers.sources.document import Document
from indexers.sources.formats import html

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PROLOGUE = re.compile(r"<\?xml[^<>]*\?>|<!DOCTYPE[^<>]*>", re.IGNORECASE)
_MEDIA = re.compile(r"<en-media\b[^<>]*>(?:\s{0,9}</en-media>)?", re.IGNORECASE)
_CRYPT = re.compile(r"<en-crypt\b[^<>]*>[^<>]*(?:</en-crypt>)?", re.IGNORECASE)
_TODO = re.compile(r"<en-todo\b([^<>]*)>(?:\s{0,9}</en-todo>)?", re.IGNORECASE)
_CHECKED = re.compile(r"(<li\b[^<>]*>)(\s{0,9}<div\b[^<>]*>)?", re.IGNORECASE)
_STATE = re.compile(r"--en-checked:\s*(true|false)", re.IGNORECASE)
_LINK = re.compile(r"(<a\b[^<>\"]{0,99}\bhref=\"([^<>\"]*)\"[^<>]*>)(\s{0,9}</a>)", re.IGNORECASE)
_EMPTY = re.compile(r"<(span|div|b|i|u|a|font|p)\b([^<>]*)/>", re.IGNORECASE)


def document(enml: str) -> Document:
    """The document of a note's content. Raises `Unreadable` where it is nested as no note is."""
    text = _PROLOGUE.sub("", _CONTROL.sub("", enml))
    text = _MEDIA.sub("", _CRYPT.sub(" [encrypted] ", text))
    text = _TODO.sub(lambda found: "[x] " if "true" in found.group(1).lower() else "[ ] ", text)
    text = _CHECKED.sub(_boxed, text)
    text = _EMPTY.sub(r"<\1\2></\1>", text)  # in XML it is closed, in HTML it would hold all that follows
    text = _LINK.sub(r"\1\2\3", text)  # a link without a text is its address
    if not text.strip():
        return Document("")
    return next(iter(html.read(text.encode("utf-8", "replace"))), Document(""))


def _boxed(found: re.Match[str]) -> str:
    state = _STATE.search(found.group(1))
    if state is None:
        return found.group()
    return f"{found.group()}[{'x' if state.group(1).lower() == 'true' else ' '}] "
