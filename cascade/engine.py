"""The query path, in one place: Query -> Candidates -> Ranking -> Context -> Answer.

    everything --Retrieve--> 30,000 --Rerank--> 117 --Pack--> the window --Generate--> an answer with citations

Opens an index with the models it was built with. Knows the order of the stages; each stage knows only itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from cascade import operating
from cascade.config import Config, RerankConfig, RetrieveConfig
from cascade.data import CEILING, PLAIN, Answer, Context, Effort, Manner, Passage, Query, Ranking
from cascade.errors import Corrupt, Overdue, Unreachable, UsageError, WrongEncoder
from cascade.index.corpus import Corpus
from cascade.index.snapshot import Snapshot
from cascade.ledger import Fate, Ledger
from cascade.models import resolve
from cascade.models.base import Encoder, Reader, Scorer
from cascade.models.table import TokenTable
from cascade.models.vocabulary import Vocabulary
from cascade.stages.base import Stage
from cascade.stages.eyes import Eyes, alike
from cascade.stages.generate import Generate
from cascade.stages.join import Join
from cascade.stages.pack import Pack, Refuse, takes
from cascade.stages.rerank import Again, Rerank
from cascade.stages.retrieve import Retrieve

WIDTHS = {Effort.LOW: 10_000, Effort.NORMAL: 30_000, Effort.HIGH: 30_000, Effort.MAX: 30_000}
SCANNED = {Effort.LOW: 0.5, Effort.NORMAL: 1.0, Effort.HIGH: 2.0, Effort.MAX: 4.0}
"""How effort changes the candidates, and the codes that are compared relative to the setting."""


T = TypeVar("T")


class View(NamedTuple):
    """A snapshot and what reads it: changed together, so that no question sees two commits."""

    snapshot: Corpus
    eyes: Eyes

    def within(self, query: Query | None) -> View:
        """The same for one question: what does not answer in its time is left out."""
        return self if query is None else self._replace(snapshot=self.snapshot.within(query))


class Engine:
    """An index, open for questions. May be shared between threads; sees one snapshot until `refresh`."""

    def __init__(
        self, snapshot: Corpus, encoder: Encoder, config: Config, reader: Reader | None = None, refuse: Refuse = takes
    ) -> None:
        agree(snapshot, encoder)
        self.refuse = refuse
        self.encoder, self.config = encoder, _tuned(config, snapshot)
        self._reader = reader
        self._scorer: Scorer | None = None
        self._vocabulary, self._table = Vocabulary(), TokenTable.open()
        self._refreshing = threading.Lock()  # of two at once the later must not be undone by the earlier
        self._view = self._seen(snapshot)

    def turned(self, config: Config, reader: Reader | None, refuse: Refuse) -> Engine:
        """The same snapshot for another reader: what it may be shown, and how it is asked. Costs nothing, where
        features are fused the same."""
        tuned = _tuned(config, self.corpus)
        if not alike(tuned.rerank, self.config.rerank):
            return Engine(self.corpus, self.encoder, config, reader, refuse)
        made = copy(self)
        if tuned.scorer != self.config.scorer:
            made._scorer = None
        made.config, made._reader, made.refuse = tuned, reader, refuse
        return made

    @property
    def view(self) -> View:
        """The snapshot that is being read, with what reads it."""
        return self._view

    @property
    def corpus(self) -> Corpus:
        """The commit that is being read."""
        return self._view.snapshot

    @property
    def snapshot(self) -> Snapshot:
        """The commit that is being read, for who looks at its segments; of a cluster, opened here beside it."""
        return self.corpus.at_hand()

    @property
    def eyes(self) -> Eyes:
        """What the scan reads with."""
        return self._view.eyes

    @classmethod
    def open(
        cls,
        path: str | Path,
        config: Config | None = None,
        encoder: Encoder | None = None,
        reader: Reader | None = None,
    ) -> Engine:
        """Open an index with the encoder it names, or with one given. Raises NoIndex, WrongEncoder, Corrupt."""
        settings = config or Config()
        snapshot = Snapshot(Path(path), threads=settings.threads)
        with ExitStack() as undo:
            undo.callback(snapshot.close)
            found = encoder or resolve.encoder_of(snapshot.layout.root, snapshot.built.encoder, settings.encoder)
            engine = cls(snapshot, found, settings, reader)
            undo.pop_all()
        return engine

    @property
    def reader(self) -> Reader:
        """The reader named in the settings, opened at its first use."""
        if self._reader is None:
            self._reader = resolve.reader(self.config.reader, self.config.reads)
        return self._reader

    @property
    def scorer(self) -> Scorer | None:
        """The cross-encoder named in the settings, if one is."""
        if self._scorer is None and self.config.scorer:
            self._scorer = resolve.scorer(self.config.scorer)
        return self._scorer

    def search(self, text: str, k: int = 10, **how: Any) -> Ranking:
        """The `k` best passages; always `k` where so many exist. `how`: the other fields of Query."""
        query = self.query(text, **how)
        return self._answered(lambda: self.ranking(k, query.effort, query).run(query), query)

    def context(self, text: str, **how: Any) -> Context:
        """The packed window alone, for a model of one's own."""
        query = self.query(text, **how)
        return self._answered(lambda: self.packing(query).run(query), query)

    def ask(self, text: str, beside: Sequence[Engine] = (), **how: Any) -> Answer:
        """An answer with citations. `beside`: other indexes that are asked too."""
        query = self.query(text, **how)
        return self._answered(lambda: (self.packing(query, beside) >> self.generate(query, beside)).run(query), query)

    def stream(self, text: str, beside: Sequence[Engine] = (), **how: Any) -> Generator[str, None, Answer]:
        """An answer in pieces as the reader says it; returned whole in the end, with its citations checked.

        The returned text may lack numbers that name nothing, or have numbers added. `beside`: other indexes that are
        asked too.
        """
        query = self.query(text, **how)
        context = self._answered(lambda: self.packing(query, beside).run(query), query)
        return (yield from self.generate(query, beside).stream(context))

    def ranked(self, query: Query) -> Ranking:
        """What is selected for a question of somebody else's making, before it is packed."""
        return self._answered(lambda: self.selecting(query).run(query), query)

    def explain(self, text: str, passage: str, **how: Any) -> tuple[Fate, ...]:
        """What each stage did to one passage, up to the one that lost it. Raises NoPassage."""
        query = self.query(text, trace=(passage,), **how)

        def work() -> tuple[Fate, ...]:
            self._view.within(query).snapshot.find(passage)
            self.packing(query).run(query)
            return tuple(query.ledger.fates)

        return self._answered(work, query)

    def _answered(self, work: Callable[[], T], query: Query | None = None) -> T:
        """Do work; where it meets damage, do it once more without what is damaged. The result says what is missing.

        What does not answer in the time of the question that the work is for is left out too, of this question alone.
        """
        while True:
            snapshot = self.corpus
            began = list(snapshot.live)
            try:
                return work()
            except Overdue:
                if query is None:
                    raise
            except (Corrupt, Unreachable) as error:
                left = snapshot.mended(error, began)
                if left is not snapshot and self.corpus is snapshot:
                    self._view = self._seen(left)
            if query is not None:
                query.ledger.anew()

    def _seen(self, snapshot: Corpus, before: View | None = None) -> View:
        """A snapshot with eyes for it, without what is found to be damaged on the way. `before`: an older view."""
        while True:
            began = list(snapshot.live)
            try:
                if before is not None:
                    return View(snapshot, before.eyes.renewed(snapshot, self.config.rerank))
                return View(snapshot, Eyes.of(snapshot, self._vocabulary, self._table, self.config.rerank))
            except (Corrupt, Unreachable) as error:
                snapshot = snapshot.mended(error, began)

    def query(self, text: str, **how: Any) -> Query:
        """A question; effort as in the settings, and a ledger of its own, unless given. Raises UsageError for none."""
        if not text.strip():
            raise UsageError("The question is empty. Write what to look for.")
        how.setdefault("effort", self.config.effort)
        ledger: Ledger | None = how.pop("ledger", None)
        return Query(text, ledger.anew() if ledger else Ledger(), **how)

    def path(self, query: Query) -> Stage[Query, Answer]:
        """The whole cascade for one question."""
        return self.selecting(query) >> self.pack(query.manner, query.effort) >> self.generate(query)

    def packing(self, query: Query, beside: Sequence[Engine] = ()) -> Stage[Query, Context]:
        """The cascade up to the window, with what other indexes find."""
        pack = self.pack(query.manner, query.effort)
        if not beside:
            return self.selecting(query) >> pack
        join = Join([other.ranked for other in beside], self.config.pack.quota)
        return self.selecting(query) >> join >> pack

    def selecting(self, query: Query) -> Stage[Query, Ranking]:
        """The cascade up to what may be packed."""
        view = self._view.within(query)
        retrieve = self.retrieve(query.effort, view.snapshot)
        again = self._again(query.effort, retrieve)
        rerank = operating.scaled(self.config, query.effort).rerank
        return retrieve >> Rerank(*view, rerank, self.scorer, again=again)

    def pack(self, manner: Manner = PLAIN, effort: Effort | None = None) -> Pack:
        """The third stage, for what the asker's own words and the answer they want leave of the reader's window."""
        set_ = operating.scaled(self.config, effort or self.config.effort).pack
        config = replace(set_, answer=max(set_.answer, manner.most or 0))
        own = self.reader.count(manner.system) + sum(self.reader.count(text) for text in manner.said)
        return Pack(max(0, self.reader.window - own), self.reader.count, config, self.refuse)

    def generate(
        self, query: Query, beside: Sequence[Engine] = (), shown: Callable[[Context], None] | None = None
    ) -> Generate:
        """The last stage, with what it needs to read more for this question. `shown`: told before the reader is."""
        more = partial(windows, self.pack(query.manner, query.effort))
        return Generate(self.reader, self.config.generate, more, partial(self._follow, query, beside), shown)

    def _follow(self, query: Query, beside: Sequence[Engine], text: str) -> Context:
        """What a follow-up search finds, under the conditions of the question."""
        more = replace(query, text=text, ledger=query.ledger.aside(), trace=())
        return self._answered(lambda: self.packing(more, beside).run(more), more)

    def ranking(
        self, k: int = CEILING, effort: Effort | None = None, query: Query | None = None
    ) -> Stage[Query, Ranking]:  # fmt: skip
        """The cascade up to the ranking, without collapse or stop rule. `query`: for which alone, in its time."""
        view = self._view.within(query)
        how = effort or self.config.effort
        rerank: RerankConfig = replace(operating.scaled(self.config, how).rerank, keep=k)
        first = self.retrieve(how, view.snapshot)
        return first >> Rerank(*view, rerank, self.scorer, select=False, again=self._again(how, first))

    def retrieve(self, effort: Effort, snapshot: Corpus | None = None) -> Retrieve:
        """The first stage, as wide as the effort allows."""
        config: RetrieveConfig = operating.scaled(self.config, effort).retrieve
        codes = max(1, round(config.scanned * SCANNED[effort]))
        wide = replace(config, width=min(config.width, WIDTHS[effort]), scanned=codes)
        return Retrieve(self.corpus if snapshot is None else snapshot, self.encoder, wide)

    def _again(self, effort: Effort, retrieve: Retrieve) -> Again | None:
        """With effort high, the best passages nominate more."""
        return retrieve.again if effort in (Effort.HIGH, Effort.MAX) else None

    def passage(self, passage: str) -> Passage:
        """One passage by its id. Raises NoPassage."""

        def work() -> Passage:
            snapshot = self.corpus
            return snapshot.read(np.array([snapshot.find(passage)]))[0]

        return self._answered(work)

    def around(self, passage: str, before: int = 2, after: int = 2) -> tuple[Passage, ...]:
        """A passage between its neighbours in its record, in order. Raises NoPassage."""

        def work() -> tuple[Passage, ...]:
            snapshot = self.corpus
            row = snapshot.find(passage)
            rows = snapshot.rows_of(bytes.fromhex(passage.rpartition("-")[0]))
            at = int(np.flatnonzero(rows == row)[0])
            return tuple(snapshot.read(rows[max(0, at - before) : at + after + 1]))

        return self._answered(work)

    def record(self, record: str) -> tuple[Passage, ...]:
        """All passages of a record by its id, in order: joined, they are its text. Raises NoPassage."""

        def work() -> tuple[Passage, ...]:
            snapshot = self.corpus
            snapshot.find(f"{record}-0")
            return tuple(snapshot.read(snapshot.rows_of(bytes.fromhex(record))))

        return self._answered(work)

    def refresh(self) -> bool:
        """See what has been committed since; True when there was something. Questions under way keep theirs.

        Looks anew where something was missing. The old snapshot is not closed: its files, leases and threads go when
        the last that uses it lets it go.
        """
        with self._refreshing:
            old = self._view
            if (fresh := old.snapshot.newer()) is None:
                return False
            agree(fresh, self.encoder)
            self.config = _tuned(self.config, fresh)
            self._view = self._seen(fresh, old if fresh.built == old.snapshot.built else None)
        return True

    def close(self) -> None:
        """Let the index go."""
        self.corpus.close()


