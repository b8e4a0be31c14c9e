"""A labelled set, a haystack and an index of both: small, generated, with the toy encoder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cascade.config import Config
from cascade.engine import Engine
from cascade.models.toy import ToyEncoder
from eval.datasets import Labelled, read
from indexers.ingest import ingest
from indexers.sources.open import open_source

TOPICS = ("harbour", "orchard", "glacier", "foundry", "library", "meadow")
THINGS = ("gate", "ladder", "engine", "window")


def write_rows(file: Path, rows: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text, "utf-8")


def write_set(folder: Path) -> None:
    """One document a topic and thing; each question asks for one of them, the last for two."""
    folder.mkdir()
    pairs = [(topic, thing) for topic in TOPICS for thing in THINGS]
    documents = [
        {"_id": f"{topic}-{thing}", "title": "", "text": f"The {thing} of the {topic} was painted last spring."}
        for topic, thing in pairs
    ]
    questions: list[dict[str, Any]] = [
        {"_id": f"q{i}", "text": f"painted {thing} of the {topic}"} for i, (topic, thing) in enumerate(pairs[:8])
    ]
    questions.append({"_id": "two", "text": "gate of the meadow and gate of the library", "answer": "both"})
    questions.append({"_id": "unjudged", "text": "nothing at all"})
    judged = [f"q{i}\t{topic}-{thing}\t2" for i, (topic, thing) in enumerate(pairs[:8])]
    judged += ["two\tmeadow-gate\t1", "two\tlibrary-gate\t1", "unjudged\tmeadow-gate\t0"]
    write_rows(folder / "corpus.jsonl.gz", documents)
    write_rows(folder / "queries.jsonl", questions)
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(judged) + "\n", "utf-8")


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("data")
    write_set(root / "painted")
    hay = root / "haystack"
    for name, word in (("hills", "hill"), ("rivers", "river")):
        (hay / name).mkdir(parents=True)
        texts = [f"Remark {i} on the {word} behind the old mill." for i in range(40)]
        rows = [{"_id": str(i), "title": "", "text": text} for i, text in enumerate(texts)]
        write_rows(hay / name / "corpus.jsonl", rows)
    return {"set": root / "painted", "haystack": hay}


@pytest.fixture(scope="session")
def index(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("index") / "both"
    files = [folders["set"] / "corpus.jsonl.gz", folders["haystack"] / "hills" / "corpus.jsonl"]
    ingest(root, [open_source(str(file)) for file in files], ToyEncoder())
    return root


@pytest.fixture(scope="session")
def painted(folders: dict[str, Path]) -> Labelled:
    return read(folders["set"])


@pytest.fixture
def engine(index: Path) -> Iterator[Engine]:
    opened = Engine.open(index, Config(reader="toy"))
    yield opened
    opened.close()
