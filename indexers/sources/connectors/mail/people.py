"""Addresses in the fields of a mail: who wrote, to whom, and whether it was the owner or a machine.

Read leniently, since `From` is often no RFC 5322: names with commas, `@` or brackets without quotes, `;` between
addresses (Outlook), groups (`undisclosed-recipients:;`), comments for names (`anna@x.org (Anna)`).
"""

from __future__ import annotations

import re

from indexers.sources.connectors.base import Origin, Person
from indexers.sources.connectors.mail.headers import Headers, words
from indexers.sources.connectors.mail.labels import Role

_MOST = 500
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|\((?:[^()\\]|\\.)*\)|[,;]|[^",;<>()]+|.', re.DOTALL)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+")
_NO_REPLY = re.compile(
    r"(?:no|do[-_.]?not|not)[-_.]?reply|mailer-daemon|postmaster|bounces?|notifications?", re.IGNORECASE
)


def named(headers: Headers, *fields: str) -> tuple[Person, ...]:
    """Everybody in these fields, each once, in their order."""
    found: dict[str, Person] = {}
    for field in fields:
        for value in headers.all(field):
            for person in listed(value):
                found.setdefault(person.address or person.name, person)
                if len(found) >= _MOST:
                    return tuple(found.values())
    return tuple(found.values())


def listed(value: str) -> list[Person]:
    """The people in an undecoded list of addresses."""
    people: list[Person] = []
    name, address, comment = "", "", ""
    for token in [*_TOKEN.findall(value), ","]:
        if token in {",", ";"}:
            if person := _person(name, address, comment):
                people.append(person)
            name = address = comment = ""
        elif token.startswith("<"):
            address = address or token[1:-1]
        elif token.startswith("(") and len(token) > 1:
            comment = token[1:-1]
        elif token.startswith('"') and len(token) > 1:
            name += re.sub(r"\\(.)", r"\1", token[1:-1])
        else:
            name += token
    return people[:_MOST]


def _person(name: str, address: str, comment: str) -> Person | None:
    name = " ".join(words(name).split())
    if not address:
        name = name.rpartition(":")[2].strip()  # the name of a group
        found = _ADDRESS.search(name)
        if found:
            address = found.group()
            name = (name[: found.start()] + name[found.end() :]).strip(" '\"")
    address = re.sub(r"\([^()]*\)|\s+", "", address).removeprefix("mailto:").strip("'\"")
    said = (name or words(comment).strip()).strip(" '")[:200]
    said = said if any(sign.isalnum() for sign in said) else ""
    if not said and not address:
        return None
    return Person("" if said.casefold() == address.casefold() else said, address.casefold()[:320])


def origin(headers: Headers, author: Person | None, roles: frozenset[Role], mine: frozenset[str]) -> Origin:
    """Whose words a mail holds. A list that people post to (it says where: `List-Post`) is no machine."""
    if author is not None and author.address in mine:
        return Origin.MINE
    if roles & {Role.SENT, Role.DRAFT}:
        return Origin.MINE
    automatic = headers.raw("auto-submitted").strip().lower()
    if automatic and automatic != "no":
        return Origin.MACHINE
    post = headers.raw("list-post").strip().upper()
    many = headers.raw("list-unsubscribe") or headers.raw("precedence").strip().lower() in {"bulk", "junk"}
    if many and post in {"", "NO"}:
        return Origin.MACHINE
    if headers.raw("content-type").lower().startswith("multipart/report"):
        return Origin.MACHINE
    local = author.address.partition("@")[0] if author else ""
    return Origin.MACHINE if _NO_REPLY.fullmatch(local) else Origin.OTHER


def addresses(choice: str) -> frozenset[str]:
    """The owner's addresses, from the grant's comma list."""
    return frozenset(word.strip().casefold() for word in re.split(r"[,;\s]+", choice) if word.strip())
