"""Ending a grant, and erasing what was read under it: whole, in part, or because its time has come.

    revoke  the ledger says no -> the key is destroyed -> records, notes, memory -> every byte is scanned -> receipt

Whoever is stopped between two of these, even by a power cut, finds the grant unusable, and a second `revoke` does the
rest; one that finds nothing to do looks through everything again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cascade.errors import CascadeError, Corrupt, NoGrant, UnusableIndex
from indexers.personal import layout
from indexers.personal.erase import scan, stores
from indexers.personal.erase.which import Kept, Which, kept
from indexers.personal.grants import Grants, Use
from indexers.personal.grants.sealed import LEDGER
from indexers.personal.layout import Layout
from indexers.personal.receipts import Erasure, Outcome, Scan, Store
from indexers.personal.vault.folder import Vault
from indexers.personal.vault.unlocked import Unlocked

__all__ = ["Keeper", "Kept", "Search", "Which", "erase", "kept", "never", "revoke"]

NEVER = "erased"
"""The note that lists the places of records that were erased, so that the same export does not bring them back."""


class Keeper(Protocol):
    """Whoever else keeps something of a grant: a cache, a log of what a model was shown."""

    def erase(self, grant: str, ids: Collection[bytes] | None) -> Store:
        """Let go of these records, or of all (None), and say what became of it."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look afterwards, and for what: pieces that must be nowhere, and folders beside the vault's own."""

    canaries: Sequence[bytes] = ()
    folders: Sequence[Path] = ()
    keepers: Sequence[Keeper] = field(default=())


Step = Callable[[str], None]
"""Told the name of each step before it is done."""


def revoke(
    vault: Vault,
    grants: Grants,
    name: str,
    unlocked: Unlocked | None = None,
    search: Search = Search(),
    why: str = "asked",
    step: Step = lambda _: None,
) -> Erasure:
    """End a grant at once and erase all that was read under it. Raises NoGrant where there never was one.

    Without `unlocked` it is as thorough, but sealed files of other grants are looked through as they are, not unsealed.
    A ledger that was tampered with keeps nothing from being erased.
    """
    began = time.perf_counter()
    where = vault.layout
    if layout.named(name) == LEDGER:
        raise NoGrant(f"{name} is the vault's own, and no grant. See which there are: cascade me grants")
    step("stop")
    ledger, unsaid = _stopped(where, grants, name, why)
    stopped = time.perf_counter()
    sample = _sample(unlocked, name)
    told = [found] if (found := stores.exported(where, name)) else []
    step("key")
    told.append(stores.key(where, name))
    if unlocked:
        unlocked.keys.has(name)  # which forgets a key whose file is gone
    step("records")
    told.append(stores.segments(where, name))
    step("notes")
    told.append(stores.notes(where, name))
    step("memory")
    told += [stores.memory(where), *(keeper.erase(name, None) for keeper in search.keepers)]
    told += [ledger, *_beyond(grants, name)]
    step("scan")
    erased = time.perf_counter()
    seen = scan.scan(where, unlocked, name, search.canaries, sample, *search.folders)
    seen = _with(seen, [*stores.left(where, name), *unsaid])
    receipt = Erasure(
        name, True, _now(), (stopped - began) * 1000, (erased - began) * 1000, tuple(told), seen, _head(grants)
    )
    step("receipt")
    _noted(grants, name, receipt)
    return receipt


