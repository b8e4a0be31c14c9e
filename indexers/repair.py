"""Repair: from the texts and the catalog of a segment to everything else, in the commit that any change is.

What is derived (vectors, codes, tokens, words, checksums) is made again and ranks as before. What is not (texts, the
catalog, which rows were deleted) comes from a replica, if one is given and has it; the rest is reported, by record.
Knows the files of a segment and what each is made of; knows nothing of sources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import Rows
from cascade.errors import Corrupt
from cascade.index import files, layout, verify
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.index.manifest import Entry, Manifest
from cascade.index.segment import remove
from cascade.index.snapshot import Snapshot
from cascade.index.vectors import rotation
from cascade.index.writer import BROKEN, Writer
from cascade.models.base import Encoder
from indexers.salvage import Lost, Salvage

Told = Callable[[str], None]
Opening = Callable[[], Encoder]


def silent(_said: str) -> None:
    """Tells nobody."""


@dataclass(slots=True)
class Report:
    """What was found and what came of it, in sentences; `lost`: what could not be brought back, by record."""

    problems: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is lost and nothing is left to do."""
        return not self.lost and not self.left


def repair(
    root: Path, encoder: Opening, replica: Path | None = None, dry_run: bool = False, undelete: bool = False,
    told: Told = silent,
) -> Report:  # fmt: skip
    """Mend an index. `encoder`: called where vectors must be made again. `replica`: another copy of the index.

    `dry_run`: only say what would be done. `undelete`: where a tombstone is lost, bring its rows back to life rather
    than leave the segment out. Raises Locked, Unwritable, NoIndex; Corrupt where the manifest itself is damaged.
    """
    report = Report(problems=manifests.faults(Layout(root)))
    if report.problems:
        report.mended.append("the manifest and its twin: made the same again")
    with Writer(root) as writer:  # which does that
        told("looking at every byte")
        found = list(verify.damage(writer.layout, writer.manifest))
        report.problems += [str(error) for error in found]
        if found:
            copy = Snapshot(replica) if replica else None
            try:
                _Work(writer, encoder, copy, dry_run, undelete, told, report).run(found)
            finally:
                if copy is not None:
                    copy.close()
        if found and not dry_run:
            told("looking at what was written")
            writer.sweep()
            report.left += [str(error) for error in verify.damage(writer.layout, writer.manifest)]
            report.left = list(dict.fromkeys(report.left))
    return report


