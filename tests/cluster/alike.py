"""Questions of every kind, and what two engines say to them, to be compared."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cascade.config import Config, RetrieveConfig
from cascade.data import Effort, Ranking
from cascade.engine import Engine
from cascade.models.toy import ToyReader
from indexers.cluster.fleet import Form
from indexers.cluster.machines import Machines
from indexers.cluster.opened import Way, opened

Spreading = Callable[..., Engine]
"""Opens an index on some machines, in some form."""

NARROW = Config(
    retrieve=RetrieveConfig(
        width=150, lexical=80, scanned=250, fewest=2, follow=40, exact_filtered=50, lexical_seconds=600.0
    )
)  # fmt: skip
"""Fewer candidates than there are passages: codes are compared, and cut, and so are words, however late they are."""

QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("river bridge unique55", {}),
    ("violin concert", {}),
    ("a word that is nowhere", {}),
    ("enzyme unique77 membrane", {"effort": Effort.HIGH}),
    ("mortgage ledger unique333", {"effort": Effort.MAX}),
    ("tariff", {"effort": Effort.LOW}),
    ("glacier", {"filter": "number > 500"}),
    ("quartz strata", {"filter": "topic = glacier and number < 300", "effort": Effort.HIGH}),
    ("delta", {"filter": "number > 5000"}),
    ("anchor", {"history": ("user: where is the ferry", "assistant: at the canal")}),
)
"""Questions, and how they are asked."""


def spread_over(machines: Machines, root: Path, form: Form, share: bool = False) -> Engine:
    """An index on some machines, in some form."""
    return opened(machines, root, Way(form, share=share), NARROW, reader=ToyReader())


def same(ranking: Ranking, other: Ranking) -> None:
    """Raise AssertionError unless two rankings hold the same passages in the same order, with the same scores."""
    assert (ranking.complete, ranking.candidates.missing) == (other.complete, other.candidates.missing)
    assert [one.row for one in ranking.ranked] == [one.row for one in other.ranked]
    assert ranking.passages == other.passages
    for name in ("score", "relevance"):
        mine, theirs = ([getattr(one, name) for one in each.ranked] for each in (ranking, other))
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-6)
    assert ranking.candidates.rows.tolist() == other.candidates.rows.tolist()


def agree(one: Engine, many: Engine) -> None:
    """Raise AssertionError unless two engines answer all QUESTIONS alike."""
    for text, how in QUESTIONS:
        same(one.search(text, k=117, **how), many.search(text, k=117, **how))


def wait_for(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so. Raises AssertionError where it does not come to be."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)
