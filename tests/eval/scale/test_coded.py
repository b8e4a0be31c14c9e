"""Generated codes: in the format of real ones, as uneven, and searched by the same code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import build, prose

from cascade.errors import UnusableIndex, UsageError
from cascade.index import layout, weigh
from cascade.index.files import FileSum, check
from cascade.index.nominate import Nomination
from eval.bench.scale import coded, probing
from eval.bench.scale.coded import Pattern, Plan
from indexers.compact import Shape
from indexers.ingest import IngestConfig

PLAN = Plan(rows=6_000, dim=64, lists=256, segments=3, seed=4)


@pytest.fixture(scope="module")
def listed(fresh: Callable[[], Path]) -> Path:
    """A small index in lists."""
    root = fresh()
    build(root, prose(1_200), IngestConfig(shape=Shape(exact=300, most=1_000)))
    return root


@pytest.fixture(scope="module")
def pattern(listed: Path) -> Pattern:
    return coded.taken(listed, 64, 1)


@pytest.fixture(scope="module")
def made(pattern: Pattern, fresh: Callable[[], Path]) -> Path:
    folder = fresh()
    coded.make(folder, pattern, PLAN)
    return folder


def test_a_pattern_holds_the_codes_that_the_index_has(listed: Path, pattern: Pattern) -> None:
    blocks = np.concatenate([np.fromfile(path, "<u8") for path in sorted(listed.glob(f"segments/*/{layout.CODES}"))])
    assert set(pattern.codes.ravel().tolist()) <= set(blocks.tolist())
    assert len(pattern.codes) == len(pattern.gains) == 1_200 == pattern.first[-1]
    assert (np.diff(pattern.first) > 0).all()
    assert np.linalg.norm(pattern.centroids, axis=1) == pytest.approx(np.ones(len(pattern.centroids)), abs=1e-5)


def test_files_are_of_the_sizes_and_sums_that_they_say(made: Path) -> None:
    rows = 0
    for folder in sorted(made.glob("[0-9]*")):
        said = json.loads((folder / coded.MADE).read_text())
        for name, one in said["sums"].items():
            check(folder / name, FileSum(one["size"], tuple(one["blocks"])))
        assert np.fromfile(folder / layout.LIST_OFFSETS, "<u4")[-1] == said["rows"]
        rows += said["rows"]
    assert rows == pytest.approx(PLAN.rows, rel=0.1)
    assert sum(path.stat().st_size for path in made.rglob("*.*") if path.suffix != ".json") <= PLAN.bytes * 1.1


def test_a_generated_row_is_a_real_one_with_an_eighth_of_its_bits_turned(made: Path, pattern: Pattern) -> None:
    folder = made / "0000"
    offsets = np.fromfile(folder / layout.LIST_OFFSETS, "<u4").astype(np.int64)
    codes = np.fromfile(folder / layout.CODES, "<u8")[: offsets[-1]]  # one word a row: rows lie in their order
    real = pattern.codes.ravel()
    turned = np.array([np.bitwise_count(real ^ code).min() for code in codes[:500]])
    assert 4 < turned.mean() < 9, "the nearest real code is about eight bits away"
    gains = np.fromfile(folder / layout.GAINS, "<u2")[: offsets[-1]]
    assert set(gains.tolist()) <= set(pattern.gains.tolist())


def test_scanning_everything_finds_the_best_estimates_of_all(made: Path, pattern: Pattern) -> None:
    held = probing.Held(made, 64, 2)
    vector = pattern.centroids[5]
    found: Nomination = held.ask(vector, held.rows)
    assert found.codes == held.rows
    assert len(np.unique(found.rows)) == held.rows
    few = held.ask(vector, 500)
    assert 500 <= few.codes < held.rows
    near, _ = held.lists.nearest(vector, 1)
    begin, end = held.parts[0].codes.offsets[near[0]], held.parts[0].codes.offsets[near[0] + 1]  # type: ignore[union-attr]
    assert set(range(begin, end)) <= set(few.rows.tolist()), "the nearest list is read"
    held.close()


def test_a_killed_run_goes_on_with_the_segment_that_is_missing(
    made: Path, pattern: Pattern, fresh: Callable[[], Path]
) -> None:
    folder = fresh()
    shutil.copytree(made, folder)
    shutil.rmtree(folder / "0001")
    (folder / ".0001.unfinished").mkdir()
    kept = (folder / "0000" / layout.CODES).stat().st_mtime_ns
    coded.make(folder, pattern, PLAN)
    assert (folder / "0000" / layout.CODES).stat().st_mtime_ns == kept
    for name in (layout.CODES, layout.GAINS, layout.LIST_OFFSETS):
        assert (folder / "0001" / name).read_bytes() == (made / "0001" / name).read_bytes()
    assert not list(folder.glob(".*"))


def test_codes_that_the_disk_has_no_room_for_are_refused_with_what_they_take(pattern: Pattern, tmp_path: Path) -> None:
    plan = replace(PLAN, rows=10**15)
    with pytest.raises(
        UsageError, match=r"1,000,000,000,000,000 codes of 64 dimensions take .* GB .* Name fewer codes"
    ):
        coded.make(tmp_path / "codes", pattern, plan)
    assert not list((tmp_path / "codes").iterdir())


def test_an_index_without_lists_and_dimensions_it_has_not_are_refused(listed: Path, fresh: Callable[[], Path]) -> None:
    small = fresh()
    build(small, prose(20))
    with pytest.raises(UnusableIndex, match="without lists"):
        coded.taken(small, 64, 0)
    assert not coded.listed(small)
    for dim in (128, 40):
        with pytest.raises(UsageError, match=f"Codes of {dim} dimensions"):
            coded.taken(listed, dim, 0)


@pytest.mark.parametrize(("rows", "lists", "gigabytes"), [(10**8, 32_768, 3.4), (10**9, 131_072, 34.1)])
def test_a_plan_takes_what_the_format_takes(rows: int, lists: int, gigabytes: float) -> None:
    plan = Plan.of(rows, 256, 0)
    assert plan.lists == lists
    assert plan.bytes / 1e9 == pytest.approx(gigabytes, abs=0.05)
    assert weigh.words(256) == 4
