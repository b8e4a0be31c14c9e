"""A generated life in a vault: written as exports, each granted, taken in by the path that personal data takes.

    life --write--> exports --grant, connector, gate, scrub--> vault --unlock--> engine

The passphrase is drawn and forgotten. Knows the personal spine from outside; knows no suite and no judgment.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cascade.config import Config
from cascade.data import Passage
from cascade.engine import Engine
from cascade.index.manifest import Built
from cascade.models.base import Encoder
from cascade.models.vocabulary import Vocabulary
from eval.survival import Link
from indexers.personal.life import Fact, Life
from indexers.personal.life.things import canary

if TYPE_CHECKING:
    from indexers.personal.home import Home
    from indexers.personal.intake import Taken
    from indexers.personal.life.written import Export

LEAST = 64 * 1024
"""KiB of memory for one guess at the passphrase."""

AT_ONCE = 4_096
"""Passages read at once when canaries are looked for."""

MARK = canary(0, 0)
"""A word as long as every canary."""


class Living:
    """A life that was taken in. Its vault stays open until the folder is removed.

    `taken`: what became of each export, by name. Whoever is excluded in the life is excluded in every grant.
    """

    def __init__(self, folder: Path, life: Life, encoder: Encoder) -> None:
        self.life, self.encoder = life, encoder
        self._found: dict[str, list[tuple[int, Passage]]] = {}
        self.written = life.write(folder / "exports")
        self.home = _home(folder / "vault", encoder)
        self.taken: dict[str, Taken] = {one.name: self._take(one) for one in self.written.exports}

    def engine(self, config: Config, like: Engine | None = None) -> Engine:
        """An engine over everything that was taken in; over what another one holds, where that is given."""
        from indexers.personal.vault.held import hold

        held = like.snapshot if like else hold(self.home.unlocked, self.home.unlocked.grants(), config.threads)
        return Engine(held, self.encoder, config)

    def counts(self) -> Mapping[str, int]:
        """Records, passages, and what was left out or taken out, over all exports."""
        found: Counter[str] = Counter()
        for taken in self.taken.values():
            found.update(records=taken.records, passages=taken.passages, failed=taken.failed)
            found.update(left=sum(taken.left.values()), scrubbed=sum(taken.scrubbed.values()))
        return dict(found)

    def links(self, fact: Fact, engine: Engine) -> list[Link]:
        """What the answer of a fact needs: for each group of its proof, the passages of records that hold a canary.

        Of a record in several passages, those count that say a part of the answer, where one does.
        """
        found = []
        for group in fact.proof:
            held = [passage for word in group for passage in self._holding(engine).get(word, ())]
            saying = [one for one in held if any(part in one[1].text for part in fact.answer.split("; "))]
            chosen = saying or held
            rows, ids = tuple(row for row, _ in chosen), tuple(passage.id for _, passage in chosen)
            found.append(Link(group[0], rows, ids))
        return found

    def canaries(self, engine: Engine) -> set[str]:
        """The canaries that are in the index."""
        return set(self._holding(engine))

    def leaked(self, engine: Engine) -> set[str]:
        """The canaries of what must not appear, and secrets, that are in a passage all the same."""
        barred = {thing.canary for thing in self.life.things if thing.barred}
        said = "\n".join(passage.text for _, passage in _passages(engine))
        return (barred & self._holding(engine).keys()) | {value for _, value in self.life.secrets if value in said}

    def _take(self, export: Export) -> Taken:
        from indexers.personal.grants import Request, Scope, asked, settled
        from indexers.personal.intake import take_in
        from indexers.sources.connectors import registry

        connector = registry.connector(export.connector)
        excluded = self.life.cast.excluded
        scope = Scope(choices=dict(export.choices), not_people=(excluded.name, excluded.mail))
        request = settled(Request(export.connector, (str(export.root),), source=export.name, scope=scope))
        agreed = asked(request, connector)
        grant = self.home.grants.allow(request, connector, agreed=agreed, by="eval", how="file")
        return take_in(self.home, grant.id, self.encoder)

    def _holding(self, engine: Engine) -> Mapping[str, list[tuple[int, Passage]]]:
        """By canary, the passages of the records that hold it anywhere, with their rows. Worked out once."""
        if not self._found:
            records: dict[str, list[tuple[int, Passage]]] = {}
            for row, passage in _passages(engine):
                records.setdefault(passage.record, []).append((row, passage))
            for held in records.values():
                said = " ".join(f"{passage.title} {passage.text} {passage.metadata}" for _, passage in held)
                for word in {said[at : at + len(MARK)] for at in _places(said)} & self._words:
                    self._found.setdefault(word, []).extend(held)
        return self._found

    @cached_property
    def _words(self) -> set[str]:
        return {thing.canary for thing in self.life.things}


def _passages(engine: Engine) -> Iterator[tuple[int, Passage]]:
    """Every passage with its row."""
    count = len(engine.snapshot)
    for begin in range(0, count, AT_ONCE):
        rows = np.arange(begin, min(begin + AT_ONCE, count), dtype=np.int64)
        yield from zip(rows.tolist(), engine.snapshot.read(rows), strict=True)


def _places(text: str) -> list[int]:
    """Where a canary may begin."""
    found, at = [], text.find("zq")
    while at >= 0:
        found.append(at)
        at = text.find("zq", at + 1)
    return found


def _home(root: Path, encoder: Encoder) -> Home:
    """A vault under a passphrase that nobody knows; guessing it may be cheap, since there is nothing to guess for."""
    from indexers.personal import home
    from indexers.personal.sealing import Cost
    from indexers.personal.vault import folder

    vocabulary = Vocabulary()
    built = Built(
        encoder.name, encoder.dim, encoder.limit, encoder.fingerprint, vocabulary.fingerprint, vocabulary.size,
        "english",
    )  # fmt: skip
    secret, cost = secrets.token_hex(16).encode(), replace(Cost.usual(), memory=LEAST, passes=1)
    return home.of(folder.create(root, secret, built, cost).unlock(secret))
