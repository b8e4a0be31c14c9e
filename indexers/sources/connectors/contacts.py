"""Contacts: vCard files (`.vcf`) of phones, Google, Apple, Outlook and Thunderbird, in versions 2.1, 3.0 and 4.0.

    BEGIN:VCARD
    FN:Anna Berg                              what the contact is called
    N:Berg;Anna;;Dr.;                         family; given; additional; before; after
    item1.TEL;TYPE=CELL:+47 900 00 000        also `TEL;CELL:` (2.1) and `TEL;VALUE=uri:tel:+47...` (4.0)
    EMAIL, ADR, ORG, TITLE, BDAY, NOTE, NICKNAME, URL, RELATED, ANNIVERSARY, X-ABLabel, IMPP
    END:VCARD

A contact is one item. `people` holds the contact under each address: mail addresses in lower case, telephone numbers in
E.164 (`+4790000000`) where they have a country code or the grant names a region, so that an address book can join
mails, chats and calls. Pictures, sounds and keys are dropped. Cards without a name and an address hold nothing.
`native` is the UID, else made of the names and addresses: phones export without UID.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Item, Kind, Moment, Origin, Person, Reader, Things
from indexers.sources.faults import FAULTS, sentence
from indexers.sources.formats.contentlines import Component, Property, components

_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_KINDS = frozenset({"HOME", "WORK", "CELL", "MOBILE", "FAX", "PAGER", "MAIN", "OTHER", "IPHONE", "CAR", "SCHOOL"})
_SAID = {"TITLE": "Title", "ROLE": "Role", "NICKNAME": "Called", "BDAY": "Born", "ANNIVERSARY": "Anniversary",
         "URL": "Web",
         "RELATED": "Related", "X-SPOUSE": "Married to", "X-ABRELATEDNAMES": "Related", "IMPP": "Chat", "NOTE": "Note",
         "X-SKYPE": "Skype", "X-JABBER": "Chat", "X-PHONETIC-FIRST-NAME": "Spoken"}  # fmt: skip


def read(reader: Reader) -> Things:
    """Every contact of every file."""
    region = reader.choices.get("region", "").strip().upper()
    for file in reader.files("*.vcf", "*.vcard"):
        try:
            yield from _cards(reader, file, region)
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error), getattr(error, "fault", True))


def _cards(reader: Reader, file: File, region: str) -> Iterator[Item | Skipped]:
    found = 0
    with reader.open(file) as stream:
        for card in components(stream):
            if not isinstance(card, Component) or card.name != "VCARD":
                continue
            found += 1
            locator = f"{file.name}#{card.line}"
            if card.broken:
                reason = f"{card.broken} of its lines are no vCard and were passed over; the rest was read."
                yield Skipped(reader.source, locator, reason)
            made = _item(card, locator, region)
            if made.title or made.people:
                yield made
            else:
                yield Skipped(reader.source, locator, "It has neither a name nor an address.", fault=False)
    if not found:
        yield Skipped(reader.source, file.name, "It holds no contact.")


def _item(card: Component, locator: str, region: str) -> Item:
    name = _name(card)
    numbers = [(line, telephone(_uri(line), region)) for line in card.all("TEL")[:100]]
    mails = [(line, _uri(line).casefold()) for line in card.all("EMAIL")[:100]]
    addresses = dict.fromkeys(address for _, address in (*mails, *numbers) if address)
    uid = card.text("UID").removeprefix("urn:uuid:")[:300]
    seed = "\0".join((name, *sorted(addresses)))
    return Item(
        Kind.CONTACT,
        uid or f"contact#{hashlib.blake2b(seed.encode('utf-8', 'replace'), digest_size=8).hexdigest()}",
        _text(card, name, mails, numbers),
        locator,
        Moment(),
        name,
        people=tuple(Person(name, address) for address in addresses) or ((Person(name),) if name else ()),
        origin=Origin.MINE,
        labels=tuple(word for line in card.all("CATEGORIES") for word in _words(line) if not word.startswith("my")),
    )


def telephone(number: str, region: str) -> str:
    """A number in E.164 where it has a country code or `region` (ISO 3166, `NO`) gives it; else its digits."""
    written = number.strip()[:60]
    if not any(sign.isdigit() for sign in written):
        return ""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(written, region or None)
        if phonenumbers.is_possible_number(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        pass  # a short code, a number without a country
    return re.sub(r"[^\d+*#]", "", written)


def _name(card: Component) -> str:
    """What the contact is called: FN, else the parts of N in the order they are spoken, else its firm."""
    if full := " ".join(card.text("FN").split()):
        return full[:200]
    parts = _words(card.get("N"), ";")
    family, given, more, before, after = (*parts, "", "", "", "", "")[:5]
    spoken = " ".join(part for part in (before, given, more, family, after) if part)
    return (spoken or " ".join(_words(card.get("ORG"), ";")))[:200]


def _text(card: Component, name: str, mails: list[tuple[Property, str]], numbers: list[tuple[Property, str]]) -> str:
    """The card in words, a line for each thing."""
    said = [name]
    said += [f"Telephone{_kind(card, line)}: {number}" for line, number in numbers if number]
    said += [f"Mail{_kind(card, line)}: {address}" for line, address in mails if address]
    for line in card.all("ADR")[:20]:
        place = ", ".join(word for word in _words(line, ";") if word)
        said.append(f"Address{_kind(card, line)}: {place}" if place else "")
    if firm := ", ".join(word for word in _words(card.get("ORG"), ";") if word):
        said.append(f"Works at: {firm}")
    for line in card.properties:
        if line.name in _SAID and line.text.strip():
            said.append(f"{_SAID[line.name]}{_kind(card, line)}: {line.text.strip()[:5_000]}")
    return "\n".join(part for part in said if part)


def _kind(card: Component, line: Property) -> str:
    """` (work)`: by its type, by being bare among the parameters (2.1), or by Apple's label of the same group."""
    if line.group:
        label = next((other.text for other in card.all("X-ABLABEL") if other.group == line.group), "")
        if label := _LABEL.sub(r"\1", label).strip().lower():
            return f" ({label})"
    words = {word.strip().upper() for word in (*line.params, *line.params.get("TYPE", "").split(","))}
    known = sorted(words & _KINDS)
    return f" ({', '.join(known).lower()})" if known else ""


def _uri(line: Property) -> str:
    """The value without `tel:` and `mailto:`."""
    return re.sub(r"^(?:tel|mailto|sms):", "", line.text.strip(), flags=re.IGNORECASE).partition(";")[0][:320]


def _words(line: Property | None, separator: str = ",") -> list[str]:
    """The parts of a value with separators that no backslash stands before."""
    if line is None:
        return []
    parts = re.split(rf"(?<!\\){separator}", line.value)
    return [" ".join(re.sub(r"\\(.)", lambda found: " " if found.group(1) in "nN" else found.group(1), part).split())
            for part in parts]  # fmt: skip


CONNECTOR = Connector(
    name="contacts",
    version=1,
    describes="Your address book: names, telephone numbers, mail and postal addresses, birthdays and notes.",
    kinds=(Kind.CONTACT,),
    read=read,
    places=("Downloads/*.vcf", "Documents/*.vcf", ".contacts"),
    asks={"region": "The country of numbers without a country code, like NO or DE; without it they stay as they are."},
)
