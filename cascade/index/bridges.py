"""Bridges: the rare words by which one passage of a chain leads to the next.

A question about "the mayor of the birthplace of N" shares little with the passage that answers it; the passage about N
names the town, and so does the answer. From the best passages, every passage with the same rare words is visited, the
more so where it holds what of the question was not found yet; from the best of those, the next ones, hop by hop (a beam
search over chains). Names count most: a word that is written with a capital somewhere; passages that share many rare
words share a topic, or are copies. At the end whole chains are weighed, and what lies on a good one counts as much as
its end. What helped is in docs/log.md.
Knows words, rows and the probe of a question; knows nothing of fusion or ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index.corpus import Allowed, Corpus
from cascade.index.lexical import idf
from cascade.index.probe import Probe

STARTS = 5
"""Best passages that chains begin at."""

NAMED, NEARLY = 3, 0.5
"""Passages that chains begin at besides: those that hold the rarest names of the question, or nearly so rare ones."""

FAN = 32
"""Passages of a hop that the next hop begins at."""

RARE = 30
"""A word in more passages than this leads nowhere: it is a topic and no name."""

TOPIC = 3
"""Rare words that a name has at most. Two passages that share more share a topic, and each word counts less."""

POWER = 5
"""Of a word's idf, relative to that of a word in two passages."""

PLAIN = 0.1
"""What a word counts that is never written with a capital."""

ANYWAY = 0.3
"""What a bridge counts to a passage with nothing more of the question, beside 1 for one that has all the rest."""

FAINT = 0.3
"""A hop whose best bridge is weaker than this is not scaled up to 1."""

SLIGHT = 0.001
"""How much more of the question a chain must hold than one before it, to go on from the same passage."""


