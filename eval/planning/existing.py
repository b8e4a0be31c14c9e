"""What an index tells a plan for it, or for a larger one like it: its text, its encoder, how it was tuned.

Knows snapshots and the notes of a manifest; knows nothing of cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascade.index.snapshot import Snapshot
from eval.planning.measuring import sizes
from eval.planning.survival import Point

NOTE = "operating"
"""The note that `cascade tune` leaves in the manifest: docs/format.md has its fields."""

SCANNED = "retrieve.scanned"


@dataclass(frozen=True, slots=True)
class Existing:
    """Of an index: live passages, words of each, encoder, dimensions, and what `cascade tune` measured, if it did."""

    passages: float
    words: float
    encoder: str
    dim: int
    tuned: Point | None


def read(root: Path, seed: int = 0) -> Existing:
    """Look at an index. Raises NoIndex, Corrupt."""
    with closing(Snapshot(root)) as snapshot:
        built, tuned = snapshot.built, point(snapshot.manifest.notes.get(NOTE))
        return Existing(float(len(snapshot)), sizes.words(snapshot, seed), built.encoder, built.dim, tuned)


def point(note: Any) -> Point | None:
    """What a note says of survival among the candidates at a number of codes compared; None where it says nothing."""
    if not isinstance(note, Mapping) or note.get("kept") != "candidates":
        return None
    try:
        passages, kept = float(note["passages"]), float(note["survival"][0])
        share = min(1.0, float(note["settings"][SCANNED]) / passages)
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError):
        return None
    return Point(passages, share, kept) if kept > 0 and share > 0 else None
