"""Apple Mail's files: one message in each, `N.emlx`, or `N.partial.emlx` where attachments lie beside it.

    line 1    the number of bytes of the message, in decimal, padded with spaces
    then      the message (RFC 5322)
    then      an XML property list: `flags`, `date-sent` and `date-received` in seconds since 1970, ...

Bits of `flags`: 0 read, 1 deleted, 2 answered, 3 encrypted, 4 flagged, 6 draft, 8 forwarded. In a partial file, a part
that lies elsewhere has an empty body and the field `X-Apple-Content-Length`; its bytes are in
`../Attachments/N/PART/FILE`, with PART numbered as IMAP does (msgvault#878: so in half of 51,924 such files).
The list is read with two patterns and no XML parser, since only numbers are wanted.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.mail.labels import Role
from indexers.sources.faults import Unreadable

STUB = "x-apple-content-length"
"""The field of a part whose bytes lie in a file of their own."""

_COUNT = re.compile(rb"\s*(\d{1,12})\s*?\n")
_NUMBER = r"<key>{}</key>\s*<(?:integer|real)>(\d{{1,20}})"
_FLAGS = re.compile(_NUMBER.format("flags").encode())
_DATE = re.compile(_NUMBER.format("date-(?:received|sent)").encode())
_BITS = {1: Role.DELETED, 6: Role.DRAFT}


def opened(data: bytes) -> tuple[bytes, frozenset[Role], Moment]:
    """The message, what its flags say, and when it came. Raises Unreadable where the first line is no number."""
    count = _COUNT.match(data)
    if not count:
        raise Unreadable("It is named like a mail of Apple Mail but does not begin with a number of bytes.")
    start = count.end()
    end = min(len(data), start + int(count.group(1)))
    tail = data[end : end + (1 << 20)]
    flags = _FLAGS.search(tail)
    bits = int(flags.group(1)) if flags else 0
    roles = frozenset(role for bit, role in _BITS.items() if bits >> bit & 1)
    return data[start:end], roles, _received(tail)


def _received(tail: bytes) -> Moment:
    if (found := _DATE.search(tail)) is None:
        return Moment()
    try:
        time = datetime.fromtimestamp(int(found.group(1)), UTC)
    except (ValueError, OverflowError, OSError):
        return Moment()
    return Moment(time.isoformat(), Basis.UTC, found.group(1).decode())
