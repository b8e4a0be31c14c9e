"""What the entries of the ledger come to, and how a grant stands today.

In this order: what was revoked stays revoked; what has ended is expired; what must be asked for again is pending (the
vault was restored, the connector reads more than it did, or the promises are others); everything else is granted.
Knows entries and the nouns of consent; knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cascade.errors import Corrupt
from indexers.personal.chain import Entry, Head, Log
from indexers.personal.grants.policy import POLICY, fingerprint
from indexers.personal.grants.terms import Standing, State, Terms


@dataclass(frozen=True, slots=True)
class Today:
    """What a grant is held against: the vault's incarnation, the connectors' versions, the promises as they stand."""

    incarnation: str
    versions: Mapping[str, int]
    policy: str = POLICY


@dataclass(frozen=True, slots=True)
class Folded:
    """What the entries come to: terms by id in the order of their first entry, and the entries that ended them."""

    log: Log = field(default_factory=lambda: Log((), Head(0), 0, 0))
    terms: dict[str, Terms] = field(default_factory=dict)
    revoked: dict[str, Entry] = field(default_factory=dict)
    erased: dict[str, Entry] = field(default_factory=dict)


def fold(log: Log) -> Folded:
    """Go through the entries. Raises Corrupt for one that this version does not know: it may be a revocation."""
    folded = Folded(log)
    for number, entry in enumerate(log.entries, 1):
        try:
            match entry["what"]:
                case "allowed" | "narrowed":
                    folded.terms[entry["id"]] = Terms.from_json(entry)
                case "revoked":
                    folded.revoked[entry["id"]] = entry
                case "erased":
                    folded.erased[entry["id"]] = entry
                case "reduced":
                    continue
                case other:
                    raise Corrupt(f"Entry {number} of the ledger is a {other!r}: a newer version wrote it. Upgrade.")
        except (KeyError, TypeError) as error:
            raise Corrupt(f"Entry {number} of the ledger lacks {error}. Nothing is permitted by it.") from None
    return folded


def standing(folded: Folded, today: Today, name: str, now: datetime) -> Standing:
    """How a grant stands at a time."""
    terms = folded.terms[name]
    state, why = State.GRANTED, _asks(terms, today)
    if why:
        state = State.PENDING
    if terms.expires and now.astimezone().date().isoformat() > terms.expires:
        state, why = State.EXPIRED, f"Grant {name} ended after {terms.expires}. Erase what it kept: cascade me expire"
    if entry := folded.revoked.get(name):
        state, why = State.REVOKED, f"Grant {name} was revoked on {entry['at']}."
    return Standing(terms, state, why, name in folded.erased)


def _asks(terms: Terms, today: Today) -> str:
    """Why a grant must be asked for again; empty where it needs not."""
    again = f"Give it anew: cascade me allow {terms.connector} PATH --again {terms.id}"
    version = today.versions.get(terms.connector)
    if terms.incarnation != today.incarnation:
        return f"Grant {terms.id} was given before the vault was restored, which permits nothing. {again}"
    if version is None:
        return f"Grant {terms.id} is for {terms.connector}, which is not there. End it: cascade me revoke {terms.id}"
    if version != terms.version:
        return f"Grant {terms.id} is for version {terms.version} of {terms.connector}, which is now {version}. {again}"
    if fingerprint(terms.connector, version, terms.purposes, terms.scrub, today.policy) != terms.policy:
        return f"Grant {terms.id} was given under other promises than today's. {again}"
    return ""
