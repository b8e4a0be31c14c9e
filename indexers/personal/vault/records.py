"""The records of each grant: immutable sealed segments, and one small sealed file that says which of them are live.

A commit is the rename of `live.sealed`: a process that is killed leaves what was there before or what is there now.
What no live file names is swept by the next writer. A segment is rewritten without the records that are removed; the
old file is overwritten and unlinked.
Knows segments, grants and ids; knows nothing of where records come from or how they are asked.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.errors import Corrupt, UsageError
from cascade.index.catalog import strings
from cascade.index.files import disk
from cascade.index.manifest import Built
from cascade.index.segment import Batch
from indexers.known import Keys, Leaf
from indexers.personal import layout
from indexers.personal.layout import Layout
from indexers.personal.sealing import Label, NoKey, seal, sealed
from indexers.personal.vault.keystore import Keystore
from indexers.personal.vault.packing import Packed, pack, unpack
from indexers.personal.vault.resident import HeldSegment

SEGMENT, LIVE = "segment", "live"

SMALL, MANY, MOST = 8_192, 8, 65_536
"""MANY segments of fewer than SMALL passages become one, of at most MOST."""

Ids = NDArray[np.uint64]
"""Ids of records, uint64 (n, 2)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One live segment."""

    name: str
    passages: int
    records: int


@dataclass(frozen=True, slots=True)
class Live:
    """What is live of one grant."""

    commit: int = 0
    segments: tuple[Entry, ...] = ()

    @property
    def passages(self) -> int:
        """Passages in all."""
        return sum(one.passages for one in self.segments)


class Counts(NamedTuple):
    """What is there of one grant."""

    records: int
    passages: int
    segments: int
    bytes: int


@dataclass(slots=True)
class Draft:
    """A commit in the making: the live segments as they will be, what is to be written, what is to be destroyed."""

    live: Live
    batches: list[Batch] = field(default_factory=list)
    old: list[str] = field(default_factory=list)

    def take(self, entry: Entry, batch: Batch) -> None:
        """Put what is left of a segment to what is to be written."""
        self.live = replace(self.live, segments=tuple(one for one in self.live.segments if one != entry))
        self.old.append(entry.name)
        if len(batch):
            self.batches.append(batch)


class Records:
    """The records of an unlocked vault. Whoever calls `commit` holds the writer's lock."""

    def __init__(self, where: Layout, vault: str, keys: Keystore, built: Built) -> None:
        self._where, self._vault, self._keys, self._built = where, vault, keys, built
        self._ids: dict[tuple[str, str], Ids] = {}

    def live(self, grant: str) -> Live:
        """What is live of a grant; nothing, where nothing was added. Raises NoKey, Corrupt."""
        self._keys.key(grant)
        path = self._where.live(grant)
        if not path.exists():
            return Live()
        said = json.loads(self._read(path, Label(self._vault, grant, LIVE, "")))
        return Live(said["commit"], tuple(Entry(**one) for one in said["segments"]))

    def segment(self, grant: str, name: str) -> Packed:
        """The parts of a live segment. Raises NoKey, Corrupt."""
        path = self._where.segment(grant, name)
        return unpack(self._read(path, Label(self._vault, grant, SEGMENT, name)))

    def counts(self, grant: str) -> Counts:
        """What is there of a grant. Raises NoKey, Corrupt."""
        live = self.live(grant)
        size = sum(self._where.segment(grant, one.name).stat().st_size for one in live.segments)
        return Counts(sum(one.records for one in live.segments), live.passages, len(live.segments), size)

    def leaves(self, grant: str) -> list[Leaf]:
        """What is known of a grant, for `indexers.known`: ids, places, digests and vectors of what is live."""
        out = []
        for entry in self.live(grant).segments:
            packed = self.segment(grant, entry.name)
            at, columns = packed.catalog.passages["record"], packed.catalog.records
            keys = Keys(columns["id_hi"][at], columns["id_lo"][at], columns["place"][at])
            alive = np.ones(len(packed), dtype=bool)
            out.append(Leaf(entry.name, keys, packed.catalog.passages["digest"], packed.vectors, alive))
        return out

    def commit(self, grant: str, added: Batch | None = None, gone: Collection[bytes] = ()) -> Live:
        """Add passages and take out records by their ids (16 bytes), in one step; durable when it returns.

        `gone` may name records that are not there. Raises NoKey, Corrupt, Unwritable.
        """
        before = self.live(grant)
        draft = Draft(before)
        if gone:
            self._without(grant, draft, _ids(gone))
        if added is not None and len(added):
            draft.batches.append(_granted(added, grant))
        if draft.live == before and not draft.batches:
            return before
        self._merge(grant, draft)
        after = self._written(grant, draft)
        for name in draft.old:
            layout.shred(self._where.segment(grant, name))
            self._ids.pop((grant, name), None)
        return after

    def renew(self, grant: str) -> None:
        """Seal all segments of a grant anew, under the key it has now, and destroy the old ones."""
        live, made = self.live(grant), []
        for entry in live.segments:
            label = Label(self._vault, grant, SEGMENT, entry.name)
            raw = self._read(self._where.segment(grant, entry.name), label)
            made.append(replace(entry, name=self._sealed(grant, raw)))
        if live.commit:
            self._named(grant, tuple(made), live.commit + 1)
        for entry in live.segments:
            layout.shred(self._where.segment(grant, entry.name))

    def clear(self, grant: str) -> None:
        """Overwrite and remove everything of a grant, readable or not."""
        folder = self._where.records(grant)
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            layout.shred(path)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(FileNotFoundError):
            disk.flush_folder(self._where.segments)

    def sweep(self) -> None:
        """Remove what no commit names: whoever holds the writer's lock calls this before anything else."""
        for folder in sorted(self._where.segments.iterdir()) if self._where.segments.is_dir() else ():
            grant = folder.name
            if not folder.is_dir() or not layout.nameable(grant) or not self._keys.has(grant):
                continue  # not ours, or noise: its key may be imported yet
            with suppress(NoKey, Corrupt):  # damage to one grant keeps nobody from writing to another
                named = {self._where.segment(grant, one.name) for one in self.live(grant).segments}
                for path in sorted(folder.iterdir()):
                    if path.is_file() and path not in named and path != self._where.live(grant):
                        layout.shred(path)

    def _without(self, grant: str, draft: Draft, gone: Ids) -> None:
        """Take records out of the segments that hold them."""
        for entry in draft.live.segments:
            known = self._ids.get((grant, entry.name))
            if known is not None and not _among(known, gone).any():
                continue
            packed = self.segment(grant, entry.name)
            known = self._ids[grant, entry.name] = packed.ids
            if (dead := _among(known, gone)).any():
                draft.take(entry, self._batch(grant, entry, packed, np.flatnonzero(~dead)))

    def _merge(self, grant: str, draft: Draft) -> None:
        """Put small segments together with what is written anyway, where there are many of them."""
        small = [one for one in draft.live.segments if one.passages < SMALL]
        if len(small) + len(draft.batches) < MANY:
            return
        size = sum(map(len, draft.batches))
        for entry in small:
            if size + entry.passages <= MOST:
                size += entry.passages
                packed = self.segment(grant, entry.name)
                draft.take(entry, self._batch(grant, entry, packed, np.arange(len(packed), dtype=np.int64)))

    def _batch(self, grant: str, entry: Entry, packed: Packed, rows: NDArray[np.int64]) -> Batch:
        held = HeldSegment(self._where.segment(grant, entry.name), grant, packed, self._built)
        return held.batch(rows, packed.catalog)

    def _written(self, grant: str, draft: Draft) -> Live:
        """Seal what is to be written, in segments of at most MOST passages, and name it in the live file."""
        layout.folder(self._where.segments)
        layout.folder(self._where.records(grant))
        live, made = draft.live, []
        for batch in _sized(draft.batches):
            name = self._sealed(grant, pack(batch, self._built))
            made.append(Entry(name, len(batch), len(batch.catalog.records["id_hi"])))
        return self._named(grant, (*live.segments, *made), live.commit + 1)

    def _sealed(self, grant: str, raw: bytes) -> str:
        """Write a segment, and give it a name that none had: what a killed writer left cannot stand for it."""
        name = secrets.token_hex(8)
        label = Label(self._vault, grant, SEGMENT, name)
        layout.stream(self._where.segment(grant, name), sealed(self._keys.key(grant), label, (raw,)))
        return name

    def _named(self, grant: str, segments: tuple[Entry, ...], commit: int) -> Live:
        """Make these segments the live ones."""
        after = Live(commit, segments)
        raw = json.dumps(asdict(after)).encode()
        layout.put(self._where.live(grant), seal(self._keys.key(grant), Label(self._vault, grant, LIVE, ""), raw))
        return after

    def _read(self, path: Path, label: Label) -> bytes:
        return self._keys.unseal(label, layout.read(path), path)


