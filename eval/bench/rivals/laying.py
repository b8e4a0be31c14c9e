"""Lays down what every rival is given: real passages of labelled sets and haystacks, cut alike, embedded once.

No two passages are alike, so that nearest neighbours are not a matter of chance; a judged document that another one
repeats is found by the first. Knows corpora, questions and an encoder; knows no engine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cascade.data import CEILING, Rows
from cascade.errors import UsageError
from cascade.models.base import Encoder
from eval.bench.rivals import given as files
from eval.bench.rivals.exact import nearest
from eval.bench.rivals.given import Given, Posed
from eval.datasets import Labelled, Question, rows, spread

AT_ONCE = 4_096
"""Passages that are embedded at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`corpora`: corpus files, those of the sets among them. `words`: most of a passage. `questions`: drawn evenly."""

    sets: tuple[Labelled, ...]
    corpora: tuple[Path, ...]
    words: int = 50
    questions: int = 100
    seed: int = 0


class Cut(NamedTuple):
    """Every passage there is: texts that all differ, and the places of each asked set's judged documents."""

    texts: list[str]
    places: dict[tuple[Path, str], list[int]]


def lay(folder: Path, count: int, wanted: Wanted, encoder: Encoder) -> Given:
    """`count` passages in `folder`, every passage of a judged document among them. What is there already is opened.

    Raises UsageError where the corpora do not hold so many, or other ones lie in the folder.
    """
    asked = spread(wanted.sets, wanted.questions, wanted.seed)
    digest = _digest(count, wanted, encoder)
    if (folder / files.GIVEN).exists():
        found = Given(folder)
        if found.digest != digest:
            raise UsageError(f"{folder} was laid down from other passages or questions. Name another folder.")
        return found
    folder.mkdir(parents=True, exist_ok=True)
    cut = _cut(wanted, _judged(wanted, asked))
    chosen = _chosen(cut, count, wanted.seed)
    texts = [cut.texts[place] for place in chosen.tolist()]
    _embed(folder, texts, encoder)
    queries = np.stack([encoder.encode_query(question.text) for _, question in asked])
    np.save(folder / files.QUERIES, queries)
    vectors = np.load(folder / files.VECTORS, mmap_mode="r")
    np.save(folder / files.TOPS, nearest(vectors, queries, CEILING))
    said = {"digest": digest, "encoder": encoder.name, "words": wanted.words}
    files.write(folder, said, [_posed(name, one, wanted, cut, chosen) for name, one in asked])
    return Given(folder)


def pieces(title: str, text: str, most: int) -> list[str]:
    """A document in passages of at most `most` words, all of about the same length, each under its title."""
    words = text.split()
    if not words:
        return []
    count = ceil(len(words) / most)
    ends = [len(words) * number // count for number in range(count + 1)]
    parts = [" ".join(words[begin:end]) for begin, end in pairwise(ends)]
    return [part if not title or part.startswith(title) else f"{title}\n{part}" for part in parts]


def _judged(wanted: Wanted, asked: Sequence[tuple[str, Question]]) -> set[tuple[Path, str]]:
    corpus = {one.name: one.corpus for one in wanted.sets}
    return {(corpus[name], document) for name, question in asked for document in question.relevant}


def _cut(wanted: Wanted, judged: set[tuple[Path, str]]) -> Cut:
    place: dict[str, int] = {}
    places: dict[tuple[Path, str], list[int]] = {}
    for file in wanted.corpora:
        for document, parts in _documents(file, wanted.words):
            held = [place.setdefault(part, len(place)) for part in parts]
            if (file, document) in judged:
                places[file, document] = held
    return Cut(list(place), places)


def _documents(file: Path, most: int) -> Iterator[tuple[str, list[str]]]:
    for row in rows(file):
        yield str(row["_id"]), pieces(str(row.get("title") or "").strip(), str(row.get("text") or ""), most)


def _chosen(cut: Cut, count: int, seed: int) -> Rows:
    """Places of `count` passages in ascending order: the judged, and others drawn from all alike."""
    judged = np.unique([place for held in cut.places.values() for place in held]).astype(np.int64)
    if not len(judged) <= count <= len(cut.texts):
        raise UsageError(
            f"The corpora give {len(cut.texts):,} passages, {len(judged):,} of them judged; {count:,} are asked for. "
            "Ask for a number between, cut them shorter (--words), or name more corpora."
        )
    others = np.setdiff1d(np.arange(len(cut.texts)), judged, assume_unique=True)
    drawn = np.random.default_rng(seed).choice(others, count - len(judged), replace=False)
    return np.sort(np.concatenate([judged, drawn]))


def _posed(name: str, question: Question, wanted: Wanted, cut: Cut, chosen: Rows) -> Posed:
    corpus = next(one.corpus for one in wanted.sets if one.name == name)
    held = [cut.places.get((corpus, document), []) for document in question.relevant]
    rows_of = [tuple(np.searchsorted(chosen, places).tolist()) for places in held if places]
    return Posed(name, question.id, question.text, tuple(rows_of))


def _embed(folder: Path, texts: Sequence[str], encoder: Encoder) -> None:
    shape = (len(texts), encoder.dim)
    out = np.lib.format.open_memmap(folder / files.VECTORS, mode="w+", dtype=np.float32, shape=shape)
    with (folder / files.TEXTS).open("w", encoding="utf-8") as lines:
        for begin in range(0, len(texts), AT_ONCE):
            some = texts[begin : begin + AT_ONCE]
            out[begin : begin + len(some)] = encoder.encode_passages(some)
            lines.writelines(json.dumps(text, ensure_ascii=False) + "\n" for text in some)
    out.flush()


def _digest(count: int, wanted: Wanted, encoder: Encoder) -> str:
    corpora = [(file.parent.name, file.stat().st_size) for file in wanted.corpora]
    sets = [one.name for one in wanted.sets]
    said = [count, corpora, sets, wanted.words, wanted.questions, wanted.seed, encoder.fingerprint]
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()
