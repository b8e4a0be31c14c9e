"""The last gate before anything is kept: an item passes only if the scope takes it in, and all others are counted.

Left out unless the grant names them: all things a connector marks with a `Caution` (spam, group chats, what was to
disappear, ...). Left out in any case: who or what the scope excludes.

Days are compared as the source writes them: the day of the wall time where that is known, of UTC where an instant is
known in UTC alone. The time a file was written counts, for want of a better one. What has no date at all is left out
where the scope names days, for it may lie outside of them. Retention counts by the same day.
A person is meant by a whole address, a whole name, or one whole word of a name, without regard to case; a telephone
number by its last nine digits. Who is excluded is left out as author and as one of the people, and also where their
address or full name stands in the title or text; a quotation in which it stands is dropped.
Knows items and scopes; knows nothing of files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from indexers.personal.granted.paths import plain
from indexers.personal.grants import Grant, Scope
from indexers.personal.grants.spans import before
from indexers.sources.connectors.base import Caution, Item, Moment, Person

_DIGITS = 9
"""The last digits of a telephone number that tell one from another, whatever stands before them for the country."""

UNDATED, EARLIER, LATER, OLD = "undated", "from before", "from after", "older than it may be kept"
KIND, LABEL, PERSON, ENOUGH = "of other kinds", "with other labels", "with other people", "beyond the most"


def day(moment: Moment) -> str:
    """The day of a moment as the source writes it (YYYY-MM-DD); empty where there is none."""
    text = moment.iso[:10]
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


@dataclass(slots=True)
class Gate:
    """One reading of one grant. `passed` items went through; `left` counts the others by reason."""

    grant: Grant
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    passed: int = 0
    left: Counter[str] = field(default_factory=Counter)

    def admit(self, item: Item) -> Item | None:
        """The item as it may be kept, or None; counts it either way."""
        reason = self.reason(item)
        if reason:
            self.left[reason] += 1
            return None
        self.passed += 1
        shunned = self.grant.scope.not_people
        if item.quoted and any(mentions(item.quoted, name) for name in shunned):
            return replace(item, quoted="")
        return item

    @property
    def full(self) -> bool:
        """Whether no more may pass."""
        return 0 < self.grant.scope.most <= self.passed

    @property
    def summary(self) -> str:
        """What was left out, for a person: `412 skipped: 380 spam, 20 disappearing, 12 confidential`."""
        if not self.left:
            return ""
        said = ", ".join(f"{count:,} {reason}" for reason, count in self.left.most_common())
        return f"{self.left.total():,} skipped: {said}"

    def reason(self, item: Item) -> str:
        """Why an item is left out, in two or three words; empty where it is taken in."""
        scope = self.grant.scope
        if self.full:
            return ENOUGH
        if scope.kinds and item.kind not in scope.kinds:
            return KIND
        for caution in Caution:
            if caution in item.cautions and caution not in scope.cautions:
                return caution.value
        return self._undue(day(item.moment), scope) or _labelled(item, scope) or _known(item, scope)

    def _undue(self, on: str, scope: Scope) -> str:
        dated = scope.since or scope.until
        if dated and not on:
            return UNDATED
        if scope.since and on < scope.since:
            return f"{EARLIER} {scope.since}"
        if scope.until and on > scope.until:
            return f"{LATER} {scope.until}"
        return OLD if outlived(self.grant, on, self.today) else ""


def outlived(grant: Grant, on: str, today: date) -> bool:
    """Whether a thing of this day (empty: undated, counted from the day of the grant) is kept no longer."""
    terms = grant.terms
    if not terms.retention:
        return False
    return (on or terms.granted_at[:10]) < before(today, terms.retention).isoformat()


def _labelled(item: Item, scope: Scope) -> str:
    labels = {plain(label) for label in item.labels}
    if any(plain(label) in labels for label in scope.not_labels):
        return LABEL
    return LABEL if scope.labels and not any(plain(label) in labels for label in scope.labels) else ""


def _known(item: Item, scope: Scope) -> str:
    if not scope.people and not scope.not_people:
        return ""
    people = [*item.people, *([item.author] if item.author else ())]
    if any(is_meant(person, name) for name in scope.not_people for person in people):
        return PERSON
    if any(mentions(text, name) for name in scope.not_people for text in (item.title, item.text, item.thread)):
        return PERSON
    if scope.people and not any(is_meant(person, name) for name in scope.people for person in people):
        return PERSON
    return ""


def is_meant(person: Person, name: str) -> bool:
    """Whether a person is the one that a name, address or telephone number means."""
    wanted = plain(name).strip()
    if not wanted:
        return False
    known = (plain(person.name).strip(), plain(person.address).strip())
    if wanted in known:
        return True
    digits = _number(wanted)
    if digits:
        return any(_number(text).endswith(digits[-_DIGITS:]) for text in known if _number(text))
    if "@" in wanted:
        return wanted in _addresses(known)
    return " " not in wanted and wanted in set(_words(known[0]))


def mentions(text: str, name: str) -> bool:
    """Whether a text holds the address or full name of somebody; one word is too little to tell."""
    wanted = plain(name).strip()
    if "@" not in wanted and " " not in wanted:
        return False
    return wanted in plain(text)


def _number(text: str) -> str:
    """The digits of a telephone number; empty where it is none."""
    if not re.fullmatch(r"[+(]?[\d\s()./-]{7,}", text):
        return ""
    digits = re.sub(r"\D", "", text)
    return digits if len(digits) >= 7 else ""


def _addresses(texts: tuple[str, ...]) -> set[str]:
    return {found for text in texts for found in re.findall(r"[^\s<>,;\"']+@[^\s<>,;\"']+", text)}


def _words(text: str) -> Iterator[str]:
    return (found for found in re.findall(r"[^\W_]+", text))
