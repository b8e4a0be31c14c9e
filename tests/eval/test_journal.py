from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cascade.errors import SourceError
from eval.journal import Journal, rows


def test_what_was_added_is_read_back_in_order(tmp_path: Path) -> None:
    with Journal(tmp_path / "deep" / "j.jsonl") as journal:
        journal.add({"_id": "ä", "value": np.float32(0.5)})
        journal.add({"_id": "b"})
        assert list(rows(journal.path)) == [{"_id": "ä", "value": 0.5}, {"_id": "b"}]


def test_half_a_line_is_neither_read_nor_kept(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"_id": 1}\n{"_id": 2')
    assert list(rows(path)) == [{"_id": 1}]
    with Journal(path) as journal:
        journal.add({"_id": 3})
    assert path.read_bytes() == b'{"_id": 1}\n{"_id": 3}\n'


def test_a_journal_can_begin_anew(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.add({"_id": 1})
        journal.clear()
        journal.add({"_id": 2})
    assert list(rows(tmp_path / "j")) == [{"_id": 2}]


def test_a_file_that_is_not_there_has_no_rows(tmp_path: Path) -> None:
    assert list(rows(tmp_path / "none")) == []


@pytest.mark.parametrize("line", ["[1]\n", "nonsense\n"])
def test_a_whole_line_that_is_no_object_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "j").write_text('{"_id": 1}\n' + line)
    with pytest.raises(SourceError, match="Line 2 of"):
        list(rows(tmp_path / "j"))
