"""Sets of words, written as prose."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, parted by spaces and line ends."""
    return frozenset(text.split())
