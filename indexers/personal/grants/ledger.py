"""The ledger of grants: what was allowed, narrowed, revoked and erased, and what therefore stands now.

Entries of the hash-chained log (see `chain.py`), by their `what`:

    allowed    id, and the terms (see `terms.py`). A later one of the same id stands in place of the earlier
    narrowed   the same, where no more was granted than before
    revoked    id, at, why ("asked", "expired")
    erased     id, at, receipt: SHA-256 of the receipt, which is kept elsewhere
    reduced    the same, where a part was erased of what was read

No entry holds personal content. A ledger that was tampered with permits nothing; revoking goes on all the same, by the
vault's keys. What stands is read from the file anew whenever that has changed: another process may have revoked.
Two processes may write: each takes the lock, reads, and appends.
Knows consent; knows nothing of how what was read is kept.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from cascade.errors import CascadeError, Corrupt, Locked, NoGrant, UsageError
from cascade.index.files import writing
from indexers.personal import chain
from indexers.personal.chain import Entry, Head, Log
from indexers.personal.grants import spans
from indexers.personal.grants.permit import Permit
from indexers.personal.grants.policy import asked, fingerprint
from indexers.personal.grants.settle import settled
from indexers.personal.grants.standing import Folded, Today, fold, standing
from indexers.personal.grants.store import Store
from indexers.personal.grants.terms import INDEX, Details, Grant, Purpose, Request, Scope, Standing, State, Terms
from indexers.personal.grants.wider import wider
from indexers.sources.connectors.base import Connector

WAIT = 10.0
"""Seconds to wait for another process that writes to the ledger."""


class Grants:
    """The ledger at `path`, and the `store` of its personal half. Once tampered with, every reading raises Corrupt.

    `name` is a grant's id everywhere. `wait`: seconds to wait for another process that writes.
    """

    def __init__(self, path: Path, store: Store, today: Today, wait: float = WAIT) -> None:
        self.path, self.store, self.today, self.wait = path, store, today, wait
        self._lock = FileLock(path.with_suffix(".lock"), mode=0o600)
        self._seen: tuple[int, int, int] | None = None
        self._folded = Folded()

    # What stands

    def all(self, now: datetime | None = None) -> tuple[Standing, ...]:
        """Every grant there ever was, in the order in which they were first allowed."""
        folded = self._read()
        return tuple(standing(folded, self.today, name, now or datetime.now(UTC)) for name in folded.terms)

    def standing(self, name: str, now: datetime | None = None) -> Standing:
        """How one grant stands. Raises NoGrant where there never was one of that name."""
        folded = self._read()
        if name not in folded.terms:
            raise NoGrant(f"There is no grant {name}. See which there are: cascade me grants")
        return standing(folded, self.today, name, now or datetime.now(UTC))

    def check(self, name: str, purpose: Purpose = INDEX, now: datetime | None = None) -> Terms:
        """The terms of a grant that stands and is for this purpose. Raises NoGrant, saying why it is not."""
        found = self.standing(name, now)
        if found.state is not State.GRANTED:
            raise NoGrant(found.why)
        if purpose not in found.terms.purposes:
            given = ", ".join(map(str, found.terms.purposes))
            ask = f"cascade me allow {found.terms.connector}"
            raise NoGrant(f"Grant {name} is for {given}, and not for {purpose}. Ask for that: {ask}")
        return found.terms

    def named(self, name: str, now: datetime | None = None) -> tuple[Standing, ...]:
        """The grants, not yet erased, that a person means by an id, a connector or (in an open vault) a source."""
        alive = [found for found in self.all(now) if not found.erased]
        for means in (lambda t: t.id, lambda t: t.connector, self._source):
            if found := tuple(standing for standing in alive if means(standing.terms) == name):
                return found
        return ()

    def permitted(self, purpose: Purpose, now: datetime | None = None) -> tuple[str, ...]:
        """The ids of all grants that stand and are for this purpose: what a question may be answered from."""
        standing = (found for found in self.all(now) if found.state is State.GRANTED)
        return tuple(found.terms.id for found in standing if purpose in found.terms.purposes)

    def grant(self, name: str) -> Grant:
        """A grant in full, however it stands. Raises NoGrant where its details are gone, Corrupt where they differ."""
        terms = self.standing(name).terms
        data = self.store.get(name, _name(terms))
        if data is None:
            raise NoGrant(
                f"What grant {name} takes in can no longer be read: its key is gone. Revoke it, or grant anew."
            )
        if hashlib.sha256(data).hexdigest() != terms.details:
            raise Corrupt(f"What is kept of grant {name} is not what the ledger says of it. Revoke it, and grant anew.")
        return Grant(terms, Details.from_json(json.loads(data)))

    def permit(self, name: str, connector: Connector) -> Permit:
        """Leave to read, for a connector. Raises NoGrant unless the grant stands and is for that connector."""
        terms = self.check(name)
        if (terms.connector, terms.version) != (connector.name, connector.version):
            raise NoGrant(
                f"Grant {name} is for {terms.connector} version {terms.version}, not for {connector.name} version "
                f"{connector.version}. Give it anew: cascade me allow {connector.name} PATH --again {name}"
            )
        return Permit(self, self.grant(name))

    # What changes it

    def allow(
        self, request: Request, connector: Connector, *, agreed: str, by: str, how: str = "terminal", again: str = ""
    ) -> Grant:
        """Write down that somebody said yes to a settled request, and give the grant.

        `agreed` is the fingerprint of what they were told (`policy.asked`): another raises NoGrant. `again` is the id
        of a grant that is asked for anew: what was read under it stays.
        """
        if request.connector != connector.name or agreed != asked(request, connector, self.today.policy):
            raise NoGrant(
                f"What was agreed to is not what {connector.name} asks today. Read it again: "
                f"cascade me allow {connector.name}"
            )
        if settled(request) != request:
            raise UsageError("What is granted must be what was shown. Settle the request, show it, and ask again.")
        if INDEX not in request.purposes:
            raise UsageError("Nothing can be read that may not be kept to search in. Add the purpose: index")
        with self._writing() as log:
            name = self._again(again, connector) if again else f"{connector.name}-{secrets.token_hex(4)}"
            details = Details(request.source, request.roots, request.scope, by, secrets.token_hex(32))
            terms = Terms(
                id=name,
                connector=connector.name,
                version=connector.version,
                purposes=request.purposes,
                retention=request.retention,
                expires=request.expires,
                scrub=request.scrub,
                policy=agreed,
                how=how,
                granted_at=_now(),
                incarnation=self.today.incarnation,
                details=details.hash,
            )
            return self._write(log, "allowed", Grant(terms, details))

    def narrow(
        self,
        name: str,
        *,
        scope: Scope | None = None,
        purposes: tuple[Purpose, ...] | None = None,
        retention: str | None = None,
        expires: str | None = None,
    ) -> Grant:
        """Grant less than before, without asking. Raises UsageError where anything of it would be more.

        What was read before and is no longer in the scope stays until it is erased.
        """
        with self._writing() as log:
            old = self.grant(name)
            if self.standing(name).state is not State.GRANTED:
                raise NoGrant(self.standing(name).why)
            terms = replace(
                old.terms,
                purposes=old.terms.purposes if purposes is None else tuple(sorted(set(purposes))),
                retention=old.terms.retention if retention is None else spans.span(retention),
                expires=old.terms.expires if expires is None else spans.day(expires, last=True),
            )
            details = replace(old.details, scope=old.scope if scope is None else scope, salt=secrets.token_hex(32))
            policy = fingerprint(terms.connector, terms.version, terms.purposes, terms.scrub, self.today.policy)
            new = Grant(replace(terms, policy=policy, details=details.hash), details)
            if more := wider(old, new):
                raise UsageError(
                    f"That is more than was granted: {', '.join(more)}. Ask for it: cascade me allow {terms.connector}"
                )
            return self._write(log, "narrowed", new)

    def revoke(self, name: str, why: str = "asked") -> Standing:
        """End a grant, at once and for good. A second time changes nothing. Needs no key."""
        with self._writing() as log:
            found = self.standing(name)
            if found.state is not State.REVOKED:
                self._append(log, {"what": "revoked", "id": name, "at": _now(), "why": why})
        return self.standing(name)

    def reduced(self, name: str, receipt: bytes) -> None:
        """Write down that a part of what was read under a grant is gone, and the hash of the receipt that says so."""
        with self._writing() as log:
            self.standing(name)
            digest = hashlib.sha256(receipt).hexdigest()
            self._append(log, {"what": "reduced", "id": name, "at": _now(), "receipt": digest})

    def erased(self, name: str, receipt: bytes) -> None:
        """Write down that what was read under a revoked grant is gone, and the hash of the receipt that says so."""
        with self._writing() as log:
            if self.standing(name).state is not State.REVOKED:
                raise UsageError(
                    f"Grant {name} was not revoked: nothing of it is erased. First: cascade me revoke {name}"
                )
            digest = hashlib.sha256(receipt).hexdigest()
            self._append(log, {"what": "erased", "id": name, "at": _now(), "receipt": digest})

    # The log itself

    def history(self) -> tuple[Entry, ...]:
        """All entries, the first first."""
        return self._read().log.entries

    def verify(self, *heads: Head) -> Log:
        """Read all anew, against these heads and the one that the vault keeps. Raises Corrupt naming the entry."""
        return chain.read(self.path, *self._remembered(), *heads)

    def begin_anew(self) -> Path:
        """Put a ledger aside that was tampered with, and begin an empty one; where the old one is now.

        Nothing is permitted any more, and everything must be granted anew. What was read before stays sealed, and can
        be erased by its id as before. Needs the vault unlocked.
        """
        aside = self.path.with_name(f"{self.path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}.{secrets.token_hex(2)}")
        with self._held():
            self.store.remember(b"")
            if self.path.exists():
                self.path.rename(aside)
            self._seen = None
        return aside

    @property
    def head(self) -> Head:
        """Where the ledger ends: for a person to note elsewhere."""
        return self._read().log.head

    def _read(self) -> Folded:
        try:
            found = self.path.stat()
            seen = (found.st_ino, found.st_size, found.st_mtime_ns)
        except FileNotFoundError:
            seen = (0, 0, 0)
        if seen != self._seen:
            self._seen = None
            self._folded = fold(self.verify())
            self._seen = seen
        return self._folded

    def _remembered(self) -> tuple[Head, ...]:
        data = self.store.remembered()
        return (Head.parse(data.decode("ascii")),) if data else ()

    def _again(self, name: str, connector: Connector) -> str:
        found = self.standing(name)
        if found.state is State.REVOKED:
            raise NoGrant(f"{found.why} It does not come back: grant anew.")
        if found.terms.connector != connector.name:
            raise NoGrant(f"Grant {name} is for {found.terms.connector}, not for {connector.name}.")
        return name

    def _source(self, terms: Terms) -> str:
        try:
            return self.grant(terms.id).details.source
        except CascadeError:
            return ""

    def _write(self, log: Log, what: str, grant: Grant) -> Grant:
        before = self._folded.terms.get(grant.id)
        self.store.put(grant.id, _name(grant.terms), grant.details.to_bytes())
        self._append(log, {"what": what, **grant.terms.to_json()})
        if before:
            self.store.remove(grant.id, _name(before))
        return grant

    def _append(self, log: Log, entry: Entry) -> None:
        log = chain.append(self.path, entry, log)
        self._seen = None
        with suppress(CascadeError):  # a locked vault cannot, and a grant is revoked all the same
            self.store.remember(str(log.head).encode("ascii"))

    @contextmanager
    def _writing(self) -> Iterator[Log]:
        with self._held():
            self._seen = None
            yield self._read().log

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            with writing(self.path):
                self._lock.acquire(timeout=self.wait)
        except Timeout:
            raise Locked(f"{self.path} is being written by another process. Try again when it is done.") from None
        try:
            yield
        finally:
            self._lock.release()


def _name(terms: Terms) -> str:
    """Under which name the details of these terms are kept: other details never take their place half-way."""
    return f"grant.{terms.details[:16]}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
