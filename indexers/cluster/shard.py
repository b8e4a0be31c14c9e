"""What runs in each process of a fleet: a shard's segments at one or several commits, and answers about their rows.

A shard numbers its own rows, in the manifest's order of its segments; who asks maps them. Answers depend on nothing but
the commit and what is asked, so any copy of a shard may give them, and any may be asked again.
Knows its own segments; knows nothing of other shards, of nodes or of stages.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Passage, Rows
from cascade.errors import Corrupt, Unreachable
from cascade.index.catalog import Catalog
from cascade.index.layout import PASSAGES, Layout
from cascade.index.lexical import Terms, Weighted
from cascade.index.manifest import Manifest
from cascade.index.nominate import Placed, Probes
from cascade.index.numbered import Mask
from cascade.index.snapshot import Snapshot
from cascade.index.tokens import TokenBatch
from cascade.index.weigh import Counts
from cascade.index.weighing import LocalWeighing
from indexers.cluster.wire import Narrow, ThinEcho, ThinProbe

CHUNK = 4096
"""Rows that one thread reads at a time."""

FILTERS = 8
"""Filters whose rows are remembered, as a byte a passage."""

QUESTIONS = 16
"""Questions whose estimates are held between two waves; what is forgotten is made again."""

STEP = 32
"""Of so many scores of words one is told first, to find how high the best reach."""

Little = NDArray[np.uint32]


class Asked(NamedTuple):
    """A question by vector, whole: whoever is asked its next wave can make the ones before again.

    `number`: tells it from others. `filter`: empty for none. `everything`: compare all exactly. `waves`: lists that
    were read before.
    """

    number: str
    vector: Floats
    filter: str = ""
    everything: bool = False
    waves: tuple[Probes, ...] = ()


class Worded(NamedTuple):
    """A question by words. `filter`: empty for none."""

    terms: tuple[Weighted, ...]
    keep: int
    filter: str = ""


class Facts(NamedTuple):
    """What is known of a shard's rows as a whole.

    `live`: passages; `tokens`: of all; `frequencies`: int64 (vocabulary,), passages with each id; `sizes`: by
    generation, rows of each list; `records`; `missing`: what damage takes, in sentences.
    """

    live: int
    tokens: int
    frequencies: NDArray[np.int64]
    sizes: dict[int, Counts]
    records: int
    missing: tuple[str, ...]


class Part(Snapshot):
    """Some segments of one commit, whatever was committed since. Raises Corrupt where one is not whole."""

    def __init__(self, root: Path, manifest: Manifest, names: Sequence[str], threads: int) -> None:
        self.layout, self.manifest = Layout(root), manifest
        self._only, self._left_out, self._lost = frozenset(names), dict[str, str](), dict[str, str]()
        self._open(strict=True)
        self.number(Catalog([(s.folder / PASSAGES, s.sums[PASSAGES], len(s)) for s in self.segments]), threads)

    def suffer(self, error: Corrupt) -> bool:
        """Go on without what damage lies in: codes, rows, or a segment. False where it is none of this part's."""
        if self.uncoded(error):
            return True
        try:
            number, rows = self.hit(error)
        except Corrupt:
            return False
        self.leave_out(number, rows, error)
        return True


