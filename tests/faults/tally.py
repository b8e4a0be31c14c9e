"""What was injected and what came of it, counted: one row for each kind of fault.

Rows are written as JSON lines to the file that the environment variable CASCADE_TALLY names, and shown as a table.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

MARK = "<!-- written by tests/faults/tally.py -->"
COLUMNS = ("fault", "times", "lost", "wrong", "undetected", "recovery, worst")


@dataclass
class Row:
    """One kind of fault. `lost`: acknowledged, and gone. `wrong`: what was never there, or an answer that differs.

    `undetected`: damage that neither opening nor verifying told of. `slowest`: the longest opening afterwards, in ms.
    """

    fault: str
    times: int = 0
    lost: int = 0
    wrong: int = 0
    undetected: int = 0
    slowest: float = 0.0


@dataclass
class Tally:
    """Rows in the order in which their faults came first, and every problem as a sentence."""

    rows: dict[str, Row] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)
    loud: bool = False

    def add(self, fault: str, times: int = 1, milliseconds: float = 0.0, **bad: int) -> None:
        """Count a fault that was injected, and what was `lost`, `wrong` or `undetected` after it."""
        row = self.rows.setdefault(fault, Row(fault))
        row.times += times
        row.slowest = max(row.slowest, milliseconds)
        for name, count in bad.items():
            setattr(row, name, getattr(row, name) + count)

    def problem(self, fault: str, kind: str, sentence: str) -> None:
        """Count something that must not be: `kind` is lost, wrong or undetected."""
        self.add(fault, 0, **{kind: 1})
        self.problems.append(f"{fault}: {sentence}")
        if self.loud:
            sys.stderr.write(f"{self.problems[-1][:400]}\n")

    def encode(self) -> str:
        """As JSON, for another process."""
        rows = [asdict(row) for row in self.rows.values()]
        return json.dumps({"rows": rows, "problems": self.problems, "notes": self.notes})

    @classmethod
    def decode(cls, text: str) -> Tally:
        """What `encode` made."""
        raw = json.loads(text)
        return cls({row["fault"]: Row(**row) for row in raw["rows"]}, raw["problems"], raw["notes"])

    def write(self, to: Path | None = None) -> None:
        """Append the rows to a file, or to the one that CASCADE_TALLY names, if it does."""
        if where := to or os.environ.get("CASCADE_TALLY"):
            with Path(where).open("a") as out:
                out.writelines(f"{json.dumps(asdict(row))}\n" for row in self.rows.values())


def read(*paths: Path) -> list[Row]:
    """The rows of files of JSON lines; those of one fault together."""
    merged = Tally()
    for line in (line for path in paths for line in path.read_text().splitlines()):
        row = Row(**json.loads(line))
        merged.add(row.fault, row.times, row.slowest, lost=row.lost, wrong=row.wrong, undetected=row.undetected)
    return list(merged.rows.values())


def table(rows: Iterable[Row]) -> str:
    """Rows as a Markdown table, with their sum."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|--:|--:|--:|--:|--:|"]
    total = Tally()
    for row in rows:
        lines.append(_line(row))
        total.add("all", row.times, row.slowest, lost=row.lost, wrong=row.wrong, undetected=row.undetected)
    return "\n".join([*lines, *map(_line, total.rows.values())])


def _line(row: Row) -> str:
    took = f"{row.slowest:,.0f} ms" if row.slowest else ""
    return f"| {row.fault} | {row.times:,} | {row.lost} | {row.wrong} | {row.undetected} | {took} |"


def put(into: Path, text: str) -> None:
    """Replace what stands between the two marks of a document."""
    before, _, rest = into.read_text("utf-8").partition(MARK)
    _, _, after = rest.partition(MARK)
    into.write_text(f"{before}{MARK}\n{text}\n{MARK}{after}", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Show rows of faults as a table.")
    parser.add_argument("rows", nargs="+", type=Path, help="Files of JSON lines.")
    parser.add_argument("--into", type=Path, help="A document that has two marks for it.")
    given = parser.parse_args()
    shown = table(read(*given.rows))
    put(given.into, shown) if given.into else sys.stdout.write(f"{shown}\n")
