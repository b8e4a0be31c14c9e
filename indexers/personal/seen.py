"""What a model was shown of a life: when, for which question, and which things. Sealed under each grant's own key.

An entry is written before the model is shown anything: what cannot be noted is not shown. Each grant's part goes with
the grant. One note a month holds an entry a line:

    {"at": "2026-11-28T10:00:00+00:00", "question": "...", "reader": "...", "things": [{"id", "title", "time"}, ...]}

Knows entries; knows nothing of models.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from cascade.data import Passage
from indexers.personal.grants import Sealed
from indexers.personal.home import Home

NOTE = "seen"
_writing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Shown:
    """One showing of one grant's things. `at`: ISO 8601, UTC. `things`: (passage id, title, time)."""

    grant: str
    at: str
    question: str
    reader: str
    things: tuple[tuple[str, str, str], ...]


def note(home: Home, question: str, reader: str, passages: Iterable[Passage]) -> None:
    """Write down that a model is to be shown these passages. Raises NoKey where one of their grants has ended."""
    by_grant: dict[str, list[Passage]] = {}
    for passage in passages:
        by_grant.setdefault(str(passage.metadata.get("grant", "")), []).append(passage)
    now = datetime.now(UTC)
    for grant, held in by_grant.items():
        things = tuple((one.id, one.title, one.time) for one in held)
        _append(home, Shown(grant, now.isoformat(timespec="seconds"), question, reader, things))


def shown(home: Home, grants: Iterable[str]) -> Iterator[Shown]:
    """What was shown of some grants, the latest first."""
    found = [one for grant in grants for one in _of(home, grant)]
    return iter(sorted(found, key=lambda one: (one.at, one.grant), reverse=True))


def _append(home: Home, one: Shown) -> None:
    name = f"{NOTE}.{one.at[:7]}"
    line = json.dumps({**asdict(one), "grant": ""}, ensure_ascii=False).encode()
    with _writing:
        before = Sealed(home.unlocked).get(one.grant, name) or b""
        home.unlocked.notes.put(one.grant, name, before + line + b"\n")


def _of(home: Home, grant: str) -> Iterator[Shown]:
    for name in home.unlocked.notes.names(grant):
        if name.startswith(f"{NOTE}."):
            for line in home.unlocked.notes.get(grant, name).splitlines():
                said = json.loads(line)
                things = tuple(tuple(thing) for thing in said.pop("things"))
                yield Shown(**{**said, "grant": grant, "things": things})
