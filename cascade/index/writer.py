"""The one writer of an index: adds segments, notes deletions, swaps segments, and commits each in one step.

Knows the folder and the lock; knows nothing of sources, encoders or queries.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np
from filelock import FileLock, Timeout

from cascade.data import Rows
from cascade.errors import Locked, NoIndex, UnusableIndex
from cascade.index import checks, files, layout, segment, vectors
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.index.manifest import Built, Entry, Generation, Grave, Manifest
from cascade.index.segment import Batch
from cascade.index.vectors import Lists

Dead = Mapping[str, Rows]
"""Rows to delete, by the name of their segment."""


class Writer:
    """Holds the writer lock from `with` to the end of it. Raises Locked when another process writes."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self._lock = FileLock(self.layout.lock)
        self.manifest: Manifest

    def __enter__(self) -> Writer:
        if not self.layout.manifest.exists():
            raise NoIndex(f"{self.layout.root} holds no index. Make one: cascade add {self.layout.root} SOURCE")
        checks.unlinked(self.layout.root)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise Locked(f"{self.layout.root} is being written by {self._owner()}. Wait until it is done.") from None
        with ExitStack() as undo:
            undo.callback(self._let_go)
            checks.without_links(self.layout.root)
            self.layout.owner.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
            self.manifest = manifests.read(self.layout)
            self.sweep()
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    def _let_go(self) -> None:
        self.layout.owner.unlink(missing_ok=True)
        self._lock.release()

    def lists(self) -> Lists | None:
        """The newest coarse quantizer, if one was trained."""
        if (generation := self.manifest.generation) is None:
            return None
        path, dim = self.layout.centroids(generation.number), self.manifest.built.dim
        return Lists(checks.matrix(path, generation.hash, generation.lists, dim))

    def write(self, batch: Batch, lists: Lists | None) -> Entry:
        """Write a segment and give it its name, without committing it."""
        name = f"{self.manifest.serial:08d}"
        aside = self.layout.segments / f"{layout.UNFINISHED}{name}"
        imbalance = segment.write(aside, batch, self.manifest.built, lists)
        generation = self.manifest.generation
        made = segment.entry(aside, batch, generation.number if lists and generation else 0, imbalance)
        files.publish(aside, self.layout.segment(name))
        self.manifest = replace(self.manifest, serial=self.manifest.serial + 1)
        return made

    def train(self, lists: Lists, passages: int) -> None:
        """Make a new coarse quantizer the one that segments written from now on use."""
        number = self.manifest.generations[-1].number + 1 if self.manifest.generations else 1
        folder = self.layout.generation(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        files.write(self.layout.centroids(number), lists.centroids)
        files.flush_folder(folder)
        files.flush_folder(self.layout.model)
        made = Generation(number, len(lists), passages, manifests.digest(lists.centroids.tobytes()))
        self.manifest = replace(self.manifest, generations=(*self.manifest.generations, made))

    def fuse(self, raw: bytes) -> None:
        """Make a fusion the index's own, or (empty) have it use the shipped one again; live with the next commit."""
        notes = {name: value for name, value in self.manifest.notes.items() if name != "fusion"}
        if raw:
            notes["fusion"] = manifests.digest(raw)
            files.replace(self.layout.fusion(notes["fusion"]), raw)
            files.flush_folder(self.layout.model)
        self.manifest = replace(self.manifest, notes=notes)

    def commit(self, added: Sequence[Entry] = (), dead: Dead | None = None, dropped: Sequence[str] = ()) -> Manifest:
        """Make segments live, rows dead and segments gone, all at once. What is returned is durable."""
        number = self.manifest.commit + 1
        graves = [g for g in self.manifest.graves if g.segment not in dropped]
        for name, rows in (dead or {}).items():
            if name not in dropped and len(rows):
                graves.append(self._bury(name, rows, number))
        kept = [e for e in self.manifest.segments if e.name not in dropped]
        entries = (*kept, *added)
        used = {e.generation for e in entries}
        newest = self.manifest.generation
        self.manifest = self.manifest.next(
            segments=entries,
            graves=tuple(graves),
            generations=tuple(g for g in self.manifest.generations if g.number in used or g is newest),
        )
        manifests.commit(self.layout, self.manifest)
        return self.manifest

    def sweep(self) -> None:
        """Remove what the manifest does not name: unfinished work, and old segments that no reader holds any more."""
        named = {e.name for e in self.manifest.segments}
        for folder in self.layout.segments.iterdir():
            if folder.name not in named:
                segment.remove(folder)
        known = {(g.segment, f"{g.commit}.u32") for g in self.manifest.graves}
        for folder in self.layout.tombstones.iterdir():
            for path in folder.iterdir():
                if (folder.name, path.name) not in known:
                    path.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()
        trained = {self.layout.generation(g.number) for g in self.manifest.generations}
        for folder in self.layout.model.iterdir():
            if folder.is_dir() and folder not in trained:
                shutil.rmtree(folder, ignore_errors=True)
        for stale in self.layout.model.glob(f"{layout.FUSION}*"):
            if stale != self.layout.fusion(str(self.manifest.notes.get("fusion"))):
                stale.unlink()
        for stray in self.layout.root.glob("*.tmp"):
            stray.unlink()

    def _bury(self, name: str, rows: Rows, number: int) -> Grave:
        path = self.layout.tombstone(name, number)
        path.parent.mkdir(exist_ok=True)
        data = np.unique(rows).astype("<u4")
        files.replace(path, data.tobytes())
        files.flush_folder(path.parent)
        files.flush_folder(self.layout.tombstones)
        return Grave(name, number, len(data), manifests.digest(data.tobytes()))

    def _owner(self) -> str:
        try:
            owner = json.loads(self.layout.owner.read_text())
            return f"process {owner['pid']} on {owner['host']}"
        except (OSError, ValueError, KeyError):
            return "another process"


def create(root: Path, built: Built) -> None:
    """Make an empty index. Raises UnusableIndex when the folder holds something else, Locked when another is at it."""
    where = Layout(root)
    if where.manifest.exists():
        raise UnusableIndex(f"{root} already holds an index.")
    if root.exists() and not root.is_dir():
        raise UnusableIndex(f"{root} is a file. Name a new or empty folder for the index.")
    if root.exists() and any(not _ours(path.name) for path in root.iterdir()):
        raise UnusableIndex(f"{root} holds other files. Name a new or empty folder for the index.")
    root.mkdir(parents=True, exist_ok=True)
    checks.unlinked(root)
    try:
        with FileLock(where.lock, timeout=0):
            _lay_out(where, built)
    except Timeout:
        raise Locked(f"Another process is making an index in {root}. Wait until it is done.") from None


def _ours(name: str) -> bool:
    """Whether a name may be what a creation left that was interrupted."""
    known = {layout.MODEL, layout.SEGMENTS, layout.TOMBSTONES, layout.LOCK, layout.OWNER}
    return name in known or name.startswith(layout.MANIFEST)


def _lay_out(where: Layout, built: Built) -> None:
    if where.manifest.exists():
        raise UnusableIndex(f"{where.root} already holds an index.")
    for folder in (where.model, where.segments, where.tombstones):
        folder.mkdir(parents=True, exist_ok=True)
    turned = vectors.rotation(built.dim)
    files.write(where.rotation, turned)
    for folder in (where.model, where.root):
        files.flush_folder(folder)
    made = datetime.now(UTC).replace(microsecond=0).isoformat()
    manifests.commit(where, Manifest(built, manifests.digest(turned.tobytes()), made))
