"""One message to items: the spine of mail.

    bytes --split--> header, parts --gathered--> text, attached, messages --> the mail, its attachments, its messages

A message within a message (forwarded as a file, a digest) is an item of its own, with its own id, in the conversation
of the mail around it. Nothing is raised for one bad thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from indexers.records import Skipped
from indexers.sources.connectors.base import Item, Kind
from indexers.sources.connectors.mail import attached, dates, headers, identity, labels, parts, people, replies
from indexers.sources.connectors.mail.body import Body, gathered
from indexers.sources.connectors.mail.emlx import STUB
from indexers.sources.connectors.mail.headers import Headers
from indexers.sources.connectors.mail.labels import CAUTIONS, Role
from indexers.sources.connectors.mail.parts import Part
from indexers.sources.connectors.mail.raw import Raw

_NESTED = 10
"""Messages within messages that are looked into."""
_EXPUNGED = 0x0008
"""Bit of `X-Mozilla-Status`: deleted, but still in the file until it is compacted."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose mail it is: the source's name, and the owner's addresses in lower case."""

    source: str
    addresses: frozenset[str] = frozenset()


def items(raw: Raw, owner: Owner, depth: int = 0) -> Iterator[Item | Skipped]:
    """The mail, then what is attached to it. The last item's `after` is `raw.ends`, that of the others `raw.begins`:
    only once all of a message is safe may reading go on behind it."""
    held: Item | None = None
    told: list[Skipped] = []
    for thing in _all(raw, owner, depth):
        if isinstance(thing, Skipped):
            told.append(thing)
            continue
        if held is not None:
            yield held
        yield from told
        told.clear()
        held = replace(thing, after=raw.begins)
    if held is not None:
        yield replace(held, after=raw.ends)
    yield from told


def _all(raw: Raw, owner: Owner, depth: int) -> Iterator[Item | Skipped]:
    head, start = headers.split(raw.data, 0, len(raw.data))
    if not head.fields and not raw.data.strip():
        yield Skipped(owner.source, raw.locator, "It is empty.")
        return
    subject = head.get("subject")
    body = gathered(list(parts.leaves(raw.data, start, head)), replies.forwards(subject))
    mail = _mail(raw, owner, head, body)
    yield mail
    for part, reason in body.left:
        yield Skipped(owner.source, f"{raw.locator}#{part.number}", reason)
    for part in body.attached:
        yield from attached.read(mail, part, partial(_bytes, raw, part), owner.source)
    for part in body.messages:
        yield from _within(raw, owner, part, mail, depth)


def _bytes(raw: Raw, part: Part) -> bytes | None:
    return raw.elsewhere(part.number, part.name) if part.headers.raw(STUB) else part.body


def _within(raw: Raw, owner: Owner, part: Part, mail: Item, depth: int) -> Iterator[Item | Skipped]:
    locator = f"{raw.locator}#{part.number}"
    if depth >= _NESTED:
        yield Skipped(owner.source, locator, f"It is a mail within more than {_NESTED} mails; it was left out.")
        return
    inner = Raw(part.body, locator, raw.folder, raw.roles - {Role.SENT, Role.DRAFT}, received=mail.moment)
    for thing in items(inner, owner, depth + 1):
        if isinstance(thing, Item):
            thing = replace(thing, thread=mail.thread, cautions=thing.cautions | mail.cautions)  # noqa: PLW2901
        yield thing


def _mail(raw: Raw, owner: Owner, head: Headers, body: Body) -> Item:
    reply = body.reply
    new, quoted = (reply.new, reply.quoted) if reply.new.strip() else (reply.quoted, "")
    native = identity.native(head, body.used)
    names = _labels(raw, head)
    roles = _roles(raw, head, names)
    moment, dated_by = dates.sent(head, raw.received)
    author = next(iter(people.named(head, "from", "sender")), None)
    extra = {
        "dated_by": dated_by if dated_by != "date" else "",
        "signature": reply.signature[:500],
        "encoding": "; ".join(dict.fromkeys(body.notes))[:200],
        "message_id": identity.message_id(head),
    }
    return Item(
        Kind.MAIL,
        native,
        new,
        raw.locator,
        moment,
        head.get("subject"),
        author,
        people.named(head, "to", "cc", "bcc"),
        people.origin(head, author, roles, owner.addresses),
        identity.thread(head, native),
        names,
        quoted=quoted,
        attachments=tuple(part.called for part in (*body.attached, *body.messages)),
        cautions=frozenset(CAUTIONS[role] for role in roles if role in CAUTIONS),
        extra={key: value for key, value in extra.items() if value},
    )


def _labels(raw: Raw, head: Headers) -> tuple[str, ...]:
    """Gmail's labels; where there are none, the mailbox and Thunderbird's tags."""
    if said := head.get("x-gmail-labels"):
        return labels.gmail(said)
    tags = tuple(word for word in head.get("x-mozilla-keys").split() if not word.lower().startswith("nonjunk"))
    return tuple(dict.fromkeys((*raw.folder, *raw.labels, *tags)))


def _roles(raw: Raw, head: Headers, names: tuple[str, ...]) -> frozenset[Role]:
    """What the mailbox, the labels and the mail's own fields say of it."""
    found = set(raw.roles | labels.roles(names))
    status = head.raw("x-mozilla-status").strip()[:8]
    try:
        if status and int(status, 16) & _EXPUNGED:
            found.add(Role.DELETED)
    except ValueError:
        pass  # not Thunderbird's
    if "D" in head.raw("x-status"):
        found.add(Role.DELETED)
    if head.raw("x-spam-flag").strip().lower().startswith("yes"):
        found.add(Role.SPAM)
    return frozenset(found)
