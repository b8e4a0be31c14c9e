"""One part of the benchmark: codes made after those of a real index, and nomination over them.

Knows where a run keeps things; what codes are and how they are probed is somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from cascade.errors import UsageError, WrongEncoder
from cascade.index import files
from cascade.index.snapshot import Snapshot
from cascade.index.vectors import rotation
from cascade.models.base import Encoder
from eval.bench.scale import alone, coded, probing, rounds
from eval.bench.scale.coded import Pattern, Plan
from eval.bench.scale.setup import Setup
from eval.evenly import Told
from eval.rows import Finding

NARROW: Final = 500_000_000
"""From so many generated codes on, they have 256 dimensions where the index has more: 34 bytes each."""
ASKED: Final = 100
CHILLED: Final = 40
"""Questions asked at each number of codes, and how many of them cold."""


def plan(setup: Setup, encoder: Encoder, count: int) -> Plan:
    """What is made for so many codes."""
    return Plan.of(count, min(256, encoder.dim) if count >= NARROW else encoder.dim, setup.seed)


def keep(setup: Setup, encoder: Encoder, root: Path) -> None:
    """Keep what codes are made after, of an index that has lists. Raises WrongEncoder for one of another encoder."""
    if not setup.codes or not coded.listed(root):
        return
    with closing(Snapshot(root)) as snapshot:
        built = snapshot.built
    if built.fingerprint != encoder.fingerprint:
        raise WrongEncoder(
            f"{root} was built with {built.encoder}, and questions are encoded by {encoder.name}. "
            f"Give --encoder {built.encoder}, or another --like."
        )
    for dim in {plan(setup, encoder, count).dim for count in setup.codes}:
        np.savez(_pattern(setup, dim), **coded.taken(root, dim, setup.seed)._asdict())


def measure(setup: Setup, encoder: Encoder, texts: Sequence[str], count: int, told: Told) -> Finding:
    """Make so many codes, where they are not there yet, and probe them with the vectors of some questions.

    Raises UsageError where there is nothing to make them after.
    """
    made, done = plan(setup, encoder, count), 0

    def filled(rows: int) -> None:
        nonlocal done
        done += rows
        told("codes", done, count)

    folder, out = setup.work / f"codes-{count}", setup.work / f"probed-{count}.json"
    if not out.exists():
        if not (kept := _pattern(setup, made.dim)).exists() and setup.like:
            keep(setup, encoder, setup.like)
        if not kept.exists():
            raise UsageError("No index here has lists to make codes after. Name larger --sizes, or --like INDEX.")
        with np.load(kept) as held:
            took = coded.make(folder, Pattern(**held), made, filled)
        asked = np.stack([encoder.encode_query(text) for text in texts[:: max(1, len(texts) // ASKED)]]) @ rotation(
            encoder.dim
        )
        np.save(setup.work / "vectors.npy", asked[:, : made.dim])
        whole, chilled = setup.work / "vectors.npy", min(CHILLED, setup.cold)
        task = probing.Task(str(folder), str(whole), str(out), setup.scanned, took, setup.threads, chilled)
        alone.run(probing.__name__, task, told)
    if setup.tidy:
        files.disk.clear(folder)
    return _finding(made, json.loads(out.read_text("utf-8")))


def _finding(made: Plan, said: dict[str, Any]) -> Finding:
    summary = {
        "passages": said["rows"], "lists": said["lists"], "bytes_by_kind": {"codes": made.bytes},
        "open_ms": said["open_ms"], "seconds": said["took"], "memory": said["memory"],
        "rounds": rounds.probed(said["rounds"]),
    }  # fmt: skip
    queries = [
        {"scanned": one["scanned"], "round": one["round"], **row} for one in said["rounds"] for row in one["queries"]
    ]
    return Finding(asdict(made), summary, queries)


def _pattern(setup: Setup, dim: int) -> Path:
    return setup.work / f"pattern-{dim}.npz"
