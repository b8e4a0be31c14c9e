"""Questions to a life, alone or together with other indexes: the same functions for a command and for the agent.

    question -> who and when it names -> grants that permit it -> the cascade over them -> what was shown is noted

Only grants whose purpose covers the reader are asked at all: `index` for a search or for quotations, `local-model` for
a model on this machine, `hosted-model:NAME` for one elsewhere. The packer refuses what else might come by. What is left
out is said with the answer. `from:`, `to:`, `with:` become filters of the personal part. So do words for time, but for
half of the places: what happened in May was often written down in April (a booking), and the other half is asked of all
times.
Knows grants, people, time words and the engine; knows nothing of terminals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from cascade import config as settings
from cascade import shapes
from cascade.data import Context, Effort, Passage, Query, Ranking
from cascade.engine import Engine
from cascade.errors import NoGrant, UsageError
from cascade.index.filters import quoted
from cascade.index.snapshot import Snapshot
from cascade.models import resolve
from cascade.models.base import Reader
from cascade.stages.base import Stage
from cascade.stages.join import Join
from indexers.personal import seen
from indexers.personal.grants import INDEX, LOCAL, Purpose, State, Use
from indexers.personal.home import Home, of
from indexers.personal.kept import sighting
from indexers.personal.people import Book, Filter, Gathering, Role, asked
from indexers.personal.timewords import Range, time_words
from indexers.personal.vault.desk import Desk

QUOTA = 0.25
"""The share of the window that a life and each index beside it have at least."""

CERTAIN = 0.5
"""Relevance from which on a thing dates what a question calls "the move"."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked and how. `beside`: other indexes. `filter`: in the filter grammar, over the personal part."""

    question: str
    reader: str = ""
    beside: tuple[str, ...] = ()
    filter: str = ""
    effort: str = ""
    deadline: float | None = None
    config: str = ""
    window: int | None = None
    now: str = ""

    @property
    def how(self) -> dict[str, Any]:
        """As a query has it."""
        found: dict[str, Any] = {"deadline": self.deadline}
        return {**found, "effort": Effort(self.effort)} if self.effort else found


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is asked of the personal part. `filter`: what must hold. `dated`: that, and when; else empty.

    `said`: in sentences, what was made of it.
    """

    text: str
    filter: str
    dated: str = ""
    said: tuple[str, ...] = ()


def search(desk: Desk, question: str, k: int = 10, **how: Any) -> dict[str, Any]:
    """The passages that answer best. Raises NoGrant where there is nothing that may be asked."""
    wanted = _wanted(question, how)
    home = of(desk.unlocked)
    with _engines(desk, home, wanted, INDEX) as (engine, beside, left):
        got = understood(engine, wanted)
        query = engine.query(got.text, filter=got.dated or got.filter, **wanted.how)
        every = [engine, *beside]
        ranking = _joined(engine.ranking(k, query.effort), _others(got, every, partial(_best, k))).run(query)
        ranking = replace(ranking, ranked=ranking.ranked[:k])
        return {**shapes.ranking(ranking), "understood": list(got.said), "left_out": list(left)}


def ask(desk: Desk, question: str, **how: Any) -> dict[str, Any]:
    """An answer with citations. Raises NoGrant where there is nothing that the reader may be shown."""
    wanted = _wanted(question, how)
    home = of(desk.unlocked)
    reader = opened(wanted)
    purpose = purpose_of(reader)
    with _engines(desk, home, wanted, purpose, reader) as (engine, beside, left):
        got = understood(engine, wanted)
        query = engine.query(got.text, filter=got.dated or got.filter, **wanted.how)
        others = _others(got, [engine, *beside], Engine.ranked)
        context = (_joined(engine.selecting(query), others) >> engine.pack(query.manner)).run(query)

        def shown(part: Context) -> None:
            seen.note(home, question, reader.name, _personal(part))

        answer = engine.generate(query, beside, None if purpose is INDEX else shown).run(context)
        aside = {"window": answer.context.text, "understood": list(got.said), "left_out": list(left)}
        return {**shapes.answer(answer), **aside}


def what_was_shown(desk: Desk, grant: str = "", most: int = 50) -> list[dict[str, Any]]:
    """What models were shown, the latest first. `grant`: an id, or a name of a source or connector. Raises NoGrant."""
    home = of(desk.unlocked)
    meant = home.grants.named(grant) if grant else home.grants.all()
    if grant and not meant:
        raise NoGrant(f"No grant is called {grant!r}. See which there are: cascade me grants")
    chosen = [one.terms.id for one in meant if desk.unlocked.keys.has(one.terms.id)]
    return [
        {"grant": one.grant, "at": one.at, "question": one.question, "reader": one.reader,
         "things": [dict(zip(("passage", "title", "time"), thing, strict=True)) for thing in one.things]}
        for one, _ in zip(seen.shown(home, chosen), range(most), strict=False)
    ]  # fmt: skip


HANDLERS: Mapping[str, Callable[..., Any]] = {"search": search, "ask": ask, "seen": what_was_shown}
"""What the agent answers."""


def opened(wanted: Wanted) -> Reader:
    """The reader that is asked. Raises UnknownName, BadConfig."""
    config = settings.load(Path(wanted.config) if wanted.config else None, reader=wanted.reader or None)
    return resolve.reader(config.reader, wanted.window or config.reads)


def purpose_of(reader: Reader) -> Purpose:
    """What a grant must be for, so that this reader may be shown what was read under it.

    `extractive` quotes and is no model. An endpoint on this machine is a local model.
    """
    endpoint = getattr(reader, "endpoint", None)
    if endpoint is not None:
        return LOCAL if endpoint.here else Purpose(Use.HOSTED, reader.name)
    return INDEX if reader.name.startswith("extractive") else LOCAL


def understood(engine: Engine, wanted: Wanted) -> Understood:
    """A question with what it says of time and of people as filters. What nobody is called is said, not searched."""
    people = asked(wanted.question, book_of(engine))
    if people.nobody:
        raise UsageError(f"Nobody in these records is called {people.nobody[0]!r}. Write the name or address in full.")
    now = datetime.fromisoformat(wanted.now) if wanted.now else datetime.now()
    dated = time_words(people.rest, now, partial(_when, engine))
    parts = [f"({wanted.filter})"] if wanted.filter else []
    parts += [_of_person(one) for one in people.filters]
    said = [*map(_told, people.filters)]
    within = " and ".join([*parts, *_of_time(dated.range)]) if dated else ""
    if dated:
        said.append(f"{dated.words!r}: {_days(dated.range)}")
        if not _any(engine, within):
            said[-1] += ", of which there is nothing: asked of all times"
            within = ""
    return Understood(people.rest or wanted.question, " and ".join(parts), within, tuple(said))


def book_of(engine: Engine) -> Book:
    """Who is who in what is held; made once a snapshot."""
    snapshot = engine.snapshot
    book = _books.get(snapshot)
    if book is None:
        gathering = Gathering()
        for number in range(len(snapshot.segments)):
            columns = snapshot.catalog.batch(number).records
            for title, metadata in zip(columns["title"], columns["metadata"], strict=True):
                gathering.add(sighting(json.loads(metadata), title))
        book = _books[snapshot] = gathering.book()
    return book


_books: WeakKeyDictionary[Snapshot, Book] = WeakKeyDictionary()


def _wanted(question: str, how: dict[str, Any]) -> Wanted:
    if not question.strip():
        raise UsageError("The question is empty. Write what to look for.")
    return Wanted(question, **{**how, "beside": tuple(how.get("beside", ()))})


@contextmanager
def _engines(
    desk: Desk, home: Home, wanted: Wanted, purpose: Purpose, reader: Reader | None = None
) -> Iterator[tuple[Engine, list[Engine], tuple[str, ...]]]:
    """The personal engine, those beside it, and what is left out; closed again."""
    grants, left = _permitted(home, purpose)
    config = settings.load(Path(wanted.config) if wanted.config else None)
    config = replace(config, pack=replace(config.pack, quota=QUOTA))
    held = desk.engine(grants)

    def refuse(passage: Passage) -> str:
        grant = passage.metadata.get("grant")
        return "" if grant is None or grant in grants else f"grant {grant} is not for {purpose}"

    with ExitStack() as stack:
        beside = [
            stack.enter_context(closing(Engine.open(path, config, reader=reader))) for path in wanted.beside
        ]
        yield held.turned(config, reader, refuse), beside, left


def _permitted(home: Home, purpose: Purpose) -> tuple[list[str], tuple[str, ...]]:
    """The grants that may be asked, and why others may not."""
    grants = [grant for grant in home.grants.permitted(purpose) if home.unlocked.keys.has(grant)]
    others = [one for one in home.grants.all() if one.terms.id not in grants and one.state is not State.REVOKED]
    left = tuple(
        one.why or f"Grant {one.terms.id} is left out: it is for {', '.join(map(str, one.terms.purposes))}, "
        f"not for {purpose}. To include it: cascade me allow {one.terms.connector} PATH --for {purpose}"
        for one in others
    )
    if not grants:
        said = " ".join(left) or "See which sources there are: cascade me sources"
        raise NoGrant(f"No grant is for {purpose}, so nothing can be asked in that way. {said}")
    return grants, left


Asks = Callable[[Query], Ranking]


def _others(got: Understood, engines: Sequence[Engine], best: Callable[[Engine, Query], Ranking]) -> list[Asks]:
    """What is asked besides: the life without regard to time, where a time is named; and every other index."""
    life, *beside = engines
    anytime: list[Asks] = [lambda query: best(life, replace(query, filter=got.filter))] if got.dated else []
    return [*anytime, *(partial(best, other) for other in beside)]


def _joined(first: Stage[Query, Ranking], others: Sequence[Asks]) -> Stage[Query, Ranking]:
    """A ranking joined with others, none crowded out."""
    return first >> Join(others, 1 / (1 + len(others))) if others else first


def _best(k: int, engine: Engine, query: Query) -> Ranking:
    return engine.ranking(k, query.effort).run(query)


def _personal(context: Context) -> list[Passage]:
    return [passage for passage in context.passages if "grant" in passage.metadata]


def _when(engine: Engine, phrase: str) -> Range | None:
    """The day of what a question calls by name, where the best thing found for it is surely that."""
    found = engine.search(phrase, 1, filter='time >= "1"').ranked
    if not found or found[0].relevance < CERTAIN or not (day := _day(found[0].passage.time)):
        return None
    return Range(day, day + timedelta(days=1))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _any(engine: Engine, filter_: str) -> bool:
    return not filter_ or any(mask.any() for mask in engine.snapshot.matching(filter_))


def _of_time(span: Range) -> list[str]:
    begin = [f"time >= {quoted(span.begin.isoformat())}"] if span.begin else []
    return begin + ([f"time < {quoted(span.end.isoformat())}"] if span.end else [])


def _days(span: Range) -> str:
    last = span.end - timedelta(days=1) if span.end else None
    return f"{span.begin or 'the beginning'} to {last or 'now'}" if span.begin != last else f"{span.begin}"


def _of_person(one: Filter) -> str:
    """A person as a filter over `by` and `with`, where names and addresses stand in the form in which they compare."""
    forms = [*(" ".join(words) for words in one.names), *one.addresses]
    field = "by" if one.role is Role.FROM else "with"
    some = _either(field, forms)
    if one.role is Role.TO:
        some = f"({some} and not {_either('by', forms)})"
    return f"(not {some})" if one.without else some


def _either(field: str, forms: Sequence[str]) -> str:
    each = [f"{field} ~ {quoted('|' + form + '|')}" for form in sorted(forms)]
    return f"({' or '.join(each)})"


def _told(one: Filter) -> str:
    names = ", ".join(person.name or person.addresses[0] for person in one.people)
    return f"{one.role}:{one.word}: {'not ' if one.without else ''}{names}"
