"""The pieces of words met before: most text is tokenized by looking its words up, several times faster than anew.

BERT's tokenizer splits plain ASCII at white space and around each punctuation mark, makes it lower case, and cuts each
word into pieces by itself. So the pieces of a text are those of its words one after another, and each distinct word
has to be cut once. Text with any other character is not for this module.
Knows words and ids; knows nothing of the tokenizer that cuts a new word.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.uint16]

MOST = 200_000
"""Distinct words remembered: some 30 MB. When there are more, all are forgotten; the common ones are soon back."""

_END = "\x01"
"""Stands between two texts; it is in none that is plain."""

_WORD = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_STRANGE = re.compile(r"[^\t\n\r -~]")
"""What the tokenizer drops or changes by other rules: control characters, and everything that is not ASCII."""


def plain(text: str) -> bool:
    """Whether a text may be given to `Spelt`."""
    return text.isascii() and _STRANGE.search(text) is None


class Spelt:
    """Remembers the pieces of each word, of `most` and what one call adds; may be shared between threads."""

    def __init__(self, cut: Callable[[Sequence[str]], list[Tokens]], most: int = MOST) -> None:
        self._cut, self._most, self._lock = cut, most, threading.Lock()
        self._numbers = _Numbers()
        self._pieces, self._begins = np.empty(0, np.uint16), np.zeros(2, np.int64)
        self._forget()

    def __len__(self) -> int:
        return len(self._numbers)

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """The ids of each plain text, uint16; views of one array."""
        if not texts:
            return []
        words = _WORD.findall(_END.join((*texts, "")).lower())
        with self._lock:
            if len(self) > self._most:
                self._forget()
            numbers = np.fromiter(map(self._numbers.__getitem__, words), np.int64, len(words))
            self._learn()
            pieces, begins = self._pieces, self._begins
        sizes = np.diff(begins)[numbers]
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        ids = pieces[np.repeat(begins[numbers] - offsets[:-1], sizes) + np.arange(offsets[-1])]
        ends = offsets[np.flatnonzero(numbers == 0)].tolist()
        return [ids[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]

    def _learn(self) -> None:
        """Cut the words that were numbered and not cut yet."""
        known = len(self._begins) - 1
        if known == len(self._numbers):
            return
        new = self._cut(list(self._numbers)[known:])
        begins = self._begins[-1] + np.cumsum([len(ids) for ids in new])
        self._pieces = np.concatenate([self._pieces, *new])
        self._begins = np.concatenate([self._begins, begins])

    def _forget(self) -> None:
        self._numbers = _Numbers({_END: 0})
        self._pieces, self._begins = np.empty(0, np.uint16), np.zeros(2, np.int64)


class _Numbers(dict[str, int]):
    """Numbers words in the order in which they are asked for."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number
