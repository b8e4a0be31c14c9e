"""Consent: what may be read and what for, written down before a byte of it is read.

`settled` makes a request definite, `disclosure` says all of it, `Grants.allow` writes down that somebody agreed, and
`Grants.permit` gives leave to read for as long as that stands.
"""

from indexers.personal.grants.ledger import Grants
from indexers.personal.grants.permit import Permit, once
from indexers.personal.grants.policy import asked, disclosure, fingerprint
from indexers.personal.grants.prepared import prepared
from indexers.personal.grants.sealed import Sealed
from indexers.personal.grants.settle import settled
from indexers.personal.grants.standing import Today
from indexers.personal.grants.store import Store
from indexers.personal.grants.terms import (
    EXPORT,
    INDEX,
    LOCAL,
    Details,
    Grant,
    Purpose,
    Request,
    Scope,
    Standing,
    State,
    Terms,
    Use,
)
from indexers.personal.grants.wider import wider

__all__ = [
    "EXPORT",
    "INDEX",
    "LOCAL",
    "Details",
    "Grant",
    "Grants",
    "Permit",
    "Purpose",
    "Request",
    "Scope",
    "Sealed",
    "Standing",
    "State",
    "Store",
    "Terms",
    "Today",
    "Use",
    "asked",
    "disclosure",
    "fingerprint",
    "once",
    "prepared",
    "settled",
    "wider",
]
