"""What one worker does of a build: a part of a source -> finished segments, and a receipt that names them.

A worker reads the index as it was when the build began, and writes nothing into it. Work that has a receipt is not done
again. Two parts of a source may hold the same thing twice: who takes them in sees to that, by the places that each
receipt lists. Knows records, passages and segments; knows nothing of other workers, of locks or commits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import Rows
from cascade.errors import Locked
from cascade.index import model, segment
from cascade.index.files import digest
from cascade.index.manifest import Built
from cascade.index.snapshot import Snapshot
from cascade.models import resolve
from cascade.models.base import Encoder
from indexers.cluster.partitions import Partition, read
from indexers.cluster.staging import Stage
from indexers.ingest import IngestConfig, Report, batches
from indexers.known import Keys, Known, Seen
from indexers.making import Maker, leaf_of
from indexers.records import Record, Skipped
from indexers.sampling import Sampler
from indexers.segments import Pending

REPLACED = np.dtype([("segment", "<u8"), ("row", "<u4"), ("place", "<u8")])
"""A row of an older segment that a new record replaces, and the place of that record."""


@dataclass(frozen=True, slots=True)
class Site:
    """One build, as each worker is told of it.

    `root`: the index, as all see it; `commit` and `built`: what it was when the build began, and how it is made.
    `stage`: where finished work is left. `passages`: most in a segment.
    """

    root: str
    commit: int
    built: Built
    stage: str
    passages: int = 1 << 20
    config: IngestConfig = field(default_factory=IngestConfig)

    def key(self, part: Partition) -> str:
        """Names a part of this build: the same part of the same source, added to the same commit."""
        return digest(f"{self.commit} {self.built} {self.passages} {part.key}".encode())

    def sampled(self, part: Partition) -> str:
        """Names the sample of a part."""
        return f"sample-{digest(f'{self.built} {part.key}'.encode())}"


class Staged(NamedTuple):
    """A segment that is finished: the name to fetch it by, and what the manifest will say of it."""

    name: str
    entry: dict[str, Any]


class Ground:
    """The index that a worker adds to, as it was when the build began: what it holds, and its lists."""

    def __init__(self, root: Path, commit: int) -> None:
        snapshot = Snapshot(root)
        try:
            snapshot.whole()
            if snapshot.manifest.commit != commit:
                raise Locked(f"{root} was changed while it was being built. Run the same command again.")
            self.rotation, self.generation = snapshot.rotation, snapshot.manifest.generation
            self.lists = model.newest(snapshot.layout, snapshot.manifest)
            self.known = Known([leaf_of(snapshot, number) for number in range(len(snapshot.segments))])
        finally:
            snapshot.close()
        self._alive = [leaf.alive.copy() for leaf in self.known.leaves]

    def fresh(self) -> Known:
        """What the index holds, without what another part of the work has noted or replaced."""
        for leaf, alive in zip(self.known.leaves, self._alive, strict=True):
            leaf.alive[:] = alive
        return Known(self.known.leaves)


def work(site: Site, part: Partition) -> None:
    """Do a part of a build, unless it is done. Raises WrongEncoder, Corrupt, Unwritable, SourceError."""
    if Stage(site.stage).receipt(site.key(part)) is None:
        Work(site, part).run()


def sample(site: Site, part: Partition) -> None:
    """Leave vectors of a part, drawn evenly over it, for lists to be trained on, and how many passages it has."""
    stage, key = Stage(site.stage), site.sampled(part)
    if stage.receipt(key) is not None:
        return
    sampler = Sampler(_encoder(site.built.encoder), _ground(site.root, site.commit).rotation)
    for records in batches(read(part), site.config, lambda _: None):
        sampler.take(records)
    raw = sampler.vectors().tobytes()
    said = {"vectors": [stage.keep(key, raw), digest(raw)], "passages": sampler.passages}
    stage.finish(key, json.dumps(said).encode())


class Work:
    """A part of a build on its way: what was met, what is pending, what is finished."""

    def __init__(self, site: Site, part: Partition) -> None:
        self.site, self.part, self.key = site, part, site.key(part)
        self.stage, self.report = Stage(site.stage), Report()
        self._ground = _ground(site.root, site.commit)
        self._known = self._ground.fresh()
        self._maker = Maker(_encoder(site.built.encoder), self._ground.rotation, self._known)
        self._pending, self._seen = Pending(), Seen()
        self._places: list[NDArray[np.uint64]] = []
        self._replaced: list[NDArray[Any]] = []
        self._staged: list[Staged] = []

    def run(self) -> None:
        """Read, cut, encode and write; then the receipt."""
        for records in batches(self._things(), self.site.config, self.report.skip):
            self._add(records)
            if len(self._pending) >= self.site.passages:
                self._write()
        self._write()
        self._finish()

    def _things(self) -> Iterator[Record | Skipped]:
        return read(self.part)

    def _add(self, records: list[Record]) -> None:
        """Take in a batch: leave out what is known, cut and embed the rest, and keep it pending."""
        keys = Keys.of(records)
        repeated = self._seen.add(keys.place)
        unchanged = self._known.unchanged(keys) & ~repeated
        fresh = ~unchanged & ~repeated
        self._places.append(keys.place[~repeated])
        self.report.unchanged += int(unchanged.sum())
        for name, rows in self._known.replaced(keys, fresh).items():
            self._note(name, rows)
        self._refuse([records[at] for at in np.flatnonzero(repeated).tolist()])
        chosen = np.flatnonzero(fresh)
        self.report.records += len(chosen)
        kept = Keys(keys.high[chosen], keys.low[chosen], keys.place[chosen])
        batch = self._maker.batch([records[at] for at in chosen.tolist()], kept) if len(chosen) else None
        if batch is not None:
            self.report.passages += len(batch)
            self._pending.add(batch)

    def _refuse(self, repeated: list[Record]) -> None:
        for one in repeated:
            why = f"it has the same key as an earlier one ({one.key or one.locator}); the first is kept"
            self.report.skip(Skipped(one.source, one.locator, why))

    def _note(self, name: str, rows: Rows) -> None:
        made = np.zeros(len(rows), dtype=REPLACED)
        made["segment"], made["row"] = int(name), rows
        made["place"] = next(one for one in self._known.leaves if one.name == name).keys.place[rows]
        self._replaced.append(made)
        self.report.replaced += len(rows)

    def _write(self) -> None:
        """Write what is pending as one finished segment, in list order where the index has lists."""
        if not len(self._pending):
            return
        batch = self._pending.take()
        batch = batch.take(np.arange(len(batch)))  # leaves out records without passages
        lists, generation = self._ground.lists, self._ground.generation
        with self.stage.folder(self.key) as (aside, name):
            imbalance = segment.write(aside, batch, self.site.built, lists)
            entry = segment.entry(aside, batch, generation.number if lists and generation else 0, imbalance)
        self._staged.append(Staged(name, asdict(entry)))

    def _finish(self) -> None:
        embedder, report = self._maker.embedder, self.report
        report.computed, report.reused = embedder.computed, embedder.reused
        places = np.concatenate([np.empty(0, np.uint64), *self._places]).astype("<u8").tobytes()
        replaced = np.concatenate([np.empty(0, REPLACED), *self._replaced]).tobytes()
        said = {
            "segments": [one._asdict() for one in self._staged],
            "places": [self.stage.keep(self.key, places), digest(places)],
            "replaced": [self.stage.keep(self.key, replaced), digest(replaced)],
            "report": {**asdict(report), "skipped": [asdict(one) for one in report.skipped]},
        }
        self.stage.finish(self.key, json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass"))


@lru_cache(2)
def _encoder(name: str) -> Encoder:
    return resolve.encoder(name, threads=1)


@lru_cache(1)
def _ground(root: str, commit: int) -> Ground:
    return Ground(Path(root), commit)
