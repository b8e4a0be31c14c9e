"""Injects faults, in a process of its own that may fork, and prints what came of it.

    python tests/faults/long.py --kills 1000 --tally rows.jsonl      everything, for as long as it takes
    python tests/faults/long.py --short --only kills --json          one subject as a test runs it
    python tests/faults/long.py --only crashes --work repair         every power cut in one work
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from tally import Tally, table  # noqa: E402

SUBJECTS = ("kills", "killed", "crashes", "mutants", "refusals", "limits")
"""Modules here, each with a `run(folder, tally, every)`."""


def main() -> int:
    """Run the subjects; 1 if anything was lost, wrong or undetected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SUBJECTS, action="append", help="A subject; may be repeated.")
    parser.add_argument("--work", action="append", metavar="NAME", help="Of power cuts: only this work; repeatable.")
    parser.add_argument("--short", action="store_true", help="Only as much as a test runs.")
    parser.add_argument("--kills", type=int, default=0, help="Kills at random moments (default: 1000, short 200).")
    parser.add_argument("--seed", type=int, default=7, help="Of everything random.")
    parser.add_argument("--folder", type=Path, help="Where to work (default: in memory).")
    parser.add_argument("--tally", type=Path, help="A file to which rows are appended as JSON lines.")
    parser.add_argument("--json", action="store_true", help="Print everything as JSON.")
    parser.add_argument("--read-only", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read_only:
        importlib.import_module("limits").read_only(given.read_only)
        return 0
    for ending in (signal.SIGINT, signal.SIGTERM):  # what was counted is told, in the background too
        signal.signal(ending, signal.default_int_handler)
    memory = Path("/dev/shm")
    tally = Tally(loud=True)
    where = given.folder or (memory if memory.is_dir() else None)
    with suppress(KeyboardInterrupt), tempfile.TemporaryDirectory(dir=where) as folder:
        for subject in given.only or SUBJECTS:
            more: dict[str, Any] = {"crashes": {"works": given.work or ()}}.get(subject, {})
            if subject == "killed":
                more = {"kills": given.kills or (200 if given.short else 1000)}
            module = importlib.import_module(subject)
            module.run(Path(folder) / subject, tally, not given.short, seed=given.seed, **more)
            sys.stderr.write(f"{table(tally.rows.values())}\n")
    tally.write(given.tally)
    sys.stdout.write(tally.encode() if given.json else "\n".join([table(tally.rows.values()), *tally.problems, ""]))
    return bool(tally.problems) and not given.json


if __name__ == "__main__":
    sys.exit(main())
