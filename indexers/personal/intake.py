"""The ingest path of personal data: grant -> reader -> connector -> gate -> scrub -> record -> passages -> seal.

    take_in(home, grant, encoder) -> Taken

Nothing is read without a grant that stands; it is asked anew before each file and each item. What is committed is
durable: a run that is killed goes on from there, an export read again adds nothing, one that overlaps an earlier one
adds what is new and replaces what changed. Nothing is dropped for being absent from a later export: exports forget.
For the same reason a longer stretch of a chat stays where a shorter one is read after it, from an older export.
A file that has only grown is read on from where it ended, unless the grant says something else than it did then.
Knows the order of the steps; each step is somebody else's.
"""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from cascade.errors import NotAllowed
from cascade.index import vectors
from indexers.known import Keys, Known, Seen
from indexers.making import Maker, leaf
from indexers.personal.erase import never
from indexers.personal.granted import Reading
from indexers.personal.granted.roots import barred
from indexers.personal.grants import Grant, Sealed
from indexers.personal.home import Home
from indexers.personal.kept import Kept, Lengths, kept, messages
from indexers.personal.scrub import Profile, Scrubber
from indexers.records import Skipped
from indexers.sources.connectors import registry
from indexers.sources.connectors.base import Item

if TYPE_CHECKING:
    from cascade.models.base import Encoder

MARKS = "marks"
AT_ONCE, CHARACTERS = 2_000, 4_000_000
"""Items, and characters of them, that are committed at once at most."""

FAULTS = 1_000
"""Faults that are kept one by one; the rest are counted."""

EMPTY = "There is no text in it."


@dataclass(slots=True)
class Taken:
    """What one run did. `left`: what the grant leaves out, by reason. `scrubbed`: what was taken out of texts.

    `repeated`: the same thing met again in this run (a mail under two labels). `barred`: what was erased before, and
    does not come back. `faults` are the first thousand that `failed` counts; `passed` counts what was never meant to be
    read, by reason.
    """

    grant: str
    records: int = 0
    passages: int = 0
    unchanged: int = 0
    replaced: int = 0
    repeated: int = 0
    barred: int = 0
    failed: int = 0
    files: int = 0
    bytes: int = 0
    seconds: float = 0.0
    left: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    scrubbed: Counter[str] = field(default_factory=Counter)
    faults: list[Skipped] = field(default_factory=list)


Heard = Callable[[Taken], None]
"""Called after each commit with what was done so far."""


def take_in(home: Home, grant: str, encoder: Encoder, heard: Heard | None = None) -> Taken:
    """Read what a grant permits and keep it in the vault. Raises NoGrant, WrongEncoder, Locked, SourceError."""
    near(encoder)
    permit = home.grants.permit(grant, registry.connector(home.grants.check(grant).connector))
    run = Run(home, grant, encoder)
    marks = _marks(home, permit.grant)
    with (
        home.unlocked.writing(),
        Reading(permit, registry.connector(permit.grant.terms.connector), run.opened, marks,
                barred(home.vault.layout.root)) as reading,
    ):  # fmt: skip
        scrubber = Scrubber(profile(permit.grant.terms.scrub), home.placeholders)
        for items in batches(reading.things(), run.skip):
            run.add([run.scrub(item, scrubber) for item in items], permit.grant.details.source)
            marks.update(_reached(reading, items))
            Sealed(home.unlocked).put(grant, MARKS, _dumped(permit.grant, marks))
            run.taken.left = Counter(reading.gate.left)
            if heard:
                heard(run.taken)
        run.taken.left = Counter(reading.gate.left)
    return run.finished()


def near(encoder: Encoder) -> None:
    """Raise NotAllowed for an encoder on another machine: all texts would be sent there, and no grant is for that."""
    endpoint = getattr(encoder, "endpoint", None)
    if endpoint is not None and not endpoint.here:
        raise NotAllowed(
            f"{encoder.name} would be sent every text that is read, and no grant is for that. "
            "Make a vault with an encoder of this machine: cascade me init --encoder static"
        )


def profile(name: str) -> Profile:
    """What a grant says of scrubbing, as a profile."""
    return Profile.NUMBERS if name == "default" else Profile(name)


def batches(things: Iterator[Item | Skipped], skip: Callable[[Skipped], None]) -> Iterator[list[Item]]:
    """Items in groups that bound what is held at once; what was skipped goes aside."""
    pending: list[Item] = []
    size = 0
    for thing in things:
        if isinstance(thing, Skipped):
            skip(thing)
            continue
        pending.append(thing)
        size += len(thing.text)
        if len(pending) >= AT_ONCE or size >= CHARACTERS:
            yield pending
            pending, size = [], 0
    if pending:
        yield pending


