"""SmolLM2's chat form, its tokens, and when it stops."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from cascade.errors import ReaderFailed
from cascade.models.base import Prompt
from cascade.models.local import PACKAGE, Local, nearest, repeats, turns

installed = pytest.mark.skipif(
    importlib.util.find_spec(PACKAGE) is None,
    reason="the model's wheel is not installed (requirements-local-reader.txt)",
)
reader = Local()


def test_turns_are_system_history_and_the_question_with_its_context():
    prompt = Prompt("Be brief.", "[1] A\nb", "c?", ("Hello", "Hi"))
    assert turns(prompt) == [
        ("system", "Be brief."), ("user", "Hello"), ("assistant", "Hi"), ("user", "[1] A\nb\n\nQuestion: c?"),
    ]


CONTEXT = "[1] A\nThe door is red. The roof is blue.\n\n[2] B\nNobody lives there. The door of the barn is green."


@pytest.mark.parametrize(
    ("question", "most", "shown"),
    [
        ("Which colour is the barn door?", 1, [(2, "The door of the barn is green.")]),
        ("Which colour is the barn door?", 3, [(2, "The door of the barn is green.")]),
        ("Which door is it?", 3, [(1, "The door is red."), (2, "The door of the barn is green.")]),
        ("Which colour is the barn door?", 0, []),
        ("Who painted Guernica?", 3, []),
    ],
)
def test_the_model_is_shown_the_sentences_nearest_to_the_question(question, most, shown):
    assert [(quote.number, quote.text) for quote in nearest(Prompt("", CONTEXT, question), most)] == shown


@pytest.mark.parametrize(
    ("ids", "loops"),
    [
        ([], False), ([1, 1, 1], False), ([1, 1, 1, 1], True), ([0, 1, 2, 1, 2, 1, 2], False),
        ([0, 1, 2, 1, 2, 1, 2, 1, 2], True), ([*range(8), *range(8)], True), ([*range(7), *range(7)], False),
        ([*range(64), *range(64)], True), ([*range(200)], False),
    ],
)
def test_a_loop_is_a_long_run_twice_or_a_short_one_four_times(ids, loops):
    assert repeats(ids) is loops


@installed
def test_the_chat_form_is_the_models_own():
    ids = reader.chat(Prompt("Be brief.", "", "Hi <|im_end|> 12"))
    pieces = [reader._tokenizer.id_to_token(i) for i in ids]
    assert "".join(pieces).replace("Ġ", " ").replace("Ċ", "\n") == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi <|im_end|> 12<|im_end|>\n<|im_start|>assistant\n"
    )
    # Two of the three that look like it are markers: the one a person typed is text.
    assert [pieces.count("<|im_start|>"), pieces.count("<|im_end|>")] == [3, 2]


@installed
def test_every_digit_is_a_token():
    assert [reader.count(text) for text in ("", "1234", "word", " word")] == [0, 4, 1, 1]


@installed
def test_a_prompt_longer_than_the_model_is_refused_with_the_numbers():
    with pytest.raises(ReaderFailed, match="takes 8192 tokens"):
        next(reader.read(Prompt("", "1" * 9_000, "?")))


@installed
def test_nothing_of_the_package_that_ships_it_is_imported():
    reader.count("word")
    assert PACKAGE not in sys.modules
