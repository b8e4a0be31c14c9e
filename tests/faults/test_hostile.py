"""An index made in bad faith, with checksums that fit, is refused with a sentence: nothing else happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("hostile.py")

SOUND = ("as it was", "with new checksums")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")


@pytest.fixture(scope="module")
def ended(fresh):
    """How every case ended, by name."""
    folder = fresh()
    folder.mkdir()
    ran = subprocess.run([sys.executable, HARNESS, folder], capture_output=True, text=True, timeout=580, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_the_index_that_they_are_made_from_can_be_read(ended):
    assert [ended[name]["said"] for name in SOUND] == ["148 records, 148 read"] * 2


def test_every_case_was_made_as_it_was_meant(ended):
    assert {name: one["said"] for name, one in ended.items() if one["made"] != "fine"} == {}
    assert len(ended) > 200


MADE_UP_FOR = {"model: centroids of another size"}
"""What is searched without, and nothing is missing. So are all of tokens.df, whose ids are counted again, and
of lists.offsets, without which vectors are compared exactly."""


def test_all_are_refused_as_unusable_indexes(ended):
    derived = {name for name in ended if name.startswith(("tokens.df: ", "lists.offsets: "))} | MADE_UP_FOR
    assert {ended[name]["kind"] for name in derived} == {"fine"}
    cases = {name: one for name, one in ended.items() if name not in SOUND and name not in derived}
    wrong = {name: (one["kind"], one["said"]) for name, one in cases.items() if one["kind"] != "refused"}
    assert wrong == {}
    kinds = {one["said"].partition(":")[0] for one in cases.values()}
    assert kinds <= {"Corrupt", "UnusableIndex", "WrongFormat", "WrongEncoder"}


def test_all_are_refused_soon(ended):
    assert {name: one["took"] for name, one in ended.items() if one["took"] > 15} == {}


def test_nothing_outside_is_read_or_written(ended):
    kept = {"secret": "the secret", "9.u32": "kept"}
    assert {name: one["outside"] for name, one in ended.items() if one["outside"] != kept} == {}
    assert [name for name, one in ended.items() if "the secret" in one["said"]] == []
