"""Small mails and mailboxes for tests, and reading them."""

from __future__ import annotations

from pathlib import Path

from open_reader import OpenReader

from indexers.records import Skipped
from indexers.sources.connectors.base import Item
from indexers.sources.connectors.mail import read

BASE = {
    "Message-ID": "<1@example.org>",
    "From": "Anna Berg <anna@example.org>",
    "To": "Bob <bob@example.com>",
    "Date": "Fri, 3 May 2024 10:30:00 +0200",
    "Subject": "The boiler",
}


def mail(body: str | bytes = "It leaks.\n", charset: str = "utf-8", **fields: str | None) -> bytes:
    """A mail with LF. Fields with `_` for `-`; None leaves one of the usual out."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    known = {name: named.pop(name, value) for name, value in BASE.items()} | named
    head = "".join(f"{name}: {value}\n" for name, value in known.items() if value is not None)
    return head.encode(charset) + b"\n" + (body if isinstance(body, bytes) else body.encode(charset))


def parts(*bodies: str, boundary: str = "cut") -> str:
    """The body of a multipart, of parts with their own headers."""
    return "".join(f"--{boundary}\n{body}\n" for body in bodies) + f"--{boundary}--\n"


def multipart(*bodies: str, kind: str = "mixed", **fields: str | None) -> bytes:
    """A mail of several parts."""
    return mail(parts(*bodies), Content_Type=f'multipart/{kind}; boundary="cut"', **fields)


def of(root: Path, **choices: str) -> list[Item | Skipped]:
    """Everything in an export."""
    return list(read(OpenReader(root, choices)))


def only(root: Path, **choices: str) -> Item:
    """The one mail of an export."""
    (item,) = [thing for thing in of(root, **choices) if isinstance(thing, Item)]
    return item


def one(folder: Path, data: bytes, name: str = "a.eml", **choices: str) -> Item:
    """The mail of a single file."""
    (folder / name).write_bytes(data)
    return only(folder / name, **choices)
