"""Cascade's own WordPieces: ids as in bert-base-uncased, and offsets that point into the text as given."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascade.models.spelt import Spelt, plain
from cascade.models.vocabulary import MANY, PACKAGE, Vocabulary

vocabulary = Vocabulary()


def test_ids_are_those_of_bert_base_uncased():
    ids = vocabulary.encode(["Hello, world!"])[0]
    assert ids.dtype == np.uint16
    assert ids.tolist() == [7592, 1010, 2088, 999]
    assert vocabulary.pieces(ids) == ["hello", ",", "world", "!"]


def test_a_word_it_cannot_spell_is_the_unknown_piece():
    assert vocabulary.encode(["😀"])[0].tolist() == [vocabulary.unknown]
    assert vocabulary.pieces([vocabulary.unknown]) == ["[UNK]"]


def test_markers_spelled_out_in_a_text_are_text():
    assert vocabulary.pieces(vocabulary.encode(["[SEP]"])[0]) == ["[", "sep", "]"]


def test_nothing_is_added_cut_or_padded():
    assert [len(ids) for ids in vocabulary.encode(["", "a", "a " * 1_000])] == [0, 1, 1_000]
    assert vocabulary.count(["", "a", "a " * 1_000]) == [0, 1, 1_000]


def test_half_a_surrogate_pair_does_not_shift_the_offsets_after_it():
    ids, starts, ends = vocabulary.spans(["a \ud83d wörld 中"])[0]
    assert vocabulary.pieces(ids) == ["a", "world", "中"]
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [(0, 1), (4, 9), (10, 11)]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_spans_are_ordered_lie_in_the_text_and_agree_with_encode(text):
    ids, starts, ends = vocabulary.spans([text])[0]
    assert ids.tolist() == vocabulary.encode([text])[0].tolist()
    assert starts.dtype == ends.dtype == np.int32
    assert (np.diff(starts) >= 0).all()
    assert (starts <= ends).all()
    assert all(end <= len(text) for end in ends)


def test_every_id_fits_sixteen_bits_and_the_last_is_a_piece():
    assert vocabulary.size < 2**16
    assert vocabulary.pieces([vocabulary.size - 1]) == ["##～"]


def test_the_package_itself_is_not_imported():
    vocabulary.encode(["word"])
    assert PACKAGE not in sys.modules


@pytest.mark.parametrize("texts", [[], ()])
def test_no_texts_give_nothing(texts):
    assert vocabulary.encode(texts) == []
    assert vocabulary.spans(texts) == []


ASCII = st.text(st.characters(max_codepoint=127), max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(ASCII | st.text(max_size=20) | st.sampled_from(["", "[SEP] foo_bar", "x" * 101, "A\tb\r\nC"]), max_size=9)
)
def test_many_texts_at_once_have_the_ids_that_each_has_alone(texts):
    many = (texts * (MANY // max(len(texts), 1) + 1))[: MANY + 5]
    assert [ids.tolist() for ids in vocabulary.encode(many)] == [vocabulary.encode([text])[0].tolist() for text in many]


def test_words_are_forgotten_when_there_are_too_many_and_ids_stay_the_same():
    numbers = [f"w{number} and {number * 7919}" for number in range(300)]
    spelt, cut = Spelt(vocabulary._cut, most=100), vocabulary._cut(numbers)
    for begin in range(0, 300, 20):
        found = spelt.encode(numbers[begin : begin + 20])
        assert all(map(np.array_equal, found, cut[begin : begin + 20]))
        assert len(spelt) <= 100 + 60


def test_only_characters_that_are_taken_as_they_are_make_a_text_plain():
    assert plain("It's 10% of foo_bar\t[SEP]\r\n~")
    assert [plain(f"a{sign}b") for sign in ("\x00", "\x01", "\x0b", "\x0c", "\x1c", "\x7f", "é", "\u2028")] == [
        False
    ] * 8
