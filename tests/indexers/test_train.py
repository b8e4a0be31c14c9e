"""`cascade train table`: a table learned from text of one's own."""

from __future__ import annotations

import json

import numpy as np
from click.testing import CliRunner

from cascade.models.table import TokenTable
from cascade.models.vocabulary import Vocabulary
from indexers.records import Record
from indexers.train import learned, train


class Shelf:
    """Records of one word, said so often."""

    def __init__(self, word, count):
        self.name, self.word, self.count = word, word, count

    def read(self):
        return [Record(self.name, str(n), f"{self.word} {n}") for n in range(self.count)]


class Teacher:
    """Gives each passage the unit vector of its first token's number."""

    vocabulary = Vocabulary()

    def encode_tokens(self, tokens, offsets):
        out = np.zeros((len(offsets) - 1, 4), dtype=np.float32)
        out[np.arange(len(out)), tokens[offsets[:-1]] % 4] = 1
        return out


def test_sources_have_equal_shares_until_one_ends():
    lessons = learned([Shelf("apple", 3), Shelf("river", 100)], 10, Teacher())
    first = Vocabulary().pieces(lessons.tokens[lessons.offsets[:-1]])
    assert first == ["apple", "river"] * 3 + ["river"] * 4
    assert np.array_equal(lessons.vectors.argmax(axis=1), lessons.tokens[lessons.offsets[:-1]] % 4)


def test_a_table_is_made_from_a_file_of_rows(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"_id": str(n), "text": f"the {n}th lighthouse"}) + "\n" for n in range(1200)))
    how = ["--most", "1000", "--epochs", "0"]
    run = CliRunner().invoke(train, ["table", str(tmp_path / "t.safetensors"), str(rows), *how])
    assert run.exit_code == 0, run.output
    made = TokenTable.open(tmp_path / "t.safetensors")
    assert (made.size, made.dim, made.notes["passages"]) == (Vocabulary.size, 256, "1000")