@dataclass(slots=True)
class _Work:
    """One repair under way."""

    writer: Writer
    encoder: Opening
    replica: Snapshot | None
    dry_run: bool
    undelete: bool
    told: Told
    report: Report

    def run(self, found: list[Corrupt]) -> None:
        """First what segments share, then each segment that is damaged."""
        where, manifest = self.writer.layout, self.writer.manifest
        paths = [error.path for error in found if error.path is not None]
        if where.rotation in paths:
            self._rotation(where, manifest)
        if (fusion := manifest.notes.get("fusion")) is not None and where.fusion(str(fusion)) in paths:
            self._fusion(where, str(fusion))
        gone = {g.number for g in manifest.generations if where.centroids(g.number) in paths}
        for generation in manifest.generations:
            if generation.number in gone and self._from_replica(where.centroids(generation.number), generation.hash):
                gone.discard(generation.number)
        if gone:
            self.report.mended.append(f"{len(gone)} sets of lists are lost: the next compaction trains new ones")
            self.writer.untrain(gone)
        for entry in manifest.segments:
            harm = [error for error in found if error.path and _within(error.path, where, entry)]
            if harm or entry.generation in gone:
                self.told(f"segment {entry.name}")
                self._segment(entry, harm, entry.generation in gone)

    def _rotation(self, where: Layout, manifest: Manifest) -> None:
        made = rotation(manifest.built.dim).tobytes()
        if files.digest(made) == manifest.rotation:
            self._put(where.rotation, made, "made again")
        elif not self._from_replica(where.rotation, manifest.rotation):
            self.report.left.append(f"{where.rotation} cannot be made again. Give a copy of the index with --from.")

    def _fusion(self, where: Layout, hash_: str) -> None:
        if self._from_replica(where.fusion(hash_), hash_):
            return
        self.report.mended.append(f"{where.fusion(hash_)} is lost: the shipped fusion is used, or train another.")
        if not self.dry_run:
            self.writer.fuse(b"")
            self.writer.commit()

    def _put(self, path: Path, raw: bytes, how: str) -> None:
        self.report.mended.append(f"{path}: {how}")
        if not self.dry_run:
            with files.writing(path):
                files.disk.make(path.parent)
                files.replace(path, raw)

    def _from_replica(self, path: Path, hash_: str) -> bool:
        """Take a file that the manifest names by its hash from the replica, where it has the very same."""
        if self.replica is None:
            return False
        other = self.replica.layout.root / path.relative_to(self.writer.layout.root)
        try:
            self._put(path, files.named(other, hash_), f"taken from {self.replica.layout.root}")
        except Corrupt:
            return False
        return True

    def _segment(self, entry: Entry, harm: list[Corrupt], listless: bool) -> None:
        where = self.writer.layout
        folder = where.segment(entry.name)
        if not listless and self._sums(folder, entry, harm):
            return
        dead = self._dead(entry)
        if dead is None:
            self.report.left.append(
                f"{folder} stays out: which of its rows were deleted is lost. Give a copy of the index with --from, "
                "or bring the deleted rows back with --undelete."
            )
            return
        salvage = Salvage(folder, entry, self.writer.manifest, harm, self._whole_copy(entry), self.replica)
        try:
            rows = np.setdiff1d(np.arange(entry.passages), dead)
            batch, lost = salvage.batch(rows, self.encoder, self._rotated())
        except Corrupt as error:
            self.report.left.append(
                f"{folder} cannot be rebuilt: {error} Its {entry.passages - len(dead):,} passages are lost unless a "
                "copy of the index is given with --from. Add their sources again to have them back."
            )
            return
        self.report.lost += lost
        self.writer.note(BROKEN, sorted({*self.writer.manifest.notes.get(BROKEN, []), *(one.record for one in lost)}))
        self.report.mended.append(f"{folder}: {', '.join(salvage.made)}; {len(batch):,} passages")
        if not self.dry_run:
            lists = self.writer.lists() if entry.generation and not listless else None
            made = [self.writer.write(batch, lists)] if len(batch) else []
            self.writer.commit(made, dropped=[entry.name])
            remove(folder)

    def _sums(self, folder: Path, entry: Entry, harm: list[Corrupt]) -> bool:
        """Where only the checksums themselves are damaged: summing the files up gives them back."""
        if [error.path for error in harm] != [folder / layout.SUMS] or not folder.is_dir():
            return False
        raw = verify.recomputed(folder)
        if files.digest(raw) != entry.hash:
            return False
        self._put(folder / layout.SUMS, raw, "summed up again")
        return True

    def _dead(self, entry: Entry) -> Rows | None:
        """The deleted rows of a segment; None where that is lost."""
        dead: list[Rows] = [np.empty(0, np.int64)]
        for grave in self.writer.manifest.graves:
            if grave.segment == entry.name:
                path = self.writer.layout.tombstone(grave.segment, grave.commit)
                try:
                    raw = files.named(path, grave.hash)
                except Corrupt:
                    if not self._from_replica(path, grave.hash):
                        if not self.undelete:
                            return None
                        self.report.mended.append(f"{path} is lost: {grave.rows:,} deleted rows are back")
                        continue
                    raw = files.named(path if not self.dry_run else self._other(path), grave.hash)
                dead.append(np.frombuffer(raw, "<u4").astype(np.int64))
        return np.unique(np.concatenate(dead))

    def _other(self, path: Path) -> Path:
        assert self.replica is not None
        return self.replica.layout.root / path.relative_to(self.writer.layout.root)

    def _whole_copy(self, entry: Entry) -> Path | None:
        """The same segment in the replica, if every byte of it is right."""
        if self.replica is None:
            return None
        folder = next((s.folder for s in self.replica.segments if s.entry.hash == entry.hash), None)
        return folder if folder is not None and not any(verify.segment(folder, entry.hash)) else None

    def _rotated(self) -> Any:
        return np.frombuffer(files.read(self.writer.layout.rotation), "<f4").reshape(-1, self.writer.manifest.built.dim)


def _within(path: Path, where: Layout, entry: Entry) -> bool:
    folders = (where.segment(entry.name), where.tombstones / entry.name)
    return any(path.is_relative_to(folder) for folder in folders)
