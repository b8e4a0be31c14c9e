"""Reads a GGUF model file: its settings, and where its arrays lie. Nothing of an array is read before it is used.

Knows the file format (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3) and the three storage
types that the packaged reader uses; knows nothing of models.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.errors import ModelTampered

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9

F32, Q4_1, Q8_0 = 0, 3, 8
_BLOCK = 32
_BYTES = {F32: 4 * _BLOCK, Q4_1: 20, Q8_0: 34}
"""Bytes that 32 values take. Q4_1: float16 scale, float16 least value, 16 bytes of two values each, low halves first.
Q8_0: float16 scale, 32 int8."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One array as it lies in the file: `raw` uint8, `kind` one of F32, Q4_1, Q8_0, `shape` with rows first."""

    raw: NDArray[np.uint8]
    kind: int
    shape: tuple[int, ...]

    def values(self) -> NDArray[np.float32]:
        """float32 of `shape`. About 0.05 s for 10 million values."""
        if self.kind == F32:
            return self.raw.view("<f4").reshape(self.shape).astype(np.float32)
        blocks = self.raw.reshape(-1, _BYTES[self.kind])
        scale = blocks[:, :2].view("<f2").astype(np.float32)
        if self.kind == Q8_0:
            return (blocks[:, 2:].view(np.int8) * scale).reshape(self.shape)
        least = blocks[:, 2:4].view("<f2").astype(np.float32)
        halves = np.concatenate((blocks[:, 4:] & 15, blocks[:, 4:] >> 4), axis=1)
        return (halves * scale + least).reshape(self.shape)


@dataclass(frozen=True, slots=True)
class Gguf:
    """An opened file: `settings` by key, `arrays` by name."""

    settings: dict[str, Any]
    arrays: dict[str, Stored]


def read(path: Path) -> Gguf:
    """Open a GGUF file. Raises ModelTampered when it is not one, or stores arrays in a way not known here."""
    cursor = _Cursor(np.memmap(path, dtype=np.uint8, mode="r"))
    try:
        if cursor.take("4s") != b"GGUF" or cursor.take("I") != 3:
            raise ValueError("it does not begin as GGUF version 3 does")
        many, keys = cursor.take("Q"), cursor.take("Q")
        settings = {cursor.text(): cursor.value(cursor.take("I")) for _ in range(keys)}
        entries = [cursor.entry() for _ in range(many)]
        even = settings.get("general.alignment", 32)
        begin = -(-cursor.at // even) * even
        arrays = {name: _stored(cursor.raw, begin + at, kind, shape) for name, shape, kind, at in entries}
    except (ValueError, KeyError, struct.error) as error:
        raise ModelTampered(
            f"{path} cannot be read as a model ({error}). Reinstall the package that ships it."
        ) from error
    return Gguf(settings, arrays)


def _stored(raw: NDArray[np.uint8], at: int, kind: int, shape: tuple[int, ...]) -> Stored:
    size = int(np.prod(shape)) * _BYTES[kind] // _BLOCK
    if at + size > len(raw):
        raise ValueError("it ends before its last array does")
    return Stored(raw[at : at + size], kind, shape)


class _Cursor:
    """Reads little-endian values one after another."""

    def __init__(self, raw: NDArray[np.uint8]) -> None:
        self.raw = raw
        self.view = raw.data
        self.at = 0

    def take(self, form: str) -> Any:
        (value,) = struct.unpack_from("<" + form, self.view, self.at)
        self.at += struct.calcsize("<" + form)
        return value

    def text(self) -> str:
        size = self.take("Q")
        self.at += size
        return bytes(self.view[self.at - size : self.at]).decode("utf-8")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            inner, many = self.take("I"), self.take("Q")
            return [self.value(inner) for _ in range(many)]
        return self.take(_SCALARS[kind])

    def entry(self) -> tuple[str, tuple[int, ...], int, int]:
        name, depth = self.text(), self.take("I")
        shape = tuple(self.take("Q") for _ in range(depth))[::-1]
        return name, shape, self.take("I"), self.take("Q")
