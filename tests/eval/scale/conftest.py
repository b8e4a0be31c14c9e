"""Real text that is wherever Python is, and what was learned of it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from eval.bench.scale import learned
from eval.bench.scale.woven import Woven
from indexers.compact import Shape

LISTED = Shape(exact=300, most=1_000)
"""Puts a small index into lists."""


@pytest.fixture(scope="session")
def real() -> list[str]:
    """Paragraphs of the standard library's docstrings."""
    found: list[str] = []
    for file in sorted(Path(ast.__file__).parent.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                found += [part for part in text.split("\n\n") if len(part.split()) >= 8]
        if len(found) > 3000:
            break
    return list(dict.fromkeys(found))


@pytest.fixture(scope="session")
def folder(real: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was learned of it, on the disk."""
    made = tmp_path_factory.mktemp("scale") / "learned"
    learned.learn(real, made)
    return made


@pytest.fixture(scope="session")
def woven(folder: Path) -> Callable[..., Woven]:
    """So many woven records."""
    held = learned.opened(folder)
    return lambda count, seed=7, **how: Woven(*held, count, seed, **how)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(5)
