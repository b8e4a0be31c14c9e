"""HEIC pictures, where the library that reads them is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from open_reader import OpenReader
from pictures import CHANGES, SKAGEN, TAKEN, damaged, degrees, lay, only, picture, run

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis
from indexers.sources.connectors.photos import CONNECTOR

pillow_heif = pytest.importorskip("pillow_heif")
pillow_heif.register_heif_opener()
SEED = picture(inner={36867: TAKEN}, gps=degrees(SKAGEN), form="HEIF")


def test_a_heic_is_told_like_any_other_picture(tmp_path: Path) -> None:
    item = only(lay(tmp_path, {"a.heic": SEED}))
    assert item.text == "Photo taken on Saturday 6 May 2023, 14:10 in Skagen, Denmark. File: a.heic."
    assert (item.moment.iso, item.moment.basis) == ("2023-05-06T14:10:22", Basis.LOCAL)


def test_the_film_beside_a_heic_is_its_moving_part(tmp_path: Path) -> None:
    reader = OpenReader(lay(tmp_path, {"IMG_1.HEIC": SEED, "IMG_1.MOV": b"moov"}))
    assert [one.locator for one in CONNECTOR.read(reader) if isinstance(one, Skipped)] == ["IMG_1.MOV"]
    assert reader.opened == ["IMG_1.HEIC"]


def test_a_heic_that_is_cut_short_is_a_fault_with_a_reason(tmp_path: Path) -> None:
    _, skipped = run(lay(tmp_path, {"a.heic": b"\x00\x00\x00\x18ftypmsf1" + bytes(40), "b.heic": SEED[:200]}))
    assert [(one.locator, one.fault) for one in skipped] == [("a.heic", True), ("b.heic", True)]
    assert skipped[0].reason == "It is named like a picture, but holds none of a kind that can be read."


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES, st.floats(0.05, 1))
def test_damaged_bytes_raise_nothing_but_a_sentence(changes: list[tuple[float, int]], keep: float) -> None:
    damaged(SEED, changes, keep)