class Answers:
    """One commit of a shard. Rows are counted within the shard: uint32."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.matched = lru_cache(FILTERS)(part.matching)
        self._weighings: OrderedDict[str, tuple[LocalWeighing, int]] = OrderedDict()
        self._words: OrderedDict[Worded, tuple[Rows, Floats]] = OrderedDict()
        self._bases: dict[str, Floats] = {}
        self._lock = threading.Lock()

    def facts(self) -> Facts:
        """What is known of the rows as a whole."""
        part = self.part
        tokens = sum(segment.tokens.total for segment in part.segments)
        return Facts(len(part), tokens, part.frequencies, part.sizes, part.records, part.missing)

    def suffer(self, error: Corrupt) -> bool:
        """Go on without what damage lies in."""
        self.matched.cache_clear()
        return self.part.suffer(error)

    def masks(self, filter_: str) -> list[Mask] | None:
        """What a filter lets through; None for none."""
        return self.matched(filter_) if filter_ else None

    def matching(self, filter_: str) -> int:
        """How many passages a filter lets through. Raises BadFilter."""
        return self.part.count(self.masks(filter_))

    def fits(self, row: int, filter_: str) -> bool:
        """Whether a filter lets a row through."""
        masks = self.masks(filter_)
        return masks is None or self.part.fits(row, masks)

    def tally(self, terms: Terms) -> tuple[Counts, tuple[str, ...]]:
        """In how many passages each term occurs, int64 (n,), and what is missing."""
        return self.part.tally(terms), self.part.missing

    def holding(self, words: Sequence[str], most: int, filter_: str) -> tuple[Counts, list[Little]]:
        """In how many passages each word occurs, and in which, where that is at most `most`."""
        counts = self.part.tally(Terms(tuple(words), ()))
        masks = self.masks(filter_)
        found = [
            self.part.holding(word, masks) if 0 < count <= most else NO_ROWS
            for word, count in zip(words, counts.tolist(), strict=True)
        ]
        return counts, [rows.astype(np.uint32) for rows in found]

    def exact(self, asked: Asked) -> tuple[Narrow, int]:
        """The histogram of what has no codes, and the bytes that were read."""
        weighing, brought = self._weighed(asked, anew=True)
        self._hold(asked, weighing)
        return Narrow.of(brought), weighing.bytes

    def wave(self, asked: Asked) -> tuple[Narrow, int]:
        """The histogram of the last wave of a question, and the bytes that all have read."""
        weighing, brought = self._weighed(asked)
        self._hold(asked, weighing)
        return Narrow.of(brought), weighing.bytes

    def above(self, asked: Asked, least: float) -> tuple[Little, Floats]:
        """All rows of a question that reach a score, with their scores; then it is forgotten."""
        with self._lock:
            weighing, done = self._weighings.pop(asked.number, (None, 0))
        if weighing is None or done != len(asked.waves):
            weighing, _ = self._weighed(asked, anew=True)
        rows, scores = weighing.above(least)
        return rows.astype(np.uint32), scores

    def _weighed(self, asked: Asked, anew: bool = False) -> tuple[LocalWeighing, Counts]:
        """Make the last wave of a question, and those before it that this process has not made; what it brought."""
        with self._lock:
            weighing, done = self._weighings.pop(asked.number, (None, 0))
        if weighing is None or anew or done >= len(asked.waves):
            weighing, done = self.part.weighing(asked.vector, self.masks(asked.filter), asked.everything), 0
            brought = weighing.exact()
        for wave in asked.waves[done:]:
            brought = weighing.wave(wave)
        return weighing, brought

    def _hold(self, asked: Asked, weighing: LocalWeighing) -> None:
        """Keep the estimates of a question until its next wave."""
        with self._lock:
            self._weighings[asked.number] = weighing, len(asked.waves)
            while len(self._weighings) > QUESTIONS:
                self._weighings.popitem(last=False)

    def heights(self, asked: Worded) -> Floats:
        """Every STEP-th of the best scores of a question by words, the highest first."""
        _, scores = self._found(asked)
        return -np.sort(-scores)[STEP - 1 :: STEP]

    def worded(self, asked: Worded, least: float) -> tuple[Little, Floats]:
        """The rows of a question by words that reach a score, with their scores."""
        rows, scores = self._found(asked)
        with self._lock:
            self._words.pop(asked, None)
        reached = scores >= least
        return rows[reached].astype(np.uint32), scores[reached]

    def _found(self, asked: Worded) -> tuple[Rows, Floats]:
        with self._lock:
            held = self._words.get(asked)
        if held is None:
            held = self.part.worded(asked.terms, asked.keep, self.masks(asked.filter))
            with self._lock:
                self._words[asked] = held
                while len(self._words) > QUESTIONS:
                    self._words.popitem(last=False)
        return held

    def scan(self, rows: Little, probe: ThinProbe) -> tuple[Floats, int]:
        """What the scan finds of rows, float32 (n, SCANNED), and the bytes that were read for it."""
        asked = probe.whole()
        found = self._parts(rows, lambda some: self.part.scan(some, asked))
        return np.concatenate([features for features, _ in found]), sum(read for _, read in found)

    def hear(self, rows: Little, echo: ThinEcho) -> Floats | None:
        """How much rows say of what the best say, float32 (n, 2); None where what it is measured by is not known."""
        if isinstance(echo.rarity, str) and echo.rarity not in self._bases:
            return None
        heard = echo.whole(self._bases[echo.rarity] if isinstance(echo.rarity, str) else echo.rarity)
        return np.concatenate(self._parts(rows, lambda some: self.part.hear(some, heard)))

    def learn(self, called: str, base: Floats) -> None:
        """Know from now on what `hear` measures by: float32 (vocabulary,)."""
        self._bases[called] = base

    def covered(self, rows: Little, probe: ThinProbe) -> Floats:
        """How closely rows resemble each of the q pieces of a question: float32 (n, q)."""
        return self.part.covered(rows.astype(np.int64), probe.whole())

    def placed(self, row: int, vector: Floats) -> Placed:
        """Where a row lies, and its cosine with a rotated vector."""
        return self.part.placed(row, vector)

    def read(self, rows: Little) -> tuple[list[Passage], int]:
        """The passages of rows, in the order given, and the bytes that were read for them."""
        return self.part.read_counting(rows.astype(np.int64))

    def texts(self, rows: Little) -> list[str]:
        """The texts of rows."""
        return self.part.texts(rows.astype(np.int64))

    def vectors(self, rows: Little) -> NDArray[np.int8]:
        """int8 (n, dim) of rows."""
        return self.part.vectors(rows.astype(np.int64))

    def tokens(self, rows: Little) -> TokenBatch:
        """Token ids of rows."""
        return self.part.tokens(rows.astype(np.int64))

    def rows_of(self, record: bytes, ordinal: int | None) -> Little:
        """The live rows of a record, or of one passage of it."""
        return self.part.rows_of(record, ordinal).astype(np.uint32)

    def _parts(self, rows: Little, work: Any) -> list[Any]:
        """Work on rows in the shard's threads, CHUNK at a time."""
        parts = [rows[begin : begin + CHUNK].astype(np.int64) for begin in range(0, max(1, len(rows)), CHUNK)]
        return self.part.each(lambda number: work(parts[number]), range(len(parts)))


