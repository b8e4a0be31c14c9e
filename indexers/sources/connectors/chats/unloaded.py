"""XML of messages without the files in it: what stands in `data="..."` of a `<part` is let go as it streams by.

An attribute is held whole by any XML parser, and a video of an hour is one attribute. `<` stands in no value (it is
escaped there), so the last one tells which element an attribute is of.
Knows this one attribute; knows nothing of messages.
"""

from __future__ import annotations

from indexers.sources.connectors.chats.streamed import Readable

_CHUNK = 1 << 16
_BEGINS, _ELEMENT = b' data="', b"<part"


class Unloaded:
    """A stream of XML, less its files."""

    def __init__(self, inner: Readable) -> None:
        self._inner = inner
        self._held = b""
        self._inside = self._of_part = False

    def read(self, _size: int = -1) -> bytes:
        """The next piece; a piece of files alone is passed over."""
        while piece := self._inner.read(_CHUNK):
            text = self._held + piece
            cut = max(len(text) - len(_BEGINS), 0)  # what begins in the last bytes may go on in the next piece
            at, kept = self._without(text, cut)
            self._held = text[at:]
            if kept:
                return kept
        rest, self._held = self._held, b""
        return b"" if self._inside else rest

    def _without(self, text: bytes, cut: int) -> tuple[int, bytes]:
        """How far the text was read, to `cut` or a little beyond, and what of it stays."""
        kept: list[bytes] = []
        at = 0
        while at < cut:
            if self._inside:
                end = text.find(b'"', at)
                at = len(text) if end < 0 else end
                self._inside = end < 0
                continue
            begins = text.find(_BEGINS, at, cut + len(_BEGINS) - 1)
            stop = cut if begins < 0 else begins + len(_BEGINS)
            opened = text.rfind(b"<", at, stop)
            if opened >= 0:
                self._of_part = text.startswith(_ELEMENT, opened)
            self._inside = begins >= 0 and self._of_part
            kept.append(text[at:stop])
            at = stop
        return at, b"".join(kept)