def _granted(batch: Batch, grant: str) -> Batch:
    """The batch, every record of which says its grant: what a filter and an answer go by."""
    records = dict(batch.catalog.records)
    records["metadata"] = strings([_told(raw, grant) for raw in records["metadata"].tolist()])
    return replace(batch, catalog=replace(batch.catalog, records=records))


def _told(raw: str, grant: str) -> str:
    return json.dumps({**json.loads(raw), "grant": grant}, ensure_ascii=False)


def _sized(batches: Sequence[Batch]) -> list[Batch]:
    """All in one batch, cut between passages into ones of at most MOST."""
    if not batches:
        return []
    whole = Batch.join(batches) if len(batches) > 1 else batches[0]
    parts = [np.arange(begin, min(begin + MOST, len(whole))) for begin in range(0, len(whole), MOST)]
    return [whole.take(part) for part in parts]  # which leaves out records without passages, too


def _ids(raw: Collection[bytes]) -> Ids:
    wrong = [one for one in raw if len(one) != 16]
    if wrong:
        raise UsageError(
            f"The id of a record has 16 bytes, and one was given of {len(wrong[0])}. Take it from a passage."
        )
    return np.frombuffer(b"".join(sorted(raw)), dtype=">u8").reshape(-1, 2).astype(np.uint64)


def _among(ids: Ids, wanted: Ids) -> NDArray[np.bool_]:
    """Which ids are among the wanted ones."""
    likely = np.isin(ids[:, 0], wanted[:, 0])
    found = {(high, low) for high, low in wanted.tolist()}
    for at in np.flatnonzero(likely).tolist():
        likely[at] = tuple(ids[at].tolist()) in found
    return likely
