"""Results of a whole run, made up, and the report of them: written once a session."""

from __future__ import annotations

from pathlib import Path

import pytest
import synthetic

from eval.report.build import Written, write
from eval.report.reading import Results, read


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write(synthetic.everything(), tmp_path_factory.mktemp("results") / "full.jsonl")


@pytest.fixture(scope="session")
def results(file: Path) -> Results:
    return read([file])


@pytest.fixture(scope="session")
def written(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write([file], tmp_path_factory.mktemp("report") / "out")
