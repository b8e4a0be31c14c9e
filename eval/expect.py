"""What a score is expected to be, and where in a row's summary it stands. Knows numbers only.

A figure is named by its way through the summary, joined by dots: `systems.cascade.ndcg@10`, `stages.reranked`. The
first part may be left out where it is `systems`, `stages` or `accuracy`: `cascade.all@117`, `reranked`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cascade.errors import BadConfig

IMPLIED = ("systems", "stages", "accuracy")


@dataclass(frozen=True, slots=True)
class Expected:
    """Bounds of a score; None does not bind."""

    least: float | None = None
    most: float | None = None

    @classmethod
    def read(cls, said: Any, where: str) -> Expected:
        """`{at_least = x}`, `{at_most = x}`, both, or `{value = x, tolerance = y}`. Raises BadConfig."""
        if isinstance(said, Mapping) and all(_number(value) for value in said.values()):
            keys = set(said)
            if keys == {"value", "tolerance"}:
                return cls(said["value"] - said["tolerance"], said["value"] + said["tolerance"])
            if keys and keys <= {"at_least", "at_most"}:
                return cls(said.get("at_least"), said.get("at_most"))
        raise BadConfig(f"{where}: write {{at_least = 0.6}}, {{at_most = 9}} or {{value = 0.6, tolerance = 0.02}}.")

    def failure(self, found: float) -> str:
        """What is wrong with a score, as the end of a sentence; empty when nothing is."""
        if self.least is not None and not found >= self.least:
            return f"is {found:.4g} and should be at least {self.least:.4g}"
        if self.most is not None and not found <= self.most:
            return f"is {found:.4g} and should be at most {self.most:.4g}"
        return ""


def figure(summary: Mapping[str, Any], name: str) -> float | None:
    """A score of a summary: the first number of an interval or a spread, or the number itself; None without one."""
    for start in ("", *IMPLIED):
        found: Any = summary
        for part in ([start] if start else []) + name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if isinstance(found, list | tuple) and found:
            found = found[0]
        if _number(found):
            return float(found)
    return None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
