"""The address book: persons with all their names and addresses, why each was put together, and who a word means.

Knows persons; knows nothing of how they were found in sources.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from indexers.personal.people.folding import address, folded, name_words

ME = ("me", "myself", "ich", "mich", "mig", "jeg", "moi", "yo")
"""Words that mean the owner."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person. `name` is the best of `names`; `addresses` are in the form in which they are compared.

    `why` says, one sentence each, why things of different sources are taken for one person's; empty where there was
    nothing to put together. `sources` are the kinds of things they were seen in. `shared` are addresses that others use
    too: they are matched, but prove nothing.
    """

    name: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    shared: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    owner: bool = False
    seen: int = 0


@dataclass(frozen=True)
class Book:
    """Everybody, those seen most first. `region`: the country that numbers without one are taken to be of."""

    people: tuple[Known, ...] = ()
    region: str = ""

    def resolve(self, word: str) -> tuple[Known, ...]:
        """Everybody a word may mean: an address, a whole name, or words of a name (`anna`, `anna th`).

        An address or a whole name means those who have it and nobody else; else every word must be one of a name's, the
        last may be only its beginning, of three letters or more. Nobody where nothing fits: never the next best.
        """
        wanted = name_words(word)
        if folded(word.strip()) in ME:
            return tuple(one for one in self.people if one.owner)
        known = address(word, self.region)
        if known:
            return self._having.get(known, ())
        if not wanted:
            return ()
        whole = tuple(one for one in self.people if wanted in self._words[one.name, one.addresses])
        if whole and len(wanted) > 1:
            return whole
        exact = self._where(wanted, whole_words=True)
        return exact or self._where(wanted, whole_words=False)

    def person(self, name: str, known: str) -> Known | None:
        """The one person that a name and an address of one source stand for, where that is certain."""
        found = self._having.get(address(known, self.region), ()) if known else self.resolve(name)
        if len(found) > 1:
            words = name_words(name)
            found = tuple(one for one in found if words in self._words[one.name, one.addresses])
        return found[0] if len(found) == 1 else None

    def _where(self, wanted: tuple[str, ...], whole_words: bool) -> tuple[Known, ...]:
        return tuple(
            one
            for one in self.people
            if any(_fits(wanted, words, whole_words) for words in self._words[one.name, one.addresses])
        )

    @cached_property
    def _words(self) -> dict[tuple[str, tuple[str, ...]], tuple[tuple[str, ...], ...]]:
        return {(one.name, one.addresses): tuple(name_words(name) for name in one.names) for one in self.people}

    @cached_property
    def _having(self) -> dict[str, tuple[Known, ...]]:
        found: dict[str, tuple[Known, ...]] = {}
        for one in self.people:
            for known in (*one.addresses, *one.shared):
                found[known] = (*found.get(known, ()), one)
        return found

    def dumped(self) -> bytes:
        """The book as JSON, to be sealed."""
        return json.dumps({"region": self.region, "people": [asdict(one) for one in self.people]}).encode()

    @classmethod
    def loaded(cls, raw: bytes) -> Book:
        """The book that was dumped."""
        said = json.loads(raw)
        return cls(tuple(_known(one) for one in said["people"]), str(said["region"]))


def _known(said: dict[str, object]) -> Known:
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Known(**fields)  # type: ignore[arg-type]


def _fits(wanted: Sequence[str], words: Iterable[str], whole_words: bool) -> bool:
    """Whether every wanted word is one of a name's; the last may be the beginning of one."""
    held = tuple(words)
    last = wanted[-1]
    ends = last in held or (not whole_words and len(last) >= 3 and any(word.startswith(last) for word in held))
    return ends and all(word in held for word in wanted[:-1])