def windows(pack: Pack, ranking: Ranking) -> tuple[Context, ...]:
    """All of a ranking in as many windows as it takes, the best passages first."""
    quiet = replace(ranking.query, ledger=ranking.query.ledger.aside(), trace=())
    rest, out = ranking.ranked, []
    while rest:
        context = pack.run(replace(ranking, query=quiet, ranked=rest))
        packed = {passage.id for passage in context.passages}
        if not packed:
            break
        out.append(context)
        rest = tuple(one for one in rest if one.passage.id not in packed)
    return tuple(out)


def _tuned(config: Config, snapshot: Corpus) -> Config:
    """The settings over an index, with its operating point where it has one."""
    return operating.applied(config, snapshot.manifest.notes.get(operating.NOTE))


def agree(snapshot: Corpus, encoder: Encoder) -> None:
    """Raise WrongEncoder unless the index was built with this encoder and this program's tokenizer."""
    built = snapshot.built
    if built.fingerprint != encoder.fingerprint:
        raise WrongEncoder(
            f"{snapshot.layout.root} was built with {built.encoder} ({built.dim} dims, {built.fingerprint}) but "
            f"{encoder.name} ({encoder.dim} dims, {encoder.fingerprint}) was given. Leave out the encoder, "
            f"or build the index again with it."
        )
    if (built.vocabulary, built.vocabulary_size) != (Vocabulary.fingerprint, Vocabulary.size):
        raise WrongEncoder(
            f"{snapshot.layout.root} was built with another tokenizer ({built.vocabulary}) than this version has "
            f"({Vocabulary.fingerprint}). Build it again, or use the version of Cascade that built it."
        )
