"""Files from packages are found without importing, and used only when they are the pinned ones."""

from __future__ import annotations

import hashlib
import json
import sys

import pytest

from cascade.errors import ModelMissing, ModelTampered
from cascade.models import pinned

TEXT = b"weights"
SHA256 = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(TEXT)
    return path


def test_the_right_file_is_returned_and_remembered(file, tmp_path):
    memory = tmp_path / "cache" / "verified.json"
    assert pinned.check(file, SHA256, memory) == file
    assert json.loads(memory.read_text())[str(file)].startswith(SHA256)
    assert [p.name for p in memory.parent.iterdir()] == ["verified.json"]


def test_a_changed_file_is_refused_with_the_next_step(file, tmp_path):
    file.write_bytes(b"weight5")
    with pytest.raises(ModelTampered, match="Reinstall the package"):
        pinned.check(file, SHA256, tmp_path / "verified.json")


def test_a_file_changed_after_it_was_remembered_is_hashed_again(file, tmp_path):
    memory = tmp_path / "verified.json"
    pinned.check(file, SHA256, memory)
    file.write_bytes(b"something longer")
    with pytest.raises(ModelTampered):
        pinned.check(file, SHA256, memory)


def test_what_is_remembered_of_one_hash_is_not_taken_for_another(file, tmp_path):
    memory = tmp_path / "verified.json"
    pinned.check(file, SHA256, memory)
    with pytest.raises(ModelTampered):
        pinned.check(file, "0" * 64, memory)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}'])
def test_a_damaged_memory_is_ignored(file, tmp_path, content):
    memory = tmp_path / "verified.json"
    memory.write_text(content)
    assert pinned.check(file, SHA256, memory) == file


def test_a_memory_that_cannot_be_written_costs_nothing_else(file):
    assert pinned.check(file, SHA256, file / "no" / "folder") == file


def test_a_file_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(ModelMissing, match="cannot be read"):
        pinned.check(tmp_path / "none", SHA256, tmp_path / "verified.json")


def test_a_package_that_is_not_installed_is_named_with_the_command():
    with pytest.raises(ModelMissing, match="pip install it"):
        pinned.folder("no_such_package_at_all", "pip install it")


def test_a_package_is_found_without_running_it(tmp_path, monkeypatch):
    (tmp_path / "explosive").mkdir()
    (tmp_path / "explosive" / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert pinned.folder("explosive", "") == tmp_path / "explosive"
    assert "explosive" not in sys.modules
