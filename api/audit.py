"""Who asked which index, when: one JSON line a request, appended whole, readable by its owner alone.

Without the question's text unless that was switched on, and never with a key's secret.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.bodies import encoded


class Audit:
    """Writes lines to a file; to nowhere where there is none. `text`: questions too. Several processes may share it."""

    def __init__(self, file: Path | None = None, text: bool = False) -> None:
        self.text = text
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._handle = os.open(file, flags, 0o600) if file else None

    def write(self, line: dict[str, Any], question: str = "") -> None:
        """One line, in one write."""
        if self._handle is not None:
            said = {"question": question} if self.text and question else {}
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            os.write(self._handle, encoded({"time": now, **line, **said}) + b"\n")

    def close(self) -> None:
        """Let the file go."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)
