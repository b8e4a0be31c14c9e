from __future__ import annotations

from pathlib import Path

import pytest

from cascade.errors import BadConfig, UnknownName, UsageError
from eval.planning import prices

GOOD = """
[month]
core = 10
memory_gb = 2
disk_gb = 0.1
[network]
hop_ms = 0.5
[[machine]]
name = "a"
cores = 4
memory_gb = 32
[[machine]]
name = "b"
cores = 8
memory_gb = 128
speed = 1.5
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "prices.toml"
    file.write_text(text, "utf-8")
    return file


def test_prices_are_read_with_their_machines(tmp_path: Path) -> None:
    found = prices.load(written(tmp_path, GOOD))
    assert (found.core, found.memory_gb, found.disk_gb, found.hop_ms) == (10, 2, 0.1, 0.5)
    assert [(one.name, one.cores, one.memory, one.speed) for one in found.machines] == [
        ("a", 4, 32e9, 1.0), ("b", 8, 128e9, 1.5),
    ]  # fmt: skip


def test_the_shipped_prices_are_whole() -> None:
    assert len(prices.load().machines) > 2


def test_machines_are_chosen_by_name_and_by_memory(tmp_path: Path) -> None:
    found = prices.load(written(tmp_path, GOOD))
    assert [one.name for one in found.chosen(["b"], None).machines] == ["b"]
    assert [one.name for one in found.chosen([], 64e9).machines] == ["a"]
    with pytest.raises(UnknownName, match="a, b"):
        found.chosen(["c"], None)
    with pytest.raises(UsageError, match="32 GB"):
        found.chosen([], 1e9)


@pytest.mark.parametrize(
    ("what", "by"),
    [
        ("core = 10\n", ""), ("core = 10", "core = -1"), ("core = 10", 'core = "dear"'),
        ("hop_ms = 0.5", "hop_ms = nan"),
        ("cores = 4", "cores = 0"), ("cores = 4", "cores = 1.5"), ("cores = 4\n", ""), ('name = "b"', 'name = "a"'),
        ('name = "a"', "name = 1"), ("speed = 1.5", "speed = 0"), ("speed = 1.5", "colour = 1"), ("[month]", "[[["),
        ("memory_gb = 32", "memory_gb = inf"),
    ],
)  # fmt: skip
def test_prices_that_are_none_are_refused(tmp_path: Path, what: str, by: str) -> None:
    assert what in GOOD
    with pytest.raises(BadConfig):
        prices.load(written(tmp_path, GOOD.replace(what, by, 1)))


def test_a_file_without_machines_or_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="machine"):
        prices.load(written(tmp_path, GOOD[: GOOD.index("[[machine]]")]))
    with pytest.raises(BadConfig, match="does not exist"):
        prices.load(tmp_path / "none.toml")
