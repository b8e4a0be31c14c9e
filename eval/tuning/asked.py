"""The questions a setting is judged by: planted needles, labelled sets, or questions made of the index's own passages.

Own questions are of a known item. From a passage drawn at random, a stretch of up to 24 of its words is taken, and half
of them, drawn at random and in their order, is the question. What must survive is the passage itself, and among the
candidates the 117 passages whose vectors are nearest to the question's by exact search.
Knows an engine and where questions come from; knows nothing of settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cascade.config import Config
from cascade.data import CEILING, Rows
from cascade.engine import Engine
from cascade.errors import NotFound, UsageError
from cascade.index import manifest
from cascade.index.layout import Layout
from cascade.models import resolve
from cascade.operating import SOURCES
from eval import datasets
from eval.bench.reading import exact
from eval.documents import Documents
from eval.needles.needle import Needle
from eval.planting import links
from eval.tuning.planted import planted

NEEDLES, QUERIES, PASSAGES = SOURCES

STRETCH = 24
"""Words of a passage from which half are drawn."""

FEWEST = 8
"""Words that a passage must have to be asked for."""

NONE: Rows = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and what must survive. `things`: for each thing its rows, any of which will do.

    `kind`: the class of needle, or the set. `nearest`: int64, the exact nearest rows, where the question is made up.
    """

    id: str
    kind: str
    text: str
    things: tuple[tuple[int, ...], ...]
    history: tuple[str, ...] = ()
    nearest: Rows = field(default_factory=lambda: NONE)


@dataclass(frozen=True, slots=True)
class Source:
    """Where questions come from: so many `needles`, else labelled `sets`, else the passages themselves.

    `questions`: most of the sets', or as many as are made.
    """

    needles: int = 0
    sets: tuple[Path, ...] = ()
    questions: int = 200
    seed: int = 0

    @property
    def by(self) -> str:
        """Its name."""
        return NEEDLES if self.needles else QUERIES if self.sets else PASSAGES

    @property
    def most(self) -> int:
        """Questions at most."""
        return self.needles or self.questions

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the labelled sets."""
        return tuple(folder.resolve().name for folder in self.sets)


@dataclass(frozen=True, slots=True)
class Ground:
    """What is asked, and of what. `passages`: in the index itself. `absent`: judged relevant, and not in the index.

    `seed`: draws what is left to chance in judging, too.
    """

    engine: Engine
    asked: tuple[Wanted, ...]
    passages: int
    seed: int = 0
    absent: int = 0


@contextmanager
def ground(root: Path, config: Config, source: Source) -> Iterator[Ground]:
    """An index open for measuring, or a copy of it with needles in. Raises NotFound where there is nothing to ask."""
    built = manifest.read(Layout(root)).built
    encoder = resolve.encoder_of(root, built.encoder, config.encoder)
    with ExitStack() as stack:
        needles: Sequence[Needle] = ()
        here, count = root, 0
        if source.needles:
            here, needles = stack.enter_context(planted(root, encoder, source.needles, source.seed))
        engine = stack.enter_context(closing(Engine.open(here, config, encoder)))
        if not len(engine.snapshot):
            raise UsageError(f"{root} holds no passage: there is nothing to tune. Add some: cascade add {root} SOURCE")
        count = len(engine.snapshot) - sum(len(of) for of in engine.snapshot.segments[-1:] if needles)
        if source.by == QUERIES:
            asked, absent = judged(engine, source)
        else:
            asked, absent = (sown(engine, needles) if needles else own(engine, source)), 0
        yield Ground(engine, tuple(asked), count, source.seed, absent)


def sown(engine: Engine, needles: Sequence[Needle]) -> list[Wanted]:
    """The needles' questions, and the passages that hold what they ask for."""
    return [
        Wanted(one.key, one.kind, one.question, tuple(link.rows for link in links(engine.snapshot, one)))
        for one in needles
    ]


def judged(engine: Engine, source: Source) -> tuple[list[Wanted], int]:
    """Questions drawn evenly from labelled sets, and how many documents judged relevant the index does not hold.

    Those are left out: no setting can find them. Raises NotFound where that leaves nothing.
    """
    sets = [datasets.read(folder) for folder in dict.fromkeys(source.sets)]
    documents = Documents(engine.snapshot, sets)
    asked, absent = [], 0
    for name, question in datasets.spread(sets, source.questions, source.seed):
        found = [documents.rows(number) for number in documents.named(name, question.relevant)]
        things = tuple(tuple(rows.tolist()) for rows in found if len(rows))
        absent += len(found) - len(things)
        if things:
            asked.append(Wanted(f"{name}/{question.id}", name, question.text, things, question.history))
    if not asked:
        raise NotFound(
            f"{engine.snapshot.layout.root} holds no document that {', '.join(source.names)} judges relevant. "
            "Add the set's corpus, or leave --queries out."
        )
    return asked, absent


def own(engine: Engine, source: Source) -> list[Wanted]:
    """Questions made of passages of the index. Raises NotFound where no passage has enough words."""
    snapshot, random = engine.snapshot, np.random.default_rng(source.seed)
    live = np.flatnonzero(np.concatenate(snapshot.live))
    drawn = random.permutation(live)[: 4 * source.questions]
    asked: list[Wanted] = []
    for row, passage in zip(drawn.tolist(), snapshot.read(drawn), strict=True):
        words = passage.text.split()
        if len(words) < FEWEST or len(asked) == source.questions:
            continue
        text = _question(words, random)
        vector = snapshot.rotate(engine.encoder.encode_query(engine.query(text).sought))
        asked.append(Wanted(passage.id, PASSAGES, text, ((row,),), nearest=exact(snapshot, vector, CEILING)))
    if not asked:
        raise NotFound(
            f"No passage of {snapshot.layout.root} has {FEWEST} words or more to make a question of. "
            "Give questions of your own (--queries), or plant some (--needles)."
        )
    return asked


def _question(words: list[str], random: np.random.Generator) -> str:
    begin = int(random.integers(0, max(1, len(words) - STRETCH + 1)))
    stretch = words[begin : begin + STRETCH]
    chosen = np.sort(random.choice(len(stretch), len(stretch) // 2, replace=False))
    return " ".join(stretch[i] for i in chosen.tolist())
