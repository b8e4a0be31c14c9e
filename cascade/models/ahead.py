"""Questions that wait for their turn, encoded together with the first of them.

A model's weights are read from memory once a batch: sixteen short questions at once take two thirds of what they
take one by one, or less (docs/log.md). Knows texts and vectors; knows nothing of models or threads of its own.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from cascade.data import Floats

MOST = 16
"""Texts in one batch: beyond it a text costs no less, and the first would only wait longer."""


class Ahead:
    """Encodes what it is asked for, and what it was told to expect along with it. May be used from any thread."""

    def __init__(self, encode: Callable[[Sequence[str]], Floats], most: int = MOST) -> None:
        self._encode, self._most = encode, most
        self._expected: Counter[str] = Counter()
        self._ready: dict[str, Floats] = {}
        self._turn = threading.Lock()
        self._guard = threading.Lock()

    @contextmanager
    def expect(self, text: str) -> Iterator[None]:
        """For as long as this lasts, `text` may be asked for, and is encoded when there is company."""
        with self._guard:
            self._expected[text] += 1
        try:
            yield
        finally:
            with self._guard:
                self._expected[text] -= 1
                if not self._expected[text]:
                    del self._expected[text]
                    self._ready.pop(text, None)

    def vector(self, text: str) -> Floats:
        """The vector of a text: float32 (dim,)."""
        if not self._expected:
            return self._alone(text)
        with self._turn:
            with self._guard:
                if text in self._ready:
                    return self._ready[text]
                others = [one for one in self._expected if one != text and one not in self._ready]
            batch = [text, *others[: self._most - 1]]
            vectors = self._encode(batch)
            with self._guard:
                for one, vector in zip(batch, vectors, strict=True):
                    if one in self._expected:
                        self._ready[one] = vector
            first: Floats = vectors[0]
            return first

    def _alone(self, text: str) -> Floats:
        vector: Floats = self._encode([text])[0]
        return vector
