"""Adding sources on a cluster, in one place: parts of sources -> workers -> finished segments -> one commit.

    sources --parted--> parts --workers--> segments and receipts --adopted--> one commit

The driver holds the writer's lock from the beginning to the end, so what workers compared with is what is committed on.
Whatever is killed, finished parts stay finished until the commit; the same command goes on from there.
Knows the order of the steps; knows nothing of Ray.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Rows
from cascade.errors import UnusableIndex
from cascade.index.catalog import Catalog
from cascade.index.layout import PASSAGES
from cascade.index.manifest import Entry
from cascade.index.segment import Segment
from cascade.index.writer import BROKEN, Writer
from cascade.models.base import Encoder
from indexers.cluster.building import REPLACED, Site, sample, work
from indexers.cluster.machines import Machines
from indexers.cluster.partitions import Partition, parted
from indexers.cluster.staging import Stage
from indexers.compact import Shape, Told, compact, train
from indexers.ingest import IngestConfig, Report, writing
from indexers.known import Seen
from indexers.records import Skipped
from indexers.sources.options import SourceOptions


@dataclass(frozen=True, slots=True)
class Work:
    """How a build is divided. `workers`: 0 for one a core. `size`: bytes of a part, 0 for what fits the source.
    `stage`: where finished segments are left, a folder that all see or an address of object storage; empty: the index.
    `gpus`: of one worker. `passages`: most in a segment."""

    workers: int = 0
    size: int = 0
    stage: str = ""
    gpus: float = 0.0
    passages: int = 1 << 20
    language: str = "english"
    shape: Shape = field(default_factory=Shape)


Specs = Sequence[tuple[str, SourceOptions]]
"""What a user named, and how it is read."""


def add(
    machines: Machines, root: Path, specs: Specs, encoder: Encoder, how: Work | None = None, told: Told | None = None
) -> Report:  # fmt: skip
    """Add everything of some sources to the index in `root`, which is made if it is not there.

    Adding the same again adds nothing; changed things replace their old passages. All of it is committed at once.
    Raises WrongEncoder, Locked, UnusableIndex, UsageError, SourceError.
    """
    how, began = how or Work(), time.monotonic()
    with writing(root, encoder, how.language) as writer:
        if writer.manifest.notes.get(BROKEN):
            raise UnusableIndex(f"{root} was repaired and lacks passages. Add their sources with `cascade add` first.")
        run = Adding(machines, writer, how, told or _quiet)
        run.divide(specs)
        run.train()
        run.build()
        run.adopt()
        compact(writer, how.shape, told=told)
    run.report.seconds = time.monotonic() - began
    return run.report


class Adding:
    """One build: the writer, the parts, and what is finished of them."""

    def __init__(self, machines: Machines, writer: Writer, how: Work, told: Told) -> None:
        self.machines, self.writer, self.how, self.told = machines, writer, how, told
        self.stage = Stage(how.stage or str(writer.layout.building.resolve()))
        self.report, self.parts = Report(), list[Partition]()

    @property
    def site(self) -> Site:
        """The build, as workers are told of it: the index as it is now."""
        manifest, how = self.writer.manifest, self.how
        root = str(self.writer.layout.root.resolve())
        config = IngestConfig(language=how.language)
        return Site(root, manifest.commit, manifest.built, self.stage.where, how.passages, config)

    def divide(self, specs: Specs) -> None:
        """Divide the sources into parts, and forget what is finished of others."""
        for number, (spec, options) in enumerate(specs):
            self.told("dividing sources", number, len(specs))
            found, passed = parted(spec, options, self.how.size)
            self.parts += found
            for one in passed:
                self.report.skip(one)
        site = self.site
        self.stage.clear(but={name(part) for part in self.parts for name in (site.key, site.sampled)})

    def train(self) -> None:
        """Train lists on a sample of all parts, where a new index will be so large that it needs them.

        A part's sample grows with the square root of it, so that of as many parts, evenly spread, as the root of their
        number is as large as that of the whole would be.
        """
        manifest = self.writer.manifest
        if manifest.segments or manifest.generation or not self.parts:
            return
        site, count = self.site, math.isqrt(len(self.parts) - 1) + 1
        chosen = [self.parts[at * len(self.parts) // count] for at in range(count)]
        self._have_done(sample, site, chosen, site.sampled, "reading a sample")
        said = [json.loads(self.stage.receipt(site.sampled(part)) or b"{}") for part in chosen]
        passages = sum(one["passages"] for one in said) * len(self.parts) // count
        if passages <= self.how.shape.exact:
            return
        raw = b"".join(self.stage.read(*one["vectors"]) for one in said)
        train(self.writer, np.frombuffer(raw, np.int8).reshape(-1, site.built.dim), passages, self.told)
        self.writer.commit()

    def build(self) -> None:
        """Have workers make segments of all parts."""
        site = self.site
        self._have_done(work, site, self.parts, site.key, "building parts")

    def adopt(self) -> None:
        """Take what is finished into the index, in one commit."""
        site = self.site
        Adoption(self.writer, self.stage, self.report).run([site.key(part) for part in self.parts])
        self.stage.clear()

    def _have_done(
        self, job: Callable[[Site, Partition], None], site: Site, parts: Sequence[Partition],
        key: Callable[[Partition], str], what: str,
    ) -> None:  # fmt: skip
        """Have workers do a job on the parts that have no receipt for it yet."""
        open_ = [part for part in parts if self.stage.receipt(key(part)) is None]
        done = len(parts) - len(open_)
        self.told(what, done, len(parts))
        workers = self.how.workers or max(1, int(sum(node.cores for node in self.machines.nodes())))
        for _ in self.machines.each(partial(job, site), open_, workers, self.how.gpus):
            done += 1
            self.told(what, done, len(parts))


def _quiet(what: str, done: int, total: int) -> None:
    """Tell nobody."""


class Adoption:
    """Takes finished parts into the index, in their order, in one commit."""

    def __init__(self, writer: Writer, stage: Stage, report: Report) -> None:
        self.writer, self.stage, self.report = writer, stage, report
        self._seen = Seen()
        self._dead: dict[str, list[Rows]] = {}
        self._added: list[Entry] = []

    def run(self, keys: Sequence[str]) -> None:
        """Adopt the parts of these keys; of a thing that several hold, the first counts."""
        for key in keys:
            self._part(json.loads(self.stage.receipt(key) or b"{}"))
        dead = {name: np.concatenate(rows) for name, rows in self._dead.items()}
        if self._added or dead:
            self.writer.commit(self._added, dead)
            self.report.commits += 1

    def _part(self, said: dict[str, Any]) -> None:
        _sum(self.report, said["report"])
        places = np.frombuffer(self.stage.read(*said["places"]), dtype="<u8").astype(np.uint64)
        repeated = places[self._seen.add(places)]
        replaced = np.frombuffer(self.stage.read(*said["replaced"]), dtype=REPLACED)
        replaced = replaced[~np.isin(replaced["place"], repeated)]
        for number in np.unique(replaced["segment"]).tolist():
            rows = replaced["row"][replaced["segment"] == number].astype(np.int64)
            self._dead.setdefault(f"{number:08d}", []).append(rows)
        for one in said["segments"]:
            self._adopt(one["name"], Entry(**one["entry"]), repeated)

    def _adopt(self, name: str, said: Entry, repeated: NDArray[np.uint64]) -> None:
        made, aside = self.writer.adopt(said)
        self.stage.fetch(name, aside)
        self.writer.settle(made)
        if len(repeated):
            held = self._places(made)
            rows = np.flatnonzero(np.isin(held, repeated))
            if len(rows):
                self._dead.setdefault(made.name, []).append(rows)
                self.report.passages -= len(rows)
                self.report.records -= len(np.unique(held[rows]))
        self._added.append(made)

    def _places(self, made: Entry) -> NDArray[np.uint64]:
        """The place of the record of each row of an adopted segment."""
        opened = Segment(self.writer.layout.segment(made.name), made, self.writer.manifest.built, None)
        catalog = Catalog([(opened.folder / PASSAGES, opened.sums[PASSAGES], len(opened))])
        try:
            places: NDArray[np.uint64] = catalog.identities(0)["place"]
            return places
        finally:
            catalog.close()
            opened.close()


def _sum(report: Report, said: dict[str, Any]) -> None:
    """Add what one worker reports to what is known."""
    for one in fields(Report):
        if one.name not in ("skipped", "seconds"):
            setattr(report, one.name, getattr(report, one.name) + said[one.name])
    left = max(0, 1000 - len(report.skipped))
    report.skipped += [Skipped(**each) for each in said["skipped"][:left]]
