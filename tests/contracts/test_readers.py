"""What every reader promises: it answers from the context in pieces, the same each time, within its allowance."""

from __future__ import annotations

import importlib.util

import pytest

from cascade.models.base import Prompt, Reader
from cascade.models.extractive import Extractive
from cascade.models.local import PACKAGE, Local
from cascade.models.toy import ToyReader

CONTEXT = """[1] Lighthouses (notes)
The lighthouse of Skagen was built in 1747. It is painted white.

[2] Archives > Keys (memo, 2024-05-01)
The access code of the Lisbon archive is 4417. It changes each spring.

[3] Bridges (book)
The bridge over the Tay opened in 1887."""
QUESTION = "What is the access code of the Lisbon archive?"

READERS = [
    pytest.param(ToyReader(), id="toy"),
    pytest.param(Extractive(), id="extractive"),
    pytest.param(
        Local(), id="local",
        marks=pytest.mark.skipif(
            importlib.util.find_spec(PACKAGE) is None,
            reason="the model's wheel is not installed (requirements-local-reader.txt)",
        ),
    ),
]
every = pytest.mark.parametrize("reader", READERS)


@every
def test_it_keeps_the_seam(reader):
    assert isinstance(reader, Reader)
    assert reader.window >= 1_000


@every
def test_it_finds_the_fact(reader):
    assert "4417" in "".join(reader.read(Prompt("", CONTEXT, QUESTION), 40))


@every
def test_it_streams_and_the_pieces_are_the_answer(reader):
    pieces = list(reader.read(Prompt("", CONTEXT, QUESTION), 40))
    assert all(pieces)
    assert pieces == list(reader.read(Prompt("", CONTEXT, QUESTION), 40))


@every
def test_counting_is_additive_over_words(reader):
    assert reader.count("") == 0
    assert reader.count("alpha beta gamma") == reader.count("alpha") + reader.count(" beta") + reader.count(" gamma")


@every
@pytest.mark.parametrize("context", ["", "no header here", "[1] empty block\n", "[1] a\n\ud83d 😀 中文"])
def test_any_context_is_taken(reader, context):
    assert isinstance("".join(reader.read(Prompt("", context, "why?"), 4)), str)


@every
def test_the_allowance_is_kept(reader):
    answer = "".join(reader.read(Prompt("", CONTEXT, QUESTION), 12))
    assert reader.count(answer) <= 14
