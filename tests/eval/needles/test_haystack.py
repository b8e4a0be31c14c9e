"""Generated haystacks against the text they were learned from."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from cascade.errors import SourceError
from eval.needles.classes import make
from eval.needles.collision import collisions
from eval.needles.haystack import Generated, Model, core
from eval.needles.needle import Kind
from eval.needles.wording import Wording


@pytest.fixture(scope="module")
def model(real):
    return Model.learn(real)


@pytest.fixture(scope="module")
def generated(model):
    return [record.text for record in Generated(model, 4 * len(model), 7).read()]


def test_there_is_enough_real_text(real):
    assert len(real) > 2000


def test_the_words_are_distributed_as_in_the_source(real, generated):
    source, made = Wording.of(real), Wording.of(generated[: len(real)])
    assert made.words == pytest.approx(source.words, rel=0.05)
    assert made.slope == pytest.approx(source.slope, abs=0.05)
    assert made.idf == pytest.approx(source.idf, rel=0.05)
    assert made.lengths == pytest.approx(source.lengths, rel=0.15)


@pytest.mark.parametrize("times", [1, 2, 4])
def test_the_vocabulary_grows_by_heaps_law_of_the_source(real, model, generated, times):
    made = Wording.of(generated[: times * len(real)])
    assert made.types == pytest.approx(model.types * times**model.growth, rel=0.15)


def test_a_record_is_decided_by_seed_and_number_alone(model):
    whole = list(Generated(model, 50, 3).read())
    slice_ = list(Generated(model, 10, 3, begin=20).read())
    assert whole[20:30] == slice_
    assert [one.key for one in slice_] == [str(number) for number in range(20, 30)]
    assert Generated(model, 50, 4).text(0) != whole[0].text


def test_the_same_texts_make_the_same_model(real, model):
    assert Generated(Model.learn(real), 1, 3).text(99) == Generated(model, 1, 3).text(99)


def test_hardly_a_record_is_a_real_one(real, model, generated):
    known = {" ".join(text.split()) for text in real}
    copied = sum(" ".join(text.split()) in known for text in generated)
    assert copied < len(generated) * 0.02


def test_no_record_comes_twice(generated):
    assert len(set(generated)) > len(generated) * 0.98


def test_most_neighbouring_words_are_neighbours_in_the_source(real, generated):
    pairs = {pair for text in real for pair in pairs_of(text)}
    made = [pair for text in generated[:1000] for pair in pairs_of(text)]
    assert sum(pair in pairs for pair in made) > 0.85 * len(made)


def pairs_of(text):
    found = [core(word) for word in text.split()]
    return list(pairwise(found))


def test_three_thousand_records_a_second_are_made(model):
    haystack = Generated(model, 1500, 8)
    began = time.process_time()
    made = sum(1 for _ in haystack.read())
    assert made / (time.process_time() - began) > 3000


def test_the_model_knows_its_words_and_needles_avoid_them(real, model, generated):
    assert model.knows("Return")
    assert not model.knows("Dravelbourn")
    needles = [
        one for kind in (Kind.SINGLE, Kind.MULTI_HOP, Kind.IDENTIFIER) for one in make(kind, 200, 1, model.knows)
    ]
    assert not list(collisions(real, needles))
    assert not list(collisions(generated, needles))


def test_one_text_of_one_word_is_enough_and_none_is_an_error():
    assert Generated(Model.learn(["alone"]), 1, 0).text(0)
    with pytest.raises(SourceError, match="hold no word"):
        Model.learn(["", " \n"])


def test_more_texts_than_are_kept_are_sampled_from_all_of_them():
    model = Model.learn((f"word{number}" for number in range(1000)), most=100)
    kept = [int(token.strip().removeprefix("word")) for token in model.tokens]
    assert len(kept) == 100
    assert kept == sorted(kept)
    assert min(kept) < 100
    assert max(kept) > 900