class Speller(Protocol):
    """What is needed of the vocabulary."""

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The pieces as written."""
        ...


NEARER = 0.5
"""What a further hop counts beside the one before it: a chain is more often short than long."""


class Bridges(NamedTuple):
    """Where the best passages lead: `rows`, int64 (n,), ascending; `strength`, float32 (n,), of the way there, 0..1 in
    the first hop and less in further ones; `path`, float32 (n,), what the best chain through it is worth, 0..1."""

    rows: Rows
    strength: Floats
    path: Floats


class Hop(NamedTuple):
    """Rows that one hop reached: `leads`, where in the hop before the way to each comes from; how strongly; and of the
    chain to each what it holds of the question, `held` by piece, float32 (n, q), and `share` of it all, float32 (n,);
    and `ties`, the sum of the logarithms of what its neighbours share, float32 (n,)."""

    rows: Rows
    leads: NDArray[np.int64]
    strength: Floats
    held: Floats
    share: Floats
    ties: Floats

    def take(self, at: NDArray[np.int64]) -> Hop:
        """Some of them."""
        return Hop(
            self.rows[at], self.leads[at], self.strength[at], self.held[at], self.share[at], self.ties[at]
        )


@dataclass(frozen=True, slots=True)
class Walk:
    """A search for chains through one snapshot. `allowed`: by segment, what a filter lets through; None for no filter.

    `asked`: the words of the question as the index has them, and which of them are written with a capital: they lead
    nowhere new. `speller` spells titles.
    """

    snapshot: Corpus
    speller: Speller
    probe: Probe
    asked: Mapping[str, bool]
    allowed: Allowed = None

    def run(self, best: Rows, hops: int, late: Callable[[], bool] = lambda: False) -> Bridges:
        """The bridges from the best passages, in at most so many hops; none after it is `late`."""
        first = start = self._begin(best)
        taken, on = [start], np.arange(len(start.rows))
        passed = dict(zip(start.rows.tolist(), start.share.tolist(), strict=True))
        for _ in range(hops):
            if late() or not len((reached := self._hop(first)).rows):
                break
            taken.append(reached._replace(leads=on[reached.leads]))
            if not len(on := _on(reached, passed)):
                break
            first = reached.take(on)
            first = first._replace(strength=first.strength / first.strength[0])
        return _strongest(list(_weighed(taken)))

    def _begin(self, best: Rows) -> Hop:
        rows = self._starts(best)
        strength = (1 / np.log2(2 + np.arange(len(rows)))).astype(np.float32)
        held = self._held(rows)
        return Hop(rows, np.arange(len(rows)), strength, held, self._share(held), np.zeros(len(rows), np.float32))

    def _starts(self, best: Rows) -> Rows:
        """Where chains begin: the best passages, and those that hold the rarest words of the question.

        In a large index much is nearer to the question than the passage about the one name that it begins with.
        """
        start, words = best[:STARTS], sorted(self.asked)
        places = self.snapshot.holders(words, RARE, self.allowed, least=1)
        rows = np.concatenate([NOWHERE, *places])
        if not len(rows):
            return start
        worths = [self._worth(len(held), self.asked[word]) for word, held in zip(words, places, strict=True)]
        named, at = np.unique(rows, return_inverse=True)
        worth = np.bincount(at, np.repeat(worths, [len(held) for held in places]))
        order = np.argsort(-worth, kind="stable")[:NAMED]
        rarest = named[order[worth[order] >= NEARLY * worth[order[0]]]]
        return np.concatenate([start, rarest[~np.isin(rarest, start)]])

    def _worth(self, passages: int, name: bool) -> float:
        """Of a word in so many passages; 1 for a name in two."""
        total = self.snapshot.total
        return float((1 if name else PLAIN) * (idf(total, passages) / idf(total, 2)) ** POWER)

    def _hop(self, start: Hop) -> Hop:
        """All passages that share rare words with some. The strongest bridge to each counts."""
        leads, rows, shared = self._shared(start.rows)
        held = self._held(rows)
        idfs = self.probe.sight.idf
        before = start.held[leads]
        with np.errstate(invalid="ignore"):  # OpenBLAS may say so of lanes that it does not use; what goes in is finite
            missing = np.maximum(np.maximum(1 - before, 0) @ idfs, 0.05 * max(float(idfs.sum()), 1e-9))
            news = np.clip(held - before, 0, 1) @ idfs / missing
        strength = (start.strength[leads] * shared * (ANYWAY + news)).astype(np.float32)
        ties = (start.ties[leads] + np.log(np.clip(shared, 1e-4, 1))).astype(np.float32)
        order = np.lexsort((-strength, rows))
        kept = order[_firsts(rows[order])]
        after = np.maximum(before, held)
        return Hop(rows, leads, strength, after, self._share(after), ties).take(kept)

    def _shared(self, start: Rows) -> tuple[NDArray[np.int64], Rows, Floats]:
        """Every lead's neighbours: which lead, which row, and what the two rarest words that they share are worth."""
        texts = self.snapshot.texts(start)
        said = [self._said(title, text) for title, text in zip(self._titles(start), texts, strict=True)]
        words = list(dict.fromkeys(word for names in said for word in names if word not in self.asked))
        places = dict(zip(words, self.snapshot.holders(words, RARE, self.allowed), strict=True))
        parts = []
        for lead, names in enumerate(said):
            for word, name in names.items():
                rows = places.get(word, NOWHERE)
                if len(rows) > 1:
                    worth = self._worth(len(rows), name)
                    parts.append((np.full(len(rows), lead), rows, np.full(len(rows), worth)))
        if not parts:
            return NOWHERE, NOWHERE, np.empty(0, np.float32)
        leads, rows, worths = (np.concatenate(column) for column in zip(*parts, strict=True))
        others = rows != start[leads]
        return _two_best(leads[others], rows[others], worths[others])

    def _said(self, title: str, text: str) -> dict[str, bool]:
        """The words of a passage, and which of them are names: those of its title, and those with a capital."""
        return {**self.snapshot.named(text), **dict.fromkeys(self.snapshot.named(title), True)}

    def _titles(self, rows: Rows) -> list[str]:
        """Titles and headings, spelled from their pieces: that costs less than to ask the catalog."""
        tokens = self.snapshot.tokens(rows)
        heads = (tokens.ids[begin : begin + size] for begin, size in zip(tokens.offsets, tokens.heads, strict=False))
        return [" ".join(self.speller.pieces(ids.tolist())).replace(" ##", "") for ids in heads]

    def _share(self, held: Floats) -> Floats:
        """Of what is held of each piece, the share of the question, by idf: float32 (n,)."""
        idfs = self.probe.sight.idf
        with np.errstate(invalid="ignore"):
            share: Floats = (held @ idfs / max(float(idfs.sum()), 1e-9)).astype(np.float32)
        return share

    def _held(self, rows: Rows) -> Floats:
        """How closely each row resembles each piece of the question: float32 (n, q)."""
        return self.snapshot.covered(rows, self.probe)


