"""Receipts: of consent, in the fields of Kantara's Consent Receipt 1.1, and of erasure, store by store.

A receipt of consent is personal (it names folders and people): it is shown, not kept. A receipt of erasure says nothing
personal; the ledger holds its hash.
Knows grants and what was done; does nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from indexers.personal.chain import canonical
from indexers.personal.grants import Grant, Purpose, Use
from indexers.personal.grants.policy import POLICY
from indexers.sources.connectors.base import Connector

VERSION = "KI-CR-v1.1.0"

_CATEGORY = {
    Use.INDEX: "Core Function",
    Use.LOCAL: "Contracted Service",
    Use.HOSTED: "Contracted Service",
    Use.EXPORT: "Personalized Experience",
}
_ENDS = "when it is revoked: cascade me revoke {}"


def consent(grant: Grant, connector: Connector) -> dict[str, Any]:
    """A grant as a consent receipt. What the standard has no field for stands under `cascade`."""
    terms, details = grant.terms, grant.details
    termination = f"{terms.expires}, or " * bool(terms.expires) + _ENDS.format(terms.id)
    return {
        "version": VERSION,
        "jurisdiction": "",
        "consentTimestamp": int(datetime.fromisoformat(terms.granted_at).timestamp()),
        "collectionMethod": "a prepared file" if terms.how == "file" else "asked at a terminal",
        "consentReceiptID": terms.id,
        "publicKey": "",
        "language": "en",
        "piiPrincipalId": details.granted_by,
        "piiControllers": [{"piiController": details.granted_by, "onBehalf": False}],
        "policyUrl": "docs/privacy.md",
        "services": [
            {
                "service": f"{connector.name} {terms.version}",
                "purposes": [_purpose(purpose, connector, termination) for purpose in terms.purposes],
            }
        ],
        "sensitive": True,
        "spiCat": [kind.value for kind in connector.kinds],
        "cascade": {
            "source": details.source,
            "roots": list(details.roots),
            "scope": asdict(details.scope),
            "retention": terms.retention,
            "expires": terms.expires,
            "scrub": terms.scrub,
            "policy": POLICY,
            "policySha256": terms.policy,
            "detailsSha256": terms.details,
            "vaultIncarnation": terms.incarnation,
        },
    }


def _purpose(purpose: Purpose, connector: Connector, termination: str) -> dict[str, Any]:
    hosted = purpose.use is Use.HOSTED
    return {
        "purpose": str(purpose),
        "purposeCategory": [_CATEGORY[purpose.use]],
        "consentType": "EXPLICIT",
        "piiCategory": [kind.value for kind in connector.kinds],
        "primaryPurpose": purpose.use is Use.INDEX,
        "termination": termination,
        "thirdPartyDisclosure": hosted,
        "thirdPartyName": purpose.model if hosted else "",
    }


class Outcome(StrEnum):
    """What became of what a store held of a grant."""

    ERASED = "erased"
    REBUILT = "rebuilt"
    """Written anew without it."""
    DESTROYED = "key destroyed"
    """What is left of it is noise that nothing opens any more."""
    UNSUPPORTED = "unsupported"
    """It is out of reach, and is not gone."""


@dataclass(frozen=True, slots=True)
class Store:
    """One place where something was kept: how many things of it are gone, and a note for a person."""

    name: str
    outcome: Outcome
    count: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """A look through all bytes that are left: how many files and bytes, how many of the files were unsealed for it.

    `found`: where any of the `sought` was found, and must not be. `shared`: how many of them another grant holds too,
    by its own right. `unread`: files that could not be read, and may hold anything.
    """

    sought: int
    files: int = 0
    bytes: int = 0
    unsealed: int = 0
    found: tuple[str, ...] = ()
    shared: int = 0
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased of a grant, and when: `stopped_ms` until it could not be used any more, `erased_ms` until gone.

    `records`: how many, where not all were to go. `head` is the ledger's before the entry that names this receipt.
    """

    grant: str
    whole: bool
    at: str
    stopped_ms: float
    erased_ms: float
    stores: tuple[Store, ...]
    scan: Scan
    head: str = ""
    records: int = 0

    @property
    def complete(self) -> bool:
        """Whether all that is in reach is gone, and nothing of it was found afterwards."""
        return not self.scan.found and not self.scan.unread

    def to_json(self) -> dict[str, Any]:
        """For `--json`, and to be kept."""
        return {**asdict(self), "complete": self.complete, "sha256": self.hash}

    @property
    def hash(self) -> str:
        """SHA-256 over its bytes (hex): what the ledger holds."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """Canonical JSON, times in whole microseconds."""
        times = {"stopped_us": round(self.stopped_ms * 1000), "erased_us": round(self.erased_ms * 1000)}
        said = {name: value for name, value in asdict(self).items() if not name.endswith("_ms")}
        return canonical({**said, **times})

    def lines(self) -> Iterator[str]:
        """For a person."""
        what = f"Grant {self.grant}" if self.whole else f"{self.records:,} records of grant {self.grant}"
        yield f"{what}: use ended in {self.stopped_ms:.0f} ms, erased in {self.erased_ms:.0f} ms ({self.at})"
        for store in self.stores:
            count = f" ({store.count:,})" if store.count else ""
            yield f"  {store.name:<16} {store.outcome}{count}{f': {store.note}' if store.note else ''}"
        yield from (f"  {line}" for line in _scanned(self.scan))
        yield f"Complete: {'yes' if self.complete else 'NO; run it again once what is named above is out of the way'}"


def _scanned(scan: Scan) -> Iterator[str]:
    yield (
        f"looked through {scan.files:,} files ({scan.bytes:,} bytes, {scan.unsealed:,} files unsealed) for "
        f"{scan.sought:,} pieces of it: {len(scan.found):,} found"
    )
    yield from (f"still in {place}" for place in scan.found)
    yield from (f"cannot be read: {place}" for place in scan.unread)
    if scan.shared:
        yield f"{scan.shared:,} pieces are in other grants too, and stay there"


def parsed(value: Mapping[str, Any]) -> Erasure:
    """A receipt from its JSON: its hash stands in the ledger. Raises KeyError, TypeError, ValueError."""
    fields = {name: value[name] for name in Erasure.__dataclass_fields__}
    fields["stores"] = tuple(Store(**{**one, "outcome": Outcome(one["outcome"])}) for one in value["stores"])
    scan: dict[str, Any] = {
        name: tuple(held) if isinstance(held, list) else held for name, held in value["scan"].items()
    }
    return Erasure(**{**fields, "scan": Scan(**scan)})
