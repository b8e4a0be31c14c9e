"""Long JSON, read element by element: what stands at chosen places, in the order of the file, in bounded memory.

Places are written as ijson writes them: `chats.list.item.messages.item` is every element of every list `messages`.
Also repairs JSON on its way, for programs that write it wrongly. Knows JSON; knows nothing of chats.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Iterator
from typing import Any, Protocol

from indexers.sources.connectors.base import File, Reader
from indexers.sources.connectors.streams import mapping
from indexers.sources.faults import FAULTS, Unreadable

_CHUNK = 1 << 16
_LONGEST = 16 << 20
"""Bytes without a quotation mark: more than any string of a chat. The parser would hold them all, and reads a string
from its beginning again with every piece: 16 MiB take it 1.4 s, 64 MiB over 20."""
_EVENTS = 200_000
"""Values inside one element; one with more is passed over (`TOO_LARGE` in its place)."""
_DEEPEST = 200
_TOO_DEEP = f"Its JSON is nested more than {_DEEPEST} deep, as no export is."
_STARTS, _ENDS = frozenset({"start_map", "start_array"}), frozenset({"end_map", "end_array"})
_ESCAPE = 16
"""Bytes that an escape may take."""

TOO_LARGE: Any = object()


class Readable(Protocol):
    """All that is asked of a stream."""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, repaired."""
        ...


def elements(stream: Readable, places: Collection[str]) -> Iterator[tuple[str, Any]]:
    """`(place, value)` for every value at one of the places, in order. A list or an object comes whole.

    Raises `Unreadable` where the JSON is damaged, after all that came before the damage.
    """
    above: list[str] = []
    place = ""
    events = _events(stream)
    for event, value in events:
        if event == "map_key":
            place = f"{above[-1]}.{value}" if above[-1] else value
        elif event in _ENDS:
            place = above.pop()
        elif event not in _STARTS:
            if place in places:
                yield place, value
        elif place in places:
            yield place, _built(events, {} if event == "start_map" else [])
        else:
            above.append(place)
            if len(above) > _DEEPEST:
                raise Unreadable(_TOO_DEEP)
            if event == "start_array":
                place = f"{place}.item" if place else "item"


def _built(events: Iterator[tuple[str, Any]], value: Any) -> Any:
    """The list or object that was begun, from its events; `TOO_LARGE` where there are too many of them.

    One loop without calls: it runs once for every word of an export of gigabytes.
    """
    above: list[tuple[Any, Any]] = []
    held, key, count = value, "", 0
    for event, scalar in events:
        count += 1
        if event == "map_key":
            key = scalar
            continue
        if event in _ENDS:
            if not above:
                return value if count <= _EVENTS else TOO_LARGE
            held, key = above.pop()
            continue
        inner: Any = {} if event == "start_map" else [] if event == "start_array" else scalar
        if count <= _EVENTS:
            if type(held) is list:
                held.append(inner)
            else:
                held[key] = inner
        if event in _STARTS:
            if len(above) > _DEEPEST:
                raise Unreadable(_TOO_DEEP)
            above.append((held, key))
            held = inner
    return TOO_LARGE


def _events(stream: Readable) -> Iterator[tuple[str, Any]]:
    """What the parser says, without places: its memory for those grows with the square of the depth."""
    import ijson  # type: ignore[import-untyped]

    try:
        yield from ijson.basic_parse(_Watched(stream), buf_size=_CHUNK)
    except (ijson.JSONError, ValueError, OverflowError, ArithmeticError) as error:
        detail = str(error).partition("\n")[0][:80].strip()  # the next lines quote the text around
        raise Unreadable(f"It is not valid JSON from some point on ({detail}); what came before was read.") from error


def whole(reader: Reader, file: File | None) -> dict[str, Any]:
    """The object that a small file is; empty where there is none, or it is damaged: it only tells names."""
    if file is None:
        return {}
    try:
        with reader.open(file) as stream:
            return mapping(next((value for _, value in elements(stream, {""})), None))
    except FAULTS:
        return {}


class _Watched:
    """A stream of JSON as UTF-8 without faults, in which a string that does not end is refused before it is held."""

    def __init__(self, inner: Readable) -> None:
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._since = 0

    def read(self, size: int = -1) -> bytes:
        """So many bytes, repaired."""
        if size == 0:  # how the parser finds out that these are bytes
            return b""
        piece = b"x"
        while piece:
            piece = self._inner.read(size if size > 0 else _CHUNK) or b""
            quote = piece.rfind(b'"')
            self._since = len(piece) - quote if quote >= 0 else self._since + len(piece)
            if self._since > _LONGEST:
                raise Unreadable(f"It holds a string of more than {_LONGEST >> 20} MiB, as no chat does.")
            if text := self._decoder.decode(piece, final=not piece):
                return text.encode()
        return b""


class Repaired:
    """A stream whose text goes through `repair`, in pieces that end at line ends.

    Within a line longer than a piece, none ends right after the `&` or `\\` of an escape.
    """

    def __init__(self, inner: Readable, repair: Callable[[bytes], bytes]) -> None:
        self._inner, self._repair = inner, repair
        self._ready = self._held = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most as many as asked for."""
        size = size if size > 0 else _CHUNK
        while not self._ready:
            piece = self._inner.read(_CHUNK)
            text = self._held + (piece or b"")
            if not text:
                return b""
            cut = len(text)
            if piece:
                cut = text.rfind(b"\n") + 1 or max(text.rfind(b"&", -_ESCAPE), text.rfind(b"\\", -_ESCAPE))
                cut = cut if cut > 0 else len(text)
            self._held = text[cut:]
            self._ready = self._repair(text[:cut])
        piece, self._ready = self._ready[:size], self._ready[size:]
        return piece
