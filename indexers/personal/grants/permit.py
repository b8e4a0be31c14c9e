"""Leave to read: given by a ledger for as long as a grant stands, or by an owner, for one preview.

Knows grants; knows nothing of files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cascade.errors import NoGrant
from indexers.personal.grants.settle import settled
from indexers.personal.grants.terms import Details, Grant, Request, Terms
from indexers.sources.connectors.base import Connector

PREVIEW = "preview"
"""The id of what was never granted. No ledger holds it, and no vault has a key for it."""


class Asked(Protocol):
    """Whoever knows whether a grant stands."""

    def check(self, name: str) -> Terms:
        """Its terms as they are now. Raises NoGrant where it does not stand."""
        ...


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to read under one grant, which is asked for anew again and again: it ends when the grant does."""

    grants: Asked
    grant: Grant

    def check(self) -> None:
        """Raise NoGrant once the grant no longer stands, or is no longer the one this leave was given for."""
        if self.grants.check(self.grant.id) != self.grant.terms:
            raise NoGrant(f"Grant {self.grant.id} was changed meanwhile. Begin again to go by what it says now.")


@dataclass(frozen=True, slots=True)
class _Once:
    terms: Terms

    def check(self, name: str) -> Terms:
        return self.terms


def once(request: Request, connector: Connector) -> Permit:
    """Leave to count what a request would take in, given by whoever asks for the preview: for no purpose beside it.

    Raises what `settled` raises.
    """
    request = settled(request)
    details = Details(request.source, request.roots, request.scope, "", "")
    terms = Terms(
        id=PREVIEW,
        connector=connector.name,
        version=connector.version,
        purposes=(),
        retention=request.retention,
        expires=request.expires,
        scrub=request.scrub,
        policy="",
        how=PREVIEW,
        granted_at=datetime.now(UTC).isoformat(timespec="seconds"),
        incarnation="",
        details="",
    )
    return Permit(_Once(terms), Grant(terms, details))
