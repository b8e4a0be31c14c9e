"""A snapshot: the live segments of one commit as one numbered sequence of rows.

Row numbers run through the segments in the manifest's order. A deleted row keeps its number and is never returned.
Knows rows, scores and passages; knows nothing of stages or models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Passage, Rows
from cascade.errors import Corrupt, NoPassage
from cascade.index import catalog, checks, files, filters, vectors, verify
from cascade.index import manifest as manifests
from cascade.index.analyzer import Analyzer
from cascade.index.catalog import Catalog
from cascade.index.layout import PASSAGES, Layout
from cascade.index.lexical import Terms, Weighted, analyze, leading, named, nominating, spoken
from cascade.index.manifest import Entry, Generation, Manifest
from cascade.index.segment import Segment
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import Lists

T = TypeVar("T")
Mask = NDArray[np.bool_]


class Snapshot:
    """One commit of an index, open for reading by any number of threads."""

    def __init__(self, root: Path, threads: int = 2, without: Mapping[str, str] | None = None) -> None:
        self.layout = Layout(root)
        self.manifest: Manifest = manifests.read(self.layout)
        self._left_out: dict[str, str] = {**(without or {})}
        while True:
            try:
                self._open(strict=True)
                break
            except Corrupt:  # or was replaced by a writer since the manifest was read
                newer = manifests.read(self.layout)
                if newer.commit == self.manifest.commit:
                    self._open(strict=False)
                    break
                self.manifest = newer
        self._number(Catalog([(s.folder / PASSAGES, s.sums[PASSAGES], len(s)) for s in self.segments]), threads)

    def _number(self, catalog: Catalog, threads: int) -> None:
        """Number the rows of the segments, wherever they are, and be ready for questions."""
        self.bases = np.concatenate(([0], np.cumsum([len(s) for s in self.segments], dtype=np.int64))).astype(np.int64)
        self.catalog = catalog
        self._pool = ThreadPoolExecutor(threads, initializer=vectors.alone if self.lists else None)
        self._beside = ThreadPoolExecutor(threads)
        self.threads = threads
        self._found: dict[str, int] = {}
        self._lost: dict[str, str] = {}

    def _open(self, strict: bool) -> None:
        """Open what the manifest names. Not `strict`: a damaged segment is left out, one without its lists searched
        exactly."""
        self.built = self.manifest.built
        self.rotation = self._rotation()
        self.lists: dict[int, Lists] = {}
        self.segments: list[Segment] = []
        self.live: list[Mask] = []
        for generation in self.manifest.generations:
            if any(entry.generation == generation.number for entry in self.manifest.segments):
                self._list(generation, strict)
        for entry in self.manifest.segments:
            if entry.name not in self._left_out:
                self._take_in(entry, strict)

    def _list(self, generation: Generation, strict: bool) -> None:
        try:
            path = self.layout.centroids(generation.number)
            self.lists[generation.number] = Lists(
                checks.matrix(path, generation.hash, generation.lists, self.built.dim)
            )
        except Corrupt:
            if strict:
                raise

    def _take_in(self, entry: Entry, strict: bool) -> None:
        folder = self.layout.segment(entry.name)
        try:
            opened = Segment(folder, entry, self.built, self.lists.get(entry.generation))
            live = self._live(entry)
        except Corrupt as error:
            if strict:
                raise
            self._left_out[entry.name] = str(error)
            return
        self.segments.append(opened)
        self.live.append(live)

    def _rotation(self) -> Floats:
        """The index's rotation; a damaged one is made again, and taken if it has the hash the manifest names."""
        dim = self.built.dim
        try:
            return checks.matrix(self.layout.rotation, self.manifest.rotation, dim, dim)
        except Corrupt:
            again = vectors.rotation(dim)
            if files.digest(again.tobytes()) != self.manifest.rotation:
                raise
            return again

    @property
    def missing(self) -> tuple[str, ...]:
        """What damage keeps from being found in this snapshot, in sentences. Empty: nothing."""
        folders = [f"{self.layout.segment(name)} is left out: {said}" for name, said in self._left_out.items()]
        return (*folders, *self._lost.values(), *(segment.harm for segment in self.segments if segment.harm))

    def hit(self, error: Corrupt) -> tuple[int, Rows | None]:
        """The segment that damage lies in, and the rows that it takes (None: all). Raises the error if in none."""
        for number, segment in enumerate(self.segments):
            if error.path is not None and error.path.is_relative_to(segment.folder):
                try:
                    return number, segment.lost(error.path.relative_to(segment.folder).as_posix(), error.spans)
                except Corrupt:
                    return number, None
        raise error

    def leave_out(self, number: int, rows: Rows | None, error: Corrupt) -> None:
        """Go on without some rows of a segment (None: all). Questions under way keep what they began with."""
        mask = self.live[number].copy()
        mask[slice(None) if rows is None else rows] = False
        gone = int(self.live[number].sum() - mask.sum())
        self._lost[f"{number} {error.path} {error.spans}"] = f"{gone:,} passages are left out: {error}"
        self.live[number] = mask

    def mended(self, error: Corrupt, began: Sequence[Mask]) -> Snapshot:
        """What is left when work that began with these live rows met damage: this snapshot with fewer of them, or
        another without the segment. Raises the error where that is no help."""
        number, rows = self.hit(error)
        if self.live[number] is not began[number]:  # somebody else met it first
            return self
        if rows is not None and self.live[number][rows].any():
            self.leave_out(number, rows, error)
            return self
        left = {**self._left_out, self.segments[number].entry.name: str(error)}
        return Snapshot(self.layout.root, self.threads, left)

    def newer(self) -> Snapshot | None:
        """What has been committed since; looks anew where something is missing. None where there is nothing new."""
        if manifests.read(self.layout) == self.manifest and not self.missing:
            return None
        return Snapshot(self.layout.root, self.threads)

    def whole(self) -> None:
        """Raise Corrupt where something is known to be missing: nothing may be built on that."""
        if self.missing:
            raise Corrupt(f"{self.layout.root} is damaged: {self.missing[0]}")

    def __len__(self) -> int:
        """Live passages."""
        return int(sum(int(mask.sum()) for mask in self.live))

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

    def families(self, pieces: Sequence[str]) -> NDArray[np.int64]:
        """Which pieces of a vocabulary are forms of one word in the index's language: int64, equal where they are.

        Pieces that continue a word (`##ing`) and those the analyzer drops are families of their own.
        """
        words = Analyzer(self.built.language).words()
        numbers: dict[str, int] = {}
        out = np.arange(len(pieces), dtype=np.int64)
        for at, piece in enumerate(pieces):
            stems: list[str] = words.analyze(piece) if piece.isalpha() else []
            if len(stems) == 1:
                out[at] = numbers.setdefault(stems[0], at)
        return out

    def occurrences(self, words: Sequence[str]) -> list[int]:
        """In how many passages each word occurs in any of its forms; of one the analyzer drops or splits, in none."""
        analyzer = Analyzer(self.built.language).words()
        stems = [found[0] if len(found := analyzer.analyze(word)) == 1 else "" for word in words]
        total = np.zeros(len(words), dtype=np.int64)
        for segment in self.segments:
            total += np.array(segment.words.frequencies(Terms(tuple(stems), ())), dtype=np.int64)
        return [int(count) for count in total]

    def stems(self, text: str) -> frozenset[str]:
        """The words of a text as the index has them."""
        return frozenset(analyze(text, Analyzer(self.built.language)).words)

    def named(self, text: str) -> dict[str, bool]:
        """The words of a text as the index has them, and whether each is written with a capital there."""
        return named(text, Analyzer(self.built.language))

    def holders(self, words: Sequence[str], most: int, allowed: Sequence[Mask] | None = None) -> list[Rows]:
        """The rows that hold each word, live and allowed; none for a word in more than `most` passages, or in one."""
        counts = np.zeros(len(words), dtype=np.int64)
        for segment in self.segments:
            counts += np.array(segment.words.frequencies(Terms(tuple(words), ())), dtype=np.int64)
        masks, out = self.live if allowed is None else allowed, []
        for word, count in zip(words, counts.tolist(), strict=True):
            found = [np.empty(0, np.int64)]
            if 1 < count <= most:
                for base, segment, mask in zip(self.bases.tolist(), self.segments, masks, strict=False):
                    rows = segment.words.holding(word)
                    found.append(rows[mask[rows]] + base)
            out.append(np.concatenate(found))
        return out

    @cached_property
    def mean_length(self) -> float:
        """Tokens in a passage, on average."""
        return sum(s.tokens.total for s in self.segments) / max(1, int(self.bases[-1]))

    def fusion(self) -> bytes | None:
        """The file of the index's own fusion, if it has one that is whole."""
        stated = self.manifest.notes.get("fusion")
        if stated is None:
            return None
        try:
            return files.named(self.layout.fusion(str(stated)), str(stated))
        except Corrupt as error:
            self._lost["fusion"] = f"Passages are ranked by the fusion that is shipped: {error}"
            return None

    def rotate(self, vector: Floats) -> Floats:
        """An encoder's vector in the coordinates of the index."""
        return np.ascontiguousarray(vector @ self.rotation, dtype=np.float32)

    def terms(self, text: str) -> list[Weighted]:
        """The words of a query that nominate passages of this index."""
        terms = analyze(text, Analyzer(self.built.language))
        counts = np.array([segment.words.frequencies(terms) for segment in self.segments], dtype=np.int64)
        return nominating(terms, counts.sum(axis=0).tolist(), int(self.bases[-1])) if self.segments else []

    def leading(self, texts: Sequence[str], shares: Sequence[float], asked: str) -> list[Weighted]:
        """The words of some texts that a question does not have, as terms to nominate by: the weightiest of them."""
        analyzer = Analyzer(self.built.language)
        known = set(analyze(asked, analyzer).words)
        said: dict[str, float] = {}
        for text, share in zip(texts, shares, strict=True):
            words = [word for word in spoken(text, analyzer) if word not in known]
            for word in words:
                said[word] = said.get(word, 0.0) + share / len(words)
        terms = Terms(tuple(said), ())
        counts = np.zeros(len(said), dtype=np.int64)
        for segment in self.segments:
            counts += np.array(segment.words.frequencies(terms), dtype=np.int64)
        return leading(said, counts.tolist(), int(self.bases[-1]))

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

    def find(self, passage: str) -> int:
        """The row of a passage id, looked up once in a snapshot. Raises NoPassage."""
        if passage in self._found:
            return self._found[passage]
        record, _, ordinal = passage.rpartition("-")
        try:
            raw, wanted = bytes.fromhex(record), int(ordinal)
        except ValueError:
            raise NoPassage(f"{passage!r} is not a passage id. Take one from `cascade search --json`.") from None
        rows = self.rows_of(raw, wanted) if len(raw) == 16 else np.empty(0, np.int64)
        if not len(rows):
            raise NoPassage(f"There is no passage {passage} in {self.layout.root} (it may have been deleted).")
        self._found[passage] = int(rows[0])
        return self._found[passage]

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

    def verify(self) -> list[str]:
        """Read every byte; one sentence for each thing that is wrong. Of an older commit only the segments are held."""
        if manifests.read(self.layout).commit == self.manifest.commit:
            return [str(error) for error in verify.damage(self.layout, self.manifest)]
        held = (verify.segment(segment.folder, segment.entry.hash) for segment in self.segments)
        return [str(error) for found in held for error in found]

    def close(self) -> None:
        """Let all files go."""
        self._pool.shutdown()
        self._beside.shutdown(wait=False, cancel_futures=True)
        self.catalog.close()
        for segment in self.segments:
            segment.close()

    def _live(self, entry: Entry) -> Mask:
        mask = np.ones(entry.passages, dtype=bool)
        for grave in self.manifest.graves:
            if grave.segment == entry.name:
                path = self.layout.tombstone(grave.segment, grave.commit)
                mask[checks.dead(path, grave.hash, grave.rows, len(mask))] = False
        return mask


def best_of(parts: Sequence[tuple[Rows, Floats]], keep: int) -> tuple[Rows, Floats]:
    """The best `keep` of several lists of rows and scores, unordered."""
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    rows, scores = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    chosen = vectors.best(scores, keep)
    return rows[chosen], scores[chosen]
