"""Building a large index in slices: each passage is cut, encoded and written to the disk once, in list order.

The sources are read twice. First a sample of all of them is encoded, and lists of vectors are trained on it, as many as
the whole will need; then the passages are gathered until they fill a slice, and each slice becomes one finished segment
and one commit. While one is written, the next is gathered: two cores are busy. A run that was stopped goes on after
the last slice that was committed, and what comes out is what `ingest` would have made: the same records, the same ids.

Memory is that of two slices at most, one written and one gathered: about 1 KB a passage of 50 words and 256 dimensions.
Knows sources, slices and their order; knows nothing of what is in a file of the index.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cascade.errors import BadConfig
from cascade.index import manifest as manifests
from cascade.index.coarse import Lists
from cascade.index.layout import Layout
from cascade.index.manifest import Entry
from cascade.index.snapshot import Snapshot
from cascade.models.base import Encoder
from indexers.compact import SAMPLE, Told, compact, train
from indexers.embed import ReadsTokens
from indexers.ingest import Heard, IngestConfig, Report, batches, ingest, kept, writing
from indexers.known import Keys, Known, Seen
from indexers.making import Maker
from indexers.records import Record, Source
from indexers.sampling import Sampler
from indexers.segments import Pending

FINISHED = "slices"
"""The note that lists the sources of which every record is committed, while a build goes on."""


@dataclass(frozen=True, slots=True)
class SliceConfig:
    """How large slices are.

    `passages`, `bytes` of text: a slice is written when it holds so much; `seconds`: or when it was gathered so long.
    `expected`: passages in all, as far as they are known; 0: as the sample tells. `sample`: sources to train on, by
    their place among all; empty: all. `trained`: bytes of the largest sample. `ingest`: how records are read, and what
    compaction strives for.
    """

    passages: int = 1 << 20
    bytes: int = 512_000_000
    seconds: float = 900.0
    expected: int = 0
    sample: tuple[int, ...] = ()
    trained: int = SAMPLE
    ingest: IngestConfig = field(default_factory=IngestConfig)


class Written(NamedTuple):
    """A slice being written, and which sources end in it."""

    entry: Future[Entry]
    ends: tuple[str, ...]


def build(
    root: Path, sources: Sequence[Source], encoder: Encoder, config: SliceConfig | None = None,
    heard: Heard | None = None, told: Told | None = None,
) -> Report:  # fmt: skip
    """Make an index of all records of some sources, or go on with one that was stopped.

    Sources are read in order and need names that differ; their records must be the same each time they are read. An
    index that is complete is added to as `ingest` does. Raises BadConfig, WrongEncoder, Locked, UnusableIndex.
    """
    names = [source.name for source in sources]
    if len({*names}) < len(names):
        raise BadConfig("Two sources have the same name. Name each once: what is finished is noted by its name.")
    settings = config or SliceConfig()
    if complete(root):
        return ingest(root, sources, encoder, settings.ingest, heard=heard, told=told)
    with Build(root, encoder, settings, heard) as run:
        run.train(sources, told)
        for source in sources:
            if source.name not in run.finished:
                run.read(source)
        run.end(told)
    return run.report


def complete(root: Path) -> bool:
    """Whether an index holds passages and is not one that is being built in slices."""
    where = Layout(root)
    made = manifests.read(where) if manifests.exists(where) else None
    return made is not None and bool(made.segments) and FINISHED not in made.notes


class Build:
    """One run: holds the writer, the lists, what is gathered and what is being written."""

    def __init__(self, root: Path, encoder: Encoder, config: SliceConfig, heard: Heard | None = None) -> None:
        self.root, self.encoder, self.config, self.heard = root, encoder, config, heard
        self.report = Report()
        self._pending, self._seen, self._ends = Pending(), Seen(), list[str]()
        self._began = self._since = time.monotonic()
        self._writing: Written | None = None
        self.lists: Lists | None = None
        self._known = None if isinstance(encoder, ReadsTokens) else Known()
        self._stack = ExitStack()

    def __enter__(self) -> Build:
        with ExitStack() as undo:
            self.writer = undo.enter_context(writing(self.root, self.encoder, self.config.ingest.language))
            self.finished = self._resumed()
            self._maker = Maker(self.encoder, self.rotation, self._known)
            self._beside = undo.enter_context(ThreadPoolExecutor(1))
            self._stack = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _resumed(self) -> set[str]:
        """The sources that need not be read again. What was committed of others is known by its place."""
        noted = self.writer.manifest.notes.get(FINISHED)
        snapshot = Snapshot(self.root)
        try:
            self.rotation = snapshot.rotation
            for number in range(len(snapshot.segments)):
                self._seen.add(np.unique(snapshot.catalog.identities(number)["place"]))
        finally:
            snapshot.close()
        return {*noted["finished"]} if noted else set()

    def train(self, sources: Sequence[Source], told: Told | None = None) -> None:
        """Train lists on a sample of the sources, unless that was done, or the whole is to be searched exactly."""
        if FINISHED in self.writer.manifest.notes:
            return
        config = self.config
        sampler = Sampler(self.encoder, self.rotation, config.expected, config.trained)
        for source in [sources[at] for at in config.sample] or sources:
            for records in batches(source.read(), config.ingest, lambda _: None):
                sampler.take(records)
                if told:
                    told("reading a sample", sampler.records, 0)
        sample = sampler.vectors()
        if sampler.passages > config.ingest.shape.exact and len(sample):
            train(self.writer, sample, sampler.passages, told)
        self._note()
        self.writer.commit()

    def _note(self) -> None:
        self.writer.note(FINISHED, {"finished": sorted(self.finished)})

    def read(self, source: Source) -> None:
        """Take in a source, slice by slice; what was read is committed if reading the rest fails."""
        for records in kept(batches(source.read(), self.config.ingest, self.report.skip), self._flush):
            self._add(records)
            committed = self._settle(wait=False)
            if self._due():
                committed |= self._write()
            self._tell(committed)
        self._ends.append(source.name)

    def end(self, told: Told | None = None) -> None:
        """Commit what is left, and that the build is complete; merge slices that came out small."""
        self._flush()
        self.writer.note(FINISHED, None)
        self.writer.commit()
        self._tell(True)
        compact(self.writer, self.config.ingest.shape, told=told)

    def _add(self, records: list[Record]) -> None:
        keys = Keys.of(records)
        repeated = self._seen.add(keys.place)
        self.report.unchanged += int(repeated.sum())
        chosen = np.flatnonzero(~repeated)
        self.report.records += len(chosen)
        kept = Keys(keys.high[chosen], keys.low[chosen], keys.place[chosen])
        batch = self._maker.batch([records[at] for at in chosen.tolist()], kept)
        if batch is not None:
            self.report.passages += len(batch)
            self.report.computed, self.report.reused = self._maker.embedder.computed, self._maker.embedder.reused
            self._pending.add(batch)

    def _due(self) -> bool:
        pending, config = self._pending, self.config
        full = len(pending) >= config.passages or pending.bytes >= config.bytes
        return full or (len(pending) > 0 and time.monotonic() - self._since > config.seconds)

    def _write(self) -> bool:
        """Have what is gathered written beside, once the slice before is committed; True if there was one."""
        committed = self._settle()
        if len(self._pending):
            batch = self._pending.take()
            if self._known:
                self._known.forget()
            self.lists = self.lists or self.writer.lists()
            self._writing = Written(self._beside.submit(self.writer.write, batch, self.lists), tuple(self._ends))
            self._ends = []
            self._since = time.monotonic()
        return committed

    def _flush(self) -> None:
        self._write()
        self._settle()

    def _settle(self, wait: bool = True) -> bool:
        """Commit the slice that is being written, if there is one and it is ready (or, `wait`, when it is)."""
        if self._writing is None or not (wait or self._writing.entry.done()):
            return False
        (entry, ends), self._writing = self._writing, None
        made = entry.result()
        self.finished.update(ends)
        self._note()
        self.writer.commit([made])
        self.report.commits += 1
        return True

    def _tell(self, committed: bool) -> None:
        self.report.seconds = time.monotonic() - self._began
        if self.heard:
            self.heard(self.report, committed)
