"""Contacts as vCards of versions 2.1 (quoted-printable, bare types), 3.0 (grouped labels) and 4.0.

Knows cards; knows nothing of archives.
"""

from __future__ import annotations

import quopri
from collections.abc import Iterator, Sequence

from indexers.personal.life.life import Life
from indexers.personal.life.things import App, Thing


def google(life: Life) -> Iterator[tuple[str, bytes, list[Thing]]]:
    """Everybody but the colleagues, as Google has them."""
    things = [thing for thing in life.of(App.CONTACT) if thing.text != "Colleague"]
    yield "Takeout/Contacts/All Contacts/All Contacts.vcf", cards(things), things


def other(life: Life) -> tuple[bytes, list[Thing]]:
    """The colleagues, as another program has them."""
    things = [thing for thing in life.of(App.CONTACT) if thing.text == "Colleague"]
    return cards(things), things


def cards(things: Sequence[Thing]) -> bytes:
    """One card a contact."""
    return b"".join(_card(thing) for thing in things)


def _card(thing: Thing) -> bytes:
    who, version = thing.author, thing.extra["version"]
    assert who is not None
    first, _, last = who.name.partition(" ")
    lines = ["BEGIN:VCARD", f"VERSION:{version}"]
    if version == "2.1":
        coded = _printable(who.name)
        lines += [
            f"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{_printable(last)};{_printable(first)};;;",
            f"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{coded}", f"TEL;CELL:{who.phone}",
            f"EMAIL;INTERNET:{who.mail}",
        ]  # fmt: skip
    elif version == "3.0":
        lines += [
            f"N:{last};{first};;;", f"FN:{who.name}", f"TEL;TYPE=CELL:{_spaced(who.phone)}",
            f"item1.EMAIL;TYPE=INTERNET:{who.mail}", "item1.X-ABLabel:Private",
        ]  # fmt: skip
    else:
        lines += [f"N:{last};{first};;;", f"FN:{who.name}", f"TEL;VALUE=uri:tel:{who.phone}", f"EMAIL:{who.mail}"]
    lines += [f"NOTE:{thing.text} {thing.canary}", "END:VCARD", ""]
    return "\r\n".join(lines).encode("utf-8")


def _printable(text: str) -> str:
    return quopri.encodestring(text.encode("utf-8"), quotetabs=False).decode("ascii").replace("=\n", "")


def _spaced(phone: str) -> str:
    """A number as people type it."""
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
