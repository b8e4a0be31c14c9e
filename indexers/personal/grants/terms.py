"""The nouns of consent: what may be read, for what, how long, and who said so.

A grant has two halves. Its `Terms` stand in the ledger for good, where anybody can read them who can read the vault's
folder: they hold no personal content, only which connector, for what, until when. Its `Details` (folders, labels,
people, names) are personal: they are sealed under the grant's own key, and gone when that key is destroyed; the terms
hold a salted hash of them.
Knows values and their JSON; knows nothing of files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from cascade.errors import UnknownName
from indexers.personal.chain import canonical
from indexers.sources.connectors.base import Caution, Kind


class Use(StrEnum):
    """What the things that were read may be used for."""

    INDEX = "index"
    """Kept, encrypted, and searched on this machine."""
    LOCAL = "local-model"
    """Shown to a model that runs on this machine."""
    HOSTED = "hosted-model"
    """Sent to one model that runs elsewhere, named in the grant."""
    EXPORT = "export"
    """Written out of the vault, unencrypted, on demand."""


@dataclass(frozen=True, slots=True, order=True)
class Purpose:
    """A use; for a hosted model, of which one. Written `index`, `local-model`, `hosted-model:NAME`, `export`."""

    use: Use
    model: str = ""

    def __str__(self) -> str:
        return f"{self.use}:{self.model}" if self.model else str(self.use)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From how it is written. Raises UnknownName; a hosted model without a name is none."""
        use, _, model = text.strip().partition(":")
        known = use in list(Use) and bool(model) == (use == Use.HOSTED)
        if not known:
            raise UnknownName(
                f"{text!r} is no purpose. A grant can be for: index, local-model, hosted-model:NAME, export."
            )
        return cls(Use(use), model)


INDEX = Purpose(Use.INDEX)
LOCAL = Purpose(Use.LOCAL)
EXPORT = Purpose(Use.EXPORT)


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the roots is taken in. Everything empty: all but what needs to be asked for (see `cautions`).

    `include`, `exclude`: globs over the paths of files. `labels`, `people`: only what has one of them; `not_labels`,
    `not_people`: nothing that has one of them. `since`, `until`: days (YYYY-MM-DD), both taken in. `kinds`: only
    these. `cautions`: things that are left out unless they are named here. `most`: how many things at most (0: all).
    `choices`: what the connector asks (`date-order`, `profile`, ...).
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    not_labels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    not_people: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    kinds: tuple[Kind, ...] = ()
    cautions: tuple[Caution, ...] = ()
    most: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From what `asdict` gave, by way of JSON."""
        taken: dict[str, Any] = {name: tuple(held) if isinstance(held, list) else held for name, held in value.items()}
        taken["kinds"] = tuple(map(Kind, taken["kinds"]))
        taken["cautions"] = tuple(map(Caution, taken["cautions"]))
        return cls(**taken)


@dataclass(frozen=True, slots=True)
class Details:
    """The half of a grant that is personal, and sealed.

    `source` is what the owner calls it; `roots` are real absolute paths (without links); `granted_by` is who said yes;
    `salt` (hex) makes the hash of all this say nothing to who would guess.
    """

    source: str
    roots: tuple[str, ...]
    scope: Scope
    granted_by: str
    salt: str

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical(asdict(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From the JSON of `to_bytes`."""
        return cls(
            value["source"], tuple(value["roots"]), Scope.from_json(value["scope"]), value["granted_by"], value["salt"]
        )

    @property
    def hash(self) -> str:
        """What the ledger holds of it: SHA-256 over its JSON, the salt included (hex)."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Terms:
    """The half of a grant that stands in the ledger: nothing personal.

    `retention`: how long things are kept, by their own date (`5y`; empty: until the grant ends). `expires`: the last
    day of the grant (empty: none). `scrub`: the profile by which secrets are taken out before anything is kept.
    `policy`: fingerprint of all that the owner was told (see `policy.py`). `how`: asked at a terminal, or by a file
    prepared before. `granted_at`: ISO 8601, UTC. `incarnation`: of the vault; a restored vault has another.
    """

    id: str
    connector: str
    version: int
    purposes: tuple[Purpose, ...]
    retention: str
    expires: str
    scrub: str
    policy: str
    how: str
    granted_at: str
    incarnation: str
    details: str

    def to_json(self) -> dict[str, Any]:
        """For the ledger."""
        return {**asdict(self), "purposes": [str(purpose) for purpose in self.purposes]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From the ledger."""
        return cls(**{**{f.name: value[f.name] for f in fields(cls)}, "purposes": purposes(value["purposes"])})


def purposes(texts: list[str] | tuple[str, ...]) -> tuple[Purpose, ...]:
    """Purposes in a stable order, each once."""
    return tuple(sorted({Purpose.parse(text) for text in texts}))


@dataclass(frozen=True, slots=True)
class Grant:
    """Consent in full."""

    terms: Terms
    details: Details

    @property
    def id(self) -> str:
        """Names it, in the ledger and in every thing that was read under it."""
        return self.terms.id

    @property
    def scope(self) -> Scope:
        """What of its roots is taken in."""
        return self.details.scope


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks to have granted, before anybody said yes."""

    connector: str
    roots: tuple[str, ...]
    purposes: tuple[Purpose, ...] = (INDEX,)
    source: str = ""
    scope: Scope = field(default_factory=Scope)
    retention: str = ""
    expires: str = ""
    scrub: str = "default"


class State(StrEnum):
    """What a grant is worth now."""

    GRANTED = "granted"
    PENDING = "pending"
    """It must be asked for again."""
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Standing:
    """A grant as it stands at some time, without its details. `why`: one sentence, empty where it is granted.

    `erased`: what was read under it is gone, and a receipt says so.
    """

    terms: Terms
    state: State
    why: str = ""
    erased: bool = False
