"""Adding sources on a cluster, in one place: parts of sources -> workers -> finished segments -> one commit.

    sources --parted--> parts --workers--> segments and receipts --adopted--> one commit

The driver holds the writer's lock from the beginning to the end, so what workers compared with is what is committed on.
Whatever is killed, finished parts stay finished until the commit; the same command goes on from there.
Knows the order of the steps; knows nothing of Ray.
"""

from __future__ import annotations

import json
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
from indexers.cluster.building import REPLACED, Site, work
from indexers.cluster.machines import Machines
from indexers.cluster.partitions import SIZE, Partition, parted
from indexers.cluster.staging import Stage
from indexers.compact import Shape, Told, compact
from indexers.ingest import IngestConfig, Report, writing
from indexers.known import Seen
from indexers.records import Skipped
from indexers.sources.options import SourceOptions


@dataclass(frozen=True, slots=True)
class Work:
    """How a build is divided. `workers`: 0 for one a core. `size`: bytes of a part. `stage`: where finished segments
    are left, a folder that all see or an address of object storage; empty: in the index. `gpus`: of one worker."""

    workers: int = 0
    size: int = SIZE
    stage: str = ""
    gpus: float = 0.0
    passages: int = 131_072
    language: str = "english"
    shape: Shape = field(default_factory=Shape)


def add(
    machines: Machines, root: Path, specs: Sequence[tuple[str, SourceOptions]], encoder: Encoder,
    how: Work | None = None, told: Told | None = None,
) -> Report:  # fmt: skip
    """Add everything of some sources to the index in `root`, which is made if it is not there.

    Adding the same again adds nothing; changed things replace their old passages. All of it is committed at once.
    Raises WrongEncoder, Locked, UnusableIndex, UsageError, SourceError.
    """
    how, told = how or Work(), told or (lambda *_: None)
    with writing(root, encoder, how.language) as writer:
        if writer.manifest.notes.get(BROKEN):
            raise UnusableIndex(f"{root} was repaired and lacks passages. Add their sources with `cascade add` first.")
        parts, report = _parts(specs, how, told)
        stage = Stage(how.stage or str(writer.layout.building.resolve()))
        site = Site(
            str(root.resolve()), writer.manifest.commit, writer.manifest.built, stage.where, how.passages,
            IngestConfig(language=how.language),
        )  # fmt: skip
        stage.clear(but={site.key(part) for part in parts})
        _have_done(machines, site, parts, how, told)
        Adoption(writer, stage, report).run([site.key(part) for part in parts])
        stage.clear()
        compact(writer, how.shape, told=told)
    return report


def _parts(
    specs: Sequence[tuple[str, SourceOptions]], how: Work, told: Callable[[str, int, int], None]
) -> tuple[list[Partition], Report]:  # fmt: skip
    report, parts = Report(), list[Partition]()
    for number, (spec, options) in enumerate(specs):
        told("dividing sources", number, len(specs))
        found, passed = parted(spec, options, how.size)
        parts += found
        for one in passed:
            report.skip(one)
    return parts, report


def _have_done(machines: Machines, site: Site, parts: Sequence[Partition], how: Work, told: Told) -> None:
    """Have workers do the parts that have no receipt yet."""
    stage = Stage(site.stage)
    open_ = [part for part in parts if stage.receipt(site.key(part)) is None]
    done = len(parts) - len(open_)
    told("building parts", done, len(parts))
    workers = how.workers or max(1, int(sum(node.cores for node in machines.nodes())))
    for _ in machines.each(partial(work, site), open_, workers, how.gpus):
        done += 1
        told("building parts", done, len(parts))


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
