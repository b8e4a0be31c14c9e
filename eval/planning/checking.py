"""The model held against measurements: rows of `cascade bench scale`, figure by figure, predicted over measured.

A prediction is made for the index of the row: its passages, words, dimensions, lists, segments, what was compared, and
the cores it was measured with. Knows rows as they are written, and the model; measures nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascade.errors import NotFound, UsageError
from eval.planning import lines
from eval.planning.choosing import given
from eval.planning.constants import Checked, Constants
from eval.planning.prices import Machine, Prices
from eval.planning.sheet import Sheet
from eval.planning.wanted import DIMS, GROUPED, Wanted, form

AIM = 0.25
"""The model is meant to be no further off than this."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "vectors_all": ("bytes", "vectors"),
    "codes_all": ("bytes", "codes"),
    "tokens_all": ("bytes", "tokens"),
    "text_all": ("bytes", "text"),
    "words_all": ("bytes", "words"),
    "passages_all": ("bytes", "passages"),
    "disk_all": ("bytes", "all"),
    "resident": ("memory", "rss_anon"),
    "asked_ms": ("warm", "encode"),
    "retrieve_ms": ("warm", "retrieve"),
    "scan_ms": ("warm", "scan"),
    "heard_ms": ("warm", "feedback"),
    "select_ms": ("warm", "select"),
    "warm_ms": ("warm", "total"),
    "cold_ms": ("cold", "total"),
    "cut_s": ("build", "cut"),
    "encode_s": ("build", "encode"),
    "words_s": ("build", "words"),
    "train_s": ("build", "train"),
    "build_s": ("build", "all"),
}
"""Each figure, and where a row has it: a group of its summary, and the name in it."""

STRANGE = "docs/planning.md says which fields a row must have"


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of one row."""

    figure: str
    unit: str
    passages: int
    predicted: float
    measured: float

    @property
    def error(self) -> float:
        """Predicted over measured, less 1."""
        return self.predicted / self.measured - 1


def check(file: Path, constants: Constants, prices: Prices) -> list[Compared]:
    """Every figure that the rows of a file have, by size. Raises NotFound, UsageError."""
    found = [one for row in _rows(file) for one in compare(row, constants, prices)]
    if not found:
        raise UsageError(f"{file} holds no measured figure that the model predicts; {STRANGE}.")
    return sorted(found, key=lambda one: one.passages)


def compare(row: Mapping[str, Any], constants: Constants, prices: Prices) -> Iterator[Compared]:
    """The figures that one row has. Raises UsageError for a row that does not say what index it is of."""
    settings, summary = row["settings"], row["summary"]
    sheet = predicted(settings, row.get("machine", {}), constants, prices)
    for figure, (group, name) in NAMES.items():
        measured = _median(summary.get(group, {}).get(name))
        if measured:
            line = sheet.lines[figure]
            yield Compared(figure, line.unit, int(settings["passages"]), sheet[figure], measured)


def predicted(
    settings: Mapping[str, Any], machine: Mapping[str, Any], constants: Constants, prices: Prices
) -> Sheet:  # fmt: skip
    """The sheet of an index as a row's settings describe it, on a machine with memory enough for all of it."""
    try:
        passages, words, encoder = float(settings["passages"]), float(settings["words"]), str(settings["encoder"])
        dim = int(settings.get("dim", DIMS.get(encoder, 0)))
        wanted = Wanted(passages, words, dim, encoder, candidates=int(settings.get("candidates", 30_000)))
        usual = form(passages)
        lists = int(settings.get("lists", usual.lists))
        scanned = float(settings.get("scanned", passages)) if lists else passages
        segments = float(settings.get("segments", usual.segments))
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"A row does not say what index it is of ({error}); {STRANGE}.") from error
    here = Machine("measured", int(machine.get("cores", constants.cores)), 1e18)
    values = given(wanted, constants, prices, here)
    chosen = {
        "coded": float(bool(lists)),
        "grouped": float(lists >= GROUPED),
        "lists": lists,
        "share": min(1.0, scanned / passages),
        "segments": segments,
    }
    return Sheet({**values, **chosen, "shards": 1.0, "replicas": 1.0}).fill(lines.ALL)


def checks(found: Sequence[Compared], date: str, commit: str) -> list[Checked]:
    """As they are kept beside the constants: how far each figure was off; the last row of a size counts."""
    newest = {(one.figure, one.passages): one for one in found}
    return [Checked(one.figure, one.passages, round(one.error, 4), date, commit) for one in newest.values()]


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """Rows of measured indexes; others are passed over."""
    if not file.exists():
        raise NotFound(f"{file} does not exist. Make it: cascade bench scale WORK --json ROWS.jsonl")
    for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{file}, line {number}, is no JSON ({error}).") from error
        parts = [row.get(name) for name in ("settings", "summary")] if isinstance(row, dict) else []
        if parts and all(isinstance(part, dict) for part in parts) and "passages" in row["settings"]:
            yield row


def _median(value: Any) -> float:
    """A figure as rows have it: a number, or median, 95th percentile and runs; 0 where there is none."""
    if isinstance(value, list | tuple) and value:
        value = value[0]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0.0
