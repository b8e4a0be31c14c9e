"""An index as its shards hold it together, asked as one: what the stages ask is asked of all shards, and joined.

The stages are those of one machine, and so is every rule of nomination and ranking: only numbers travel, and the
passages that are chosen. Weights of words, the threshold of candidates and the statistics of the scan are those of the
whole commit, so passages, order and scores are those of one machine over the same segments.
Knows rows, shards and one commit; knows nothing of processes, of stages or models.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from typing import Any, NamedTuple, TypeVar
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Passage, Query, Rows
from cascade.errors import Corrupt, Crowded, Unreachable
from cascade.index import files, filters
from cascade.index import manifest as manifests
from cascade.index.feedback import Echo
from cascade.index.lexical import Terms, Weighted
from cascade.index.nominate import Nomination, Placed, Probes, Reach, cut, nominate
from cascade.index.probe import Probe
from cascade.index.scan import SCANNED
from cascade.index.snapshot import Snapshot
from cascade.index.tokens import TokenBatch
from cascade.index.weigh import Counts
from cascade.index.wording import Wording
from indexers.cluster.asking import Asking, Call
from indexers.cluster.fleet import Crew, Keeping
from indexers.cluster.numbers import Numbers
from indexers.cluster.shard import STEP, Asked, Worded
from indexers.cluster.turn import Turn
from indexers.cluster.whole import Whole
from indexers.cluster.wire import ThinEcho, ThinProbe, histogram

T = TypeVar("T")


class Filtered(NamedTuple):
    """What a filter lets through: the shards know the rows; here is how many there are."""

    text: str
    passages: int


WHOLE = 1 << 17
"""More candidates than there ever are."""

THREADS = 4
"""Parts of a question that may be asked at once."""


class Spread(Wording):
    """One commit, spread over shards. Open for any number of threads; sees that commit as long as it is held.

    `without`: shards that no process answers for, and why.
    """

    def __init__(
        self, fleet: Keeping, asking: Asking, crew: Crew, whole: Whole, without: Mapping[int, str] | None = None
    ) -> None:  # fmt: skip
        self.layout, self.manifest, self.built = fleet.layout, crew.manifest, crew.manifest.built
        self.rotation, self.lists = whole.rotation, whole.lists
        self.without = {**(without or {})}
        self._fleet, self._asking, self._crew, self._whole = fleet, asking, crew, whole
        self._rows, self._met, self._turn = Numbers(crew), len(crew.harms), Turn(asking, whole)
        self._of: Spread | None = None
        self._said: dict[int, tuple[str, ...]] = {shard: one.missing for shard, one in whole.facts.items()}
        self._pool, self._beside = ThreadPoolExecutor(THREADS), ThreadPoolExecutor(THREADS)
        self._let_go = finalize(self, fleet.leave, crew.manifest.commit)
        self.located = {}
        if self.without:
            fleet.lacks(self)

    @classmethod
    def of(cls, fleet: Keeping, asking: Asking) -> Spread:
        """The newest commit. Raises NoIndex, Corrupt, Unreachable."""
        crew = fleet.crew()
        facts = asking.all({shard: _call(crew, "facts") for shard in crew.shards})
        return cls(fleet, asking, crew, Whole.of(fleet.layout, crew.manifest, facts))

    def within(self, query: Query) -> Spread:
        """The same for one question: a shard that does not answer in half of the time it has left is left out of it.

        The ledger holds which; other questions ask those shards all the same.
        """
        made = copy(self)
        made._of = self  # which lets the commit go when nobody holds it any more
        made._turn = Turn(self._asking, self._whole, lambda: query.ledger.left(query.deadline), query.ledger.silent)
        made.without = {**made._turn.without, **self.without}
        return made

    @property
    def live(self) -> tuple[int, ...]:
        """What `mended` is told of how things were when work began."""
        return self.shards

    @property
    def chunk(self) -> int:
        """Rows in one unit of work: all, for the shards divide them among themselves."""
        return WHOLE

    @property
    def shards(self) -> tuple[int, ...]:
        """The shards that are asked."""
        return tuple(shard for shard in self._crew.shards if shard not in self.without)

    def all(self, method: str, *given: Any) -> dict[int, Any]:
        """Ask every shard the same: the answers by shard. Raises Unreachable, Crowded, Overdue, Corrupt."""
        return self._turn.ask({shard: _call(self._crew, method, *given) for shard in self.shards})

    def each_of(self, rows: Rows, method: str, *given: Any) -> list[tuple[NDArray[np.int64], Any]]:
        """Ask the shards of some rows about them: positions in `rows`, and what the shard that has them answers."""
        parts = self._rows.split(rows)
        calls = {shard: _call(self._crew, method, local, *given) for shard, (_, local) in parts.items()}
        answers = self._turn.ask(calls)
        return [(parts[shard][0], answers[shard]) for shard in sorted(answers)]

    def __len__(self) -> int:
        """Live passages."""
        return sum(self._whole.facts[shard].live for shard in self.shards)

    @property
    def total(self) -> int:
        """Passages, deleted ones among them."""
        return self._whole.total

    @property
    def missing(self) -> tuple[str, ...]:
        """What cannot be found in it now, in sentences. Empty: nothing."""
        return (*self.without.values(), *(said for shard in self.shards for said in self._said[shard]))

    @property
    def records(self) -> int:
        """Records with live passages."""
        return sum(self._whole.facts[shard].records for shard in self.shards)

    @property
    def frequencies(self) -> NDArray[np.int64]:
        """In how many passages each token id occurs: int64 (vocabulary,)."""
        return self._whole.frequencies

    @property
    def mean_length(self) -> float:
        """Tokens in a passage, on average."""
        return self._whole.mean_length

    def tally(self, terms: Terms) -> Counts:
        """In how many passages each term occurs: int64 (n,)."""
        counts = np.zeros(len(terms.words) + len(terms.exact), dtype=np.int64)
        for shard, (found, missing) in self.all("tally", terms).items():
            counts += found
            self._said[shard] = missing
        return counts

    def matching(self, text: str) -> Filtered:
        """A filter. Raises BadFilter."""
        filters.parse(text)
        return Filtered(text, sum(self.all("matching", text).values()))

    def count(self, allowed: Filtered | None) -> int:
        """How many passages a filter lets through; all live ones without."""
        return len(self) if allowed is None else allowed.passages

    def fits(self, row: int, allowed: Filtered) -> bool:
        """Whether a filter lets a row through."""
        shard, local = self._rows.one(row)
        return bool(self._one(shard, "fits", local, allowed.text))

    def nominate(self, vector: Floats, allowed: Filtered | None, everything: bool, reach: Reach) -> Nomination:
        """The rows nearest to a rotated vector. `everything`: compare all that is allowed exactly."""
        weighing = _Weighing(self, Asked(secrets.token_hex(8), vector, _text(allowed), everything))
        return nominate(weighing, vector, self.lists, {} if everything else self._whole.sizes, reach)

    def worded(self, terms: Sequence[Weighted], keep: int, allowed: Filtered | None) -> tuple[Rows, Floats]:
        """The best `keep` rows by BM25 of some terms, unordered: int64 (n,), float32 (n,).

        Shards tell first how high their scores are, and then send those alone that may be among the best.
        """
        asked = Worded(tuple(terms), keep, _text(allowed))
        heights = np.concatenate([np.empty(0, np.float32), *self.all("heights", asked).values()])
        enough = -(-keep // STEP)
        least = float(-np.sort(-heights)[enough - 1]) if len(heights) >= enough else -np.inf
        return cut(*self.joined(self.all("worded", asked, least)), keep)

    def joined(self, answers: Mapping[int, tuple[NDArray[np.uint32], Floats]]) -> tuple[Rows, Floats]:
        """Rows and scores of shards as rows and scores of the whole."""
        rows = [self._rows.back(shard, local) for shard, (local, _) in answers.items()]
        scores = [scores for _, scores in answers.values()]
        return np.concatenate([np.empty(0, np.int64), *rows]), np.concatenate([np.empty(0, np.float32), *scores])

    def holders(
        self, words: Sequence[str], most: int, allowed: Filtered | None = None, least: int = 2
    ) -> list[Rows]:
        """The rows that hold each word, live and allowed; none for a word in over `most` passages, or under `least`."""
        answers = self.all("holding", tuple(words), most, _text(allowed))
        counts = sum((counts for counts, _ in answers.values()), np.zeros(len(words), dtype=np.int64))
        out = []
        for at, count in enumerate(counts.tolist()):
            sought = least <= count <= most
            found = [self._rows.back(shard, held[at]) for shard, (_, held) in answers.items() if sought]
            out.append(np.sort(np.concatenate([np.empty(0, np.int64), *found])))
        return out

    def scan(self, rows: Rows, probe: Probe) -> tuple[Floats, int]:
        """What the scan finds of these rows, float32 (n, SCANNED), and the bytes that were read for it."""
        out, spent = np.zeros((len(rows), SCANNED), dtype=np.float32), 0
        for positions, (found, read) in self.each_of(rows, "scan", ThinProbe.of(probe)):
            out[positions] = found
            spent += read
        return out, spent

    def hear(self, rows: Rows, echo: Echo) -> Floats:
        """How much these rows say of what the best passages say: float32 (n, 2)."""
        out = np.empty((len(rows), 2), dtype=np.float32)
        thin = ThinEcho.of(echo, *self._whole.rarity)
        for positions, found in self.each_of(rows, "hear", thin):
            out[positions] = found if found is not None else self._taught(rows[positions], thin)
        return out

    def _taught(self, rows: Rows, thin: ThinEcho) -> Floats:
        """`hear` of a shard that does not know yet what it is measured by."""
        rarity, called = self._whole.rarity
        self.all("learn", called, rarity)
        ((_, found),) = self.each_of(rows, "hear", thin._replace(rarity=rarity))
        heard: Floats = found
        return heard

    def covered(self, rows: Rows, probe: Probe) -> Floats:
        """How closely these rows resemble each of the q pieces of a question: float32 (n, q)."""
        nothing = np.zeros((len(rows), len(probe.sight.idf)), np.float32)
        return self._arrays(rows, nothing, "covered", ThinProbe.of(probe))

    def vectors(self, rows: Rows) -> NDArray[np.int8]:
        """int8 (n, dim) of these rows, in the order given."""
        return self._arrays(rows, np.empty((len(rows), self.built.dim), np.int8), "vectors")

    def tokens(self, rows: Rows) -> TokenBatch:
        """Token ids of these rows, in the order given."""
        found = self.each_of(rows, "tokens")
        return TokenBatch.join([batch for _, batch in found]).take(np.argsort(np.concatenate([at for at, _ in found])))

    def read(self, rows: Rows) -> list[Passage]:
        """The passages of these rows, in the order given."""
        return self.read_counting(rows)[0]

    def read_counting(self, rows: Rows) -> tuple[list[Passage], int]:
        """The passages of these rows, and the bytes of text that were read for them."""
        out: dict[int, Passage] = {}
        spent = 0
        for positions, (passages, read) in self.each_of(rows, "read"):
            out.update(zip(positions.tolist(), passages, strict=True))
            spent += read
        return [out[at] for at in range(len(rows))], spent

    def texts(self, rows: Rows) -> list[str]:
        """The texts of these rows alone, in the order given."""
        out = [""] * len(rows)
        for positions, texts in self.each_of(rows, "texts"):
            for position, text in zip(positions.tolist(), texts, strict=True):
                out[position] = text
        return out

    def rows_of(self, record: bytes, ordinal: int | None = None) -> Rows:
        """The live rows of a record, or of one passage of it."""
        found = [self._rows.back(shard, local) for shard, local in self.all("rows_of", record, ordinal).items()]
        return np.sort(np.concatenate([np.empty(0, np.int64), *found]))

    def placed(self, row: int, vector: Floats) -> Placed:
        """Where a row lies, and its cosine with a rotated vector."""
        shard, local = self._rows.one(row)
        placed: Placed = self._one(shard, "placed", local, vector)
        return placed

    def each(self, work: Callable[[int], T], over: Sequence[int]) -> list[T]:
        """Run `work` for some numbers, in parallel threads, results in order."""
        return [work(number) for number in over] if len(over) < 2 else list(self._pool.map(work, over))

    def aside(self, work: Callable[[], T]) -> Future[T]:
        """Run `work` beside what `each` does, so that it can be left behind when it is late."""
        return self._beside.submit(work)

    def mended(self, error: Corrupt | Unreachable, began: object) -> Spread:
        """What is left when work met damage, or a shard that no process answers for. Raises the error where that is
        no help."""
        if isinstance(error, Corrupt):
            if not self._fleet.harm(self.manifest.commit, error, self._met):
                raise error
            return Spread.of(self._fleet, self._asking)
        if isinstance(error, Crowded) or error.shard not in (None, *self.shards):
            raise error
        if error.shard is None:  # this commit is open no more
            return self._other(error)
        if self._fleet.whole(self._crew):  # it is back by now
            return Spread.of(self._fleet, self._asking)
        passages = self._whole.facts[error.shard].live
        said = f"{passages:,} passages are left out: the process that holds them has ended, and another is started."
        self._fleet.join(self.manifest.commit)
        return Spread(self._fleet, self._asking, self._crew, self._whole, {**self.without, error.shard: said})

    def _other(self, error: Unreachable) -> Spread:
        """The newest commit, if that is another. Raises the error where it is not."""
        if manifests.read(self.layout).commit == self.manifest.commit:
            raise error
        return Spread.of(self._fleet, self._asking)

    def newer(self) -> Spread | None:
        """What has been committed since, or the same with shards that answer again. None where there is neither."""
        fresh = manifests.read(self.layout) != self.manifest
        if not fresh and not (self.without and self._fleet.whole(self._crew)):
            return None
        return Spread.of(self._fleet, self._asking)

    def fusion(self) -> bytes | None:
        """The file of the index's own fusion, if it has one that is whole."""
        stated = self.manifest.notes.get("fusion")
        return None if stated is None else files.named(self.layout.fusion(str(stated)), str(stated))

    def at_hand(self) -> Snapshot:
        """The index on this machine, as it is now, for who looks at its segments: opened at the first use."""
        return self._whole.here

    def close(self) -> None:
        """Let the index go, and end the processes that hold it."""
        self._let_go()
        self._pool.shutdown(wait=False)
        self._beside.shutdown(wait=False, cancel_futures=True)
        self._fleet.close()

    def _one(self, shard: int, method: str, *given: Any) -> Any:
        return self._turn.ask({shard: _call(self._crew, method, *given)})[shard]

    def _arrays(self, rows: Rows, out: NDArray[Any], method: str, *given: Any) -> NDArray[Any]:
        """What shards know of rows, put into `out` where they stand."""
        for positions, found in self.each_of(rows, method, *given):
            out[positions] = found
        return out


