"""Whether results are what a suite expects: one sentence for each score that is not. Knows rows and expectations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cascade.errors import NotFound
from eval import journal
from eval.expect import figure
from eval.suite import Suite


def failures(file: Path, suite: Suite, only: Sequence[str] = ()) -> Iterator[str]:
    """A sentence for each expectation that the newest rows do not meet, and for each condition without a row.

    Raises NotFound where nothing was measured at all, or nothing is expected.
    """
    newest = latest(file)
    expecting = [condition for condition in suite.chosen(only) if condition.expect]
    if not newest:
        raise NotFound(f"{file} holds no rows of the suite {suite.name}. Measure first: cascade eval run {suite.name}")
    if not expecting:
        raise NotFound(f"The suite {suite.name} expects nothing of these conditions. Write [condition.expect] into it.")
    for condition in expecting:
        row = newest.get(condition.name)
        if row is None:
            yield f"{condition.name} was not measured."
            continue
        for name, expected in condition.expect.items():
            found = figure(row["summary"], name)
            said = "is not in the row" if found is None else expected.failure(found)
            if said:
                yield f"{condition.name}: {name} {said}."


def latest(file: Path) -> dict[str, dict[str, Any]]:
    """The newest row of each condition."""
    return {row["condition"]: row for row in journal.rows(file) if "condition" in row}
