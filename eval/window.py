"""A reader's effective window: made-up facts in contexts of growing size, at several depths.

Effective is the largest size at which the reader scores at least 85% of its base score, the best it does in contexts
of up to 1,000 tokens (NoLiMa, Modarressi et al. 2025, section 4). A size is a window as Pack fills one, in the
reader's own tokens: what is reserved for the instruction and the answer is part of it.
Knows readers, contexts and grades; knows nothing of an index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cascade.config import Config
from cascade.data import Block, Candidates, Context, Passage, Query, Ranked, Ranking
from cascade.errors import NotFound
from cascade.index.snapshot import Snapshot
from cascade.ledger import Ledger
from cascade.models import resolve
from cascade.models.base import Reader
from cascade.stages.generate import Generate
from cascade.stages.pack import Pack
from eval import grade
from eval.evenly import Told, silent
from eval.intervals import wilson
from eval.needles.classes import make
from eval.needles.needle import Kind, Needle
from eval.rows import Finding
from eval.tables import between, table
from indexers.demo import Topics

SIZES = (250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000)
BASE = 1_000
"""Sizes up to this give the base score."""

HOLDS = 0.85
"""The share of the base score that an effective window keeps: NoLiMa's rule."""

PATIENCE = 2
"""Sizes in a row that fall below it before no larger one is tried."""

FILLER = 5_000
"""Passages drawn from an index to fill windows with."""

SHORT = 12
"""Words that a paragraph must have to fill a window."""

_WORD = re.compile(r"\w+")

DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Setup:
    """`most`: the largest size tried. `told`: called with the size, the needles asked at it, and of how many."""

    most: int = 8_000
    seed: int = 0
    config: Config = field(default_factory=Config)
    told: Told = silent


def measure(reader: Reader, needles: Sequence[Needle], filler: Sequence[str], setup: Setup) -> Finding:
    """Accuracy at each size with its interval, and the effective window; 0 where nothing was answered at all."""
    shares: dict[int, tuple[float, float, float]] = {}
    queries: list[dict[str, Any]] = []
    low = 0
    for size in (size for size in SIZES if size <= setup.most):
        asked = []
        for at, needle in enumerate(needles):
            place = Place(size, DEPTHS[at % len(DEPTHS)], (setup.seed, at))
            asked.append(_ask(reader, needle, filler, place, setup.config))
            setup.told(f"{size:,} tokens", at + 1, len(needles))
        queries += asked
        shares[size] = wilson(sum(one["right"] for one in asked), len(asked))
        low = low + 1 if shares[size][0] < HOLDS * base(shares) else 0
        if low == PATIENCE:
            break
    summary = {"base": base(shares), "window": effective(shares), "accuracy": {f"{k}": v for k, v in shares.items()}}
    return Finding({"reader": reader.name, "needles": len(needles), "depths": list(DEPTHS)}, summary, queries)


def measured(name: str, index: Path | None, count: int, setup: Setup) -> Finding:
    """The reader of a name, asked for so many facts among passages of an index, or of Python's own reference."""
    reader = resolve.reader(name)
    texts = drawn(index, setup.seed) if index else reference()
    words = {word.casefold() for text in texts for word in _WORD.findall(text)}
    needles = make(Kind.SINGLE, count, setup.seed, lambda said: any(w.casefold() in words for w in _WORD.findall(said)))
    return measure(reader, needles, texts, setup)


def drawn(index: Path, seed: int) -> list[str]:
    """Passages of an index, at random."""
    with closing(Snapshot(index)) as snapshot:
        live = np.flatnonzero(np.concatenate(snapshot.live))
        rows = np.random.default_rng(seed).permutation(live)[:FILLER]
        return [passage.text for passage in snapshot.read(rows)]


def reference() -> list[str]:
    """Paragraphs of the reference that comes with Python. Raises NotFound where it comes without."""
    texts = [record.text for record in Topics().read()]
    found = [part.strip() for text in texts for part in text.split("\n\n") if len(part.split()) >= SHORT]
    if not found:
        raise NotFound("This Python comes without its reference. Name an index to fill windows from: --index INDEX.")
    return found


def base(shares: dict[int, tuple[float, float, float]]) -> float:
    """The best score in small contexts."""
    return max((share[0] for size, share in shares.items() if size <= BASE), default=0.0)


def effective(shares: dict[int, tuple[float, float, float]]) -> int:
    """The largest size that holds the base score; 0 where that is 0."""
    least = HOLDS * base(shares)
    return max((size for size, share in shares.items() if share[0] >= least > 0), default=0)


def shown(found: Finding) -> str:
    """A line a size."""
    said = found.summary
    rows = [
        [f"{int(size):,}", between(wilson(round(share[0] * found.settings["needles"]), found.settings["needles"])),
         "holds" if share[0] >= HOLDS * said["base"] > 0 else "falls"]
        for size, share in said["accuracy"].items()
    ]  # fmt: skip
    lines = [table(["tokens", "right", f"{HOLDS:.0%} of {said['base']:.3f}"], rows), ""]
    return "\n".join([*lines, f"effective window of {found.settings['reader']}: {said['window']:,} tokens"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a needle is asked for: the size of the window, and its depth in it."""

    size: int
    depth: float
    seed: tuple[int, int]


def _ask(reader: Reader, needle: Needle, filler: Sequence[str], place: Place, config: Config) -> dict[str, Any]:
    context = full(reader, needle, filler, place, config)
    answer = Generate(reader, config.generate).run(context)
    right = grade.right(answer.text, needle.answers, needle.rivals)
    said = {"size": place.size, "depth": place.depth, "tokens": context.tokens, "said": answer.text}
    return {"_id": needle.key, **said, "right": right}


def full(reader: Reader, needle: Needle, filler: Sequence[str], place: Place, config: Config) -> Context:
    """A window full of filler, in numbered blocks, with the needle's records together at its depth."""
    budget = Pack(place.size, reader.count, config.pack).budget(needle.question)
    held = [record.text for record in needle.records]
    left = budget - sum(reader.count(_numbered(10, text)) for text in held)
    before: list[str] = []
    for at in np.random.default_rng(place.seed).permutation(len(filler)).tolist():
        left -= reader.count(_numbered(10, filler[at]))
        if left < 0:
            break
        before.append(filler[at])
    at = round(place.depth * len(before))
    texts = [*before[:at], *held, *before[at:]]
    query = Query(needle.question, Ledger())
    nothing = np.empty(0, dtype=np.float32)
    ranked = tuple(Ranked(n, n, 0.0, 1.0, _passage(n, text)) for n, text in enumerate(texts, 1))
    ranking = Ranking(query, Candidates(query, nothing, np.empty(0, dtype=np.int64), nothing, nothing), ranked)
    blocks = tuple(Block(one.rank, f"[{one.rank}]", one.passage.text, (one,)) for one in ranked)
    context = Context(query, ranking, blocks, 0, budget)
    return Context(query, ranking, blocks, reader.count(context.text), budget)


def _numbered(number: int, text: str) -> str:
    return f"[{number}]\n{text}\n\n"


def _passage(number: int, text: str) -> Passage:
    return Passage(f"{number}", f"{number}", f"{number}", "filler", "", "", "", text, 0, len(text))
