"""GGUF files are read as the format says: settings, and arrays in the three storage types in use."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cascade.errors import ModelTampered
from cascade.models import gguf


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def setting(value: Any) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    if isinstance(value, list):
        kind = 8 if isinstance(value[0], str) else 5
        inner = b"".join(text(v) if kind == 8 else struct.pack("<i", v) for v in value)
        return struct.pack("<IIQ", 9, kind, len(value)) + inner
    return struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<II", 4, value)


def write(path: Path, settings: dict[str, Any], arrays: dict[str, tuple[int, tuple[int, ...], bytes]]) -> Path:
    """A GGUF file from settings and arrays (kind, shape with rows first, bytes)."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(arrays), len(settings))
    head += b"".join(text(key) + setting(value) for key, value in settings.items())
    body = b""
    for name, (kind, shape, raw) in arrays.items():
        sizes = struct.pack(f"<I{len(shape)}Q", len(shape), *shape[::-1])
        head += text(name) + sizes + struct.pack("<IQ", kind, len(body))
        body += raw + bytes(-len(raw) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + body)
    return path


def test_settings_of_every_kind_come_back(tmp_path):
    settings = {"name": "é", "count": 7, "rate": 0.5, "words": ["a", "b c"], "kinds": [1, -3]}
    assert gguf.read(write(tmp_path / "x.gguf", settings, {})).settings == settings


def test_float32_is_as_written(tmp_path):
    values = np.arange(32, dtype=np.float32).reshape(2, 16)
    file = gguf.read(write(tmp_path / "x.gguf", {}, {"w": (gguf.F32, (2, 16), values.tobytes())}))
    np.testing.assert_array_equal(file.arrays["w"].values(), values)


def test_q8_is_a_scale_times_small_integers(tmp_path):
    small = np.arange(-16, 16, dtype=np.int8)
    raw = np.float16(0.5).tobytes() + small.tobytes()
    file = gguf.read(write(tmp_path / "x.gguf", {}, {"w": (gguf.Q8_0, (1, 32), raw)}))
    np.testing.assert_array_equal(file.arrays["w"].values(), small[None] * np.float32(0.5))


def test_q4_holds_the_first_half_in_the_low_bits(tmp_path):
    low, high = np.arange(16), np.arange(16)[::-1]
    raw = np.float16(2).tobytes() + np.float16(-1).tobytes() + (low | high << 4).astype(np.uint8).tobytes()
    file = gguf.read(write(tmp_path / "x.gguf", {}, {"w": (gguf.Q4_1, (32,), raw)}))
    np.testing.assert_array_equal(file.arrays["w"].values(), np.concatenate((low, high)) * 2.0 - 1)


def test_arrays_after_the_first_begin_where_the_file_says(tmp_path):
    first, second = np.ones(32, dtype=np.float32), np.full(32, 2, dtype=np.float32)
    arrays = {name: (gguf.F32, (32,), values.tobytes()) for name, values in (("a", first), ("b", second))}
    assert gguf.read(write(tmp_path / "x.gguf", {"k": "v"}, arrays)).arrays["b"].values().tolist() == [2.0] * 32


def test_what_is_not_gguf_or_is_cut_short_is_refused(tmp_path):
    path = write(tmp_path / "x.gguf", {"k": "v"}, {"w": (gguf.F32, (32,), bytes(128))})
    whole = path.read_bytes()
    for broken in (b"", b"PK\3\4" + bytes(60), whole[:30], whole[:-64]):
        path.write_bytes(broken or b"\0")
        with pytest.raises(ModelTampered, match="cannot be read as a model"):
            gguf.read(path)


def test_an_unknown_storage_type_is_refused(tmp_path):
    with pytest.raises(ModelTampered):
        gguf.read(write(tmp_path / "x.gguf", {}, {"w": (14, (32,), bytes(64))}))
