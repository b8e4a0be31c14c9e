"""Labelled sets and haystacks in BEIR's layout, read from folders that the command line names.

    FOLDER/corpus.jsonl     _id, title, text
    FOLDER/queries.jsonl    _id, text, sometimes history (the conversation before it) and answer
    FOLDER/qrels.tsv        query-id, corpus-id, score, with a heading; over 0 is relevant

Each file may be gzipped. A haystack is a folder with a corpus alone. Knows files and questions; knows nothing of an
index, and no path of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from cascade.errors import NotFound, SourceError

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels.tsv"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its judgments: `relevant` maps document keys to gains over 0. `history` is oldest first."""

    id: str
    text: str
    relevant: dict[str, int] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled set: its name (that of the folder), its corpus file, and the questions somebody judged."""

    name: str
    corpus: Path
    questions: tuple[Question, ...]

    def sample(self, most: int, seed: int) -> tuple[Question, ...]:
        """At most so many questions, the same for the same seed, in the order of the file."""
        return drawn(self.questions, most, seed)


def drawn(questions: Sequence[Question], most: int, seed: int) -> tuple[Question, ...]:
    """At most so many of some questions, in their order."""
    if len(questions) <= most:
        return tuple(questions)
    chosen = np.random.default_rng(seed).choice(len(questions), most, replace=False)
    return tuple(questions[i] for i in sorted(chosen.tolist()))


def read(folder: Path) -> Labelled:
    """A labelled set; questions without a relevant document are left out. Raises NotFound or SourceError."""
    judged = _judgments(_found(folder, QRELS))
    questions = []
    for row in rows(_found(folder, QUERIES)):
        key = str(row["_id"])
        if judged.get(key):
            history = tuple(str(turn) for turn in row.get("history") or ())
            answer = row.get("answer")
            questions.append(
                Question(key, str(row["text"]), judged[key], history, answer if isinstance(answer, str) else "")
            )
    if not questions:
        raise SourceError(f"No question of {folder} has a relevant document in {QRELS}. Check that the ids agree.")
    return Labelled(folder.resolve().name, _found(folder, CORPUS), tuple(questions))


def corpora(folders: Iterable[Path], leave_out: Collection[str] = ()) -> list[Path]:
    """The corpus file of each folder, or of each of its folders. `leave_out`: names of folders not to read.

    Raises NotFound where there is none.
    """
    found: list[Path] = []
    for folder in folders:
        inner = [folder] if _file(folder, CORPUS) else sorted(path for path in folder.glob("*") if _file(path, CORPUS))
        if not inner:
            raise NotFound(f"{folder} holds no {CORPUS}, nor do its folders. Name a folder in BEIR's layout.")
        found += [_found(path, CORPUS) for path in inner if path.resolve().name not in leave_out]
    return list(dict.fromkeys(found))


def digest(folder: Path) -> str:
    """A blake2b of what a folder's files say, whether they are gzipped or not: corpus, questions and judgments."""
    state = hashlib.blake2b(digest_size=16)
    for name in (CORPUS, QUERIES, QRELS):
        path = _file(folder, name)
        if path is None:
            continue
        state.update(f"{name}\n".encode())
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while block := file.read(1 << 20):
                state.update(block)
    return state.hexdigest()


def spread(sets: Sequence[Labelled], most: int, seed: int) -> list[tuple[str, Question]]:
    """At most so many questions drawn evenly from several sets, each with the name of its set."""
    share = -(-most // max(len(sets), 1))
    drawn = [[(one.name, question) for question in one.sample(share, seed)] for one in sets]
    mixed = [group[i] for i in range(share) for group in drawn if i < len(group)]
    return mixed[:most]


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON lines file, gzipped or not. Raises SourceError at a line that is none."""
    with _text(file) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                row["_id"]
            except (ValueError, KeyError, TypeError):
                raise SourceError(f"Line {number} of {file} is no JSON object with an _id. Mend it.") from None
            yield row


def _judgments(file: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    with _text(file) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip() or (number == 1 and line.lower().startswith("query-id")):
                continue
            try:
                question, document, gain = line.rstrip("\n").split("\t")
                score = int(gain)
            except ValueError:
                raise SourceError(f"Line {number} of {file} is not question, document and score, by tabs.") from None
            if score > 0:
                judged.setdefault(question, {})[document] = score
    return judged


def _text(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8")
    return file.open(encoding="utf-8")


def _file(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _found(folder: Path, name: str) -> Path:
    path = _file(folder, name)
    if path is None:
        raise NotFound(f"{folder} holds neither {name} nor {name}.gz. Name a folder in BEIR's layout.")
    return path
