"""A measurement in a process of its own, so that its memory is its own. Knows processes alone."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, is_dataclass
from typing import Any, Final

from cascade.errors import UnusableIndex
from eval.evenly import Told, silent

MARK: Final = "@"
"""Before what is said of progress on the standard output."""


def tell(what: str, done: int, of: int) -> None:
    """In the process: say how far it is."""
    sys.stdout.write(f"{MARK}{json.dumps([what, done, of])}\n")
    sys.stdout.flush()


def run(module: str, task: Any, told: Told = silent) -> None:
    """Run a module's `main` with a task, a dataclass of plain values, as JSON. Raises UnusableIndex where it fails."""
    if not is_dataclass(task) or isinstance(task, type):
        raise TypeError(f"{task!r} is no task.")
    code = f"import sys; from {module} import main; main(sys.argv[1])"
    command = [sys.executable, "-c", code, json.dumps(asdict(task))]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as wrong:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=wrong, text=True, encoding="utf-8") as process:
            for line in process.stdout or ():
                if line.startswith(MARK):
                    what, done, of = json.loads(line[len(MARK) :])
                    told(what, done, of)
        wrong.seek(0)
        if process.returncode:
            said = wrong.read().strip()[-600:]
            raise UnusableIndex(f"A process of its own for {module} failed with {process.returncode}: {said}")
