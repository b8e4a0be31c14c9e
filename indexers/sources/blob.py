"""A thing with bytes: a file, a member of an archive, a git object, standard input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes to be read once, and what they are called.

    `name` is what the format is chosen by: the last part of the path, less `.gz` and the like once that is opened.
    `open` may raise `OSError` or `Unreadable`. `time` is ISO 8601 where the source itself dates the thing.
    """

    source: str
    locator: str
    name: str
    open: Callable[[], BinaryIO]
    time: str = ""
