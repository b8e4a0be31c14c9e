"""A measurement as one JSON object that can be believed: what, when, where, with what, and every query's values.

Knows how a row is made up; knows nothing of what is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from eval.machine import Machine, commit, load, this, versions


@dataclass(frozen=True, slots=True)
class Finding:
    """What a benchmark found at one setting: `summary` for the table, `queries` with every single value."""

    settings: Mapping[str, Any]
    summary: Mapping[str, Any]
    queries: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for a whole run; taken when it begins, so that the load before it is known too."""

    benchmark: str
    seed: int
    date: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    commit: str = field(default_factory=commit)
    machine: Machine = field(default_factory=this)
    versions: Mapping[str, str] = field(default_factory=versions)
    load: float | None = field(default_factory=load)

    def row(self, found: Finding) -> dict[str, Any]:
        """A finding with its circumstances, and the load when it was over."""
        return {
            "benchmark": self.benchmark,
            "date": self.date,
            "commit": self.commit,
            "machine": {**asdict(self.machine), "load_before": self.load, "load_after": load()},
            "versions": dict(self.versions),
            "seed": self.seed,
            "settings": dict(found.settings),
            "summary": dict(found.summary),
            "queries": [dict(query) for query in found.queries],
        }
