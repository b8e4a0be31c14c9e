"""What a comparison under way has found so far, kept in a file: a run that is stopped goes on at its last block.

Knows courses and one file; knows no process.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval.bench.rivals.base import Setting


@dataclass(slots=True)
class Course:
    """A rival at one setting, and what it answered so far."""

    name: str
    setting: Setting
    seen: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Notes:
    """Courses in `file`, of the comparison that `key` names: rivals, questions, k."""

    file: Path
    key: str

    def held(self) -> list[Course]:
        """The courses noted, all at the same question; none where there are none of this comparison."""
        if not self.file.exists():
            return []
        said = json.loads(self.file.read_text("utf-8"))
        return [Course(**one) for one in said["courses"]] if said["key"] == self.key else []

    def write(self, courses: Sequence[Course]) -> None:
        """Note them all, in one rename."""
        aside = self.file.with_suffix(".new")
        said = {"key": self.key, "courses": [asdict(course) for course in courses]}
        aside.write_text(json.dumps(said, default=float), "utf-8")
        aside.replace(self.file)

    def clear(self) -> None:
        """Nothing is under way any more."""
        self.file.unlink(missing_ok=True)
