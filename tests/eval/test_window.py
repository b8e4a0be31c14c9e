"""The effective window of readers that are known to see so much and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cascade.config import Config
from cascade.models.base import Prompt
from cascade.models.toy import ToyReader
from eval import window
from eval.needles.classes import make
from eval.needles.needle import Kind
from eval.window import DEPTHS, Place, Setup, effective, full, measure

FILLER = [
    f"Remark {number} is about the weather of that year and what the neighbours made of it." for number in range(900)
]
NEEDLES = make(Kind.SINGLE, 10, 1, lambda word: False)


class Nearsighted(ToyReader):
    """Reads the first words of its context and nothing after them."""

    def __init__(self, sees: int) -> None:
        super().__init__()
        self.sees = sees

    def read(self, prompt: Prompt, most: int = 256) -> Iterator[str]:
        seen = " ".join(prompt.context.split(" ")[: self.sees])
        yield from super().read(Prompt(prompt.system, seen, prompt.question), most)


class Silent(ToyReader):
    """Never knows."""

    def read(self, prompt: Prompt, most: int = 256) -> Iterator[str]:
        yield "The passages do not say."


def test_a_window_is_filled_as_pack_would_fill_it_with_the_needle_at_its_depth() -> None:
    reader = ToyReader()
    for depth in DEPTHS:
        context = full(reader, NEEDLES[0], FILLER, Place(1_000, depth, (0, 0)), Config())
        texts = [block.text for block in context.blocks]
        at = texts.index(NEEDLES[0].records[0].text)
        assert at == round(depth * (len(texts) - 1))
        assert 0.9 * context.budget < context.tokens <= context.budget
        assert [block.number for block in context.blocks] == list(range(1, len(texts) + 1))


def test_a_reader_that_sees_everything_holds_to_the_largest_size() -> None:
    found = measure(ToyReader(), NEEDLES, FILLER, Setup(most=4_000))
    assert found.summary["window"] == 4_000
    assert {share[0] for share in found.summary["accuracy"].values()} == {found.summary["base"]} == {0.9}
    assert list(found.summary["accuracy"]) == ["250", "500", "1000", "2000", "4000"]
    assert len(found.queries) == 50


def test_a_reader_that_sees_the_beginning_holds_as_far_as_it_sees() -> None:
    """At 250 and 500 tokens (131 and 262 of context) it sees all; at 1,000 and more, two depths of five at most."""
    found = measure(Nearsighted(450), NEEDLES, FILLER, Setup(most=8_000))
    assert found.summary["window"] == 500
    assert list(found.summary["accuracy"]) == ["250", "500", "1000", "2000"]


def test_a_reader_that_never_answers_has_no_window() -> None:
    found = measure(Silent(), NEEDLES[:5], FILLER, Setup(most=500))
    assert (found.summary["base"], found.summary["window"]) == (0.0, 0)


@pytest.mark.parametrize(
    ("shares", "wanted"),
    [
        ({250: 1.0, 500: 1.0, 1000: 0.9, 2000: 0.85, 4000: 0.84}, 2000),
        ({250: 0.5, 500: 0.6, 1000: 0.5, 2000: 0.51}, 2000),
        ({250: 0.5, 500: 0.6, 1000: 0.5, 2000: 0.50}, 500),
        ({2000: 1.0}, 0),
    ],
)
def test_effective_is_the_largest_size_that_holds_85_of_100_of_the_base(shares: dict[int, float], wanted: int) -> None:
    assert effective({size: (share, 0.0, 1.0) for size, share in shares.items()}) == wanted


def test_windows_are_filled_from_an_index_where_one_is_named(index: Path) -> None:
    texts = window.drawn(index, seed=0)
    assert len(texts) == 64
    assert any(text.startswith("Remark ") for text in texts)
    assert texts != window.drawn(index, seed=1)
