"""iCloud's `Photo Details.csv` (`Photo Details-1.csv`, ...: one per part): what Apple says of each file beside it.

Columns: `imgName, fileChecksum, favorite, hidden, deleted, originalCreationDate, viewCount, importDate`; flags are
`yes` or `no`; times are "Friday October 06,2023 12:11 PM GMT", to the minute, UTC. An album is a CSV in `Albums/`
whose only column is `Images`, called by the album's name. Column names are looked up, never places: Apple has moved
them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.clock import MONTHS

LARGEST = 16 << 20
_TIME = re.compile(
    r"([A-Z][a-z]{2,9}) {1,3}([0-9]{1,2}), {0,3}([0-9]{4}) {1,3}([0-9]{1,2}):([0-9]{2}) {0,3}([AP]M) {0,3}(?:GMT|UTC)",
    re.IGNORECASE,
)
_NO_TIME = Moment()


@dataclass(frozen=True, slots=True)
class Detail:
    """One file's row."""

    taken: Moment = _NO_TIME
    favorite: bool = False
    hidden: bool = False
    deleted: bool = False


def rows(data: bytes) -> Iterator[dict[str, str]]:
    """The rows of a CSV by column, in lower case. What is no table gives none."""
    text = data.decode("utf-8-sig", "replace").replace("\x00", "")
    try:
        for row in csv.DictReader(text.splitlines()):
            yield {key.strip().lower(): value.strip() for key, value in row.items() if key and isinstance(value, str)}
    except csv.Error:
        return


def details(data: bytes) -> dict[str, Detail]:
    """File name -> what its row says."""
    return {
        row["imgname"]: Detail(
            when(row.get("originalcreationdate", "")),
            _yes(row.get("favorite", "")),
            _yes(row.get("hidden", "")),
            _yes(row.get("deleted", "")),
        )
        for row in rows(data)
        if row.get("imgname")
    }


def members(data: bytes) -> list[str]:
    """File names in an album's CSV; none where it is another table."""
    return [row["images"] for row in rows(data) if len(row) == 1 and row.get("images")]


def when(written: str) -> Moment:
    """The time as Apple writes it; none where it is written otherwise."""
    found = _TIME.search(written)
    if not found:
        return Moment()
    month = MONTHS.get(found[1][:3].lower())
    if month is None:
        return Moment()
    hour = int(found[4]) % 12 + (12 if found[6].upper() == "PM" else 0)
    try:
        moment = datetime(int(found[3]), month, int(found[2]), hour, int(found[5]), tzinfo=UTC)
    except ValueError:
        return Moment()
    return Moment(moment.isoformat(), Basis.UTC, written)


def _yes(flag: str) -> bool:
    return flag.strip().lower() in {"yes", "true", "1"}
