"""Two thousand real sentences, cut and embedded by the toy encoder, as `cascade bench peers` lays them down."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from random import Random

import pytest

from cascade.models.toy import ToyEncoder
from eval.bench.rivals.given import Given
from eval.bench.rivals.laying import Wanted, lay
from eval.datasets import read

COUNT, QUESTIONS = 2_000, 20
WORDS: list[str] = re.findall(
    r"\w+",
    "harbour orchard glacier foundry library meadow quarry station gate ladder engine window bridge river boat anchor "
    "violin concert melody organ enzyme membrane genome tissue mortgage ledger audit tariff basalt crater quartz "
    "strata ferry canal delta tide chorus rhythm sonata tempo plasma antigen cell receptor dividend pension bond",
)


def sentence(random: Random) -> str:
    """Nine words, some far more often than others."""
    return " ".join(WORDS[min(int(random.paretovariate(0.8)), len(WORDS)) - 1] for _ in range(9))


def write_set(folder: Path) -> Path:
    """Documents of one to three passages, and questions that each repeat most of a document."""
    random = Random(3)
    folder.mkdir(parents=True)
    documents = [
        {"_id": f"d{i}", "title": f"Note {i}", "text": ". ".join(sentence(random) for _ in range(1 + i % 3))}
        for i in range(1_400)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in documents)
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    asked = [{"_id": f"q{i}", "text": documents[i * 7]["text"][:60]} for i in range(QUESTIONS)]
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    (folder / "qrels.tsv").write_text("".join(f"q{i}\td{i * 7}\t1\n" for i in range(QUESTIONS)))
    return folder


@pytest.fixture(scope="session")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Wanted:
    """A labelled set that gives over two thousand passages of at most twelve words."""
    labelled = read(write_set(tmp_path_factory.mktemp("sets") / "notes"))
    return Wanted((labelled,), (labelled.corpus,), words=12, questions=QUESTIONS)


@pytest.fixture(scope="session")
def given(wanted: Wanted, tmp_path_factory: pytest.TempPathFactory) -> Given:
    """Those passages, laid down."""
    return lay(tmp_path_factory.mktemp("work") / str(COUNT), COUNT, wanted, ToyEncoder())
