"""Calibration: index and questions -> each group of constants -> all of them, and what they were measured on.

Knows the order of the measurements; each is somebody else's.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascade.config import Config
from cascade.engine import Engine
from cascade.errors import NotFound, UsageError
from cascade.models import resolve
from cascade.models.base import Encoder
from eval.evenly import Told, silent
from eval.needles.haystack import Generated, Model
from eval.planning import lines
from eval.planning.constants import KNOWN, Constants
from eval.planning.measuring import building, disks, drawn, memory, nearest, paths, sizes, survive, wording
from eval.planning.sheet import Sheet
from eval.planning.wanted import DIMS
from eval.rows import Circumstances
from indexers.compact import Shape
from indexers.demo import Topics
from indexers.ingest import IngestConfig, ingest

SHORT = 12
"""Words that a paragraph must have to be among those that an index is made of."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How much is measured. `sets`: labelled sets to ask questions of; none: words of the passages themselves.

    `made`: passages of the index that is made where none is given, with `encoder`. `texts`: passages that building and
    words are measured on; with which `encoders`. `disk`: bytes that are written to measure it, beside the index.
    """

    sets: Sequence[Path] = ()
    questions: int = 30
    made: int = 60_000
    texts: int = 60_000
    disk: int = 256 << 20
    seed: int = 117
    encoder: str = "static"
    encoders: Sequence[str] = tuple(DIMS)
    told: Told = silent


@contextmanager
def index(given: Path | None, setup: Setup) -> Iterator[Path]:
    """The index to measure on: the one given, or one that is made of what comes with Python, and thrown away."""
    if given is not None:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="cascade-plan-"))
    try:
        rewoven = Generated(Model.learn(_paragraphs()), setup.made, setup.seed)
        setup.told("making an index", 0, 1)
        config = IngestConfig(shape=Shape(exact=1_000))
        ingest(folder / "index", [rewoven], resolve.encoder(setup.encoder), config)
        yield folder / "index"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _paragraphs() -> list[str]:
    """Paragraphs of the reference that comes with Python. Raises NotFound where it comes without."""
    parts = [part.strip() for record in Topics().read() for part in record.text.split("\n\n")]
    found = [part for part in parts if len(part.split()) >= SHORT]
    if not found:
        raise NotFound("This Python comes without its reference. Name an index: cascade plan INDEX --calibrate")
    return found


def calibrate(root: Path, setup: Setup, before: Constants) -> Constants:
    """All constants, measured on an index with lists. What this system does not tell is taken from `before`.

    Raises UsageError for an index without lists, NoIndex, WrongEncoder.
    """
    began, cores = Circumstances("plan", setup.seed), os.cpu_count() or 1
    quiet = (began.load or 0.0) <= cores / 2
    engine = Engine.open(root, Config(threads=cores))
    try:
        snapshot = engine.snapshot
        if not any(segment.codes for segment in snapshot.segments):
            raise UsageError(
                f"{root} is searched without lists, so their cost cannot be measured on it. Name an index of more than "
                f"{Shape().exact:,} passages, or none: one is then made."
            )
        texts = drawn.passages(snapshot, setup.texts, setup.seed)
        asked = drawn.questions(setup.sets, texts, setup.questions, setup.seed)
        vectors = [snapshot.rotate(engine.encoder.encode_query(text)) for text in asked]
        words = sizes.words(snapshot, setup.seed)
        encoders: dict[str, Encoder] = {name: resolve.encoder(name) for name in setup.encoders}
        values = dict(before.values)
        steps: dict[str, Callable[[], dict[str, float]]] = {
            "sizes": lambda: sizes.measure(snapshot, words),
            "the disk": lambda: disks.measure(root.parent, setup.disk, cores),
            "codes": lambda: nearest.measure(root, vectors),
            "words": lambda: wording.measure(snapshot, texts, asked),
            "the path of a question": lambda: paths.measure(engine, asked, words, cores, quiet),
            "memory": lambda: memory.measure(root, texts, engine.encoder),
            "building": lambda: building.measure(texts, encoders),
        }
        if quiet:
            steps["building as a whole"] = lambda: {"build_cores": _busy(values, texts, encoders["static"], cores)}
        for at, (name, step) in enumerate(steps.items()):
            setup.told(name, at, len(steps) + 1)
            values |= step()
        setup.told("survival", len(steps), len(steps) + 1)
        curves = tuple(survive.measure(snapshot, vectors, cores, setup.seed))
        used = snapshot.built.encoder
        where = _where(began, cores, f"{len(snapshot):,} passages of {words:.1f} words, {used}, {len(asked)} questions")
    finally:
        engine.close()
    return Constants({name: float(values[name]) for name in KNOWN}, where, curves)


def _busy(values: Mapping[str, float], texts: Sequence[str], encoder: Encoder, cores: int) -> float:
    """The work of all steps, as the model has it, over what all cores could have done while the whole was built."""
    words = sum(len(text.split()) for text in texts) / len(texts)
    given = {
        **values, "passages": float(len(texts)), "words": words, "dim": float(encoder.dim),
        "coded": 0.0, "grouped": 0.0,
        "lists": 0.0, "encode_us": values["encode_static_us"],
    }  # fmt: skip
    work = Sheet(given).fill(lines.WORK)["work_s"]
    return min(1.0, work / building.whole(texts, encoder) / cores)


def _where(began: Circumstances, cores: int, what: str) -> dict[str, Any]:
    machine = began.machine
    versions = {name: began.versions[name] for name in sorted(began.versions)}
    return {
        "date": began.date, "commit": began.commit, "cpu": machine.cpu, "cores": cores, "memory": machine.memory,
        "system": machine.system, "load": began.load or 0.0, "index": what,
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
    }  # fmt: skip
