"""A small index in many segments, a cluster of threads, and (where Ray is installed) one of four Ray nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alike import NARROW, Spreading, spread_over
from small import build, cut, prose
from threads import Threads

from cascade.engine import Engine
from cascade.models.toy import ToyReader
from indexers.cluster.fleet import Form
from indexers.cluster.machines import Machines
from indexers.compact import Shape
from indexers.remove import remove

LISTED = Shape(exact=300, most=150, small=10_000)
"""Lists from 300 passages on, in segments of 150 at most: small indexes go the way of large ones."""


@pytest.fixture(scope="session")
def index(fresh: Callable[[], Path]) -> Path:
    """Nine segments, eight of them in lists and one not, with 38 of 700 passages deleted."""
    root = fresh()
    build(root, prose(600), cut(150, LISTED))
    build(root, prose(700), cut(100))
    remove(root, "number < 38")
    return root


@pytest.fixture(scope="session")
def alone(index: Path) -> Iterator[Engine]:
    """The index on one machine."""
    engine = Engine.open(index, NARROW, reader=ToyReader())
    yield engine
    engine.close()


@pytest.fixture
def threads() -> Iterator[Threads]:
    """Four nodes that are threads."""
    machines = Threads(4)
    yield machines
    machines.close()


@pytest.fixture
def spread() -> Iterator[Spreading]:
    """Opens an index on some machines for as long as the test runs."""
    held: list[Engine] = []

    def open_(machines: Machines, root: Path, form: Form, share: bool = False) -> Engine:
        held.append(spread_over(machines, root, form, share))
        return held[-1]

    yield open_
    for engine in held:
        engine.close()
