"""Records as resources: some of each index are listed, any is read by its id, a long one piece by piece.

    cascade://INDEX/records/ID            the record's text
    cascade://INDEX/records/ID?from=N     from its Nth character on
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from api.guard import Visit
from api.refusals import BadRequest
from cascade.data import Passage
from cascade.engine import Engine
from cascade.index.reading import some_records
from cascade.ledger import Ledger

LISTED = 100
"""Records of each index that are listed: clients fetch the whole list before anybody has asked anything."""

LONG = 200_000
"""Characters of a record that are given at once."""

TEMPLATE = "cascade://{index}/records/{record}"

_URI = re.compile(r"cascade://([^/?#]{1,900})/records/([0-9a-f]{32})(?:\?from=(\d{1,12}))?")


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one index that are listed, each as its first passage met, and the index whose page is next."""

    index: str
    records: list[Passage]
    next: str | None


def uri(index: str, record: str) -> str:
    """What a record is called."""
    return f"cascade://{quote(index, safe='')}/records/{record}"


async def listed(visit: Visit, cursor: str | None) -> Page:
    """The records of the index that the cursor names, or of the first. Raises UnknownName."""
    names = visit.names
    if not names:
        return Page("", [], None)
    index = visit.called(cursor) if cursor else names[0]
    after = names.index(index) + 1
    found = await visit.run(index, lambda engine, _: some_records(engine.snapshot, LISTED))
    return Page(index, found, names[after] if after < len(names) else None)


async def read(visit: Visit, wanted: str) -> str:
    """The text of a record. Raises BadRequest, UnknownName, NoPassage."""
    found = _URI.fullmatch(wanted)
    if found is None:
        raise BadRequest(f"{wanted[:200]!r} is no record here. Records are called {TEMPLATE}; `search` has ids.")
    index, record, begin = visit.called(unquote(found[1])), found[2], int(found[3] or 0)

    def work(engine: Engine, _: Ledger) -> str:
        return "".join(passage.text for passage in engine.record(record))

    text = await visit.run(index, work)
    end = begin + LONG
    if end >= len(text):
        return text[begin:]
    return f"{text[begin:end]}\n\n[{len(text) - end:,} more characters: read {uri(index, record)}?from={end}]"
