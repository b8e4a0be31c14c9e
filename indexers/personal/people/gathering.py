"""How the address book comes about: what sources say of people, put together where that is certain.

    same address                          one person, unless two whole names that cannot be one share it
    one card in the contacts              its names and addresses are one person's
    same whole name, and a second sign    both addresses are made of that name; or the one source has no addresses
                                          (a chat names people as the contacts do) and only one person has the name
    a first name alone                    never

Addresses of offices (`noreply@...`) join nobody, and "Anna via Somewhere" is not Anna. What is held is one entry an
address and one a name, however much is
read.
Knows items; knows nothing of where they are kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from indexers.personal.people.book import Book, Known
from indexers.personal.people.folding import address, agree, full, name_words, named_after, office
from indexers.sources.connectors.base import Item, Kind, Person


@dataclass(slots=True)
class _Entry:
    """What is known of an address, or of a name that came without one."""

    address: str = ""
    names: Counter[str] = field(default_factory=Counter)
    sources: set[str] = field(default_factory=set)
    cards: set[int] = field(default_factory=set)
    owner: bool = False
    seen: int = 0

    def whole_names(self) -> set[tuple[str, ...]]:
        """The whole names in it."""
        return {words for words in map(name_words, self.names) if full(words)}


class Gathering:
    """Takes in items; `book()` gives who was in them. `region`: the country of numbers without one; `mine`: the owner's
    own names and addresses."""

    def __init__(self, region: str = "", mine: Iterable[Person] = ()) -> None:
        self.region = region
        self._by_address: dict[str, _Entry] = {}
        self._by_name: dict[tuple[str, ...], _Entry] = {}
        self._cards = 0
        self._card(mine, "owner", owner=True)

    def add(self, item: Item) -> None:
        """Everybody in an item. The people of a contact are one person, with several addresses."""
        if item.kind == Kind.CONTACT:
            card = (*((item.author,) if item.author else ()), *item.people)
            self._card(card or (Person(item.title),), item.kind.value)
            return
        for person in (*((item.author,) if item.author else ()), *item.people):
            self._seen(person, item.kind.value)

    def book(self) -> Book:
        """The address book of what was taken in so far."""
        entries = [*self._by_address.values(), *self._by_name.values()]
        people = [_person(group, why) for group, why in _joined(entries)]
        people.sort(key=lambda one: (-one.seen, one.name, one.addresses))
        return Book(tuple(people), self.region)

    def _card(self, people: Iterable[Person], source: str, owner: bool = False) -> None:
        self._cards += 1
        held = list(people)
        names = [person.name for person in held if name_words(person.name)]
        for person in held:
            for name in (person.name, *names) if person.address else (person.name,):
                entry = self._seen(Person(name, person.address), source)
                if entry:
                    entry.cards.add(self._cards)
                    entry.owner |= owner

    def _seen(self, person: Person, source: str) -> _Entry | None:
        known, words = address(person.address, self.region), name_words(person.name)
        if not known and not words:
            known = address(person.name, self.region)  # a chat with somebody who is not in the contacts
        if known:
            entry = self._by_address.setdefault(known, _Entry(known))
        elif words:
            entry = self._by_name.setdefault(words, _Entry())
        else:
            return None
        if words and not (office(known) and " via " in person.name):
            entry.names[person.name.strip()] += 1
        entry.sources.add(source)
        entry.seen += 1
        return entry


class _Groups:
    """Entries put together, and why (Tarjan 1975: union by path compression)."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))
        self._why: dict[int, list[str]] = defaultdict(list)

    def find(self, at: int) -> int:
        while self._above[at] != at:
            self._above[at] = self._above[self._above[at]]
            at = self._above[at]
        return at

    def join(self, one: int, other: int, why: str) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        if first != second:
            self._above[second] = first
            self._why[first] += [*self._why.pop(second, []), why]

    def why(self, at: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._why[self.find(at)]))


def _joined(entries: list[_Entry]) -> Iterator[tuple[list[_Entry], tuple[str, ...]]]:
    """The entries of each person, and why they are one's."""
    entries = [part for entry in entries for part in _apart(entry)]
    groups = _Groups(len(entries))
    _by_card(entries, groups)
    _by_name(entries, groups)
    people: dict[int, list[int]] = defaultdict(list)
    for at in range(len(entries)):
        people[groups.find(at)].append(at)
    for members in people.values():
        yield [entries[at] for at in members], groups.why(members[0])


def _apart(entry: _Entry) -> list[_Entry]:
    """An address that two whole names share, as an entry a name; an office's, without a name."""
    names = sorted(entry.whole_names())
    if not entry.address or all(agree(names[0], other) for other in names[1:]):
        return [entry]
    if office(entry.address):
        return [_Entry(entry.address, Counter(), entry.sources, set(), entry.owner, entry.seen)]
    parts = []
    for words in names:
        of = Counter({name: count for name, count in entry.names.items() if name_words(name) == words})
        parts.append(_Entry(f"?{entry.address}", of, set(entry.sources), set(), entry.owner, sum(of.values())))
    return parts


def _by_card(entries: list[_Entry], groups: _Groups) -> None:
    first: dict[int, int] = {}
    for at, entry in enumerate(entries):
        for card in sorted(entry.cards) if not office(entry.address) else ():
            if card in first:
                mine, its = entries[first[card]], entry
                groups.join(first[card], at, f"{_called(its)} and {_called(mine)} are on one card")
            else:
                first[card] = at


def _by_name(entries: list[_Entry], groups: _Groups) -> None:
    having: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, entry in enumerate(entries):
        for words in entry.whole_names() if not office(entry.address) else ():
            having[words].append(at)
    for words, members in sorted(having.items()):
        named = [at for at in members if named_after(entries[at].address, words)]
        for at in named[1:]:
            why = f"{_called(entries[at])} and {_called(entries[named[0]])} are both made of the name {' '.join(words)}"
            groups.join(named[0], at, why)
        certain = {groups.find(at) for at in members if _proves(entries[at])}
        if len(certain) == 1:
            for at in members:
                if not _proves(entries[at]):
                    why = f"{' '.join(words)} is the name of nobody else who has an address"
                    groups.join(next(iter(certain)), at, why)


def _proves(entry: _Entry) -> bool:
    """Whether an entry has an address that is a person's everywhere: a mail address or a number, shared with nobody."""
    return bool(entry.address) and ":" not in entry.address and not entry.address.startswith("?")


def _called(entry: _Entry) -> str:
    return entry.address.lstrip("?") or next(iter(entry.names), "")


def _person(group: list[_Entry], why: tuple[str, ...]) -> Known:
    names: Counter[str] = Counter()
    for entry in group:
        names.update(entry.names)
    best = sorted(names, key=lambda name: (not full(name_words(name)), -names[name], name))
    addresses = sorted({entry.address for entry in group if entry.address and not entry.address.startswith("?")})
    shared = sorted({entry.address[1:] for entry in group if entry.address.startswith("?")})
    return Known(
        best[0] if best else (addresses or shared)[0], tuple(best), tuple(addresses), tuple(shared),
        tuple(sorted({source for entry in group for source in entry.sources})), why,
        any(entry.owner for entry in group), sum(entry.seen for entry in group),
    )  # fmt: skip
