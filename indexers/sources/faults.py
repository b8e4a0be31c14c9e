"""Why a thing cannot be read, as one sentence: the exception our readers raise, and words for everybody else's.

Knows exceptions; knows nothing of formats or files.
"""

from __future__ import annotations

import csv
import lzma
import tarfile
import zipfile
import zlib


class Unreadable(Exception):
    """Ends the reading of one thing; the message becomes `Skipped.reason`.

    With `fault=False` the thing was never meant to be read (see `Skipped.fault`).
    """

    def __init__(self, reason: str, fault: bool = True) -> None:
        super().__init__(reason)
        self.fault = fault


FAULTS: tuple[type[Exception], ...] = (
    Unreadable, OSError, EOFError, UnicodeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError,
    csv.Error, NotImplementedError,
)
"""What opening and streaming may raise for a bad thing. Whole-document parsers raise anything; see `read.py`."""


def sentence(error: Exception) -> str:
    """One sentence for a person: what is wrong with the thing, without its name."""
    match error:
        case Unreadable():
            return str(error)
        case PermissionError():
            return "It may not be read: permission denied."
        case FileNotFoundError():
            return "It vanished before it was read."
        case EOFError():
            return "It ends too early: the compressed data are cut short."
        case zlib.error() | lzma.LZMAError() | zipfile.BadZipFile() | tarfile.TarError():
            return f"Its compressed data are damaged ({error})."
        case UnicodeError():
            return f"Its text cannot be decoded ({error})."
        case csv.Error():
            return f"It is not a table that can be parsed ({error})."
        case OSError():
            return f"It cannot be read ({error.strerror or error})."
        case _:
            detail = " ".join(str(error).split())[:200]
            return f"It cannot be parsed ({type(error).__name__}{': ' + detail if detail else ''})."
