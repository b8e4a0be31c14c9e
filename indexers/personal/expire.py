"""What is due: grants that have ended, revocations that were not finished, things that were kept for long enough.

Knows when; how it is erased it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from indexers.personal.grants import Grants, State, Terms, spans
from indexers.personal.receipts import Erasure


@dataclass(frozen=True, slots=True)
class Due:
    """A grant of which something is due, and why. `until`: the last day of what is to go; empty: all of it.

    `undated`: what has no day goes too, for it counts from the day of the grant.
    """

    grant: str
    why: str
    until: str = ""
    undated: bool = False


def due(grants: Grants, now: datetime | None = None) -> Iterator[Due]:
    """Everything that is due now, whether or not anything of it is left."""
    now = now or datetime.now(UTC)
    for found in grants.all(now):
        terms = found.terms
        if found.erased:
            continue
        if found.state is State.REVOKED:
            yield Due(terms.id, "It was revoked, and not yet erased.")
        elif found.state is State.EXPIRED:
            yield Due(terms.id, f"It ended after {terms.expires}.")
        elif terms.retention:
            yield _outlived(terms, now.date())


def _outlived(terms: Terms, today: date) -> Due:
    first = spans.before(today, terms.retention)
    until = (first - timedelta(days=1)).isoformat() if first > date.min else ""
    why = f"Things are kept for {spans.words(terms.retention)}."
    return Due(terms.id, why, until or date.min.isoformat(), terms.granted_at[:10] < first.isoformat())


def expire(
    grants: Grants, whole: Callable[[Due], Erasure], part: Callable[[Due], Erasure], now: datetime | None = None
) -> Iterator[Erasure]:
    """Erase all that is due: `whole` grants, and `part` of others. The receipts, one by one."""
    for one in list(due(grants, now)):
        yield part(one) if one.until else whole(one)
