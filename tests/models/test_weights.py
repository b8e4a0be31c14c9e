"""Mapped safetensors: the values the library wrote, and a sentence for a file that is not whole."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save_file

from cascade.errors import ModelTampered
from cascade.models.weights import mapped


def test_arrays_and_metadata_come_back_as_they_were_written(tmp_path):
    arrays = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([-128, 127], dtype=np.int8),
        "c": np.array([1, 2], dtype=np.int64), "empty": np.empty((0, 4), dtype=np.float32),
    }
    save_file(arrays, tmp_path / "x.safetensors", {"licence": "free"})
    found, notes = mapped(tmp_path / "x.safetensors")
    assert notes == {"licence": "free"}
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_nothing_can_be_written_through_the_mapping(tmp_path):
    save_file({"a": np.zeros(3, dtype=np.float32)}, tmp_path / "x.safetensors")
    with pytest.raises(ValueError, match="read-only"):
        mapped(tmp_path / "x.safetensors")[0]["a"][0] = 1


@pytest.mark.parametrize("keep", [4, 20, 90])
def test_a_file_cut_short_is_refused(tmp_path, keep):
    path = tmp_path / "x.safetensors"
    save_file({"a": np.zeros(300, dtype=np.float32)}, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelTampered, match="not a whole safetensors file"):
        mapped(path)
