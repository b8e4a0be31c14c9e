"""Whether an answer is right, decided by the same rule every time and by no model: it contains the value and no rival.

Knows texts only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


def normal(text: str) -> str:
    """Lower case, compatibility forms, no accents or punctuation, one blank between words and at both ends.

    Commas within numbers go without a blank, so that 123,456 is 123456.
    """
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)).casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    words = " ".join(re.findall(r"\w+", plain))
    return f" {words} "


def right(answer: str, value: str, rivals: Iterable[str] = ()) -> bool:
    """Whether the answer says the value, as whole words, and none of its rivals (values of other facts)."""
    said = normal(answer)
    return normal(value) in said and not any(normal(rival) in said for rival in rivals)
