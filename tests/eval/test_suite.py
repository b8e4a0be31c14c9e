"""What a suite may say, what it may not, and what its matrix comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from cascade.errors import BadConfig, NotFound
from eval import suite
from eval.expect import Expected, figure
from eval.suite import DEFAULTS, Generated, Made, Measured

CORPUS = '[[corpus]]\nname = "c"\nsets = ["s"]\n'
CONDITION = '[[condition]]\nname = "n"\nkind = "needles"\ncorpus = "c"\n'


def load(folder: Path, text: str) -> suite.Suite:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return suite.load(str(path))


def test_a_matrix_is_the_product_of_its_lists_each_with_a_name(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        CORPUS
        + CONDITION
        + 'settings = { count = 9 }\nmatrix = { class = ["single", "in-mail"], passages = [10, 20] }',
    )
    assert [one.name for one in found.conditions] == [
        "n/single/10", "n/single/20", "n/in-mail/10", "n/in-mail/20",
    ]  # fmt: skip
    last = found.conditions[3].settings
    assert (last["class"], last["passages"], last["count"], last["window"]) == ("in-mail", 20, 9, 1_000)
    assert set(last) == set(DEFAULTS[Measured.NEEDLES])


def test_what_a_suite_leaves_out_has_a_default(tmp_path: Path) -> None:
    found = load(tmp_path, CORPUS + CONDITION)
    assert (found.name, found.description, found.seed, found.folder) == ("mine", "", 0, tmp_path)
    (one,) = found.conditions
    assert (one.name, one.encoder, one.optional, dict(one.expect)) == ("n", "static", False, {})


def test_the_encoder_of_a_condition_comes_before_that_of_its_corpus(tmp_path: Path) -> None:
    text = (
        '[[corpus]]\nname = "c"\nsets = ["s"]\nencoder = "minilm"\n' + CONDITION + 'matrix = { encoder = ["", "toy"] }'
    )
    assert [one.encoder for one in load(tmp_path, text).conditions] == ["minilm", "toy"]


def test_a_corpus_may_be_generated_or_made(tmp_path: Path) -> None:
    text = (
        '[[corpus]]\nname = "c"\ngenerated = { count = 50, learn = ["a"] }\nmade = { documents = 3, questions = 2 }\n'
    ) + CONDITION
    corpus = load(tmp_path, text).conditions[0].corpus
    assert (corpus.generated, corpus.made) == (Generated(50, 0, ("a",)), Made(3, 2, 0))


def test_conditions_are_chosen_by_name_by_their_first_part_or_by_a_glob(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        CORPUS
        + CONDITION
        + 'matrix = { class = ["single", "absent"] }\n'
        + CONDITION.replace('"n"', '"big"')
        + "optional = true\n",
    )
    assert [one.name for one in found.chosen()] == ["n/single", "n/absent"]
    assert [one.name for one in found.chosen(["n"])] == ["n/single", "n/absent"]
    assert [one.name for one in found.chosen(["*/absent", "big"])] == ["n/absent", "big"]
    with pytest.raises(NotFound, match=r"has no condition 'm'. There are: n/single"):
        found.chosen(["m"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CORPUS + CONDITION + "sede = 1", "there is no key 'sede'"),
        (CORPUS + CONDITION + "settings = { clas = 1 }", "there is no key 'clas'"),
        (CORPUS + CONDITION + "settings = { count = true }", "count = True is not a int"),
        (CORPUS + CONDITION + "settings = { count = -1 }", "from 0 up"),
        (CORPUS + CONDITION + 'settings = { effort = "huge" }', "none of low, normal, high, max"),
        (CORPUS + CONDITION + 'matrix = { class = "single" }', "not a list of values"),
        (CORPUS + CONDITION.replace('"needles"', '"noodles"'), "one of sets, needles, answers, latency"),
        (CORPUS + CONDITION.replace('"c"', '"d"'), "names the corpus 'd'. There are: c"),
        (CORPUS + CONDITION + CONDITION, "two conditions are called n"),
        (CORPUS + CONDITION + '[condition.expect]\n"mrr" = 3', "at_least"),
        (CORPUS, "has no [[condition]]"),
        ('[[corpus]]\nname = "c"\n' + CONDITION, "is made of nothing"),
        ('[[corpus]]\nsets = ["s"]\n' + CONDITION, "has no name"),
        ('[[corpus]]\nname = "c"\nsets = "s"\n' + CONDITION, "not a list of names"),
        ('[[corpus]]\nname = "c"\ngenerated = { count = 0 }\n' + CONDITION, "from 1 up"),
        ("[suite]\ncolour = 1\n" + CORPUS + CONDITION, "there is no key 'colour'"),
        ("conditions = 3", "there is no key 'conditions'"),
        ("not toml", "is not valid TOML"),
    ],
)
def test_what_a_suite_cannot_mean_is_refused_with_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadConfig) as refused:
        load(tmp_path, text)
    assert said in str(refused.value)


def test_more_can_be_expected_of_conditions_whose_name_matches(tmp_path: Path) -> None:
    text = CORPUS + CONDITION + 'matrix = { class = ["single", "absent"] }\nexpect = { "mrr" = { at_least = 0.5 } }\n'
    found = load(tmp_path, text + '[condition.where."n/absent"]\n"returned" = { at_most = 0 }\n')
    assert [sorted(one.expect) for one in found.conditions] == [["mrr"], ["mrr", "returned"]]


def test_every_shipped_suite_can_be_read_and_says_what_it_is_for() -> None:
    assert {"small", "sets", "needles", "answers", "latency", "depth"} <= set(suite.shipped())
    for name in suite.shipped():
        found = suite.load(name)
        assert found.name == name
        assert found.description.endswith(".")


def test_a_suite_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(NotFound, match=r"no suite 'smal'. There are: .*small"):
        suite.load("smal")


@pytest.mark.parametrize(
    ("said", "found", "failure"),
    [
        ({"at_least": 0.6}, 0.6, ""),
        ({"at_least": 0.6}, 0.59, "is 0.59 and should be at least 0.6"),
        ({"at_most": 100}, 100.5, "is 100.5 and should be at most 100"),
        ({"value": 0.5, "tolerance": 0.1}, 0.6, ""),
        ({"value": 0.5, "tolerance": 0.1}, 0.61, "is 0.61 and should be at most 0.6"),
        ({"at_least": 0.6}, float("nan"), "is nan and should be at least 0.6"),
    ],
)
def test_an_expectation_says_what_is_wrong_with_a_score(said: dict[str, float], found: float, failure: str) -> None:
    assert Expected.read(said, "here").failure(found) == failure


def test_a_figure_is_found_by_its_way_through_the_summary() -> None:
    summary = {
        "systems": {"cascade": {"ndcg@10": [0.5, 0.4, 0.6]}, "rrf": {"ndcg@10": [0.3, 0.2, 0.4]}},
        "stages": {"reranked": [0.9, 0.8, 1.0]},
        "survival": 0.99,
        "blame": {"pack": 2},
    }
    assert figure(summary, "systems.rrf.ndcg@10") == 0.3
    assert figure(summary, "cascade.ndcg@10") == 0.5
    assert figure(summary, "reranked") == 0.9
    assert figure(summary, "survival") == 0.99
    assert figure(summary, "blame.pack") == 2.0
    assert figure(summary, "cascade.mrr") is None
    assert figure(summary, "cascade") is None
