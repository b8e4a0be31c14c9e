"""Woven haystacks against the text they were woven from."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cascade.errors import SourceError
from eval.bench.scale import learned
from eval.bench.scale import woven as weaver
from eval.bench.scale.woven import Woven
from eval.needles.haystack import core
from eval.needles.wording import Wording

Make = Callable[..., Woven]


@pytest.fixture(scope="module")
def texts(woven: Make) -> list[str]:
    return list(woven(12_000).texts())


@pytest.fixture(scope="module")
def stretches(folder: Path) -> list[str]:
    return list(learned.stretches(learned.opened(folder)[0]))


def test_what_was_learned_is_the_text_itself(real: list[str], stretches: list[str]) -> None:
    whole = {" ".join(text.split()) for text in real if len(text.split()) <= 40}
    assert whole <= {" ".join(text.split()) for text in stretches}
    assert sum(len(text.split()) for text in stretches) == sum(len(text.split()) for text in real)


def test_long_texts_are_cut_where_a_sentence_ends(tmp_path: Path) -> None:
    long = " ".join(f"Sentence {number} speaks of an orchard and its old stone wall." for number in range(100))
    learned.learn([long], tmp_path / "one")
    parts = list(learned.stretches(learned.opened(tmp_path / "one")[0]))
    assert " ".join(parts) == long
    assert all(len(part.split()) <= learned.STRETCH and part.endswith("wall.") for part in parts)
    assert len(parts) == 6


def test_the_words_are_distributed_as_in_the_source(stretches: list[str], texts: list[str]) -> None:
    source, made = Wording.of(stretches), Wording.of(texts[: len(stretches)])
    assert made.words == pytest.approx(source.words, rel=0.1)
    assert made.slope == pytest.approx(source.slope, abs=0.05)
    assert made.idf == pytest.approx(source.idf, rel=0.05)
    assert made.lengths == pytest.approx(source.lengths, rel=0.2)


@pytest.mark.parametrize("times", [1, 2, 4])
def test_the_vocabulary_grows_by_heaps_law_of_the_source(folder: Path, texts: list[str], times: int) -> None:
    facts = learned.opened(folder)[1]
    made = Wording.of(texts[: times * facts.texts])
    assert made.types == pytest.approx(facts.types * times**facts.growth, rel=0.15)


def test_a_record_is_decided_by_seed_and_number_alone(woven: Make) -> None:
    whole = list(woven(weaver.BLOCK + 50).read())
    part = list(woven(60, begin=weaver.BLOCK - 20, threads=1).read())
    assert whole[weaver.BLOCK - 20 : weaver.BLOCK + 40] == part
    assert [one.key for one in part[:2]] == [str(weaver.BLOCK - 20), str(weaver.BLOCK - 19)]
    assert next(woven(1, seed=8).texts()) != whole[0].text


@pytest.mark.parametrize("room", [20_000, 64])
def test_a_block_is_made_in_parts_where_it_does_not_fit(woven: Make, room: int) -> None:
    assert list(woven(300, room=room).texts()) == list(woven(300).texts())


def test_a_word_without_end_and_blanks_without_end_are_cut(tmp_path: Path) -> None:
    learned.learn(["x" * 90_000 + " " * 90_000 + "and a last word"] * 2, tmp_path / "l")
    held = learned.opened(tmp_path / "l")
    assert int(np.diff(held[0].bounds).max()) <= 108
    assert all(text for text in Woven(*held, 50, 1).texts())


def test_hardly_a_record_is_a_real_one_and_none_comes_twice(stretches: list[str], texts: list[str]) -> None:
    known = {" ".join(text.split()) for text in stretches}
    assert sum(" ".join(text.split()) in known for text in texts) < len(texts) * 0.02
    assert len(set(texts)) > len(texts) * 0.98


def test_most_neighbouring_words_are_neighbours_in_the_source(stretches: list[str], texts: list[str]) -> None:
    pairs = {pair for text in stretches for pair in _pairs(text)}
    made = [pair for text in texts[:1000] for pair in _pairs(text)]
    assert sum(pair in pairs for pair in made) > 0.85 * len(made)


def test_new_words_are_not_those_of_the_source(folder: Path, stretches: list[str], texts: list[str]) -> None:
    held = learned.opened(folder)[0]
    known = {core(word) for text in stretches for word in text.split()}
    fresh = {core(word) for text in texts for word in text.split()} - known
    assert len(fresh) > 500
    assert sum(learned.knows(held, word) for word in fresh if word.isalpha()) < 0.02 * len(fresh)


def test_needles_can_ask_which_words_there_are(folder: Path) -> None:
    held = learned.opened(folder)[0]
    assert learned.knows(held, "Return")
    assert not learned.knows(held, "Dravelbourn")


def test_texts_of_any_script_stay_whole(tmp_path: Path) -> None:
    source = [
        "Über allen Gipfeln ist Ruh, in allen Wipfeln spürest du kaum einen Hauch; 1780 – „Wandrers Nachtlied“."
    ] * 3
    source += ["Ёлка стоит в лесу, ёлка зелёная, и снег лежит на ёлке 1999 года."] * 3
    learned.learn(source, tmp_path / "l")
    made = list(Woven(*learned.opened(tmp_path / "l"), 400, 1).texts())
    assert not any("\ufffd" in text for text in made)
    assert len(set(made)) > 10


def test_texts_without_a_word_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="hold no word"):
        learned.learn(["", "  \n "], tmp_path / "none")
    assert not list(tmp_path.iterdir())


def test_twenty_thousand_records_a_second_are_made_by_one_core(woven: Make) -> None:
    next(woven(1).texts())
    began = time.process_time()
    made = sum(1 for _ in woven(20_000).read())
    assert made / (time.process_time() - began) > 20_000


def _pairs(text: str) -> list[tuple[str, str]]:
    return list(pairwise(core(word) for word in text.split()))
