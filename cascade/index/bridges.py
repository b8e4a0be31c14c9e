"""Bridges: the rare words by which one passage of a chain leads to the next.

A question about "the mayor of the birthplace of N" shares little with the passage that answers it; the passage about N
names the town, and so does the answer. From the best passages, every passage with the same rare words is visited, the
more so where it holds what of the question was not found yet; from the best of those, the next ones, hop by hop (a beam
search over chains). Names count most: a word that is written with a capital somewhere. What helped is in docs/log.md.
Knows words, rows and the probe of a question; knows nothing of fusion or ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

FAN = 16
"""Passages of a hop that the next hop begins at."""

RARE = 30
"""A word in more passages than this leads nowhere: it is a topic and no name."""

POWER = 5
"""Of a word's idf, relative to that of a word in two passages."""

PLAIN = 0.1
"""What a word counts that is never written with a capital."""

ANYWAY = 0.3
"""What a bridge counts to a passage with nothing more of the question, beside 1 for one that has all the rest."""

FAINT = 0.3
"""A hop whose best bridge is weaker than this is not scaled up to 1."""


class Speller(Protocol):
    """What is needed of the vocabulary."""

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The pieces as written."""
        ...


NEARER = 0.5
"""What a further hop counts beside the one before it: a chain is more often short than long."""


class Bridges(NamedTuple):
    """Where the best passages lead: `rows`, int64 (n,), ascending; `far`, float32 (n,), the strength of the way there,
    0..1 within each hop; `strength`, the same with further hops counting less."""

    rows: Rows
    strength: Floats
    far: Floats


class Hop(NamedTuple):
    """Rows that one hop reached, how strongly, and what of the question their chains hold: float32 (n, q)."""

    rows: Rows
    strength: Floats
    held: Floats


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
        """The bridges from the best passages, the best first, in at most so many hops; none after it is `late`."""
        start = self._starts(best)
        first = Hop(start, (1 / np.log2(2 + np.arange(len(start)))).astype(np.float32), self._held(start))
        seen, found = set(start.tolist()), []
        for hop in range(hops):
            if late() or not len((reached := self._hop(first)).rows):
                break
            far = (reached.strength / max(float(reached.strength.max()), FAINT)).astype(np.float32)
            found.append(Bridges(reached.rows, far * np.float32(NEARER**hop), far))
            order = np.argsort(-reached.strength, kind="stable")
            on = [at for at in order.tolist() if int(reached.rows[at]) not in seen][:FAN]
            if not on:
                break
            seen |= set(reached.rows[on].tolist())
            first = Hop(reached.rows[on], reached.strength[on] / reached.strength[on[0]], reached.held[on])
        return _strongest(found)

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
        order = np.lexsort((-strength, rows))
        kept = order[_firsts(rows[order])]
        return Hop(rows[kept], strength[kept], np.maximum(before, held)[kept])

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

    def _held(self, rows: Rows) -> Floats:
        """How closely each row resembles each piece of the question: float32 (n, q)."""
        return self.snapshot.covered(rows, self.probe)


NOWHERE: Rows = np.empty(0, np.int64)


def _two_best(leads: NDArray[np.int64], rows: Rows, worths: Floats) -> tuple[NDArray[np.int64], Rows, Floats]:
    """For each pair of lead and row, the sum of its two greatest worths: a name is often two words, a topic many."""
    order = np.lexsort((-worths, rows, leads))
    leads, rows, worths = leads[order], rows[order], worths[order]
    begins = np.flatnonzero(np.r_[True, (leads[1:] != leads[:-1]) | (rows[1:] != rows[:-1])])[: len(rows)]
    sizes = np.diff(np.r_[begins, len(rows)])
    second = np.where(sizes > 1, worths[np.minimum(begins + 1, max(len(rows) - 1, 0))], 0)
    return leads[begins], rows[begins], (worths[begins] + second).astype(np.float32)


def _firsts(ordered: Rows) -> NDArray[np.int64]:
    """Where each row stands first among ordered ones."""
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])[: len(ordered)]


def _strongest(found: Sequence[Bridges]) -> Bridges:
    """Several hops as one: each row once, as strong as in the hop where it is strongest."""
    rows = np.concatenate([NOWHERE, *(one.rows for one in found)])
    columns = []
    for name in ("strength", "far"):
        column = np.concatenate([np.empty(0, np.float32), *(getattr(one, name) for one in found)])
        order = np.lexsort((-column, rows))
        kept = order[_firsts(rows[order])]
        columns.append(column[kept])
    return Bridges(rows[kept], *columns)