def erase(unlocked: Unlocked, grants: Grants, name: str, which: Which, search: Search = Search()) -> Erasure:
    """Erase some records of a grant; the rest is sealed anew under another key. Raises NoGrant, NoKey, Locked.

    The same records do not come back with the same export: see `never`. To keep out what is yet to come, narrow the
    grant.
    """
    began = time.perf_counter()
    grants.standing(name)
    gone = [record for record in kept(unlocked, name) if which.takes(record)]
    ids = {record.id for record in gone}
    if gone:
        _bar(unlocked, name, gone)
        unlocked.remove(name, ids)
    erased = time.perf_counter()
    told = [
        *_parted(len(gone)),
        *(keeper.erase(name, ids) for keeper in search.keepers),
        stores.memory(unlocked.vault.layout),
    ]
    if found := stores.exported(unlocked.vault.layout, name):
        told.append(found)
    left = [str(record.place) for record in kept(unlocked, name) if record.id in ids]
    seen = Scan(0)
    if gone or search.canaries:
        sample = scan.pieces(record.text for record in gone)
        seen = scan.scan(unlocked.vault.layout, unlocked, "", search.canaries, sample, *search.folders)
    took = (erased - began) * 1000
    receipt = Erasure(name, False, _now(), took, took, tuple(told), _with(seen, left), _head(grants), len(gone))
    if gone:
        grants.reduced(name, receipt.to_bytes())
    return receipt


def _parted(count: int) -> list[Store]:
    if not count:
        return [Store("records", Outcome.ERASED, note="there was nothing of the kind, and nothing was changed")]
    return [
        Store("records", Outcome.REBUILT, count, "written anew without them"),
        Store("key", Outcome.DESTROYED, 1, "copies made before cannot be read; the rest has a new key"),
    ]


def never(unlocked: Unlocked, name: str) -> frozenset[int]:
    """The places (as the catalog has them: the first 8 bytes of `Record.place`) of what was erased and stays away."""
    try:
        data = unlocked.notes.get(name, NEVER)
    except CascadeError:
        return frozenset()
    return frozenset(int.from_bytes(data[at : at + 8], "big") for at in range(0, len(data), 8))


def _bar(unlocked: Unlocked, name: str, gone: Iterable[Kept]) -> None:
    places = never(unlocked, name) | {record.place for record in gone}
    unlocked.notes.put(name, NEVER, b"".join(place.to_bytes(8, "big") for place in sorted(places)))


def _stopped(where: Layout, grants: Grants, name: str, why: str) -> tuple[Store, list[str]]:
    """Have the ledger say no. What became of it; and what must be done again, where it could not be written."""
    try:
        grants.revoke(name, why)
    except NoGrant:
        if not any(stores.left(where, name)):
            raise
        return Store("ledger", Outcome.ERASED, note="it knows nothing of this grant: it was begun anew since"), []
    except Corrupt as error:  # nothing is permitted by it anyway, and its owner wants everything gone
        return Store("ledger", Outcome.UNSUPPORTED, note=str(error)), []
    except UnusableIndex as error:  # busy, or no room: the key goes all the same, and then nothing can be read
        return Store("ledger", Outcome.UNSUPPORTED, note=str(error)), [f"{where.ledger.name} (not written)"]
    return Store("ledger", Outcome.ERASED, note="what stays says that there was a grant, and not of what"), []


def _sample(unlocked: Unlocked | None, name: str) -> list[bytes]:
    if unlocked is None or not unlocked.keys.has(name):
        return []
    try:
        return scan.sampled(unlocked, name)
    except CascadeError:  # damaged records are erased all the same
        return []


def _beyond(grants: Grants, name: str) -> list[Store]:
    """What left this machine while the grant stood, and cannot be called back."""
    try:
        purposes = grants.standing(name).terms.purposes
    except CascadeError:
        return []
    said = {
        Use.HOSTED: "what it was shown cannot be called back; ask whoever runs it",
        Use.EXPORT: "files that you exported are yours to delete",
    }
    return [
        Store(str(purpose), Outcome.UNSUPPORTED, note=said[purpose.use]) for purpose in purposes if purpose.use in said
    ]


def _with(seen: Scan, left: Iterable[str]) -> Scan:
    return replace(seen, found=(*seen.found, *left))


def _head(grants: Grants) -> str:
    try:
        return str(grants.head)
    except CascadeError:
        return ""


def _noted(grants: Grants, name: str, receipt: Erasure) -> None:
    try:
        if receipt.complete and not grants.standing(name).erased:
            grants.erased(name, receipt.to_bytes())
    except (UnusableIndex, NoGrant):  # of a ledger that was tampered with or begun anew, the receipt tells
        return


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
