"""Indexes of every released format still open, and say what they said when they were made."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from cascade.index.layout import FORMAT, READS
from cascade.index.snapshot import Snapshot

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from make import ranked, seen  # noqa: E402

FORMATS = sorted(HERE.glob("format-*"))


@pytest.fixture(params=FORMATS, ids=lambda path: path.name)
def golden(request, tmp_path):
    """A copy, since even opening leaves a lock file of Tantivy's."""
    return request.param, Path(shutil.copytree(request.param / "index", tmp_path / "index"))


def test_an_index_of_a_released_format_says_what_it_said(golden):
    folder, index = golden
    assert seen(index) == json.loads((folder / "seen.json").read_text())


def test_an_index_of_a_released_format_ranks_as_the_first_did(golden):
    assert ranked(golden[1]) == json.loads((HERE / "ranked.json").read_text())


def test_an_index_of_a_released_format_is_whole(golden):
    snapshot = Snapshot(golden[1])
    assert f"format-{snapshot.manifest.format}" == golden[0].name
    assert snapshot.verify() == []
    snapshot.close()


def test_there_is_a_golden_index_of_every_format_that_is_read():
    assert [HERE / f"format-{number}" for number in READS] == FORMATS
    assert READS[-1] == FORMAT
