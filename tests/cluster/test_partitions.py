"""The parts of a source hold together what the source holds, each thing once, under the same name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.cluster.partitions import parted, read
from indexers.records import Record
from indexers.sources.open import open_source
from indexers.sources.options import SourceOptions


def alike(path: Path, size: int, options: SourceOptions | None = None) -> int:
    """Raise AssertionError unless the parts of a source give what it gives; how many parts there are."""
    parts, passed = parted(str(path), options, size)
    found = [thing for part in parts for thing in read(part)]
    assert [*passed, *found] == list(open_source(str(path), options).read())
    return len(parts)


@given(st.lists(st.text(max_size=60), max_size=30), st.integers(1, 400), st.booleans())
@settings(max_examples=30, deadline=None)
def test_lines_are_divided_between_lines(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], size: int, end: bool
) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("rows") / "a.jsonl"
    lines = [json.dumps({"text": row}, ensure_ascii=False) for row in rows]
    path.write_bytes(("\n".join(lines) + ("\n" if end else "")).encode())
    alike(path, size)


def test_lines_that_are_no_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "one"}\n\nnonsense\n{"text": "four"}\n' * 50)
    assert alike(path, 100) > 10


def test_row_groups_of_parquet_are_divided(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="Parquet takes the extra `parquet`")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    table = arrow.table({"text": [f"row {number} of them" for number in range(500)]})
    parquet.write_table(table, path, row_group_size=40)
    assert alike(path, path.stat().st_size // 4) > 2


def test_what_cannot_be_divided_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "sixteen"}\n' * 90, encoding="utf-16")
    assert alike(tmp_path / "a.jsonl", 100, SourceOptions(encoding="utf-16")) == 1
    (tmp_path / "b.txt").write_text("words and words\n" * 100)
    assert alike(tmp_path / "b.txt", 100) == 1


def test_files_are_gathered_up_to_the_size_of_a_part(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02d}.txt").write_text(f"text {number} " * 10)
    assert 3 <= alike(tmp_path, 1_000) <= 5
    assert alike(tmp_path, 0) == 1


def test_a_part_of_a_changed_file_is_another_part(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    ((before,), _) = parted(str(path))
    ((same,), _) = parted(str(path))
    path.write_text("afterwards")
    ((after,), _) = parted(str(path))
    assert before.key == same.key != after.key


def test_a_file_that_vanishes_is_said_by_who_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n' * 100)
    parts, _ = parted(str(path), None, 300)
    assert all(isinstance(thing, Record) for part in parts for thing in read(part))
    path.write_text("{}")
    assert not [thing for thing in read(parts[-1]) if isinstance(thing, Record)]
