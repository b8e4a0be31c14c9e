"""The one writer of an index: adds segments, notes deletions, swaps segments, and commits each in one step.

Knows the folder and the lock; knows nothing of sources, encoders or queries.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from cascade.data import Rows
from cascade.errors import CascadeError, Locked, NoIndex, UnusableIndex, Unwritable
from cascade.index import checks, files, layout, model, segment, vectors
from cascade.index import manifest as manifests
from cascade.index.coarse import Lists
from cascade.index.layout import Layout
from cascade.index.manifest import Built, Entry, Generation, Grave, Manifest
from cascade.index.segment import Batch, Placed

BROKEN = "broken"
"""The note that lists records of which a repair lost passages: adding them again is no repetition."""

Dead = Mapping[str, Rows]
"""Rows to delete, by the name of their segment."""


class Writer:
    """Holds the writer lock from `with` to the end of it. Raises Locked when another process writes."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self._lock = FileLock(self.layout.lock)
        self.manifest: Manifest

    def __enter__(self) -> Writer:
        if not manifests.exists(self.layout):
            raise NoIndex(f"{self.layout.root} holds no index. Make one: cascade add {self.layout.root} SOURCE")
        checks.unlinked(self.layout.root)
        with files.writing(self.layout.root), ExitStack() as undo:
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                owner = self._owner()
                raise Locked(f"{self.layout.root} is being written by {owner}. Wait until it is done.") from None
            undo.callback(self._let_go)
            checks.without_links(self.layout.root)
            self.layout.owner.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
            files.keep(self.layout.root)  # who was killed here before may have renamed and not flushed
            files.disk.flush_folder(self.layout.root)
            self.manifest = manifests.mend(self.layout)
            self.sweep()
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    def _let_go(self) -> None:
        with suppress(OSError):
            self.layout.owner.unlink(missing_ok=True)
        self._lock.release()

    def lists(self) -> Lists | None:
        """The newest coarse quantizer, if one was trained. None before format 3: this program writes no such lists."""
        return model.newest(self.layout, self.manifest)

    def write(self, batch: Batch, lists: Lists | None, placed: Placed | None = None) -> Entry:
        """Write a segment and give it its name, without committing it. `placed`: in list order, where that is known."""
        name = f"{self.manifest.serial:08d}"
        aside = self.layout.segments / f"{layout.UNFINISHED}{name}"
        generation = self.manifest.generation
        with files.writing(aside):
            files.disk.clear(aside)
            files.disk.clear(self.layout.segment(name))  # of a write that failed at its very end
            files.gone(aside, self.layout.segment(name))
            imbalance = segment.write(aside, batch, self.manifest.built, lists, placed)
            made = segment.entry(aside, batch, generation.number if lists and generation else 0, imbalance)
            files.publish(aside, self.layout.segment(name))
        self.manifest = replace(self.manifest, serial=self.manifest.serial + 1)
        return made

    def adopt(self, made: Entry) -> tuple[Entry, Path]:
        """The name of a segment that somebody else has written, and the folder to put it in, where it is not yet
        committed. See `settle`."""
        name = f"{self.manifest.serial:08d}"
        aside = self.layout.segments / f"{layout.UNFINISHED}{name}"
        with files.writing(aside):
            files.disk.clear(aside)
            files.disk.clear(self.layout.segment(name))
            files.gone(aside, self.layout.segment(name))
        self.manifest = replace(self.manifest, serial=self.manifest.serial + 1)
        return replace(made, name=name), aside

    def settle(self, made: Entry) -> None:
        """Give an adopted segment its name, once its folder is filled. Raises Corrupt where it is not what was said."""
        aside = self.layout.segments / f"{layout.UNFINISHED}{made.name}"
        files.same(aside / layout.SUMS, files.read(aside / layout.SUMS), made.hash)
        with files.writing(aside):
            files.publish(aside, self.layout.segment(made.name))

    def vectors(self, entry: Entry) -> vectors.Int8s:
        """The vectors of a segment that was just written, as mapped: int8 (n, dim)."""
        path = self.layout.segment(entry.name) / layout.VECTORS
        return np.memmap(path, dtype=np.int8, mode="r").reshape(-1, self.manifest.built.dim)

    def train(self, lists: Lists, passages: int) -> None:
        """Make a new coarse quantizer the one that segments written from now on use."""
        number = self.manifest.generations[-1].number + 1 if self.manifest.generations else 1
        folder = self.layout.generation(number)
        with files.writing(folder):
            files.disk.clear(folder)
            files.disk.make(folder)
            files.write(self.layout.centroids(number), lists.centroids)
            files.disk.flush_folder(folder)
            files.disk.flush_folder(self.layout.model)
        begins = lists.groups.begins.tolist() if lists.groups and self.manifest.format >= layout.LISTED else ()
        made = Generation(number, len(lists), passages, files.digest(lists.centroids.tobytes()), tuple(begins))
        self.manifest = replace(self.manifest, generations=(*self.manifest.generations, made))

    def untrain(self, numbers: Collection[int]) -> None:
        """Forget coarse quantizers, whose segments are all to be rewritten; live with the next commit."""
        kept = tuple(g for g in self.manifest.generations if g.number not in numbers)
        self.manifest = replace(self.manifest, generations=kept)

    def fuse(self, raw: bytes) -> None:
        """Make a fusion the index's own, or (empty) have it use the shipped one again; live with the next commit."""
        hash_ = files.digest(raw) if raw else ""
        if raw:
            with files.writing(self.layout.fusion(hash_)):
                files.replace(self.layout.fusion(hash_), raw)
        self.note("fusion", hash_)

    def note(self, name: str, value: Any) -> None:
        """Write something into the manifest's notes, or (empty) take it out; live with the next commit."""
        kept = {key: held for key, held in self.manifest.notes.items() if key != name}
        self.manifest = replace(self.manifest, notes={**kept, name: value} if value else kept)

    def commit(self, added: Sequence[Entry] = (), dead: Dead | None = None, dropped: Sequence[str] = ()) -> Manifest:
        """Make segments live, rows dead and segments gone, all at once. What is returned is durable."""
        number = self.manifest.commit + 1
        graves = [g for g in self.manifest.graves if g.segment not in dropped]
        with files.writing(self.layout.tombstones):
            for name, rows in (dead or {}).items():
                if name not in dropped and len(rows):
                    graves.append(self._bury(name, rows, number))
        kept = [e for e in self.manifest.segments if e.name not in dropped]
        entries = (*kept, *added)
        used = {e.generation for e in entries}
        newest = self.manifest.generation
        following = self.manifest.next(
            segments=entries,
            graves=tuple(graves),
            generations=tuple(g for g in self.manifest.generations if g.number in used or g is newest),
        )
        try:
            with files.writing(self.layout.manifest):
                manifests.commit(self.layout, following)
        except Unwritable:
            self._look_again(following.serial)
            raise
        self.manifest = following
        return following

    def _look_again(self, serial: int) -> None:
        """After a commit that failed: it may be in place all the same, if only its last flush was refused."""
        with suppress(CascadeError, OSError):
            self.manifest = replace(manifests.mend(self.layout), serial=serial)

    def sweep(self) -> None:
        """Remove what the manifest does not name: unfinished work, and old segments that no reader holds any more."""
        with files.writing(self.layout.root):
            self._sweep()

    def _sweep(self) -> None:
        named = {e.name for e in self.manifest.segments}
        for folder in self.layout.segments.iterdir():
            if folder.name not in named:
                segment.remove(folder)
        known = {(g.segment, f"{g.commit}.u32") for g in self.manifest.graves}
        for folder in self.layout.tombstones.iterdir():
            for path in folder.iterdir():
                if (folder.name, path.name) not in known:
                    files.disk.remove(path)
            if not any(folder.iterdir()):
                files.disk.remove(folder)
        trained = {self.layout.generation(g.number) for g in self.manifest.generations}
        for folder in self.layout.model.iterdir():
            if folder.is_dir() and folder not in trained:
                files.disk.clear(folder)
        for stale in self.layout.model.glob(f"{layout.FUSION}*"):
            if stale != self.layout.fusion(str(self.manifest.notes.get("fusion"))):
                files.disk.remove(stale)
        for stray in self.layout.root.glob("*.tmp"):
            files.disk.remove(stray)

    def _bury(self, name: str, rows: Rows, number: int) -> Grave:
        path = self.layout.tombstone(name, number)
        files.disk.make(path.parent)
        data = np.unique(rows).astype("<u4")
        files.replace(path, data.tobytes())
        files.disk.flush_folder(self.layout.tombstones)
        return Grave(name, number, len(data), files.digest(data.tobytes()))

    def _owner(self) -> str:
        try:
            owner = json.loads(self.layout.owner.read_text())
            return f"process {owner['pid']} on {owner['host']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"


