import gzip
from pathlib import Path

import pytest

from cascade.errors import NotFound, SourceError
from eval import datasets
from eval.datasets import corpora, read, rows, spread


def test_a_set_has_the_questions_that_were_judged(painted):
    assert painted.name == "painted"
    assert [question.id for question in painted.questions] == [f"q{i}" for i in range(8)] + ["two"]
    assert painted.questions[0].relevant == {"harbour-gate": 2}
    assert painted.questions[-1].relevant == {"meadow-gate": 1, "library-gate": 1}
    assert painted.questions[-1].answer == "both"


def test_history_is_kept_in_order(tmp_path: Path):
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d", "text": "x"}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "and now?", "history": ["user: a", "agent: b"]}\n')
    (tmp_path / "qrels.tsv").write_text("q\td\t1\n")
    assert read(tmp_path).questions[0].history == ("user: a", "agent: b")


def test_a_sample_is_the_same_for_a_seed_and_in_the_order_of_the_file(painted):
    drawn = painted.sample(4, seed=7)
    assert drawn == painted.sample(4, seed=7)
    order = [painted.questions.index(question) for question in drawn]
    assert order == sorted(order)
    assert len(set(order)) == 4
    assert painted.sample(50, seed=7) == painted.questions


def test_questions_are_drawn_evenly_from_sets(painted):
    assert [name for name, _ in spread([painted, painted], 3, seed=0)] == ["painted"] * 3
    assert len(spread([painted, painted], 6, seed=0)) == 6
    assert spread([], 6, seed=0) == []


def test_a_haystack_may_be_one_folder_or_a_folder_of_such(folders):
    hay = folders["haystack"]
    assert corpora([hay]) == [hay / "hills" / "corpus.jsonl", hay / "rivers" / "corpus.jsonl"]
    assert corpora([hay / "rivers"]) == [hay / "rivers" / "corpus.jsonl"]
    assert corpora([folders["set"], folders["set"]]) == [folders["set"] / "corpus.jsonl.gz"]


def test_a_corpus_can_be_left_out_by_name(folders):
    assert corpora([folders["haystack"]], ["hills"]) == [folders["haystack"] / "rivers" / "corpus.jsonl"]


def test_a_folder_without_a_corpus_is_refused_by_name(tmp_path: Path):
    with pytest.raises(NotFound, match=tmp_path.name):
        corpora([tmp_path])


def test_a_set_without_questions_says_which_file_is_missing(folders):
    with pytest.raises(NotFound, match=r"neither qrels\.tsv nor"):
        read(folders["haystack"] / "hills")


@pytest.mark.parametrize("line", ["not json", "[1]", '{"text": "no id"}'])
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, line: str):
    file = tmp_path / "queries.jsonl"
    file.write_text('{"_id": "1"}\n\n' + line + "\n")
    with pytest.raises(SourceError, match="Line 3 of"):
        list(rows(file))


def test_bad_judgments_are_named_by_their_line(tmp_path: Path):
    for name in ("corpus.jsonl", "queries.jsonl"):
        (tmp_path / name).write_text('{"_id": "1", "text": "x"}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n1 1 1\n")
    with pytest.raises(SourceError, match="Line 2 of"):
        read(tmp_path)


def test_a_set_in_which_nothing_is_relevant_is_refused(tmp_path: Path):
    for name in ("corpus.jsonl", "queries.jsonl"):
        (tmp_path / name).write_text('{"_id": "1", "text": "x"}\n')
    (tmp_path / "qrels.tsv").write_text("1\t1\t0\n")
    with pytest.raises(SourceError, match="ids agree"):
        read(tmp_path)


def test_the_digest_is_of_what_the_files_say_gzipped_or_not(tmp_path: Path):
    text = '{"_id": "1", "text": "x"}\n'
    for name in ("plain", "zipped", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "plain" / "corpus.jsonl").write_text(text)
    (tmp_path / "zipped" / "corpus.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "other" / "corpus.jsonl").write_text(text.replace("x", "y"))
    same, zipped, other = (datasets.digest(tmp_path / name) for name in ("plain", "zipped", "other"))
    assert same == zipped != other
    (tmp_path / "plain" / "qrels.tsv").write_text("1\t1\t1\n")
    assert datasets.digest(tmp_path / "plain") != same
