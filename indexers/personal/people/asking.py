"""Filters by person in a question: `from:anna`, `to:bob@example.org`, `with:"Anna Thorsgaard"`, `-from:mum`.

    from:   somebody wrote it       to:   it went to somebody       with:   somebody is in it, as either

Knows the book and how filters are written; knows nothing of the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from indexers.personal.people.book import Book, Known
from indexers.personal.people.folding import address, name_words
from indexers.sources.connectors.base import Person

_FILTER = re.compile(r'(?<!\S)(-?)(from|to|with):(?:"([^"]{1,200})"|([^\s"]{1,200}))', re.IGNORECASE)


class Role(StrEnum):
    """What somebody is in a thing."""

    FROM = "from"
    TO = "to"
    WITH = "with"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a thing must hold. `people`: whom the word means; nobody, where the book knows none: then nothing matches.

    `names` are whole names, folded, and first names only of those of whom nothing else is known; `addresses` are in the
    form in which they are compared; of those that are `shared`, only with one of the names.
    """

    role: Role
    word: str
    people: tuple[Known, ...]
    names: frozenset[tuple[str, ...]]
    addresses: frozenset[str]
    shared: frozenset[str] = frozenset()
    without: bool = False
    region: str = ""

    def holds(self, author: Person | None, people: Iterable[Person]) -> bool:
        """Whether a thing by this author, with these people, is one that is asked for."""
        writers = (author,) if author else ()
        others = tuple(one for one in people if one != author)
        asked = {Role.FROM: writers, Role.TO: others, Role.WITH: (*writers, *others)}[self.role]
        return any(self._is(one) for one in asked) != self.without

    def _is(self, person: Person) -> bool:
        known = address(person.address, self.region)
        if known in self.addresses:
            return True
        return (not known or known in self.shared) and name_words(person.name) in self.names


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a question, and the question without them. Every filter must hold."""

    filters: tuple[Filter, ...]
    rest: str

    def holds(self, author: Person | None, people: Iterable[Person]) -> bool:
        """Whether a thing passes every filter."""
        held = tuple(people)
        return all(one.holds(author, held) for one in self.filters)

    @property
    def nobody(self) -> tuple[str, ...]:
        """The words that mean nobody the book knows: to be told, not to be searched for."""
        return tuple(one.word for one in self.filters if not one.people)


def asked(question: str, book: Book) -> Asked:
    """The filters by person in a question, resolved by a book."""
    filters = tuple(
        chosen(Role(role.lower()), quoted or bare, book, without=bool(minus))
        for minus, role, quoted, bare in _FILTER.findall(question)
    )
    return Asked(filters, " ".join(_FILTER.sub(" ", question).split()))


def chosen(role: Role, word: str, book: Book, without: bool = False) -> Filter:
    """What a filter matches: every name and address of everybody whom the word may mean."""
    people = book.resolve(word)
    names = frozenset(words for one in people for words in map(name_words, one.names) if _alone(words, one))
    addresses = frozenset(known for one in people for known in one.addresses)
    shared = frozenset(known for one in people for known in one.shared)
    return Filter(role, word, people, names, addresses, shared, without, book.region)


def _alone(words: tuple[str, ...], person: Known) -> bool:
    """Whether a name without an address stands for this person: a whole name does, a first name only of those who have
    nothing else."""
    return len(words) > 1 or (bool(words) and not person.addresses)