def create(root: Path, built: Built) -> None:
    """Make an empty index. Raises UnusableIndex when the folder holds something else, Locked when another is at it."""
    where = Layout(root)
    if manifests.exists(where):
        raise UnusableIndex(f"{root} already holds an index.")
    if root.exists() and not root.is_dir():
        raise UnusableIndex(f"{root} is a file. Name a new or empty folder for the index.")
    if root.exists() and any(not _ours(path.name) for path in root.iterdir()):
        raise UnusableIndex(f"{root} holds other files. Name a new or empty folder for the index.")
    checks.unlinked(root)
    try:
        with files.writing(root):
            files.make(root)
            with FileLock(where.lock, timeout=0):
                _lay_out(where, built)
    except Timeout:
        raise Locked(f"Another process is making an index in {root}. Wait until it is done.") from None


def _ours(name: str) -> bool:
    """Whether a name may be what a creation left that was interrupted."""
    known = {layout.MODEL, layout.SEGMENTS, layout.TOMBSTONES, layout.BUILDING, layout.LOCK, layout.OWNER}
    return name in known or name.startswith((layout.MANIFEST, layout.TWIN))


def _lay_out(where: Layout, built: Built) -> None:
    if manifests.exists(where):
        raise UnusableIndex(f"{where.root} already holds an index.")
    for folder in (where.model, where.segments, where.tombstones):
        files.disk.make(folder)
    turned = vectors.rotation(built.dim)
    files.write(where.rotation, turned)
    for folder in (where.model, where.root):
        files.disk.flush_folder(folder)
    made = datetime.now(UTC).replace(microsecond=0).isoformat()
    manifests.commit(where, Manifest(built, files.digest(turned.tobytes()), made))
