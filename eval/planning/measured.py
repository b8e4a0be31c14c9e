"""Rows of `cascade bench scale` as the model needs them: which index was measured, and its figures as
the model names them.

A row of texts has all figures of an index; one of generated codes has their nomination alone, at several numbers of
codes. Knows what rows hold; knows nothing of the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascade.data import WIDTH
from cascade.errors import NotFound, UsageError
from eval.planning.wanted import DIMS, form

STRANGE = "docs/planning.md says which fields a row must have"

Places = tuple[tuple[str, ...], ...]

FIGURES: Mapping[str, Places] = {
    "vectors_all": (("bytes_by_kind", "vectors"),),
    "codes_all": (("bytes_by_kind", "codes"), ("bytes_by_kind", "lists")),
    "tokens_all": (("bytes_by_kind", "tokens"),),
    "text_all": (("bytes_by_kind", "text"),),
    "words_all": (("bytes_by_kind", "words"),),
    "passages_all": (("bytes_by_kind", "passages"),),
    "disk_all": (("bytes",),),
    "resident": (("memory", "rss_anon"),),
    "asked_ms": (("latency", "warm", "encode"),),
    "retrieve_ms": (("latency", "warm", "retrieve"),),
    "scan_ms": (("latency", "warm", "scan"),),
    "heard_ms": (("latency", "warm", "feedback"),),
    "select_ms": (("latency", "warm", "select"),),
    "warm_ms": (("latency", "warm", "total"),),
    "retrieve_cold_ms": (("latency", "cold", "retrieve"),),
    "scan_cold_ms": (("latency", "cold", "scan"),),
    "select_cold_ms": (("latency", "cold", "select"),),
    "cold_ms": (("latency", "cold", "total"),),
}
"""Each figure, and the fields of a row's summary that add up to it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An index that was measured, and what was: figures by the names of `lines`. `words`: of a passage; 0 where the
    row does not tell, and `tokens` of a passage say. `scanned`: codes compared; all passages without `lists`."""

    passages: float
    words: float
    tokens: float
    encoder: str
    dim: int
    lists: int
    segments: int
    scanned: float
    candidates: int
    cores: int
    figures: Mapping[str, float]


def read(file: Path, cores: int) -> list[Measured]:
    """What the rows of a file measured; rows of other things are passed over. `cores`: where a row does not tell.

    Raises NotFound, UsageError.
    """
    if not file.exists():
        raise NotFound(f"{file} does not exist. Make it: cascade bench scale WORK --json ROWS.jsonl")
    found = []
    for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
        try:
            row: Any = json.loads(line) if line.strip() else {}
        except ValueError as error:
            raise UsageError(f"{file}, line {number}, is no JSON ({error}).") from error
        parts = [row.get(name) for name in ("settings", "summary")] if isinstance(row, dict) else [None]
        if not all(isinstance(part, dict) for part in parts) or not row["summary"].get("passages"):
            continue
        try:
            found += list(_measured(row, cores))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise UsageError(
                f"{file}, line {number}, does not say what index it is of ({error}); {STRANGE}."
            ) from error
    if not any(one.figures for one in found):
        raise UsageError(f"{file} holds no measured figure that the model predicts; {STRANGE}.")
    return found


def _measured(row: Mapping[str, Any], cores: int) -> Iterator[Measured]:
    settings, summary = row["settings"], row["summary"]
    passages, encoder = float(summary["passages"]), str(settings.get("encoder", "static"))
    usual, retrieve = form(passages), settings.get("retrieve", {})
    lists = int(summary.get("lists", usual.lists))
    scanned = float(retrieve.get("scanned", passages)) if lists else passages
    tokens = summary.get("bytes_by_kind", {}).get("tokens", 0) / passages
    index = {
        "passages": passages, "words": float(settings.get("words", 0)), "tokens": max(0.0, (tokens - 5) / 2),
        "encoder": encoder, "dim": int(settings.get("dim", DIMS.get(encoder, 0))), "lists": lists,
        "segments": int(summary.get("segments", settings.get("segments", usual.segments))),
        "candidates": int(retrieve.get("width", WIDTH)), "cores": int(row.get("machine", {}).get("cores", cores)),
    }  # fmt: skip
    if "rounds" not in summary:
        yield Measured(**index, scanned=min(scanned, passages), figures=dict(_figures(summary)))
        return
    for codes, rounds in summary["rounds"].items():
        warm = _median(rounds.get("warm", {}).get("ms"))
        cold = _median(rounds.get("cold", {}).get("ms"))
        times = {name: ms for name, ms in (("nominate_ms", warm), ("nominate_cold_ms", cold)) if ms}
        yield Measured(**index, scanned=min(float(codes), passages), figures=times)


def _figures(summary: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, places in FIGURES.items():
        value = sum(_median(_at(summary, place)) for place in places)
        if value and _median(_at(summary, places[0])):
            yield name, value
    build = summary.get("build", {})
    steps = build.get("steps", {})
    if build.get("whole", True) and (whole := _median(build.get("seconds")) - _median(steps.get("source"))) > 0:
        yield "build_s", whole


def _at(held: Any, place: tuple[str, ...]) -> Any:
    for name in place:
        held = held.get(name) if isinstance(held, Mapping) else None
    return held


def _median(value: Any) -> float:
    """A figure as rows have it: a number, or median, 95th percentile and runs; 0 where there is none."""
    if isinstance(value, list | tuple) and value:
        value = value[0]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0.0
