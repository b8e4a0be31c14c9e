"""Zip archives whose bytes depend on nothing but what is in them: every member has the same date.

Knows archives; knows nothing of what is in them.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WHEN = (2026, 7, 1, 9, 0, 0)
"""When every export was made."""


def pack(path: Path | None, members: Mapping[str, bytes]) -> bytes:
    """An archive of these members, in their order; written where a path is given."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, data)
    if path is not None:
        path.write_bytes(raw.getvalue())
    return raw.getvalue()


def dumped(value: Any, **how: Any) -> bytes:
    """A value as JSON in UTF-8, as exports write it."""
    return json.dumps(value, **{"ensure_ascii": False, "indent": 1, **how}).encode("utf-8")
