"""The texts of the soak, and the journal by which readers know what they may see. Imported by soak.py's processes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from small import record

from indexers.compact import Shape

SHAPE = Shape(exact=1_500, most=1_000, small=4)
"""Small, so that segments are merged, rewritten and put into lists all the time."""

GONE = -1
"""The version of a deleted record."""

REMEMBERED = 5_000
"""Operations after which what was deleted or superseded is forgotten by readers: no snapshot is held so long."""

WORDS = [f"common{number}" for number in range(40)]
"""What all texts are made of, besides the word that only one has."""


def word(key: int, version: int) -> str:
    """The word that only this text has."""
    return f"unique{key}x{version}"


def text(key: int, version: int) -> str:
    """The whole text of one version of a record."""
    random = Random(key * 1_000_003 + version)
    said = [random.choice(WORDS) for _ in range(random.randint(5, 40))]
    said.insert(random.randrange(len(said)), word(key, version))
    return " ".join(said)


def things(chosen: dict[int, int]) -> Iterator[Any]:
    """Versions of records, as a source has them."""
    for key, version in chosen.items():
        yield record(f"r{key}", text(key, version), key=f"k{key}", metadata={"version": version})


class Journal:
    """What the writer wrote down, as far as it was read. May be shared between threads."""

    def __init__(self, path: Path) -> None:
        self._file, self._rest, self._lock = path.open("rb"), b"", threading.Lock()
        self._log: list[tuple[int, dict[str, int]]] = []
        self.begun = self.acknowledged = 0
        self.history: dict[int, list[tuple[int, int]]] = {}

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def read(self) -> tuple[int, int]:
        """Read on; the newest operation acknowledged, and the newest begun."""
        with self._lock:
            *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
            for line in lines:
                self._take(json.loads(line))
            return self.acknowledged, self.begun

    def _take(self, said: dict[str, Any]) -> None:
        if "begin" not in said:
            self.acknowledged = said["end"]
            return
        self.begun = said["begin"]
        self._log.append((self.begun, said["records"]))
        for key, version in said["records"].items():
            self.history.setdefault(int(key), []).append((self.begun, version))
        while self._log and self._log[0][0] < self.begun - REMEMBERED:
            for key in map(int, self._log.pop(0)[1]):
                kept = self.history.get(key, [])
                while len(kept) > 1 and kept[1][0] < self.begun - REMEMBERED:
                    kept.pop(0)
                if len(kept) == 1 and kept[0][1] == GONE and kept[0][0] < self.begun - REMEMBERED:
                    del self.history[key]

    def allowed(self, key: int, acknowledged: int, begun: int) -> set[int]:
        """The versions of a record that a search may see."""
        with self._lock:
            known = list(self.history.get(key, []))
        before = [version for at, version in known if at <= acknowledged]
        return {before[-1] if before else GONE, *(version for at, version in known if acknowledged < at <= begun)}

    def draw(self, random: Random) -> tuple[int, int] | None:
        """A record and one of its last versions."""
        with self._lock:
            if not self.history:
                return None
            key = random.choice(list(self.history))
            versions = [version for _, version in self.history[key] if version != GONE]
            return (key, random.choice(versions[-3:])) if versions else None
