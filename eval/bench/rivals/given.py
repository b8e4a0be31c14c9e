"""What every rival is given: passages, their vectors, questions, and what each question should find.

    FOLDER/texts.jsonl     a passage a line, as a JSON string
    FOLDER/vectors.npy     float32 (n, dim), unit length, in that order
    FOLDER/queries.npy     float32 (q, dim), the questions' vectors
    FOLDER/tops.npy        int64 (q, 117), the exact nearest rows of each
    FOLDER/given.json      written last: questions, judged rows, encoder, digest

Knows files and arrays; knows no engine, and not where texts come from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import Floats, Rows
from cascade.errors import NotFound

TEXTS, VECTORS, QUERIES, TOPS, GIVEN = "texts.jsonl", "vectors.npy", "queries.npy", "tops.npy", "given.json"


@dataclass(frozen=True, slots=True)
class Posed:
    """A question with what was judged relevant: for each such document, the rows of its passages."""

    set: str
    id: str
    text: str
    judged: tuple[tuple[int, ...], ...]


class Given:
    """The folder, open. Vectors are memory-mapped. Raises NotFound where it is not there, or not finished."""

    def __init__(self, folder: Path) -> None:
        if not (folder / GIVEN).is_file():
            raise NotFound(f"{folder} holds no {GIVEN}. Let `cascade bench peers` lay the passages down there first.")
        self.folder = folder
        said = json.loads((folder / GIVEN).read_text("utf-8"))
        self.digest, self.encoder, self.words = str(said["digest"]), str(said["encoder"]), int(said["words"])
        self.questions = [
            Posed(one["set"], one["id"], one["text"], tuple(tuple(rows) for rows in one["judged"]))
            for one in said["questions"]
        ]

    @cached_property
    def vectors(self) -> Floats:
        """float32 (n, dim), unit length, as mapped."""
        mapped: Floats = np.load(self.folder / VECTORS, mmap_mode="r")
        return mapped

    @cached_property
    def queries(self) -> Floats:
        """float32 (q, dim), unit length."""
        held: Floats = np.load(self.folder / QUERIES)
        return held

    @cached_property
    def tops(self) -> Rows:
        """int64 (q, 117): the exact nearest, nearest first."""
        held: Rows = np.load(self.folder / TOPS)
        return held

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return int(self.vectors.shape[1])

    def texts(self) -> Iterator[str]:
        """Each passage's text, in order."""
        with (self.folder / TEXTS).open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)

    def survival(self, question: int, rows: Rows) -> float:
        """The share of a question's exact nearest that are among these rows."""
        return float(np.isin(self.tops[question], rows).mean())

    def kept(self, question: int, rows: Rows) -> float:
        """The share of a question's judged documents of which some passage is among these rows."""
        judged = self.questions[question].judged
        return float(np.mean([bool(np.isin(own, rows).any()) for own in judged])) if judged else 1.0


def write(folder: Path, said: dict[str, Any], questions: list[Posed]) -> None:
    """Write what is read last, when everything else is there."""
    text = json.dumps({**said, "questions": [asdict(one) for one in questions]}, ensure_ascii=False)
    aside = folder / f".{GIVEN}"
    aside.write_text(text, "utf-8")
    aside.replace(folder / GIVEN)
