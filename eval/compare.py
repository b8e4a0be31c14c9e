"""Two results, question by question: better, the same or worse, by the paired interval of each measure.

The same means that the interval holds 0: no difference was shown. Knows rows; measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from cascade.errors import NotFound
from eval.gate import latest
from eval.intervals import Interval, bootstrap
from eval.tables import table

Row = Mapping[str, Any]
Values = dict[str, float]


class Verdict(StrEnum):
    """What B is against A."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one condition: B less A over the questions both asked."""

    suite: str
    condition: str
    measure: str
    questions: int
    before: float
    after: float
    difference: Interval
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, and a sentence for each thing that could not be paired."""

    differences: list[Difference] = field(default_factory=list)
    unpaired: list[str] = field(default_factory=list)


def compare(a: Path, b: Path, seed: int) -> Comparison:
    """Pair two files of rows, or two folders of them, by condition and question. Raises NotFound where one has none."""
    old, new = (_rows(path) for path in (a, b))
    found = Comparison()
    for key in old:
        if key not in new:
            found.unpaired.append(f"{' '.join(key)} is not in {b}.")
    for key, after in new.items():
        before = old.get(key)
        if before is None:
            found.unpaired.append(f"{' '.join(key)} is not in {a}.")
            continue
        found.differences.extend(_differences(before, after, seed, found.unpaired))
    return found


def shown(found: Comparison) -> str:
    """A line a measure, and what could not be paired."""
    headings = ["condition", "measure", "questions", "A", "B", "B - A", "B is"]
    rows = [
        [one.condition, one.measure, one.questions, one.before, one.after, _signed(one.difference), one.verdict.value]
        for one in found.differences
    ]
    counts = {verdict: sum(one.verdict is verdict for one in found.differences) for verdict in Verdict}
    lines = [table(headings, rows)] if rows else []
    lines.append(", ".join(f"{count} {verdict.value}" for verdict, count in counts.items()))
    return "\n".join([*lines, *found.unpaired])


def measures(kind: str, query: Mapping[str, Any]) -> Values:
    """The figures of one question that can be compared, more being better but for milliseconds, by name."""
    found: Values = {}
    if kind == "sets":
        found |= {name: float(value) for name, value in query["systems"]["cascade"].items()}
        found["kept"] = float(query["kept"])
    if kind in ("needles", "answers"):
        found |= {f"survival {stage}": float(kept) for stage, kept in query["kept"].items()}
    if kind == "needles":
        found |= {name: float(query[name]) for name in ("all@117", "ndcg@10", "mrr") if name in query}
    if kind == "answers":
        found |= {f"right, {system}": float(right) for system, right in query["right"].items()}
        found |= {f"citation {name}": float(value) for name, value in query.get("citations", {}).items()}
    if kind == "latency":
        found |= {"survival": float(query["survival"]), MS: float(query["ms"]["total"])}
    return found


MS = "ms in all"
"""The measure of which less is better."""


def _rows(path: Path) -> dict[tuple[str, str], Row]:
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    found: dict[tuple[str, str], Row] = {
        (str(row["suite"]), name): row for file in files for name, row in latest(file).items()
    }
    if not found:
        raise NotFound(f"{path} holds no rows of results. Name a folder or a file that `cascade eval run` wrote.")
    return found


def _differences(before: Row, after: Row, seed: int, unpaired: list[str]) -> Iterator[Difference]:
    name = after["condition"]
    if before["corpus"]["hash"] != after["corpus"]["hash"]:
        unpaired.append(f"{name} was measured on two different corpora; what is compared is the questions they share.")
    old = {str(query["_id"]): query for query in before["queries"]}
    shared = [(old[str(query["_id"])], query) for query in after["queries"] if str(query["_id"]) in old]
    left = len(before["queries"]) + len(after["queries"]) - 2 * len(shared)
    if left:
        unpaired.append(f"{name}: {left} questions are in one of the two only.")
    groups: dict[str, list[tuple[str, Values, Values]]] = {}
    for a, b in shared:
        x, y = measures(before["kind"], a), measures(after["kind"], b)
        for measure in x.keys() & y.keys():
            groups.setdefault(measure, []).append((str(b.get("set", "")), x, y))
    for measure, pairs in sorted(groups.items()):
        yield _difference(after, measure, pairs, seed)


def _difference(row: Row, measure: str, pairs: list[tuple[str, Values, Values]], seed: int) -> Difference:
    """Questions of a mean of sets are grouped by set, so that each counts the same as in the row."""
    names = list(dict.fromkeys(group for group, _, _ in pairs))
    by_set = [[(x[measure], y[measure]) for group, x, y in pairs if group == name] for name in names]
    found = bootstrap([[y - x for x, y in group] for group in by_set], seed)
    before, after = (sum(sum(pair[i] for pair in group) / len(group) for group in by_set) / len(names) for i in (0, 1))
    return Difference(
        row["suite"], row["condition"], measure, len(pairs), before, after, found, _verdict(found, measure == MS)
    )


def _verdict(found: Interval, less: bool) -> Verdict:
    if found.low <= 0 <= found.high:
        return Verdict.SAME
    return Verdict.BETTER if (found.low > 0) is not less else Verdict.WORSE


def _signed(found: Interval) -> str:
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
