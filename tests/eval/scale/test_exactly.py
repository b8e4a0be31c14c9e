"""Exact neighbours of many questions at once, against one at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small import build, prose

from cascade.index import vectors
from cascade.index.snapshot import Snapshot
from eval.bench.reading import nearest as one_at_a_time
from eval.bench.scale.exactly import Target, nearest


@pytest.fixture(scope="module")
def snapshot(fresh: Callable[[], Path]) -> Snapshot:
    root = fresh()
    build(root, prose(400))
    return Snapshot(root)


@pytest.fixture(scope="module")
def asked(snapshot: Snapshot) -> np.ndarray:
    drawn = np.random.default_rng(2).choice(len(snapshot), 5, replace=False)
    return vectors.dequantize(snapshot.vectors(np.sort(drawn)))


def none(snapshot: Snapshot) -> list[np.ndarray]:
    return [np.zeros(len(segment), dtype=bool) for segment in snapshot.segments]


def test_the_nearest_are_those_of_one_question_at_a_time(snapshot: Snapshot, asked: np.ndarray) -> None:
    found, _ = nearest(snapshot, asked, 30, [], none(snapshot))
    for number, vector in enumerate(asked):
        expected = one_at_a_time(snapshot, vector, 30)
        scores = np.concatenate([vectors.exact(one.vectors(), vector) for one in snapshot.segments])
        assert found.scores[number] == pytest.approx(scores[expected], abs=1e-5)
        assert (np.diff(found.scores[number]) <= 0).all()
        clear = scores > found.scores[number][-1] + 1e-5
        assert set(np.flatnonzero(clear)) <= set(found.rows[number].tolist())


def test_a_target_stands_behind_what_is_nearer_of_each_kind(snapshot: Snapshot, asked: np.ndarray) -> None:
    fixed = none(snapshot)
    fixed[0][:100] = True
    targets = [Target(question, row) for question in range(len(asked)) for row in (3, 250)]
    _, places = nearest(snapshot, asked, 10, targets, fixed)
    for number, target in enumerate(targets):
        scores = np.concatenate([vectors.exact(one.vectors(), asked[target.question]) for one in snapshot.segments])
        above = np.flatnonzero(scores > scores[target.row] + 2e-6)
        assert places.fixed[number] == (above < 100).sum()
        assert places.grown[number] == (above >= 100).sum()


def test_more_than_there_are_is_filled_with_no_row(snapshot: Snapshot, asked: np.ndarray) -> None:
    found, _ = nearest(snapshot, asked, 500, [], none(snapshot))
    assert (found.rows[:, 400:] == -1).all()
    assert (np.sort(found.rows[:, :400], axis=1) == np.arange(400)).all()


def test_a_deleted_row_is_nobodys_neighbour(fresh: Callable[[], Path]) -> None:
    root = fresh()
    build(root, prose(60))
    snapshot = Snapshot(root)
    snapshot.live[0] = snapshot.live[0].copy()
    snapshot.live[0][:30] = False
    asked = vectors.dequantize(snapshot.vectors(np.arange(3)))
    found, _ = nearest(snapshot, asked, 60, [], none(snapshot))
    assert (found.rows[:, :30] >= 30).all()
    assert (found.rows[:, 30:] == -1).all()
    snapshot.close()
