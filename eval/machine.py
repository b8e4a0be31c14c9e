"""Where and with what something was measured: commit, machine, versions, memory. Without these a figure is hearsay.

Reads `/proc` where there is one, and leaves out what a system does not tell.
"""

from __future__ import annotations

import os
import platform
import subprocess
import threading
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType

PACKAGES = ("cascade-retrieval", "numpy", "faiss-cpu", "tantivy", "duckdb", "numba", "tokenizers", "torch")
STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer. `memory` is in bytes, 0 where it is not told."""

    cpu: str
    cores: int
    memory: int
    system: str


def this() -> Machine:
    """The machine this runs on."""
    return Machine(_cpu(), os.cpu_count() or 1, _memory(), f"{platform.system()} {platform.machine()}")


def load() -> float | None:
    """Processes that wanted a core in the last minute, on average; None where the system does not tell."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def versions() -> dict[str, str]:
    """Python and the libraries that speed depends on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit of the checkout this code runs from, with `+changes` where it differs; empty when it is installed."""
    here = Path(__file__).parent
    said = [_git(here, "rev-parse", "HEAD"), _git(here, "status", "--porcelain", "--untracked-files=no")]
    return f"{said[0][:12]}{'+changes' if said[1] else ''}" if said[0] else ""


class Peak:
    """Samples a process's anonymous memory while it is entered: heap and stacks, without mapped files.

    `process`: its id; 0 for this one.

    `anonymous`: the most seen, in bytes. `before`: that at the start. `high_water`: the most ever resident, mapped
    files included, since the process began (VmHWM). All None where there is no /proc.
    """

    def __init__(self, every: float = 0.05, process: int = 0) -> None:
        self._every, self._process = every, process
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.before = self.anonymous = self.high_water = None if not STATUS.exists() else 0

    def __enter__(self) -> Peak:
        if STATUS.exists():
            self.before = self.anonymous = field("RssAnon", self._process)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
            self.high_water = field("VmHWM", self._process)

    def _sample(self) -> None:
        while not self._stop.wait(self._every):
            self.anonymous = max(self.anonymous or 0, field("RssAnon", self._process))


def field(name: str, process: int = 0) -> int:
    """A field of a process's status in /proc (0: this one), in bytes; 0 where it is not there."""
    for line in (Path(f"/proc/{process}/status") if process else STATUS).read_text("ascii", "replace").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def spent(process: int) -> float:
    """Seconds of processor time that a process has taken so far; 0 where the system does not tell."""
    told = Path(f"/proc/{process}/stat")
    if not told.exists():
        return 0.0
    fields = told.read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


def _cpu() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> int:
    names = getattr(os, "sysconf_names", {})
    if "SC_PAGE_SIZE" in names and "SC_PHYS_PAGES" in names:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 0


def _git(folder: Path, *words: str) -> str:
    try:
        command = ["git", "-C", str(folder), *words]
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.strip()
