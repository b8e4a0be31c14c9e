"""The numbered blocks of a packed context, read back: a header line `[3] Title (source)` and the text under it.

Knows the text form that Pack writes; knows nothing of models.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SILENT = "The context does not say."
"""What a reader answers when the context holds no answer."""

_HEADER = re.compile(r"^\[(\d{1,4})\][^\n]*$", re.MULTILINE)
_STOP = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[^\W\d_a-z]|\d)|(?<=[。！？])|\n\s*\n|\n(?=\s*[-*•] )")


@dataclass(frozen=True, slots=True)
class Numbered:
    """One block as a reader sees it."""

    number: int
    header: str
    text: str


def blocks(context: str) -> list[Numbered]:
    """The blocks in the order written. A header stands at the start of the context or after a blank line.

    Text before the first header, or a context without any, belongs to no block.
    """
    heads = [m for m in _HEADER.finditer(context) if m.start() == 0 or context[: m.start()].endswith("\n\n")]
    ends = [*(head.start() for head in heads[1:]), len(context)]
    return [
        Numbered(int(head[1]), head[0], context[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=False)
    ]


def sentences(text: str) -> list[str]:
    """Sentences, with line breaks inside them as spaces; nothing empty. Knows Western and CJK full stops."""
    return [clean for part in _STOP.split(text) if (clean := " ".join(part.split()))]
