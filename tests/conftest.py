"""Folders for small indexes, and snapshots that are closed when the test is over."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from cascade.index.snapshot import Snapshot
from cascade.models.table import TokenTable
from cascade.models.vocabulary import Vocabulary
from cascade.stages.eyes import Eyes

Fresh = Callable[[], Path]
Opened = Callable[[Path], Snapshot]

MEMORY = Path("/dev/shm")  # flushing files is most of the work of a small index, and costs nothing in memory


@pytest.fixture(scope="session")
def fresh() -> Iterator[Fresh]:
    """Paths where nothing is yet."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        numbers = count()
        yield lambda: Path(folder) / f"index-{next(numbers)}"


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens an index for as long as the test runs."""
    held: list[Snapshot] = []

    def open_(root: Path) -> Snapshot:
        held.append(Snapshot(root))
        return held[-1]

    yield open_
    for snapshot in held:
        snapshot.close()


@pytest.fixture(scope="session")
def eyes() -> Callable[[Snapshot], Eyes]:
    """Eyes for a snapshot, with the real vocabulary and a small random token table."""
    random = np.random.default_rng(3)
    vectors = random.standard_normal((Vocabulary.size, 12)).astype(np.float32)
    table = TokenTable.quantized(vectors, np.eye(12, dtype=np.float32), {})
    return lambda snapshot: Eyes.of(snapshot, Vocabulary(), table)
