"""The sentences around a fact, and where it lies among them."""

from __future__ import annotations

from random import Random

import pytest

from eval.needles.classes import make
from eval.needles.filler import Filler, joined, plain, sentences
from eval.needles.needle import Depth, Kind, words

IN_PLAIN_TEXT = [kind for kind in Kind if kind not in {Kind.IN_TABLE, Kind.IN_CODE, Kind.IN_MAIL}]


@pytest.mark.parametrize("kind", IN_PLAIN_TEXT)
@pytest.mark.parametrize(("length", "position"), [(150, 0.0), (150, 0.3), (400, 0.5), (150, 1.0)])
def test_a_record_has_the_length_asked_for_and_the_fact_at_its_position(unknown, kind, length, position):
    for needle in make(kind, 4, 1, unknown, Depth(length, position)):
        for one in needle.records:
            fact = len(words(one.fact))
            assert len(words(one.text)) == length
            assert len(words(one.text[: one.span[0]])) == round(position * (length - fact))


def test_long_records_have_eight_hundred_words_and_facts_all_over(needles):
    made = needles(Kind.IN_LONG)
    assert {len(words(one.text)) for needle in made for one in needle.records} == {800}
    tenths = {one.span[0] * 10 // len(one.text) for needle in made for one in needle.records}
    assert tenths == set(range(10))
    assert all(needle.depth.length == 800 for needle in made)


def test_a_fact_longer_than_its_record_stands_alone():
    assert Filler(plain()).around("one two three", Depth(2, 0.5), Random(0)) == ("one two three", (0, 13))


def test_without_a_length_three_sentences_stand_around_a_fact():
    filler = Filler(["First.", "Second.", "Third."])
    text, (begin, end) = filler.around("Fact.", Depth(), Random(1))
    assert text[begin:end] == "Fact."
    assert sorted(sentences(text)) == ["Fact.", "First.", "Second.", "Third."]


def test_words_before_a_fact_end_with_a_sentence_and_those_after_begin_with_one():
    filler = Filler(["One two three.", "Four five six."])
    assert filler.before(2, Random(0)) in {"two three.", "five six."}
    assert filler.after(2, Random(0)) in {"One two", "Four five"}
    assert filler.before(0, Random(0)) == filler.after(0, Random(0)) == ""


def test_filler_of_real_text_stands_in_its_order(real, unknown):
    filler = Filler.of(real)
    once = {sentence for text in real for sentence in sentences(text)}
    assert set(filler.sentences) <= once
    needle = make(Kind.SINGLE, 1, 1, unknown, filler=filler)[0]
    rest = needle.records[0].text.replace(needle.records[0].fact, "|")
    assert all(part.strip() in " ".join(filler.sentences) for part in rest.split("|"))


def test_texts_without_sentences_give_the_plain_ones():
    assert Filler.of(["", "a b"]).sentences == plain()


def test_plain_sentences_are_thousands_and_none_twice():
    assert len(set(plain())) == len(plain()) > 3000


def test_a_sentence_ends_at_its_mark_or_at_a_blank_line():
    assert sentences("One. Two!\n\nThree\nfour。五") == ["One.", "Two!", "Three four。", "五"]


def test_characters_of_a_script_without_blanks_count_as_words():
    assert words("灯塔 Dravel の keeper.") == ["灯", "塔", "Dravel", "の", "keeper."]


def test_parts_are_joined_without_empty_ones():
    assert joined("", "b", "c") == ("b c", (0, 1))
    assert joined("a", "b", "", "\n") == ("a\nb", (2, 3))
