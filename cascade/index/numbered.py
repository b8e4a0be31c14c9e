"""Segments as one numbered sequence of rows: all that the stages ask of an index on this machine.

Row numbers run through the segments in order. A deleted row keeps its number and is never returned.
Knows rows, scores and passages; knows nothing of where segments come from, of stages or models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Passage, Rows
from cascade.errors import Corrupt
from cascade.index import catalog, coarse, filters, vectors, weigh
from cascade.index.catalog import Catalog
from cascade.index.coarse import Lists
from cascade.index.feedback import Echo, hear
from cascade.index.layout import CODED
from cascade.index.lexical import Terms, Weighted
from cascade.index.nominate import Nomination, Placed, Reach, cut, nominate
from cascade.index.probe import Probe
from cascade.index.scan import SCANNED, covered, scan
from cascade.index.segment import Segment
from cascade.index.tokens import TokenBatch
from cascade.index.weigh import Counts
from cascade.index.weighing import NO_ROWS, LocalWeighing, Part, part
from cascade.index.wording import Wording

T = TypeVar("T")
Mask = NDArray[np.bool_]


CHUNK = 4096
"""Rows in one unit of work."""

SHARE, DEEPER, LEAST_ASKED = 2, 4, 256
"""Of the words of a segment: how many times its even share is asked for, how many times as much after that, and how
many at least. Reading hits out costs a microsecond each, and relevant passages cluster in few segments."""


class Numbered(Wording):
    """Segments, open for reading by any number of threads. Whoever makes one sets what is declared here, and then calls
    `number`."""

    lists: dict[int, Lists]
    segments: list[Segment]
    live: list[Mask]

    def number(self, held: Catalog, threads: int) -> None:
        """Number the rows of the segments, wherever they are, and be ready for questions."""
        self.bases = np.concatenate(([0], np.cumsum([len(s) for s in self.segments], dtype=np.int64))).astype(np.int64)
        self.catalog = held
        self.counts = [int(mask.sum()) for mask in self.live]
        self._pool = ThreadPoolExecutor(threads, initializer=coarse.alone if self.lists else None)
        self._beside = ThreadPoolExecutor(threads)
        self.threads = threads
        self.located = {}

    @property
    def chunk(self) -> int:
        """Rows in one unit of work: few enough to share between threads and to stop at a deadline."""
        return CHUNK

    def __len__(self) -> int:
        """Live passages."""
        return sum(self.counts)

    def drop(self, number: int, rows: Rows | None) -> int:
        """Go on without some rows of a segment (None: all). Questions under way keep what they began with. Returns how
        many that were."""
        mask = self.live[number].copy()
        mask[slice(None) if rows is None else rows] = False
        gone = self.counts[number] - int(mask.sum())
        self.live[number] = mask
        self.counts[number] -= gone
        return gone

    def count(self, masks: Sequence[Mask] | None) -> int:
        """How many passages a filter lets through; all live ones without."""
        return len(self) if masks is None else sum(int(mask.sum()) for mask in masks)

    def fits(self, row: int, masks: Sequence[Mask]) -> bool:
        """Whether a filter lets a row through."""
        number, _, local = next(self.split(np.array([row])))
        return bool(masks[number][local[0]])

    @property
    def total(self) -> int:
        """Passages, deleted ones among them."""
        return int(self.bases[-1])

    @cached_property
    def records(self) -> int:
        """Records with live passages."""
        ids = [self.catalog.identities(n)["id_hi"][mask] for n, mask in enumerate(self.live) if mask.any()]
        return len(np.unique(np.concatenate(ids))) if ids else 0

    @cached_property
    def frequencies(self) -> NDArray[np.int64]:
        """In how many passages each token id occurs: int64 (vocabulary,)."""
        total = np.zeros(self.built.vocabulary_size, dtype=np.int64)
        for segment, mask in zip(self.segments, self.live, strict=True):
            total += segment.frequencies(np.flatnonzero(mask))
        return total

    def tally(self, terms: Terms) -> NDArray[np.int64]:
        """In how many passages each term occurs: int64 (n,), those of `words` first."""
        counts = np.zeros(len(terms.words) + len(terms.exact), dtype=np.int64)
        for segment in self.segments:
            counts += np.array(segment.words.frequencies(terms), dtype=np.int64)
        return counts

    def holders(
        self, words: Sequence[str], most: int, allowed: Sequence[Mask] | None = None, least: int = 2
    ) -> list[Rows]:
        """The rows that hold each word, live and allowed; none for a word in over `most` passages, or under `least`."""
        counts = self.tally(Terms(tuple(words), ()))
        return [
            self.holding(word, allowed) if least <= count <= most else NO_ROWS
            for word, count in zip(words, counts.tolist(), strict=True)
        ]

    def holding(self, word: str, allowed: Sequence[Mask] | None = None) -> Rows:
        """The rows that hold a word, live and allowed, ascending: for rare ones."""
        found = [NO_ROWS]
        masks = self.live if allowed is None else allowed
        for base, segment, mask in zip(self.bases.tolist(), self.segments, masks, strict=False):
            rows = segment.words.holding(word)
            found.append(rows[mask[rows]] + base)
        return np.concatenate(found)

    @cached_property
    def mean_length(self) -> float:
        """Tokens in a passage, on average."""
        return sum(s.tokens.total for s in self.segments) / max(1, int(self.bases[-1]))

    @cached_property
    def sizes(self) -> dict[int, Counts]:
        """By generation: how many rows each list holds in all segments that have codes. int64 (lists,)."""
        out: dict[int, Counts] = {}
        for segment in self.segments:
            if segment.codes is not None:
                held = np.diff(segment.codes.offsets)
                out[segment.entry.generation] = out.get(segment.entry.generation, np.zeros_like(held)) + held
        return out

    def nominate(
        self, vector: Floats, masks: Sequence[Mask] | None, everything: bool, reach: Reach
    ) -> Nomination:  # fmt: skip
        """The rows nearest to a rotated vector. `everything`: compare all that is allowed exactly.

        Damaged codes are done without: their segment is compared exactly from then on.
        """
        while True:
            try:
                found = self.weighing(vector, masks, everything)
                return nominate(found, vector, self.lists, {} if everything else self.sizes, reach)
            except Corrupt as error:
                if not self.uncoded(error):
                    raise

    def weighing(self, vector: Floats, masks: Sequence[Mask] | None, everything: bool) -> LocalWeighing:
        """The estimates of one query, to be made."""
        return LocalWeighing(self.each, self._parts(masks), vector, everything)

    def _parts(self, masks: Sequence[Mask] | None) -> list[Part]:
        counts = self.counts if masks is None else [int(mask.sum()) for mask in masks]
        together = zip(self.segments, self.bases.tolist(), self.live if masks is None else masks, counts, strict=False)
        return [part(*each) for each in together if each[3]]

    def uncoded(self, error: Corrupt) -> bool:
        """Do without the codes that damage lies in; False where it lies elsewhere."""
        for segment in self.segments:
            if error.path is not None and error.path.parent == segment.folder and error.path.name in CODED:
                segment.codes = None
                self.__dict__.pop("sizes", None)
                return True
        return False

    def placed(self, row: int, vector: Floats) -> Placed:
        """Where a row lies, and its cosine with a rotated vector."""
        number, _, local = next(self.split(np.array([row])))
        segment = self.segments[number]
        cosine = float(vectors.exact(segment.seen(local), vector, local)[0])
        if (codes := segment.codes) is None:
            return Placed(cosine)
        lists = self.lists[segment.entry.generation]
        home = int(np.searchsorted(codes.offsets, local[0], side="right")) - 1
        near = float(lists.centroids[home] @ vector)
        return Placed(cosine, segment.entry.generation, home, codes.estimate(int(local[0]), near, weigh.ask(vector)))

    def worded(self, terms: Sequence[Weighted], keep: int, masks: Sequence[Mask] | None) -> tuple[Rows, Floats]:
        """The best `keep` rows by BM25 of some terms, unordered: int64 (n,), float32 (n,).

        Each segment is asked for a share first, and for more while it may hold what belongs to the best of all.
        """

        def work(at: int) -> tuple[Rows, Floats]:
            one = parts[at]
            rows, scores = one.segment.words.search(terms, depths[at], one.only if len(one.only) else None)
            return rows + one.base, scores

        parts = self._parts(masks)
        depths = [min(keep, max(LEAST_ASKED, SHARE * keep // max(1, len(parts))))] * len(parts)
        found: list[tuple[Rows, Floats]] = [(np.empty(0, np.int64), np.empty(0, np.float32))] * len(parts)
        ask = list(range(len(parts)))
        while ask:
            for at, made in zip(ask, self.each(work, ask), strict=True):
                found[at] = made
            rows, scores = cut(*_joined(found), keep)
            line = float(scores.min()) if len(rows) == keep and keep else -np.inf
            full = [at for at, (_, some) in enumerate(found) if len(some) == depths[at] < keep]
            ask = [at for at in full if float(found[at][1].min()) >= line]
            for at in ask:
                depths[at] = min(keep, depths[at] * DEEPER)
        return cut(*_joined(found), keep)

    def scan(self, rows: Rows, probe: Probe) -> tuple[Floats, int]:
        """What the scan finds of these rows, float32 (n, SCANNED), and the bytes that were read for it."""
        out, spent = np.zeros((len(rows), SCANNED), dtype=np.float32), 0
        for number, positions, local in self.split(rows):
            out[positions], read = scan(self.segments[number], local, probe)
            spent += read
        return out, spent

    def hear(self, rows: Rows, echo: Echo) -> Floats:
        """How much these rows say of what the best passages say: float32 (n, 2), as `feedback.hear` has it."""
        out = np.empty((len(rows), 2), dtype=np.float32)
        for number, positions, local in self.split(rows):
            out[positions] = hear(self.segments[number], local, echo)
        return out

    def covered(self, rows: Rows, probe: Probe) -> Floats:
        """How closely these rows resemble each of the q pieces of a question: float32 (n, q)."""
        out = np.zeros((len(rows), len(probe.sight.idf)), dtype=np.float32)
        for number, positions, local in self.split(rows):
            out[positions] = covered(self.segments[number], local, probe)
        return out

    def each(self, work: Callable[[int], T], over: Sequence[int] | None = None) -> list[T]:
        """Run `work` for each segment (or those given), in parallel threads, results in order."""
        numbers = list(range(len(self.segments)) if over is None else over)
        if len(numbers) < 2:
            return [work(number) for number in numbers]
        return list(self._pool.map(work, numbers))

    def aside(self, work: Callable[[], T]) -> Future[T]:
        """Run `work` beside what `each` does, so that it can be left behind when it is late."""
        return self._beside.submit(work)

    def split(self, rows: Rows) -> Iterator[tuple[int, NDArray[np.int64], Rows]]:
        """By segment: its number, the positions in `rows` that lie in it, and the rows counted within it."""
        held = np.searchsorted(self.bases, rows, side="right") - 1
        for number in np.unique(held).tolist():
            positions = np.flatnonzero(held == number)
            yield number, positions, rows[positions] - self.bases[number]

    def matching(self, text: str) -> list[Mask]:
        """A filter as a mask of live rows for each segment. Raises BadFilter."""
        where = filters.parse(text)

        def work(number: int) -> Mask:
            mask = np.zeros(len(self.segments[number]), dtype=bool)
            mask[self.catalog.match(number, where)] = True
            return mask & self.live[number]

        return self.each(work)

    def read(self, rows: Rows) -> list[Passage]:
        """The passages of these rows, in the order given."""
        return self.read_counting(rows)[0]

    def read_counting(self, rows: Rows) -> tuple[list[Passage], int]:
        """The passages of these rows, and the bytes of text that were read for them."""
        parts = list(self.split(rows))

        def work(at: int) -> tuple[list[Passage], int]:
            number, _, local = parts[at]
            raw, read = self.segments[number].texts.read(local)
            facts = self.catalog.fetch(number, local)
            return [catalog.passage(text, fact) for text, fact in zip(raw, facts, strict=True)], read

        out: dict[int, Passage] = {}
        spent = 0
        for (_, positions, _), (passages, read) in zip(parts, self.each(work, range(len(parts))), strict=True):
            out.update(zip(positions.tolist(), passages, strict=True))
            spent += read
        return [out[i] for i in range(len(rows))], spent

    def texts(self, rows: Rows) -> list[str]:
        """The texts of these rows alone, in the order given."""
        out = [""] * len(rows)
        for number, positions, local in self.split(rows):
            for position, text in zip(positions.tolist(), self.segments[number].texts.read(local)[0], strict=True):
                out[position] = text.decode("utf-8", "surrogatepass")
        return out

    def rows_of(self, record: bytes, ordinal: int | None = None) -> Rows:
        """The live rows of a record, or of one passage of it."""
        found = []
        for number in range(len(self.segments)):
            local = self.catalog.find(number, record, ordinal)
            found.append(local[self.live[number][local]] + self.bases[number])
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def vectors(self, rows: Rows) -> NDArray[np.int8]:
        """int8 (n, dim) of these rows, in the order given."""
        out = np.empty((len(rows), self.built.dim), dtype=np.int8)
        for number, positions, local in self.split(rows):
            out[positions] = self.segments[number].vectors(local)
        return out

    def tokens(self, rows: Rows) -> TokenBatch:
        """Token ids of these rows, in the order given."""
        parts, order = [], []
        for number, positions, local in self.split(rows):
            parts.append(self.segments[number].tokens.batch(local))
            order.append(positions)
        return TokenBatch.join(parts).take(np.argsort(np.concatenate(order)))

    def shut(self) -> None:
        """Let threads and files go."""
        self._pool.shutdown()
        self._beside.shutdown(wait=False, cancel_futures=True)
        self.catalog.close()
        for segment in self.segments:
            segment.close()


def _joined(parts: Sequence[tuple[Rows, Floats]]) -> tuple[Rows, Floats]:
    rows = [np.empty(0, np.int64), *(rows for rows, _ in parts)]
    return np.concatenate(rows), np.concatenate([np.empty(0, np.float32), *(scores for _, scores in parts)])
