"""Content-Transfer-Encoding undone, as it is met: base64, quoted-printable, uuencode, and misspelt names of nothing.

Seen in public mails: `7-bit`, `8bits`, `plain`, `quoted printable`, `quoted-printable;`, `text/html`, `x-uuencode`,
a charset, an empty value. Whatever is not one of the three encodings is taken as it stands. Base64 may hold line ends,
`=` in the middle (parts glued together), and junk of mailing lists. Linear in the data; never raises.
"""

from __future__ import annotations

import binascii
import re
from enum import StrEnum

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


_BAD = 1_000
"""Lines that are no uuencode, after which a body is none."""


class Transfer(StrEnum):
    """How a body was made fit for the wire."""

    NONE = "none"
    BASE64 = "base64"
    QUOTED = "quoted-printable"
    UU = "uuencode"


def named(value: str) -> Transfer:
    """The encoding that a header means, however it is spelt."""
    word = re.sub(r"[\s\"'_-]+", "", value.lower().partition(";")[0])
    if word == "base64":
        return Transfer.BASE64
    if word == "quotedprintable":
        return Transfer.QUOTED
    return Transfer.UU if word in {"xuuencode", "uuencode", "xuue", "uue"} else Transfer.NONE


def undone(data: bytes, transfer: Transfer) -> bytes:
    """The bytes as they were before they were sent."""
    match transfer:
        case Transfer.BASE64:
            return _base64(data)
        case Transfer.QUOTED:
            return binascii.a2b_qp(data)
        case Transfer.UU:
            return _uu(data)
        case _:
            return data


def _base64(data: bytes) -> bytes:
    plain = data.translate(None, b"\r\n \t")
    if junk := plain.translate(None, _BASE64):
        plain = plain.translate(None, bytes(set(junk)))
    if b"=" not in plain.rstrip(b"="):
        return _whole(plain)
    return b"".join(_whole(piece) for piece in re.findall(rb"[^=]+", plain))


def _whole(plain: bytes) -> bytes:
    plain = plain.rstrip(b"=")
    plain = plain[: len(plain) - 1] if len(plain) % 4 == 1 else plain  # one character alone is no whole byte
    return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))


def _uu(data: bytes) -> bytes:
    made: list[bytes] = []
    inside = False
    bad = 0
    for line in data.splitlines():
        if not inside:
            inside = line.startswith(b"begin ")
        elif line.strip() in {b"end", b"`", b""}:
            if line.strip() == b"end":
                break
        else:
            made.append(_uu_line(line))
            bad += not made[-1] or len(line) < 2
            if bad > _BAD:
                return data
    return b"".join(made) if inside else data


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # some encoders write more than the length says
        size = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:size])
        except binascii.Error:
            return b""
