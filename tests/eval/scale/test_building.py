"""The haystack of a size: how much of it is real, and which part of the real texts that is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from small import Given, record

from eval.bench.scale.building import Hay, records
from indexers.records import Record, Source

HELD = (160, 40)


@pytest.fixture
def corpora(tmp_path: Path) -> list[Path]:
    made = []
    for number, held in enumerate(HELD):
        path = tmp_path / str(number) / "corpus.jsonl"
        path.parent.mkdir()
        rows = [{"_id": str(at), "title": "", "text": f"text {at} of corpus {number}"} for at in range(held)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        made.append(path)
    return made


@pytest.fixture
def hay(corpora: list[Path]) -> Callable[[int, int], Hay]:
    def further(count: int) -> Source:
        return Given("woven", [record(f"woven {number}", "woven text") for number in range(count)])

    return lambda count, most: Hay(corpora, records(corpora), count, most, further)


def of(hay: Hay) -> tuple[dict[int, list[int]], int]:
    """The numbers that are taken of each corpus, and how many woven records."""
    taken: dict[int, list[int]] = {0: [], 1: []}
    woven = 0
    for thing in hay.read():
        assert isinstance(thing, Record)
        if thing.text == "woven text":
            woven += 1
        else:
            _, at, _, _, corpus = thing.text.split()
            taken[int(corpus)].append(int(at))
    return taken, woven


def test_records_are_counted_by_corpus(corpora: list[Path]) -> None:
    assert records(corpora) == list(HELD)


@pytest.mark.parametrize(("count", "most", "real"), [(100, 1_000, 20), (1_000, 1_000, 200), (100, 100, 100), (0, 9, 0)])
def test_a_haystack_has_the_real_share_of_the_largest(
    hay: Callable[[int, int], Hay], count: int, most: int, real: int
) -> None:
    taken, woven = of(hay(count, most))
    assert sum(map(len, taken.values())) == real == hay(count, most).real
    assert woven == count - real


def test_real_texts_are_taken_evenly_of_each_corpus_over_its_length(hay: Callable[[int, int], Hay]) -> None:
    taken, _ = of(hay(100, 1_000))
    assert {corpus: len(rows) for corpus, rows in taken.items()} == {0: 16, 1: 4}
    for corpus, rows in taken.items():
        assert set(Counter(at * 4 // HELD[corpus] for at in rows).values()) == {len(rows) // 4}


def test_nothing_is_taken_twice_and_the_same_again(hay: Callable[[int, int], Hay]) -> None:
    first, again = of(hay(170, 170)), of(hay(170, 170))
    assert first == again
    assert all(len(set(rows)) == len(rows) for rows in first[0].values())
