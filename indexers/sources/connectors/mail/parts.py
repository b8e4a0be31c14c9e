"""The parts of a MIME message (RFC 2046), each a range of its bytes: nothing is copied until a part is decoded.

A part is numbered as IMAP numbers it: "2.1" is the first part of the second. Every leaf comes out, once: a multipart
whose boundary is not to be found in it comes out as text, since that is what it then is; one that does not close ends
where what holds it ends. `message/rfc822` is a leaf here. Limits on depth and number are told by a part that says so.
Own, since the standard library's parser holds a message several times over, line by line, and loses a multipart that
it cannot divide. Knows nothing of what the parts mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexers.sources.connectors.mail import headers as heads
from indexers.sources.connectors.mail import parameters
from indexers.sources.connectors.mail.headers import Headers
from indexers.sources.connectors.mail.transfer import Transfer, named, undone

DEEPEST, MOST = 10, 500
"""Parts within parts, and parts of a message, that are looked at."""

_TYPE = re.compile(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}")
_REST = re.compile(rb"(--)?[ \t]{0,100}\r?(?:\n|\Z)")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf. `type` is like `text/plain`; `within` are the types of the multiparts around it, outermost first.

    `branch` is the number of the part that holds it. `over` says what was not looked into, where a limit was met.
    """

    number: str
    headers: Headers
    type: str
    params: dict[str, str]
    data: bytes
    start: int
    end: int
    within: tuple[str, ...] = ()
    over: str = ""

    @property
    def branch(self) -> str:
        """The number of the multipart that holds it; empty for the outermost."""
        return self.number.rpartition(".")[0]

    @property
    def transfer(self) -> Transfer:
        """How its body was made fit for the wire."""
        return named(self.headers.raw("content-transfer-encoding"))

    @property
    def body(self) -> bytes:
        """Its bytes, decoded."""
        return undone(self.data[self.start : self.end], self.transfer)

    @property
    def attached(self) -> bool:
        """Whether the sender says that it is an attachment."""
        return parameters.parse(self.headers.raw("content-disposition"))[0] == "attachment"

    @property
    def name(self) -> str:
        """The file name that the sender gives, without folders; empty where there is none."""
        said = parameters.parse(self.headers.raw("content-disposition"))[1]
        name = said.get("filename") or self.params.get("name") or said.get("name") or ""
        if not name and self.attached:
            name = self.headers.get("content-location")
        name = _UNSAFE.sub(" ", name).replace("\\", "/").rstrip("/ ").rpartition("/")[2].strip()
        return name if len(name) <= 200 else f"{name[:100]}…{name[-99:]}"

    @property
    def called(self) -> str:
        """Its name, or what it is where it has none."""
        return self.name or f"({self.type})"


@dataclass
class _Count:
    left: int = MOST


def leaves(data: bytes, start: int, headers: Headers) -> Iterator[Part]:
    """The leaves of the message whose header is `headers` and whose body begins at `start`."""
    yield from _walk(Part("", headers, *_type(headers, ""), data, start, len(data)), _Count())


def _type(headers: Headers, around: str) -> tuple[str, dict[str, str]]:
    word, params = parameters.parse(headers.raw("content-type"))
    if not _TYPE.fullmatch(word):
        # `text` alone, a file name, nothing: RFC 2045, 5.2, and RFC 2046, 5.1.5 say what is then meant
        word = "message/rfc822" if around == "multipart/digest" and not word else "text/plain"
    return word, params


def _walk(part: Part, count: _Count) -> Iterator[Part]:
    count.left -= 1
    if count.left < 0:
        if count.left == -1:
            yield _over(part, f"It has more than {MOST} parts; the rest was left out.")
        return
    if not part.type.startswith("multipart/"):
        yield part if part.number else _numbered(part)
        return
    if len(part.within) >= DEEPEST:
        yield _over(part, f"Its parts lie more than {DEEPEST} deep; those below were left out.")
        return
    ranges = _divided(part)
    if not ranges:
        text = part.data[part.start : part.end].strip()
        if text:
            yield Part(part.number or "1", part.headers, "text/plain", part.params, part.data, part.start, part.end)
        return
    for number, (start, end) in enumerate(ranges, 1):
        if count.left < 0:
            return
        yield from _walk(_below(part, number, start, end), count)


def _below(part: Part, number: int, start: int, end: int) -> Part:
    headers, body = heads.split(part.data, start, end)
    if not any(name.startswith("content-") for name, _ in headers.fields) and body > start and headers.fields:
        body = start if _is_text(headers) else body
    name = f"{part.number}.{number}" if part.number else str(number)
    return Part(name, headers, *_type(headers, part.type), part.data, body, end, (*part.within, part.type))


def _is_text(headers: Headers) -> bool:
    """Whether what was taken for a part's header is the text of a part without one: no field of mail is in it."""
    return not any(name in {"subject", "from", "to", "date", "message-id", "mime-version"} or name.startswith("x-")
                   for name, _ in headers.fields)  # fmt: skip


def _numbered(part: Part) -> Part:
    return Part("1", part.headers, part.type, part.params, part.data, part.start, part.end)


def _over(part: Part, reason: str) -> Part:
    return Part(
        part.number or "1", part.headers, part.type, part.params, part.data, part.end, part.end, part.within, reason
    )


def _divided(part: Part) -> list[tuple[int, int]]:
    """Where the parts of a multipart lie; none where its boundary is not found."""
    boundary = part.params.get("boundary", "").rstrip()
    raw = boundary.encode("utf-8", "replace")
    if not raw:
        raw = _guessed(part)
        if not raw:
            return []
    ranges: list[tuple[int, int]] = []
    begun = -1
    for start, after, closes in _lines(part, b"--" + raw):
        if begun >= 0:
            ranges.append((begun, _before(part.data, begun, start)))
        begun = -1 if closes else min(part.end, after)
        if closes or len(ranges) > MOST:
            break
    if 0 <= begun < part.end:
        ranges.append((begun, part.end))
    return ranges


def _lines(part: Part, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
    """The lines that are a delimiter: where each begins, where the next line does, and whether it closes."""
    at = part.data.find(delimiter, part.start, part.end)
    while at >= 0:
        stop = at + len(delimiter)
        if at == part.start or part.data[at - 1 : at] == b"\n":
            rest = _REST.match(part.data, stop, part.end)
            if rest:
                yield at, rest.end(), bool(rest.group(1))
                stop = rest.end()
        at = part.data.find(delimiter, stop, part.end)


def _guessed(part: Part) -> bytes:
    """The boundary of a multipart that names none: its first line, where that begins with `--` and comes again."""
    head = part.data[part.start : min(part.end, part.start + 2_000)].lstrip()
    line = head.split(b"\n", 1)[0].strip()
    known = line.startswith(b"--") and len(line) > 4 and part.data.count(line, part.start, part.end) > 1
    return line[2:] if known else b""


def _before(data: bytes, start: int, end: int) -> int:
    """Where a part ends whose boundary line begins at `end`: the line end before that belongs to the boundary."""
    if end > start and data[end - 1 : end] == b"\n":
        end -= 1
        if end > start and data[end - 1 : end] == b"\r":
            end -= 1
    return max(start, end)
