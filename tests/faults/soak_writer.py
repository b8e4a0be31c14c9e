"""The writer of the soak: adds, updates, deletes, drops and compacts, and keeps a journal. Run by soak.py."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from small import Given
from soak_journal import GONE, SHAPE, things

from cascade.index.writer import Writer
from cascade.models.toy import ToyEncoder
from indexers.compact import compact
from indexers.ingest import IngestConfig, ingest
from indexers.remove import remove


@dataclass
class Writing:
    """The writer: what is live, and the journal it keeps."""

    root: Path
    journal: Path
    most: int
    random: Random
    live: dict[int, int] = field(default_factory=dict)
    versions: Counter[int] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    sizes: list[float] = field(default_factory=list)
    operation: int = 0
    next: int = 0

    def run(self, until: float) -> None:
        """One operation after another."""
        with self.journal.open("ab", buffering=0) as self.out:
            while time.time() < until:
                kind = self.random.choices(["put", "delete", "sync", "compact"], [66, 25, 4, 5])[0]
                getattr(self, kind)()
                self.done[kind] += 1

    def put(self) -> None:
        """Add some records and change some, in one run."""
        few = self.random.choice([1, 3, 10, 30])
        added = range(self.next, self.next + (few if len(self.live) < self.most else 0))
        self.next += few
        changed = self.random.sample(sorted(self.live), min(len(self.live), self.random.randint(0, few)))
        chosen = {key: self._newer(key) for key in [*added, *changed]}
        size = max(1, len(chosen) // self.random.randint(1, 3))
        self._do(chosen, lambda said: self._ingest(chosen, said, size))

    def delete(self) -> None:
        """Delete some records by filter."""
        most = 60 if len(self.live) > self.most else 5
        chosen = self.random.sample(sorted(self.live), min(len(self.live), self.random.randint(1, most)))
        if chosen:
            self._do(dict.fromkeys(chosen, GONE), lambda said: self._delete(chosen, said))

    def _delete(self, chosen: list[int], said: Callable[[], None]) -> None:
        passages, records = remove(self.root, f"key in ({', '.join(f'k{key}' for key in chosen)})")
        said()
        if (passages, records) != (len(chosen), len(chosen)):
            raise AssertionError(f"{records} records of {passages} passages were deleted instead of {len(chosen)}")

    def sync(self) -> None:
        """Read all again, some changed and some gone."""
        gone = self.random.sample(sorted(self.live), len(self.live) // 50)
        changed = {key: self._newer(key) for key in self.random.sample(sorted(self.live), len(self.live) // 100)}
        chosen = changed | dict.fromkeys(gone, GONE)
        whole = {key: version for key, version in (self.live | changed).items() if key not in gone}
        self._do(chosen, lambda said: self._ingest(whole, said, 4096, sync=True))

    def compact(self) -> None:
        """As `cascade compact` does; what a passage takes afterwards is noted."""
        with Writer(self.root) as writer:
            compact(writer, SHAPE, thorough=True)
            size = sum(entry.bytes for entry in writer.manifest.segments)
        self.sizes.append(size / max(len(self.live), 1))

    def _newer(self, key: int) -> int:
        self.versions[key] += 1
        return self.versions[key]

    def _ingest(self, chosen: dict[int, int], said: Callable[[], None], size: int, sync: bool = False) -> None:
        """One run. It is acknowledged as soon as the last of it is committed, before segments are merged."""
        config, source = IngestConfig(records=size, passages=size, shape=SHAPE), Given("notes", things(chosen))

        def heard(report: Any, committed: bool) -> None:
            if committed and not sync and report.records + report.unchanged == len(chosen):
                said()

        ingest(self.root, [source], ToyEncoder(), config, sync, heard=heard)
        said()

    def _do(self, chosen: dict[int, int], work: Callable[[Callable[[], None]], None]) -> None:
        self.operation += 1
        self._note(begin=self.operation, records=chosen)
        work(lambda: self._note(end=self.operation))
        self.live |= chosen
        for key in [key for key, version in chosen.items() if version == GONE]:
            del self.live[key]

    def _note(self, **said: Any) -> None:
        self.out.write(json.dumps(said).encode() + b"\n")


def write(root: Path, journal: Path, out: Path, how: dict[str, Any]) -> None:
    """Write until it is time, and leave a report."""
    writing = Writing(root, journal, how["live"], Random(how["seed"]))
    writing.run(how["until"])
    out.write_text(json.dumps({"live": writing.live, "done": writing.done, "bytes_per_live": writing.sizes}))
