"""Calendar and contacts outside of Google: an .ics and a .vcf, each an export of its own.

Knows where they lie; the formats are somebody else's.
"""

from __future__ import annotations

from indexers.personal.life.writers import calendars, cards
from indexers.personal.life.written import Desk


def write(desk: Desk) -> None:
    """A calendar and an address book."""
    for name, connector, ending, (raw, things) in (
        ("calendar", "calendars", "work.ics", calendars.other(desk.life)),
        ("contacts", "contacts", "colleagues.vcf", cards.other(desk.life)),
    ):
        path = desk.file(name, ending)
        path.write_bytes(raw)
        desk.put(name, path, things)
        told = {"me": desk.life.cast.owner.mail} if name == "calendar" else {}
        desk.export(name, connector, path, **told)