class _Weighing:
    """Implements `nominate.Weighing` over the shards of a commit."""

    def __init__(self, spread: Spread, asked: Asked) -> None:
        self._spread, self._asked = spread, asked
        self._bytes: dict[int, int] = {}

    @property
    def bytes(self) -> int:
        """What was read so far."""
        return sum(self._bytes.values())

    def exact(self) -> Counts:
        """Compare what has no codes. The histogram of the cosines."""
        return self._summed("exact")

    def wave(self, probes: Probes) -> Counts:
        """Estimate the rows of these lists. The histogram of the estimates."""
        self._asked = self._asked._replace(waves=(*self._asked.waves, probes))
        return self._summed("wave")

    def above(self, least: float) -> tuple[Rows, Floats]:
        """All rows that reach a score, with their scores."""
        return self._spread.joined(self._spread.all("above", self._asked, least))

    def _summed(self, method: str) -> Counts:
        answers = self._spread.all(method, self._asked)
        self._bytes |= {shard: read for shard, (_, read) in answers.items()}
        return histogram([narrow for narrow, _ in answers.values()])


def _call(crew: Crew, method: str, *given: Any) -> Call:
    return Call("ask", (crew.manifest.commit, method, *given), kind=method)


def _text(allowed: Filtered | None) -> str:
    return "" if allowed is None else allowed.text