NOWHERE: Rows = np.empty(0, np.int64)


def _on(reached: Hop, passed: dict[int, float]) -> NDArray[np.int64]:
    """Where the next hop begins: the strongest, but for those that a chain with no less of the question passed.

    `passed`: by row, the most of the question that a chain there held; told of those that are chosen.
    """
    chosen = []
    for at in np.argsort(-reached.strength, kind="stable").tolist():
        row, share = int(reached.rows[at]), float(reached.share[at])
        if share > passed.get(row, -1) + SLIGHT:
            passed[row] = share
            chosen.append(at)
            if len(chosen) == FAN:
                break
    return np.array(chosen, dtype=np.int64)


def _weighed(taken: Sequence[Hop]) -> Iterator[Bridges]:
    """The bridges of each hop, the last one first, and of the beginning: a chain's worth is told back to its links.

    A chain is worth what it holds of the question, times the mean of its ties (geometric, so that one chance word
    breaks it); squared, as few chains are meant. A beginning is worth what it leads to.
    """
    told: Floats = np.zeros(len(taken[-1].rows), np.float32)
    for hop in range(len(taken) - 1, 0, -1):
        reached, before = taken[hop], taken[hop - 1]
        path = np.maximum((reached.share * np.exp(reached.ties / hop)) ** 2, told)
        told = np.zeros(len(before.rows), np.float32)
        np.maximum.at(told, reached.leads, path)
        strength = reached.strength / max(float(reached.strength.max()), FAINT) * np.float32(NEARER ** (hop - 1))
        yield Bridges(reached.rows, strength.astype(np.float32), path)
    if len(taken) > 1:
        order = np.argsort(taken[0].rows)
        yield Bridges(taken[0].rows[order], np.zeros(len(order), np.float32), told[order])


def _two_best(leads: NDArray[np.int64], rows: Rows, worths: Floats) -> tuple[NDArray[np.int64], Rows, Floats]:
    """For each pair of lead and row, the sum of its two greatest worths, less where it shares more words than a name
    has: a name is often two words, a topic many."""
    order = np.lexsort((-worths, rows, leads))
    leads, rows, worths = leads[order], rows[order], worths[order]
    begins = np.flatnonzero(np.r_[True, (leads[1:] != leads[:-1]) | (rows[1:] != rows[:-1])])[: len(rows)]
    sizes = np.diff(np.r_[begins, len(rows)])
    second = np.where(sizes > 1, worths[np.minimum(begins + 1, max(len(rows) - 1, 0))], 0)
    worth = (worths[begins] + second) * np.minimum(1, TOPIC / sizes)
    return leads[begins], rows[begins], worth.astype(np.float32)


def _firsts(ordered: Rows) -> NDArray[np.int64]:
    """Where each row stands first among ordered ones."""
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])[: len(ordered)]


def _strongest(found: Sequence[Bridges]) -> Bridges:
    """Several hops as one: each row once, as strong as where it is strongest; `path` as a part of the best."""
    rows = np.concatenate([NOWHERE, *(one.rows for one in found)])
    columns = []
    for name in ("strength", "path"):
        column = np.concatenate([np.empty(0, np.float32), *(getattr(one, name) for one in found)])
        order = np.lexsort((-column, rows))
        kept = order[_firsts(rows[order])]
        columns.append(column[kept])
    strength, path = columns
    return Bridges(rows[kept], strength, (path / max(float(path.max(initial=0)), 1e-9)).astype(np.float32))
