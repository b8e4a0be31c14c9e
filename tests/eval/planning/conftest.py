"""An index with lists, small, of the toy encoder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small import build, prose

from indexers.compact import Shape
from indexers.ingest import IngestConfig


@pytest.fixture(scope="session")
def listed(fresh: Callable[[], Path]) -> Path:
    root = fresh()
    build(root, prose(1_200), IngestConfig(records=300, passages=300, shape=Shape(exact=500, most=600)))
    return root
