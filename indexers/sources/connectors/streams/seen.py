"""What a reading remembers of itself: ids it has given already, and shapes it does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from indexers.records import Skipped

_MOST = 3_000_000
"""Ids remembered, about 200 MB of them; what comes after is left to whoever holds the ids of everything."""

_MOST_NAMES = 40


class Seen:
    """Ids that were given already, in bounded memory: the same thing in two files of one export is one."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self.again = 0

    def first(self, native: str) -> bool:
        """Whether the id comes for the first time."""
        mark = int.from_bytes(blake2b(native.encode("utf-8", "replace"), digest_size=7).digest(), "big")
        if mark in self._known:
            self.again += 1
            return False
        if len(self._known) < _MOST:
            self._known.add(mark)
        return True


class Drift:
    """Keys or columns that an export has and its connector does not know: told, for the format may have changed."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._unknown: Counter[str] = Counter()

    def see(self, names: Iterable[str]) -> None:
        """Note the names of one element."""
        for name in names:
            if name not in self._known and (name in self._unknown or len(self._unknown) < _MOST_NAMES):
                self._unknown[name] += 1

    def told(self, source: str, locator: str) -> Iterator[Skipped]:
        """One line for all of them, none where all are known."""
        if not self._unknown:
            return
        names = ", ".join(f"{name[:40]!r} ({count:,})" for name, count in sorted(self._unknown.items()))
        yield Skipped(
            source, locator, f"It has keys that this version does not know and leaves out: {names}.", fault=False
        )
