"""Generated codes at 10^8 and 10^9: segments with lists, codes and gains alone, made after those of a real index.

A generated row is a real one of the same list with each bit turned over by a chance of one in eight, and its gain; a
generated list is a real one, its centroid moved a little. So estimates spread around a question as real ones do, lists
are as uneven as trained ones, and what lies together looks alike; what is lost is that each row is a row of some text.
Fewer dimensions are the first ones of a rotated vector, which are as good as any others, at unit length again.

Each segment is written aside and renamed: a killed run goes on with the next. Knows the files of codes; knows nothing
of texts or questions.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.errors import UnusableIndex, UsageError
from cascade.index import coarse, files, layout, weigh
from cascade.index.layout import LANES
from cascade.index.snapshot import Snapshot
from cascade.index.vectors import dequantize, quantize
from eval.bench.scale.filling import fill
from indexers.compact import lists_for

CENTROIDS: Final = "centroids.f32"
BEGINS: Final = "groups.i64"
MADE: Final = "made.json"
SAMPLED: Final = 1_000_000
"""Real rows that generated ones are made after, at most."""
MOVED: Final = 0.35
"""How far a centroid is moved, relative to its length: two of the same real list have a cosine of .89."""
SPARE: Final = 2 << 30
"""Bytes of the disk that are left free."""
SLICE: Final = 16_384


class Pattern(NamedTuple):
    """What real rows look like. `codes`: uint64 (n, words), by list; `gains`: uint16 (n,); `first`: int64 (lists + 1,),
    where each list begins; `centroids`: float32 (lists, dim), unit length."""

    codes: NDArray[np.uint64]
    gains: NDArray[np.uint16]
    first: NDArray[np.int64]
    centroids: Floats


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rows, in how many dimensions, lists and segments."""

    rows: int
    dim: int
    lists: int
    segments: int
    seed: int

    @classmethod
    def of(cls, rows: int, dim: int, seed: int) -> Plan:
        """As many lists as an index of so many has, and at least 64 rows of each in a segment, in at most 16."""
        lists = lists_for(rows)
        return cls(rows, dim, lists, int(min(16, max(1, rows // (64 * lists)))), seed)

    @property
    def bytes(self) -> int:
        """What the disk must hold."""
        return self.rows * (weigh.words(self.dim) * 8 + 2) + self.lists * 4 * (self.segments + self.dim)


def listed(root: Path) -> bool:
    """Whether an index is there and is searched by lists."""
    if not root.exists():
        return False
    with closing(Snapshot(root)) as snapshot:
        return any(segment.codes is not None for segment in snapshot.segments)


def taken(root: Path, dim: int, seed: int) -> Pattern:
    """The pattern of an index's rows in `dim` dimensions, a sample of them. Raises UnusableIndex for one without lists,
    UsageError where it has fewer dimensions."""
    snapshot = Snapshot(root)
    try:
        listed = [segment for segment in snapshot.segments if segment.codes is not None]
        if not listed:
            raise UnusableIndex(
                f"{root} is searched without lists, so no codes can be made after its own. Name a larger --sizes."
            )
        if dim % 64 or dim > snapshot.built.dim:
            raise UsageError(
                f"Codes of {dim} dimensions cannot be made after {snapshot.built.dim}. Name a multiple of 64, up to it."
            )
        lists = snapshot.lists[listed[0].entry.generation]
        random = np.random.default_rng(seed)
        share = min(1.0, SAMPLED / sum(len(segment) for segment in listed))
        homes, codes, gains = [], [], []
        for segment in listed:
            rows = np.flatnonzero(random.random(len(segment)) < share)
            home = np.searchsorted(segment.codes.offsets, rows, side="right") - 1  # type: ignore[union-attr]
            for begin in range(0, len(rows), SLICE):
                part = slice(begin, begin + SLICE)
                residuals = (dequantize(segment.vectors(rows[part])) - lists.centroids[home[part]])[:, :dim]
                made, gain = weigh.encode(
                    np.ascontiguousarray(residuals * np.float32(np.sqrt(snapshot.built.dim / dim)))
                )
                codes.append(made)
                gains.append(gain)
            homes.append(home)
        return _sorted(np.concatenate(codes), np.concatenate(gains), np.concatenate(homes), lists.centroids[:, :dim])
    finally:
        snapshot.close()


def _sorted(
    codes: NDArray[np.uint64], gains: NDArray[np.uint16], homes: NDArray[np.int64], centroids: Floats
) -> Pattern:
    """By list; lists that no sampled row is of are left out."""
    order = np.argsort(homes, kind="stable")
    used, first = np.unique(homes[order], return_index=True)
    kept = centroids[used] / np.linalg.norm(centroids[used], axis=1, keepdims=True)
    return Pattern(codes[order], gains[order], np.append(first, len(order)).astype(np.int64), kept.astype(np.float32))


def there(folder: Path) -> int:
    """Bytes of the files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def room(folder: Path, plan: Plan) -> None:
    """Raise UsageError unless the disk has room for what is not there yet. `folder` exists."""
    free = shutil.disk_usage(folder).free
    if plan.bytes - there(folder) + SPARE > free:
        raise UsageError(
            f"{plan.rows:,} codes of {plan.dim} dimensions take {plan.bytes / 1e9:,.1f} GB, and {SPARE / 1e9:.1f} GB "
            f"are to stay free; the disk of {folder} has {free / 1e9:,.1f} GB. Name fewer codes or another WORK."
        )


def make(folder: Path, pattern: Pattern, plan: Plan, told: Callable[[int], None] = lambda _: None) -> float:
    """Make all segments that are not there yet, two at a time; the seconds it took. Raises UsageError where the disk
    has no room."""
    begin = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    room(folder, plan)
    random = np.random.default_rng(plan.seed)
    source, begins = _grouped(pattern.centroids, random.permutation(plan.lists) % len(pattern.centroids))
    _centroids(folder / CENTROIDS, pattern.centroids[source], random)
    files.replace(folder / BEGINS, begins.tobytes())
    drawn = random.choice(np.diff(pattern.first), plan.lists).astype(np.float64)
    sizes = drawn * (plan.rows / plan.segments / drawn.sum())

    def segment(number: int) -> None:
        target = folder / f"{number:04d}"
        if not target.exists():
            _segment(target, pattern, source, random_sizes(sizes, plan, number), plan.seed + number)
        told(plan.rows // plan.segments)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(segment, range(plan.segments)))
    return time.perf_counter() - begin


def _grouped(centroids: Floats, source: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The real list that each list is made after, in the order of groups, and where each group begins."""
    real = quantize(centroids)
    count = min(2 ** round(math.log2(len(source)) / 2), len(real))
    groups = coarse.train(real, count, threads=2).assign(real)[source]
    order = np.lexsort((source, groups))
    return source[order], np.append(np.unique(groups[order], return_index=True)[1], len(source)).astype(np.int64)


def _centroids(path: Path, moved: Floats, random: np.random.Generator) -> None:
    """Move centroids a little, and write them."""
    dim = moved.shape[1]
    for begin in range(0, len(moved), SLICE):
        part = moved[begin : begin + SLICE]
        part = part + random.standard_normal(part.shape, dtype=np.float32) * np.float32(MOVED / np.sqrt(dim))
        moved[begin : begin + SLICE] = part / np.linalg.norm(part, axis=1, keepdims=True)
    files.replace(path, moved.tobytes())


def random_sizes(means: NDArray[np.float64], plan: Plan, number: int) -> NDArray[np.int64]:
    """How many rows of each list one segment has: Poisson around the mean of the list."""
    return np.random.default_rng([plan.seed, number]).poisson(means).astype(np.int64)


def _segment(target: Path, pattern: Pattern, source: NDArray[np.int64], sizes: NDArray[np.int64], seed: int) -> None:
    aside = target.with_name(f".{target.name}.unfinished")
    files.disk.clear(aside)
    aside.mkdir(parents=True)
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    rows, width = int(offsets[-1]), pattern.codes.shape[1]
    padded = -(-rows // LANES) * LANES
    blocks = np.memmap(aside / layout.CODES, "<u8", "w+", shape=(max(1, padded * width),))
    gains = np.memmap(aside / layout.GAINS, "<u2", "w+", shape=(max(1, padded),))
    fill((pattern.codes, pattern.gains, pattern.first), source, offsets, seed, np.asarray(blocks), np.asarray(gains))
    for held in (blocks, gains):
        held.flush()
    files.write(aside / layout.LIST_OFFSETS, offsets.astype("<u4"))
    names = (layout.CODES, layout.GAINS, layout.LIST_OFFSETS)
    sums = {name: files.checksum(aside / name)._asdict() for name in names}
    (aside / MADE).write_text(json.dumps({"rows": rows, "sums": sums}), "utf-8")
    files.publish(aside, target)
