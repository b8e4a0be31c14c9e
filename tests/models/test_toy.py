"""The toy reader quotes; it never invents."""

from __future__ import annotations

from cascade.models.base import Prompt
from cascade.models.blocks import SILENT
from cascade.models.toy import ToyEncoder, ToyReader

CONTEXT = "[1] A\nThe cat is grey. The dog is brown.\n\n[2] B\nThe horse is white."


def read(question: str, most: int = 256) -> str:
    return "".join(ToyReader().read(Prompt("", CONTEXT, question), most))


def test_it_quotes_the_sentence_that_shares_most_words_and_cites_it():
    assert read("What colour is the dog?") == "The dog is brown. [1]"
    assert read("And the horse?") == "The horse is white. [2]"


def test_it_says_when_nothing_is_shared():
    assert read("Warum?") == SILENT


def test_it_stops_after_the_words_it_may_say():
    assert read("What colour is the dog?", 2) == "The dog "


def test_the_encoder_sees_words_and_not_their_order():
    encoder = ToyEncoder()
    assert encoder.encode_query("a b").tobytes() == encoder.encode_query("B, A!").tobytes()
