"""What every rival is given: passages that differ, all that was judged, and the exact nearest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cascade.errors import NotFound, UsageError
from cascade.models.toy import ToyEncoder
from eval.bench.rivals.exact import nearest
from eval.bench.rivals.given import Given
from eval.bench.rivals.laying import Wanted, lay, pieces


def test_a_document_is_cut_evenly_and_each_piece_has_its_title() -> None:
    text = " ".join(f"w{i}" for i in range(11))
    assert pieces("", text, 5) == ["w0 w1 w2", "w3 w4 w5 w6", "w7 w8 w9 w10"]
    assert pieces("A", "one two", 5) == ["A\none two"]
    assert pieces("one", "one two", 5) == ["one two"]
    assert pieces("A", "", 5) == []


def test_passages_differ_and_vectors_are_those_of_the_texts(given: Given) -> None:
    texts = list(given.texts())
    assert len(set(texts)) == len(texts) == len(given)
    assert np.array_equal(given.vectors, ToyEncoder().encode_passages(texts))


def test_every_passage_of_a_judged_document_is_there(given: Given) -> None:
    texts = list(given.texts())
    for at, question in enumerate(given.questions):
        (rows,) = question.judged
        own = [texts[row] for row in rows]
        assert {text.splitlines()[0] for text in own} == {f"Note {int(question.id[1:]) * 7}"}
        assert question.text[:20] in " ".join(own)
        assert given.kept(at, np.array(rows[:1])) == 1.0
        assert given.kept(at, np.array([], dtype=np.int64)) == 0.0


def test_the_exact_nearest_are_those_of_one_whole_product(given: Given) -> None:
    scores = given.queries @ given.vectors.T
    for at, top in enumerate(given.tops):
        assert len(set(top.tolist())) == 117
        assert scores[at, top].min() >= np.sort(scores[at])[-117] - 1e-6
        assert given.survival(at, top) == 1.0
        assert given.survival(at, top[:58]) == pytest.approx(58 / 117)


def test_the_exact_nearest_of_few_vectors_are_all_of_them() -> None:
    vectors = np.eye(3, dtype=np.float32)
    assert nearest(vectors, vectors[:1], 10).tolist() == [[0, 1, 2]]


def test_what_is_laid_down_is_opened_again_and_other_passages_are_refused(given: Given, wanted: Wanted) -> None:
    again = lay(given.folder, len(given), wanted, ToyEncoder())
    assert again.digest == given.digest
    with pytest.raises(UsageError, match="other passages"):
        lay(given.folder, len(given), replace(wanted, words=7), ToyEncoder())


@pytest.mark.parametrize("count", [3, 10_000_000])
def test_a_number_of_passages_that_cannot_be_is_refused(wanted: Wanted, tmp_path: Path, count: int) -> None:
    with pytest.raises(UsageError, match="Ask for a number between"):
        lay(tmp_path / "x", count, wanted, ToyEncoder())


def test_a_folder_that_was_not_finished_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "texts.jsonl").write_text('"a"\n')
    with pytest.raises(NotFound, match=r"given\.json"):
        Given(tmp_path)
