"""A rival in a process of its own, with a stated number of threads, talked to line by line; late or dead, it is told.

Knows processes and JSON lines; knows no rival.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any

from cascade.errors import CascadeError

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS",
         "LANCE_CPU_THREADS")  # fmt: skip
"""What the libraries read how many threads they may have from."""

CODE = "import sys; from eval.bench.rivals.serving import main; main(*sys.argv[1:])"


class Child:
    """A process that serves the rival `name`. Enter it to start it; leaving it ends it.

    `patience`: seconds that an answer may take before the process is killed.
    """

    def __init__(self, name: str, given: Path, folder: Path, threads: int = 2, patience: float = 1_800.0) -> None:
        self.name, self.patience, self._expired = name, patience, False
        self._command = [sys.executable, "-c", CODE, name, str(given), str(folder)]
        self._environment = {**os.environ, **dict.fromkeys(POOLS, str(threads)), "TOKENIZERS_PARALLELISM": "false"}
        self._log = given / f"{name}.stderr"

    def __enter__(self) -> Child:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=self._environment,
                text=True, encoding="utf-8",
            )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        self._process.communicate()

    def order(self, do: str, **how: Any) -> dict[str, Any]:
        """What the process answers. Raises CascadeError where it failed, died, or took too long."""
        late = Timer(self.patience, self._expire)
        late.start()
        try:
            line = self._said(json.dumps({"do": do, "how": how}))
        finally:
            late.cancel()
        if not line:
            raise CascadeError(self._ended())
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise CascadeError(f"{self.name}: {answer['failed']}")
        return answer

    def _said(self, line: str) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            return ""
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return ""
        return self._process.stdout.readline()

    def _expire(self) -> None:
        self._expired = True
        self._process.kill()

    def _ended(self) -> str:
        if self._expired:
            return f"{self.name} was stopped after {self.patience:,.0f} s. Give it longer: --patience."
        code = self._process.wait()
        tail = self._log.read_text("utf-8", "replace").strip()[-300:]
        return f"{self.name} died (exit code {code}). What it said last: {tail or 'nothing'}"
