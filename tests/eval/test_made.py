from __future__ import annotations

from pathlib import Path

from eval import datasets, made


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        made.write(tmp_path / name, 30, 10, seed)
    assert datasets.digest(tmp_path / "a") == datasets.digest(tmp_path / "b")
    assert datasets.digest(tmp_path / "a") != datasets.digest(tmp_path / "c")


def test_it_is_a_labelled_set_in_which_every_fifth_question_needs_two_documents(tmp_path: Path) -> None:
    made.write(tmp_path / "made", 30, 10, 0)
    found = datasets.read(tmp_path / "made")
    documents = {row["_id"]: row for row in datasets.rows(found.corpus)}
    assert len(documents) == 30
    assert [len(question.relevant) for question in found.questions] == [1, 1, 1, 1, 2] * 2
    for question in found.questions:
        for key in question.relevant:
            place, thing = key.split("-")
            assert f"{thing} of the {place}" in question.text
            assert f"The {thing} of the {place} was " in documents[key]["text"]
