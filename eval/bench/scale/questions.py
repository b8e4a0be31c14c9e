"""What is asked at every size: planted needles of three classes, and judged questions of labelled sets.

The same questions at each size, and the same records planted for them. Knows needles, sets and records; knows no index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from cascade.index import files
from eval import datasets
from eval.datasets import Labelled
from eval.needles.classes import make
from eval.needles.filler import Filler
from eval.needles.names import Known
from eval.needles.needle import Kind, Needle
from eval.needles.plant import Planting, record
from indexers.records import Record, Source
from indexers.sources.open import open_source

CLASSES: Final = (Kind.SINGLE, Kind.IDENTIFIER, Kind.MULTI_KEY)
JUDGED: Final = "judged"
"""The class of questions that somebody judged documents for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. `kind`: the class of needle, or `judged`. `records`: ids, in hexadecimal, of what it should find."""

    id: str
    kind: str
    text: str
    records: tuple[str, ...]
    history: tuple[str, ...] = ()
    set: str = ""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is the same at every size: the questions, and the sources that hold what they look for."""

    asked: tuple[Asked, ...]
    sources: tuple[Source, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of these sources."""
        return frozenset(source.name for source in self.sources)


def fixed(folders: Sequence[Path], count: int, seed: int, known: Known, filler: Filler) -> Fixed:
    """`count` needles of each class, and as many judged questions as needles in all, drawn evenly from the sets.

    `known`: whether the haystack has a word. Raises NotFound or SourceError for a folder that is no labelled set.
    """
    needles = [needle for kind in CLASSES for needle in make(kind, count, seed, known, filler=filler)]
    sets = [datasets.read(folder) for folder in dict.fromkeys(folders)]
    asked = [*map(_planted, needles), *_judged(sets, len(needles), seed)]
    planting = Planting(needles)
    return Fixed(tuple(asked), (*(open_source(str(one.corpus)) for one in sets), planting.first))


def _planted(needle: Needle) -> Asked:
    made = {one.key: record(needle, one).id.hex() for one in needle.records}
    return Asked(needle.key, needle.kind.value, needle.question, tuple(made[key] for key in needle.relevant))


def _judged(sets: Sequence[Labelled], most: int, seed: int) -> Iterator[Asked]:
    drawn = datasets.spread(sets, most, seed) if sets else []
    wanted = {(name, key) for name, question in drawn for key in question.relevant}
    ids: dict[tuple[str, str], str] = {}
    for one in sets:
        for thing in open_source(str(one.corpus)).read():
            if isinstance(thing, Record) and (one.name, thing.key) in wanted:
                ids[one.name, thing.key] = thing.id.hex()
    for name, question in drawn:
        found = tuple(ids[name, key] for key in question.relevant if (name, key) in ids)
        if found:
            yield Asked(f"{name}/{question.id}", JUDGED, question.text, found, question.history, name)


def write(path: Path, asked: Sequence[Asked]) -> None:
    """Keep questions for another process."""
    files.replace(path, json.dumps([asdict(one) for one in asked], ensure_ascii=False).encode())


def read(path: Path) -> list[Asked]:
    """Questions that were kept."""
    rows = json.loads(path.read_text("utf-8"))
    return [Asked(**{**row, "records": tuple(row["records"]), "history": tuple(row["history"])}) for row in rows]
