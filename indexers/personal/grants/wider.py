"""Whether a grant takes in more than another: what has to be asked, and what has not.

Globs and names are compared as they are written: where it is not certain that less is taken in, it is more.
Knows the nouns of consent; knows nothing of ledgers.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexers.personal.grants import spans
from indexers.personal.grants.terms import Grant, Scope


def wider(old: Grant, new: Grant) -> tuple[str, ...]:
    """In what respects the new takes in more than the old, by name; none: it is the same or less."""
    return tuple(_wider(old, new))


def _wider(old: Grant, new: Grant) -> Iterator[str]:
    yield from (f"the purpose {purpose}" for purpose in sorted({*new.terms.purposes} - {*old.terms.purposes}))
    if old.terms.retention and not (
        new.terms.retention and spans.days(new.terms.retention) <= spans.days(old.terms.retention)
    ):
        yield f"keeping things for longer than {spans.words(old.terms.retention)}"
    if old.terms.expires and not (new.terms.expires and new.terms.expires <= old.terms.expires):
        yield f"a grant after {old.terms.expires}"
    if {*new.details.roots} - {*old.details.roots}:
        yield "other folders or files"
    yield from _scope(old.scope, new.scope)


def _scope(old: Scope, new: Scope) -> Iterator[str]:
    for said, before, after in (
        ("other paths", old.include, new.include),
        ("other labels", old.labels, new.labels),
        ("other people", old.people, new.people),
        ("other kinds", old.kinds, new.kinds),
    ):
        if before and not (after and {*after} <= {*before}):
            yield said
    for said, before, after in (
        ("paths that were left out", old.exclude, new.exclude),
        ("labels that were left out", old.not_labels, new.not_labels),
        ("people who were left out", old.not_people, new.not_people),
    ):
        if not {*before} <= {*after}:
            yield said
    if {*new.cautions} - {*old.cautions}:
        yield f"{', '.join(sorted({*new.cautions} - {*old.cautions}))} things"
    if new.since < old.since:
        yield f"what is from before {old.since}"
    if old.until and not (new.until and new.until <= old.until):
        yield f"what is from after {old.until}"
    if old.most and not 0 < new.most <= old.most:
        yield f"more than {old.most} things"
    if dict(new.choices) != dict(old.choices):
        yield "other choices"
