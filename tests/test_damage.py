"""An engine over a damaged index answers from what is whole, says what is missing, and never anything wrong."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small import build, cut, prose, record

from cascade import shapes
from cascade.commands.index import export, status
from cascade.engine import Engine
from cascade.errors import Corrupt
from cascade.index import layout
from cascade.index.backup import back_up
from cascade.index.files import BLOCK
from cascade.index.store import Folder
from cascade.models.toy import ToyEncoder, ToyReader
from indexers.compact import Shape
from indexers.remove import remove


@pytest.fixture(scope="module")
def built(fresh):
    """Two segments with lists, and rows that are deleted."""
    root = fresh()
    build(root, prose(240), cut(80, Shape(exact=100, most=120, small=1)))
    remove(root, "key = k3")
    return root


@pytest.fixture
def root(built, fresh):
    copy = fresh()
    shutil.copytree(built, copy)
    return copy


def opened(root: Path) -> Engine:
    return Engine.open(root, encoder=ToyEncoder(), reader=ToyReader())


def flip(path: Path, at: int | None = None) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 if at is None else at] ^= 8
    path.write_bytes(raw)


def first(root: Path) -> Path:
    return min((root / "segments").iterdir())


def holder(root: Path, key: str) -> Path:
    """The folder of the segment that a record is in."""
    engine = opened(root)
    (found,) = engine.search(f"unique{key[1:]}", 1).ranked
    assert found.passage.key == key
    folder = engine.snapshot.segments[int(np.searchsorted(engine.snapshot.bases, found.row, "right")) - 1].folder
    engine.close()
    return folder


def test_a_damaged_segment_is_left_out_and_the_rest_answers(root):
    lost = first(root)
    kept = {folder for folder in (root / "segments").iterdir() if folder != lost}
    flip(lost / layout.PASSAGES)
    engine = opened(root)
    found = engine.search("unique17 unique18 unique19", 300)
    (said,) = found.candidates.missing
    assert str(lost / layout.PASSAGES) in said and "left out" in said and "cascade repair" in said
    assert not found.complete
    assert {segment.folder for segment in engine.snapshot.segments} == kept
    assert len(found) == len(engine.snapshot) < 239
    body = shapes.ranking(found)
    assert (body["complete"], body["missing"]) == (False, [said])
    assert shapes.answer(engine.ask("What of unique17?"))["missing"] == [said]
    engine.close()


def test_a_damaged_frame_of_text_takes_only_its_own_passages(fresh):
    root = fresh()
    build(root, [record(f"f{n}", f"unique{n} " + "words of a long text " * 60, key=f"k{n}") for n in range(120)])
    engine = opened(root)
    before = {p.id: p.text for p in engine.search("words", 1000).passages}
    engine.close()
    flip(first(root) / layout.TEXT)
    engine = opened(root)
    found = engine.search("words", 1000)
    assert not found.complete
    assert len(before) // 2 < len(found) < len(before)
    assert all(before[p.id] == p.text for p in found.passages)
    engine.close()


def test_a_damaged_block_of_vectors_takes_only_its_own_rows(fresh):
    root = fresh()
    count = 2 * BLOCK // ToyEncoder().dim
    build(root, [record(f"f{n}", f"word{n % 97}") for n in range(count)], cut(10_000))
    flip(max((root / "segments").iterdir(), key=lambda f: (f / layout.VECTORS).stat().st_size) / layout.VECTORS, 10)
    engine = opened(root)
    found = engine.search("word5", 20)
    assert not found.complete and len(found) == 20
    assert "passages are left out" in found.candidates.missing[0]
    assert count - BLOCK // ToyEncoder().dim - 1 <= len(engine.snapshot) < count
    engine.close()


@pytest.mark.parametrize("name", [*layout.CODED, layout.FREQUENCIES])
def test_what_is_derived_is_made_up_for_and_the_answer_is_complete(root, name):
    engine = opened(root)
    before = [p.id for p in engine.search("river bridge", 20).passages]
    engine.close()
    for folder in (root / "segments").iterdir():
        flip(folder / name)
    engine = opened(root)
    found = engine.search("river bridge", 20)
    assert found.complete
    assert [p.id for p in found.passages] == before
    engine.close()


def test_without_its_words_a_segment_is_found_by_vectors_and_the_answer_says_so(root):
    flip(next(p for p in first(root).glob("words/*.term")))
    engine = opened(root)
    found = engine.search("river bridge", 300)
    assert not found.complete and "by vectors alone" in found.candidates.missing[0]
    assert len(found) == 239
    engine.close()


def test_a_damaged_tombstone_brings_nothing_back(root):
    folder = holder(root, "k4")
    flip(next((root / "tombstones").rglob("*.u32")))
    engine = opened(root)
    found = engine.search("unique3", 300)
    assert not found.complete
    assert "k3" not in {p.key for p in found.passages}
    assert folder.is_dir()
    engine.close()


def test_a_damaged_rotation_is_made_again_and_damaged_lists_are_not_missed(root):
    engine = opened(root)
    before = [p.id for p in engine.search("river bridge", 20).passages]
    engine.close()
    flip(root / "model" / layout.ROTATION)
    flip(next((root / "model").rglob(layout.CENTROIDS)))
    engine = opened(root)
    found = engine.search("river bridge", 20)
    assert found.complete and [p.id for p in found.passages] == before
    engine.close()


def test_threads_that_meet_the_same_damage_all_get_answers(root):
    flip(first(root) / layout.VECTORS)
    engine = opened(root)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: engine.search(f"unique{n}", 5), range(40)))
    assert all(len(one) == 5 for one in found)
    assert {one.complete for one in found} == {False}
    engine.close()


@pytest.mark.parametrize("work", ["add", "delete", "backup"])
def test_nothing_is_built_on_a_damaged_index(root, fresh, work):
    flip(first(root) / layout.SUMS)
    with pytest.raises(Corrupt, match="is damaged"):
        if work == "add":
            build(root, prose(5))
        elif work == "delete":
            remove(root, "key = k5")
        else:
            back_up(root, Folder(fresh()))


def exported(root, *flags):
    ran = CliRunner().invoke(export, [str(root), *flags])
    return ran.exit_code, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


def test_what_is_whole_can_be_exported_and_the_rest_is_named(root):
    code, whole, said = exported(root)
    assert (code, len(whole), said) == (0, 239, "")
    flip(first(root) / layout.PASSAGES)
    code, found, said = exported(root)
    assert code == 4 and "Not complete" in said
    assert 0 < len(found) < 239
    assert all(record in whole for record in found)


def test_a_record_that_lost_a_passage_says_so_in_the_export(fresh):
    root = fresh()
    build(root, [record(f"f{n}", f"unique{n} " + "words of a long text " * 2000, key=f"k{n}") for n in range(5)])
    flip(first(root) / layout.TEXT)
    code, found, _ = exported(root)
    assert code == 4
    assert [one["key"] for one in found if "incomplete" in one]
    assert all(one["text"].count("words") < 2000 for one in found if "incomplete" in one)
    assert len(found) == 5


def test_status_of_a_damaged_index_says_what_is_missing(root):
    flip(first(root) / layout.PASSAGES)
    body = json.loads(CliRunner().invoke(status, [str(root), "--json"]).stdout)
    assert len(body["missing"]) == 1 and body["passages"] < 239
    assert "Not complete" in CliRunner().invoke(status, [str(root)]).stderr
