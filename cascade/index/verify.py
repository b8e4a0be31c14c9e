"""Whether an index is what was written: a walk through every file that the manifest names.

Quick: every file is there, of the right size, and the small ones are right. Full: every byte is.
Knows names, sizes and hashes; opens nothing that a library would have to read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cascade.errors import Corrupt
from cascade.index import checks, files, layout
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.index.manifest import Manifest

Told = Callable[[int, int], None]
"""Called with the bytes that were read so far, and of how many."""


PATIENCE = 5
"""How many commits that come while an index is looked at are looked at instead."""


@dataclass(slots=True)
class Pace:
    """Reads no faster than `rate` bytes a second (0: as fast as it goes), and tells how far it is."""

    total: int
    told: Told
    rate: float = 0.0
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    def step(self, size: int) -> None:
        """So many bytes more were read."""
        self.done += size
        self.told(self.done, max(self.total, self.done))
        if self.rate > 0:
            time.sleep(max(0.0, self.done / self.rate - (time.monotonic() - self.began)))


def silent(_done: int, _of: int) -> None:
    """Tells nobody."""


def newest(where: Layout, quick: bool = False, pace: Pace | None = None) -> tuple[Manifest, list[Corrupt]]:
    """What is wrong with the newest commit. A writer at work may take files of an older one away meanwhile: then the
    newer is looked at instead, a few times. Raises what reading a manifest raises."""
    for _ in range(PATIENCE):
        manifest = manifests.read(where)
        found = list(damage(where, manifest, quick, pace))
        if not found or manifests.read(where).commit == manifest.commit:
            break
    return manifest, found


def damage(where: Layout, manifest: Manifest, quick: bool = False, pace: Pace | None = None) -> Iterator[Corrupt]:
    """Everything that is wrong, one error a file: `path` and, where only parts of it are damaged, `spans`."""
    pace = pace or Pace(size(manifest), silent)
    yield from (Corrupt(said, where.manifest) for said in manifests.faults(where))
    yield from _model(where, manifest)
    for grave in manifest.graves:
        yield from _named(where.tombstone(grave.segment, grave.commit), grave.hash)
    for entry in manifest.segments:
        yield from segment(where.segment(entry.name), entry.hash, quick, pace)


def size(manifest: Manifest) -> int:
    """How many bytes a full walk reads, about."""
    return sum(entry.bytes for entry in manifest.segments)


def _model(where: Layout, manifest: Manifest) -> Iterator[Corrupt]:
    yield from _named(where.rotation, manifest.rotation)
    for generation in manifest.generations:
        yield from _named(where.centroids(generation.number), generation.hash)
    if (fusion := manifest.notes.get("fusion")) is not None:
        yield from _named(where.fusion(str(fusion)), str(fusion))


def _named(path: Path, hash_: str) -> Iterator[Corrupt]:
    try:
        files.named(path, hash_)
    except Corrupt as error:
        yield error


def segment(folder: Path, hash_: str, quick: bool = False, pace: Pace | None = None) -> Iterator[Corrupt]:
    """What is wrong with one segment, whose checksum file has this hash."""
    step = pace.step if pace else None
    try:
        sums = checks.named(folder / layout.SUMS, files.named(folder / layout.SUMS, hash_))
    except Corrupt as error:
        yield error
        return
    for name, expected in sums.items():
        try:
            if quick:
                files.sized(folder / name, expected.size)
            else:
                files.check(folder / name, expected, step)
        except Corrupt as error:
            yield error


def recomputed(folder: Path) -> bytes:
    """The checksum file of a segment as it would be written for the files that are there."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock"]
    return files.encoded({p.relative_to(folder).as_posix(): files.checksum(p) for p in paths if p.name != layout.SUMS})
