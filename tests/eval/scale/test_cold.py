"""Files whose pages were dropped read the same again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eval.bench.scale import cold

pytestmark = pytest.mark.skipif(not cold.possible(), reason="pages can be dropped on Linux alone")


def resident(path: Path) -> int:
    """How much of a map of a file is in this process's memory, in KiB, by /proc/self/smaps."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith(str(path)))
    return int(next(line for line in lines[at:] if line.startswith("Rss:")).split()[1])


def test_a_map_is_emptied_and_reads_the_same(tmp_path: Path) -> None:
    data = np.random.default_rng(0).integers(0, 255, 1 << 20, dtype=np.uint8)
    data.tofile(tmp_path / "file")
    held = np.memmap(tmp_path / "file", np.uint8, "r")
    assert int(held.sum()) == int(data.sum(dtype=np.int64))
    before = resident(tmp_path / "file")
    assert cold.forget(tmp_path)
    assert resident(tmp_path / "file") < before / 2
    assert (held == data).all()


def test_files_elsewhere_stay_mapped(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "ab").mkdir()
    np.ones(1 << 20, np.uint8).tofile(tmp_path / "ab" / "file")
    held = np.memmap(tmp_path / "ab" / "file", np.uint8, "r")
    assert int(held.sum()) == 1 << 20
    before = resident(tmp_path / "ab" / "file")
    assert cold.forget(tmp_path / "a")
    assert resident(tmp_path / "ab" / "file") == before


def test_what_came_between_is_a_difference() -> None:
    assert cold.Reads(7, 900).since(cold.Reads(5, 100)) == cold.Reads(2, 800)
    assert cold.reads().faults >= 0
