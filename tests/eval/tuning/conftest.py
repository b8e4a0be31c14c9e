"""Small indexes to tune: one in lists, and the same as bytes, so that a test can tell that nothing has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small import build, cut, prose

from cascade.config import Config
from eval.tuning.asked import Ground, Source, ground
from indexers.compact import Shape

LISTED = Shape(exact=100, small=10_000)


@pytest.fixture(scope="session")
def listed(fresh: Callable[[], Path]) -> Path:
    """300 passages in two segments with lists."""
    root = fresh() / "listed"
    build(root, prose(300), cut(150, LISTED))
    return root


@pytest.fixture(scope="session")
def wide(fresh: Callable[[], Path]) -> Path:
    """1,100 short passages: more than the fewest candidates that are tried."""
    root = fresh() / "wide"
    build(root, prose(1_100, words=9), cut(1_100))
    return root


@pytest.fixture
def place(listed: Path) -> Iterator[Ground]:
    """The index in lists, open, with 12 questions made of its passages."""
    with ground(listed, Config(reader="toy", threads=1), Source(questions=12)) as opened:
        yield opened


def contents(root: Path) -> dict[str, bytes]:
    """Every file of an index, but for locks, which reading makes too."""
    files = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def snap() -> Callable[[Path], dict[str, bytes]]:
    """Takes every byte of an index."""
    return contents
