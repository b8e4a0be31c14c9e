"""Where the lines of a text begin, in code points."""

from __future__ import annotations

import re


def starts(text: str) -> list[int]:
    """Offsets of the beginnings of lines parted by `\\n`; one more entry than there are line ends."""
    return [0, *(found.end() for found in re.finditer("\n", text))]