class Run:
    """One run over one grant: what is known of it, and what was done."""

    def __init__(self, home: Home, grant: str, encoder: Encoder) -> None:
        built = home.vault.built
        home.vault.agree(replace(built, encoder=encoder.name, fingerprint=encoder.fingerprint, dim=encoder.dim))
        self.unlocked, self.grant = home.unlocked, grant
        self.taken = Taken(grant)
        self._began = time.monotonic()
        self._known = Known(home.unlocked.leaves(grant))
        self._seen = Seen()
        self._lengths = Lengths(self._stretches)
        self._never = np.array(sorted(never(home.unlocked, grant)), dtype=np.uint64)
        self._files: set[str] = set()
        self._maker = Maker(encoder, vectors.rotation(built.dim), self._known)

    def opened(self, file: object) -> None:
        """Note that a file was read."""
        self._files.add(getattr(file, "name", ""))
        self.taken.files = len(self._files)
        self.taken.bytes += getattr(file, "bytes", 0)

    def skip(self, thing: Skipped) -> None:
        """Count what was not read."""
        if not thing.fault:
            self.taken.passed[thing.reason] += 1
            return
        self.taken.failed += 1
        if len(self.taken.faults) < FAULTS:
            self.taken.faults.append(thing)

    def scrub(self, item: Item, scrubber: Scrubber) -> Item:
        """An item without what must not be kept, wherever it stands in it; counted."""
        made = scrubber.scrub(item.text, item.marks)
        self.taken.scrubbed.update({str(name): count for name, count in made.counts.items()})

        def clean(text: str) -> str:
            return scrubber.clean(text)[0] if text else text

        extra = {name: clean(value) if isinstance(value, str) else value for name, value in item.extra.items()}
        return replace(
            item, text=made.text, marks=made.marks, title=clean(item.title), quoted=clean(item.quoted),
            url=clean(item.url), attachments=tuple(map(clean, item.attachments)), extra=extra,
        )  # fmt: skip

    def add(self, items: list[Item], source: str) -> None:
        """Keep a batch of items: leave out what is known, and commit the rest in the place of what it replaces."""
        records = [kept(item, source) for item in items]
        keys = Keys.of(records)
        repeated = self._seen.add(keys.place)
        shorter, longest = map(np.array, self._lengths.weigh(records, keys.place.tolist()))
        repeated &= ~longest  # a stretch that is met again, and has grown
        unchanged = (self._known.unchanged(keys) | shorter) & ~repeated
        barred = np.isin(keys.place, self._never) & ~repeated
        fresh = ~unchanged & ~repeated & ~barred
        self.taken.barred += int(barred.sum())
        gone = self._gone(keys, fresh)
        self.taken.repeated += int(repeated.sum())
        self.taken.unchanged += int(unchanged.sum())
        self.taken.replaced += len(gone)
        chosen = np.flatnonzero(fresh)
        if len(chosen):
            own = Keys(keys.high[chosen], keys.low[chosen], keys.place[chosen])
            self._keep([records[at] for at in chosen.tolist()], own, gone)
        self.taken.seconds = time.monotonic() - self._began

    def finished(self) -> Taken:
        """What was done."""
        self.taken.seconds = time.monotonic() - self._began
        return self.taken

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """How long each stretch of a chat is that is kept, by place."""
        for entry in self.unlocked.records.live(self.grant).segments:
            columns = self.unlocked.records.segment(self.grant, entry.name).catalog.records
            for place, metadata in zip(columns["place"].tolist(), columns["metadata"].tolist(), strict=True):
                if count := messages(json.loads(metadata)):
                    yield place, count

    def _gone(self, keys: Keys, fresh: np.ndarray) -> set[bytes]:
        """The ids of records that newer content takes the place of."""
        names = {leaf.name: leaf for leaf in self._known.leaves}
        gone: set[bytes] = set()
        for name, rows in self._known.replaced(keys, fresh).items():
            held = names[name].keys
            pairs = zip(held.high[rows].tolist(), held.low[rows].tolist(), strict=True)
            gone.update(high.to_bytes(8, "big") + low.to_bytes(8, "big") for high, low in pairs)
        return gone

    def _keep(self, records: list[Kept], keys: Keys, gone: set[bytes]) -> None:
        made = self._maker.batch(records, keys)
        batch = made.take(np.arange(len(made))) if made else None  # leaves out records without passages
        count = len(batch.catalog.records["id_hi"]) if batch else 0
        if count < len(records):
            self.taken.passed[EMPTY] += len(records) - count
        if batch is None:
            return
        self.taken.records += count
        self.taken.passages += len(batch)
        self.unlocked.add(self.grant, batch, gone)
        self._known.settle(leaf(f"new-{len(self._known.leaves)}", batch))


def _reached(reading: Reading, items: list[Item]) -> dict[str, bytes]:
    """How far each file is read now, where it can be said: by the last item of each."""
    last = {item.locator.partition("@")[0]: item for item in items if item.after >= 0}
    return dict(mark for item in last.values() if (mark := reading.mark(item)))


def _marks(home: Home, grant: Grant) -> dict[str, bytes]:
    """How far each file was read, under the very same grant: one that takes in more wants the beginning too."""
    found = Sealed(home.unlocked).get(grant.id, MARKS)
    said = json.loads(found) if found else {}
    if said.get("under") != _under(grant) or grant.scope.most:  # "at most N" counts from the beginning
        return {}
    return {name: b64decode(raw) for name, raw in said["files"].items()}


def _dumped(grant: Grant, marks: dict[str, bytes]) -> bytes:
    files = {name: b64encode(raw).decode() for name, raw in marks.items()}
    return json.dumps({"under": _under(grant), "files": files}).encode()


def _under(grant: Grant) -> str:
    return f"{grant.terms.policy} {grant.terms.details} {grant.terms.retention}"