NO_ROWS: Rows = np.empty(0, np.int64)


class Shard:
    """A shard of the index in `root`, at the commits that it was told to open."""

    def __init__(self, root: str, threads: int) -> None:
        self._root, self._threads = Path(root), threads
        self._commits: dict[int, Answers] = {}

    def open(self, manifest: Manifest, names: Sequence[str], harms: Sequence[Corrupt] = ()) -> None:
        """Have some segments of a commit open, without what `harms` lie in. Raises Corrupt."""
        answers = Answers(Part(self._root, manifest, names, self._threads))
        for error in harms:
            answers.suffer(error)
        old = self._commits.pop(manifest.commit, None)
        self._commits[manifest.commit] = answers
        if old is not None:
            old.part.close()

    def close(self, commit: int) -> None:
        """Let a commit go."""
        held = self._commits.pop(commit, None)
        if held is not None:
            held.part.close()

    def commits(self) -> tuple[int, ...]:
        """The commits that are open."""
        return tuple(self._commits)

    def ask(self, commit: int, method: str, *given: Any) -> Any:
        """Ask a commit: a method of `Answers`. Raises what that raises; Unreachable where the commit is not open."""
        held = self._commits.get(commit)
        if held is None or method.startswith("_"):
            raise Unreachable(f"Commit {commit} of {self._root} is open no more. Ask again: a newer one is.")
        return getattr(held, method)(*given)
