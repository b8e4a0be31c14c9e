"""What the owner is told before saying yes, and its fingerprint: whatever of it changes is asked again.

The fingerprint is SHA-256 over canonical JSON of: the connector and its version (a connector that reads more than
it did has another), the purposes, the profile by which secrets are taken out, and `POLICY`, the promises below.
A grant whose fingerprint is not that of today is pending: nothing is read or shown under it until it is granted anew.
Knows words; knows nothing of files or of how the promises are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache

from indexers.personal.chain import canonical
from indexers.personal.grants import spans
from indexers.personal.grants.terms import Details, Grant, Purpose, Request, Scope, Terms, Use
from indexers.sources.connectors.base import Caution, Connector

POLICY = (
    "Read only: nothing is changed or sent anywhere by reading. "
    "Kept encrypted, under a key of this grant's own that no backup copies. "
    "Secrets such as passwords and access keys are taken out before anything is kept. "
    "Used for nothing but the purposes named. "
    "Revoking stops all use at once and destroys the key and what was kept."
)

_SHOWN = {
    Use.INDEX: "you, when you search on this machine",
    Use.LOCAL: "a model that runs on this machine",
    Use.EXPORT: "whoever gets the files that you export, unencrypted",
}

_HIDDEN = {
    Caution.SPAM: "spam",
    Caution.TRASH: "what is in the trash",
    Caution.DELETED: "what was deleted but is still in the file",
    Caution.DISAPPEARING: "messages that were to disappear",
    Caution.CONFIDENTIAL: "confidential events",
    Caution.GROUP: "group chats",
    Caution.PARTNER: "what others shared with you",
    Caution.PROFILE: "other people's profiles",
    Caution.INCOGNITO: "what was done in private mode",
    Caution.ADVERTISEMENT: "advertisements",
    Caution.HIDDEN: "what you have hidden",
    Caution.SYSTEM: "what programs wrote into chats",
}

_NUMBERS = "passwords, access keys and codes; placeholders for numbers of cards, accounts and people"
_SCRUBBED = {
    "default": _NUMBERS,
    "numbers": _NUMBERS,
    "secrets": "passwords, access keys and codes",
    "contacts": f"{_NUMBERS}, for mail addresses and for telephones",
}


@lru_cache(256)
def fingerprint(connector: str, version: int, purposes: tuple[Purpose, ...], scrub: str, policy: str = POLICY) -> str:
    """What was agreed to, as 64 hex digits."""
    said = {
        "connector": connector,
        "version": version,
        "purposes": [str(purpose) for purpose in sorted(purposes)],
        "scrub": scrub,
        "policy": policy,
    }
    return hashlib.sha256(canonical(said)).hexdigest()


def asked(request: Request, connector: Connector, policy: str = POLICY) -> str:
    """The fingerprint of what `disclosure` says of a request: who agrees, agrees to this."""
    return fingerprint(connector.name, connector.version, request.purposes, request.scrub, policy)


def disclosure(grant: Grant | Request, connector: Connector) -> str:
    """All that the owner is to know before saying yes: what is read and kept, how long, who sees it, how to undo it."""
    terms: Terms | Request
    details: Details | Request
    terms, details = (grant.terms, grant.details) if isinstance(grant, Grant) else (grant, grant)
    undo = terms.id if isinstance(terms, Terms) else connector.name
    return "\n".join(
        [
            f"Connector  {connector.name}, version {connector.version}: {connector.describes}",
            *_block("Reads", [*details.roots, *_taken(details.scope)]),
            *_block("Leaves out", list(_left(details.scope))),
            *_block("Keeps", _kept(connector, terms.scrub)),
            *_block("How long", list(_long(terms))),
            *_block("Shown to", [_shown(purpose) for purpose in terms.purposes] + ["nobody else"]),
            *_block("Promises", POLICY.split(". ")),
            *_block("To undo", [f"cascade me revoke {undo}", "It takes effect at once, and erases what was kept."]),
        ]
    )


def _block(title: str, lines: list[str]) -> list[str]:
    return [f"{title if at == 0 else '':<10} {line.rstrip('.')}" for at, line in enumerate(lines)]


def _taken(scope: Scope) -> Iterator[str]:
    for said, values in (
        ("only files", scope.include),
        ("only the kinds", scope.kinds),
        ("only with the label", scope.labels),
        ("only with", scope.people),
    ):
        if values:
            yield f"{said}: {', '.join(values)}"
    if scope.since or scope.until:
        yield f"only from {scope.since or 'the beginning'} to {scope.until or 'now and later'}; nothing undated"
    if scope.cautions:
        yield f"also: {', '.join(_HIDDEN[caution] for caution in scope.cautions)}"
    if scope.most:
        yield f"at most {scope.most} things"
    yield from (f"{name}: {value}" for name, value in sorted(scope.choices.items()))


def _left(scope: Scope) -> Iterator[str]:
    for said, values in (
        ("files", scope.exclude),
        ("the label", scope.not_labels),
        ("all with or about", scope.not_people),
    ):
        if values:
            yield f"{said}: {', '.join(values)}"
    yield ", ".join(said for caution, said in _HIDDEN.items() if caution not in scope.cautions) or "nothing by its kind"
    yield "hidden files, links, other disks, and what a .vaultignore file names"


def _kept(connector: Connector, scrub: str) -> list[str]:
    kinds = ", ".join(connector.kinds)
    return [
        f"text, dates and names of: {kinds}; encrypted, in this vault alone",
        f"taken out: {_SCRUBBED.get(scrub, scrub)}",
    ]


def _long(terms: Terms | Request) -> Iterator[str]:
    if terms.retention:
        yield f"each thing for {spans.words(terms.retention)} from its own date; undated ones from the day of the grant"
    yield f"until the grant ends, after {terms.expires}" if terms.expires else "until you revoke it"


def _shown(purpose: Purpose) -> str:
    if purpose.use is Use.HOSTED:
        return f"{purpose.model}, a model that runs elsewhere: what answers a question is sent to whoever runs it"
    return _SHOWN[purpose.use]
