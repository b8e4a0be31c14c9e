"""A life that is read once, and copied for each test that changes something."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from personal.living import EXPORTS, Lived, allow, excluded, opened, read
from vaults import SECRET, vault

from indexers.personal import home as homes
from indexers.personal.grants import Scope
from indexers.personal.home import Home
from indexers.personal.life import live
from indexers.personal.life.written import Written


@pytest.fixture(scope="session")
def life(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A small life, written in every format."""
    pytest.importorskip("PIL")
    return live(seed=7, scale=180).write(tmp_path_factory.mktemp("life") / "exports")


@pytest.fixture(scope="session")
def seed(life: Written, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """That life in a vault, not to be changed."""
    lived = Lived(vault(tmp_path_factory.mktemp("seed") / "vault").layout.root, life, {})
    shunned = excluded(life.life.cast)
    with opened(lived) as home:
        for name in EXPORTS:
            export = life.export(name)
            scope = Scope(not_people=shunned, choices=dict(export.choices))
            lived.grants[name] = allow(home, export.connector, export.root, scope=scope, source=name)
            read(home, lived.grants[name])
    return lived


@pytest.fixture
def lived(seed: Lived, tmp_path: Path) -> Lived:
    """That life in a vault of the test's own."""
    shutil.copytree(seed.root, tmp_path / "vault")
    return Lived(tmp_path / "vault", seed.written, seed.grants)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty vault."""
    return vault(tmp_path / "vault").layout.root


@pytest.fixture
def home(place: Path) -> Iterator[Home]:
    """An empty vault, open."""
    with homes.unlocked(place, SECRET) as found:
        yield found
