"""The ingest path: source -> record -> passage -> embed -> segment -> commit.

What a batch acknowledges is durable: a run that is killed goes on from there when it is started again. Segments are
merged after that, between batches and at the end: no batch is acknowledged later for it, and no reader waits.
Knows the order of the steps; each step is somebody else's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cascade.data import Rows
from cascade.errors import WrongEncoder
from cascade.index import manifest as manifests
from cascade.index.analyzer import whole
from cascade.index.catalog import LOCATOR
from cascade.index.layout import Layout
from cascade.index.manifest import Built
from cascade.index.segment import Placed
from cascade.index.snapshot import Snapshot
from cascade.index.writer import BROKEN, Writer, create
from cascade.models.base import Encoder
from cascade.models.vocabulary import Vocabulary
from indexers.compact import Shape, Told, carry_out, compact, plan
from indexers.known import Keys, Known, Seen
from indexers.making import Maker, leaf, leaf_of
from indexers.records import Record, Skipped, Source
from indexers.segments import Pending


@dataclass(frozen=True, slots=True)
class IngestConfig:
    """How much is held and when it is committed.

    `records` and `characters`: most in one batch. `passages` and `bytes`: a segment is committed when this much is
    pending (up to eight times as much in a large index, see `larger`), or `seconds` after the last commit. `shape`:
    what compaction strives for.
    """

    records: int = 4096
    characters: int = 8_000_000
    passages: int = 32_768
    bytes: int = 64_000_000
    seconds: float = 60.0
    language: str = "english"
    shape: Shape = field(default_factory=Shape)

    def larger(self, held: int) -> int:
        """How many times more is pending at most in an index that holds so many passages: a hundredth of it."""
        return min(8, max(1, held // (100 * self.passages)))


@dataclass(slots=True)
class Report:
    """What one run did. `skipped`: the first thousand that `failed` counts; `passed`: what holds no text."""

    records: int = 0
    passages: int = 0
    unchanged: int = 0
    replaced: int = 0
    dropped: int = 0
    failed: int = 0
    passed: int = 0
    computed: int = 0
    reused: int = 0
    commits: int = 0
    seconds: float = 0.0
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, thing: Skipped) -> None:
        """Count something that was left out."""
        if not thing.fault:
            self.passed += 1
            return
        self.failed += 1
        if len(self.skipped) < 1000:
            self.skipped.append(thing)


Heard = Callable[[Report, bool], None]
"""Called after each batch with the report so far; the second argument tells that it has just been committed."""


def ingest(
    root: Path, sources: Sequence[Source], encoder: Encoder, config: IngestConfig | None = None, sync: bool = False,
    heard: Heard | None = None, told: Told | None = None,
) -> Report:  # fmt: skip
    """Add everything of some sources to the index in `root`, which is made if it is not there.

    Adding the same again adds nothing; changed things replace their old passages. `sync`: what a source no longer
    has is deleted too. Raises WrongEncoder, Locked, UnusableIndex.
    """
    settings = config or IngestConfig()
    run = Run(root, encoder, settings)
    with run:
        for source in sources:
            for records in kept(batches(source.read(), settings, run.skip), run.flush):
                run.add(records)
                committed = run.flush_if_due()
                if heard:
                    heard(run.report, committed)
                if committed:
                    run.merge_if_due(told)
            if sync:
                run.drop_missing(source.name)
            run.spared.clear()
        run.flush()
        if heard:
            heard(run.report, True)
        run.known.leaves.clear()
        run.snapshot.close()  # its leases would keep compaction from removing what it replaces
        compact(run.writer, settings.shape, told=told)
    return run.report


def batches(
    things: Iterable[Record | Skipped], config: IngestConfig, skip: Callable[[Skipped], None]
) -> Iterator[list[Record]]:
    """Group records so that neither their number nor their text grows beyond what is held at once."""
    held: list[Record] = []
    size = 0
    for thing in things:
        if isinstance(thing, Skipped):
            skip(thing)
            continue
        held.append(thing)
        size += len(thing.text)
        if len(held) >= config.records or size >= config.characters:
            yield held
            held, size = [], 0
    if held:
        yield held


def kept(stream: Iterator[list[Record]], flush: Callable[[], object]) -> Iterator[list[Record]]:
    """The batches of a stream; if reading it fails, what came before is committed first."""
    try:
        yield from stream
    except GeneratorExit:
        raise
    except BaseException:
        flush()
        raise


class Run:
    """One run over one source: holds the writer, what is known, and what is pending."""

    def __init__(self, root: Path, encoder: Encoder, config: IngestConfig) -> None:
        self.root, self.encoder, self.config = root, encoder, config
        self.report = Report()
        self.seen = Seen()
        self.spared: set[str] = set()
        self._began = self._flushed = time.monotonic()
        self._pending = Pending()
        self._keys: list[Keys] = []
        self._dead: dict[str, list[Rows]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Run:
        self.writer = self._stack.enter_context(writing(self.root, self.encoder, self.config.language))
        self.lists = self.writer.lists()
        self.snapshot = Snapshot(self.root)
        self._stack.callback(self._let_go)
        self.snapshot.whole()
        self.known = Known([leaf_of(self.snapshot, number) for number in range(len(self.snapshot.segments))])
        self.maker = Maker(self.encoder, self.snapshot.rotation, self.known)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _let_go(self) -> None:
        self.snapshot.close()

    def skip(self, thing: Skipped) -> None:
        """Count something that was left out, and keep what it may have held before from being dropped by `sync`."""
        self.spared.add(whole(thing.locator))
        self.report.skip(thing)

    def add(self, records: list[Record]) -> None:
        """Take in a batch: leave out what is known, cut the rest, embed it, and keep it pending."""
        keys = Keys.of(records)
        repeated = self.seen.add(keys.place)
        for at in np.flatnonzero(repeated).tolist():
            reason = (
                f"it has the same key as an earlier one ({records[at].key or records[at].locator}); the first is kept"
            )
            self.skip(Skipped(records[at].source, records[at].locator, reason))
        unchanged = self.known.unchanged(keys) & ~repeated & ~self._mended(keys)
        self.report.unchanged += int(unchanged.sum())
        fresh = ~unchanged & ~repeated
        for name, rows in self.known.replaced(keys, fresh).items():
            self._dead.setdefault(name, []).append(rows)
            self.report.replaced += len(rows)
        chosen = np.flatnonzero(fresh)
        if len(chosen):
            self._take(
                [records[i] for i in chosen.tolist()], Keys(keys.high[chosen], keys.low[chosen], keys.place[chosen])
            )

    def _take(self, records: list[Record], keys: Keys) -> None:
        self.report.records += len(records)
        batch = self.maker.batch(records, keys)
        if batch is None:
            return
        self.report.passages += len(batch)
        self.report.computed, self.report.reused = self.maker.embedder.computed, self.maker.embedder.reused
        self._pending.add(batch)

    def _mended(self, keys: Keys) -> NDArray[np.bool_]:
        """Which records are here in part only, since a repair, and are now made whole."""
        broken = self.writer.manifest.notes.get(BROKEN, [])
        if not broken:
            return np.zeros(len(keys.high), dtype=bool)
        ids = [f"{high:016x}{low:016x}" for high, low in zip(keys.high.tolist(), keys.low.tolist(), strict=True)]
        self.writer.note(BROKEN, sorted({*broken} - {*ids}))
        return np.isin(ids, broken)

    def flush_if_due(self) -> bool:
        """Commit when enough is pending or enough time has gone by; True when it was committed."""
        pending, config = self._pending, self.config
        times = config.larger(sum(entry.passages for entry in self.writer.manifest.segments))
        due = len(pending) >= times * config.passages or pending.bytes >= times * config.bytes
        if due or (len(pending) and time.monotonic() - self._flushed > config.seconds):
            self.flush()
            return True
        self.report.seconds = time.monotonic() - self._began
        return False

    def flush(self) -> None:
        """Commit what is pending: new segments live, replaced rows dead, in one step."""
        dead = {name: np.concatenate(rows) for name, rows in self._dead.items()}
        added = []
        if len(self._pending):
            batch = self._pending.take()
            placed = Placed.by(self.lists, batch.vectors) if self.lists else None
            added.append(self.writer.write(batch, self.lists, placed))
            order = placed.order if placed else None
            self.known.settle(leaf(added[0].name, batch, order, self.writer.vectors(added[0])))
        if added or dead:
            self.writer.commit(added, dead)
            self.report.commits += 1
        self._dead = {}
        self._flushed = time.monotonic()
        self.report.seconds = self._flushed - self._began

    def merge_if_due(self, told: Told | None = None) -> None:
        """Right after a commit: merge small segments where there are too many, train lists where the index has grown,
        and know what segments hold now.

        Here is no row to be deleted that is not committed yet.
        """
        shape = self.config.shape
        if not (due := plan(self.writer.manifest, shape)):
            return
        self.snapshot.close()  # its leases would keep what is replaced
        carry_out(due, self.writer, shape, told)
        self.lists = self.writer.lists()
        self.snapshot = Snapshot(self.root)
        leaves = {each.name: each for each in self.known.leaves}
        self.known.leaves = [
            leaves.get(segment.entry.name) or leaf_of(self.snapshot, number)
            for number, segment in enumerate(self.snapshot.segments)
        ]

    def drop_missing(self, source: str) -> None:
        """Delete what an earlier run added from this source and this one did not meet."""
        for number, segment in enumerate(self.snapshot.segments):
            rows = self.snapshot.catalog.of_source(number, source)
            held = next(each for each in self.known.leaves if each.name == segment.entry.name)
            gone = rows[held.alive[rows] & ~self.seen.holds(held.keys.place[rows])]
            if self.spared and len(gone):
                locators = [fact[LOCATOR] for fact in self.snapshot.catalog.fetch(number, gone)]
                gone = gone[[not self._spares(locator) for locator in locators]]
            if len(gone):
                held.alive[gone] = False
                self._dead.setdefault(held.name, []).append(gone)
                self.report.dropped += len(gone)

    def _spares(self, locator: str) -> bool:
        """Whether something could not be read this time that this may be a part of."""
        wholes = (locator[: at.end() if at.group() == "/" else at.start()] for at in re.finditer("[/!#]", locator))
        return locator in self.spared or any(part in self.spared for part in wholes)


@contextmanager
def writing(root: Path, encoder: Encoder, language: str) -> Iterator[Writer]:
    """The writer of an index, which is made if it is not there. Raises WrongEncoder, Locked, UnusableIndex."""
    vocabulary = Vocabulary()
    built = Built(
        encoder.name, encoder.dim, encoder.limit, encoder.fingerprint, vocabulary.fingerprint, vocabulary.size,
        language,
    )  # fmt: skip
    if not manifests.exists(Layout(root)):
        create(root, built)
    with Writer(root) as writer:
        agree(root, writer.manifest.built, built)
        yield writer


def agree(root: Path, built: Built, given: Built) -> None:
    """Raise WrongEncoder unless an index was built as it is now to be written."""
    if (built.encoder, built.fingerprint) != (given.encoder, given.fingerprint):
        what = (
            f"the encoder {given.encoder}" if built.encoder != given.encoder else f"another version of {given.encoder}"
        )
        raise WrongEncoder(
            f"{root} was built with {built.encoder} ({built.dim} dims) but {what} ({given.dim} dims) was given. "
            f"Leave out --encoder, or build anew: cascade add NEW_INDEX SOURCE --encoder {given.encoder}"
        )
    if built.vocabulary != given.vocabulary:
        raise WrongEncoder(
            f"{root} was built with another tokenizer than this version has. Build it anew from its sources."
        )
