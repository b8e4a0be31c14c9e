"""A message as it lies in its file, before it is parsed, and what the file around it says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexers.sources.connectors.base import Moment
from indexers.sources.connectors.mail.labels import Role

UNKNOWN = Moment()
LARGEST = 64 << 20
"""Bytes of a message that are held at once. Mail servers refuse mails of more than 25 to 50 MB."""


def nowhere(_number: str, _name: str) -> bytes | None:
    """Finds nothing: for mails that hold all their parts."""
    return None


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one message.

    `folder` are the names of the mailboxes around it, outermost first. `received` is the time by which its container
    knows it, for a mail without a date of its own. `ends` is the byte after it in a file that reading may go on at;
    else -1. `elsewhere` finds the bytes of a part that the message holds only by name: the part's number and name.
    """

    data: bytes
    locator: str
    folder: tuple[str, ...] = ()
    roles: frozenset[Role] = frozenset()
    labels: tuple[str, ...] = ()
    received: Moment = UNKNOWN
    begins: int = -1
    ends: int = -1
    elsewhere: Callable[[str, str], bytes | None] = nowhere
