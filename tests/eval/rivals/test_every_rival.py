"""Every rival finds by the same contract, compared with brute force; one that is not installed is skipped."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from cascade.data import Rows
from eval.bench.rivals.base import Asked, Comparison, Rival
from eval.bench.rivals.given import Given
from eval.bench.rivals.resolve import NAMES, rival

LIBRARIES = {"lancedb": "lancedb", "qdrant-edge": "qdrant_edge", "qdrant-local": "qdrant_client", "bm25s": "bm25s"}
OWN = [name for name in NAMES if not rival(name).shares and name != "txtai-hybrid"]
"""txtai takes twenty seconds to import, and is proven among the peers that search records."""
K = 400

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:builtin type Swig"),
]


def missing(name: str) -> str:
    """The library that a rival lacks here; "" where it has all."""
    wanted = [library for begins, library in LIBRARIES.items() if name.startswith(begins)]
    return next((library for library in wanted if importlib.util.find_spec(library) is None), "")


@pytest.fixture(scope="module", params=OWN)
def opened(request: pytest.FixtureRequest, given: Given, tmp_path_factory: pytest.TempPathFactory) -> Rival:
    if library := missing(request.param):
        pytest.skip(f"{library} is not installed (the extra `peers`)")
    folder = tmp_path_factory.mktemp("own")
    rival(request.param).build(given, folder)
    made = rival(request.param)
    made.open(given, folder, 1)
    return made


def near(given: Given, place: int, rows: Rows) -> float:
    """The share of K that are as near as the K-th nearest, or all but as near: int8 may turn round what nearly ties."""
    scores = given.vectors @ given.queries[place]
    return float((scores[rows] >= np.sort(scores)[-K] - 0.01).sum()) / K


def test_each_rival_calls_itself_what_it_is_found_by_and_names_a_page() -> None:
    for name in NAMES:
        assert rival(name).name == name
        assert "/" in rival(name).page


def asked(given: Given, place: int) -> Asked:
    return Asked(np.array(given.queries[place]), given.questions[place].text)


def test_with_most_effort_the_nearest_by_brute_force_are_found(opened: Rival, given: Given) -> None:
    if opened.compares is not Comparison.NOMINATION:
        pytest.skip("words are not compared with vectors")
    best = []
    for series in opened.settings(K):
        found = [opened.rows(opened.search(asked(given, place), K, series[-1])) for place in range(8)]
        best.append(np.mean([near(given, place, rows) for place, rows in enumerate(found)]))
    assert max(best) > 0.99


def test_no_more_rows_are_found_than_asked_for_and_none_twice(opened: Rival, given: Given) -> None:
    for series in opened.settings(K):
        rows = opened.rows(opened.search(asked(given, 3), K, series[0]))
        assert 0 < len(rows) <= K * (2 if opened.compares is Comparison.RETRIEVAL else 1)
        assert len(np.unique(rows)) == len(rows)
        assert rows.dtype == np.int64
        assert ((rows >= 0) & (rows < len(given))).all()


def test_more_effort_finds_no_less(opened: Rival, given: Given) -> None:
    for series in opened.settings(117):
        shares = []
        for setting in (series[0], series[-1]):
            rows = [opened.rows(opened.search(asked(given, place), 117, setting)) for place in range(8)]
            shares.append(np.mean([given.survival(place, found) for place, found in enumerate(rows)]))
        assert shares[1] >= shares[0] - 0.01


def test_what_a_question_repeats_is_among_what_is_found(opened: Rival, given: Given) -> None:
    setting = opened.settings(117)[-1][-1]
    kept = [given.kept(at, opened.rows(opened.search(asked(given, at), 117, setting))) for at in range(10)]
    assert np.mean(kept) >= 0.9
