"""Arrays in a safetensors file, mapped from disk: nothing is read before it is used, and processes share the pages.

Knows the file format (a length, a JSON header, raw little-endian arrays); knows nothing of models.
The format is that of https://github.com/huggingface/safetensors, read here in a few lines because the
library's own NumPy reader copies every array into anonymous memory.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.errors import ModelTampered

_DTYPES = {"F32": "<f4", "F16": "<f2", "I8": "i1", "U8": "u1", "I32": "<i4", "I64": "<i8", "BF16": "<u2"}


def mapped(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays by name, read-only views of the file, and its metadata.

    bfloat16, which NumPy lacks, comes as uint16 with the same bits. Raises ModelTampered when the header does not
    fit the file.
    """
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    try:
        size = int.from_bytes(raw[:8].tobytes(), "little")
        header: dict[str, Any] = json.loads(raw[8 : 8 + size].tobytes())
        metadata = header.pop("__metadata__", {})
        body = raw[8 + size :]
        arrays = {
            name: body[slice(*entry["data_offsets"])].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items()
        }
    except (ValueError, KeyError, TypeError) as error:
        raise ModelTampered(f"{path} is not a whole safetensors file ({error}). Reinstall what ships it.") from error
    return arrays, metadata
