"""How long an index takes to open after a crash: a copy of a large one, an `add` killed in it, the first question.

python tests/faults/recovery.py INDEX --folder WHERE --times 9
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from pathlib import Path
from random import Random

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from harness import Scene, since, told  # noqa: E402
from killed import killed  # noqa: E402
from small import Given, prose  # noqa: E402
from works import warm  # noqa: E402

from cascade.config import Config  # noqa: E402
from cascade.engine import Engine  # noqa: E402
from cascade.index.snapshot import Snapshot  # noqa: E402
from cascade.models import resolve  # noqa: E402
from indexers.ingest import IngestConfig, ingest  # noqa: E402


def main() -> None:
    """Kill an addition at a random moment, open and ask in a new process, and so on; print medians as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--folder", type=Path, required=True, help="Where the copy is made; it is removed afterwards.")
    parser.add_argument("--times", type=int, default=9)
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    root, random, rows = given.folder / "index", Random(7), []
    shutil.copytree(given.index, root)
    warm(given.folder / "warm")
    name = Scene.check(told(lambda: Snapshot(root).built.encoder, given.folder / "out"))
    for number in range(given.times):
        records = prose(20_000, seed=number, words=60)
        while not killed(lambda records=records: _add(root, name, records), random.uniform(2, 12)):
            pass
        rows.append(Scene.check(told(lambda: _ask(root, name), given.folder / "out")))
    shutil.rmtree(given.folder)
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    medians = {f"median {key}": round(statistics.median(values), 1) for key, values in columns.items()}
    worst = {f"worst {key}": round(max(values), 1) for key, values in columns.items()}
    sys.stdout.write(f"{json.dumps({'kills': len(rows), **medians, **worst})}\n")


def _add(root: Path, name: str, records: list) -> None:  # type: ignore[type-arg]
    ingest(root, [Given("killed", records)], resolve.encoder(name), IngestConfig(records=1000, passages=2000))


def _ask(root: Path, name: str) -> dict[str, float]:
    """Milliseconds to open and to the first answer, with the model loaded before; and what is there."""
    encoder = resolve.encoder(name)
    encoder.encode_query("warm")
    began = time.perf_counter()
    snapshot = Snapshot(root)
    opened = since(began)
    found = Engine(snapshot, encoder, Config()).search("unique7", k=5).ranked
    asked = since(began) - opened
    assert found
    return {"ms to open": opened, "ms to the first answer": asked, "passages": len(snapshot)}


if __name__ == "__main__":
    main()
