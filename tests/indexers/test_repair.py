"""Repair brings everything derived back as it was, takes the rest from a copy, and lists what is lost by record."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small import build, cut, prose, record

from cascade.engine import Engine
from cascade.index import layout, verify
from cascade.index import manifest as manifests
from cascade.index.backup import back_up
from cascade.index.layout import Layout
from cascade.index.store import Folder
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape
from indexers.mending import repair as command
from indexers.remove import remove
from indexers.repair import repair

QUESTIONS = ["unique17", "river bridge boat", "About violin sonata", "enzyme unique5"]
DERIVED = [
    layout.VECTORS, layout.CODES, layout.TOKENS, layout.TOKEN_OFFSETS, layout.HEADS, layout.FREQUENCIES, layout.FRAMES,
    layout.TEXT_OFFSETS, layout.WORDS, layout.SUMS,
]  # fmt: skip


@pytest.fixture(scope="module")
def built(fresh):
    """Segments with lists and one without."""
    root = fresh()
    build(root, prose(240), cut(80, Shape(exact=100, most=120, small=1)))
    build(root, [record(f"z{n}", f"later{n} words", key=f"z{n}") for n in range(12)], cut(80, Shape(small=100)))
    return root


@pytest.fixture
def root(built, fresh):
    copy = fresh()
    shutil.copytree(built, copy)
    return copy


def answers(root):
    engine = Engine.open(root, encoder=ToyEncoder())
    rankings = [engine.search(question, k=300).ranked for question in QUESTIONS]
    engine.close()
    return [[(r.passage.id, r.passage.text, round(r.score, 5)) for r in ranked] for ranked in rankings]


def damaged(root):
    where = Layout(root)
    return [str(error) for error in verify.damage(where, manifests.read(where))]


def flip(path, at=None):
    if path.is_dir():
        path = max(path.iterdir(), key=lambda p: p.stat().st_size)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 if at is None else at] ^= 8
    path.write_bytes(raw)


def folders(root):
    return sorted((root / "segments").iterdir())


@pytest.mark.parametrize("how", [flip, lambda path: path.unlink() if path.is_file() else shutil.rmtree(path)])
@pytest.mark.parametrize("name", DERIVED)
def test_what_is_derived_comes_back_and_ranks_as_before(root, name, how):
    before = answers(root)
    for folder in folders(root)[:2]:
        how(folder / name)
    assert damaged(root)
    report = repair(root, ToyEncoder)
    assert report.ok and len(report.mended) == 2, report
    assert damaged(root) == []
    assert answers(root) == before


def test_several_kinds_of_damage_at_once_come_back(root):
    before = answers(root)
    for number, folder in enumerate(folders(root)):
        for name in DERIVED[number::3]:
            if (folder / name).exists():
                flip(folder / name)
    flip(root / "model" / layout.ROTATION)
    flip(next((root / "model").rglob(layout.CENTROIDS)))
    report = repair(root, ToyEncoder)
    assert report.ok, report
    assert damaged(root) == []
    assert [sorted(one[:2] for one in found) for found in answers(root)] == [
        sorted(one[:2] for one in found) for found in before
    ]


def test_a_whole_index_is_left_as_it_is(root):
    before = manifests.read(Layout(root)).commit
    report = repair(root, ToyEncoder)
    assert (report.ok, report.problems, report.mended) == (True, [], [])
    assert manifests.read(Layout(root)).commit == before


def test_a_dry_run_says_the_same_and_changes_nothing(root):
    for folder in folders(root)[:2]:
        flip(folder / layout.TOKENS)
        flip(folder / layout.TEXT)
    held = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    told = repair(root, ToyEncoder, dry_run=True)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == held
    done = repair(root, ToyEncoder)
    assert told.problems == done.problems and told.lost == done.lost and told.mended == done.mended


def lossy(fresh):
    """An index whose text is in many frames, one of them damaged."""
    root = fresh()
    things = [record(f"f{n}", f"unique{n} " + "words of a long text " * (40 + n % 9), key=f"k{n}") for n in range(150)]
    build(root, things, cut(10_000))
    (folder,) = folders(root)
    flip(folder / layout.TEXT)
    return root, things


def test_lost_texts_are_listed_by_record_and_adding_again_makes_them_whole(fresh):
    root, things = lossy(fresh)
    report = repair(root, ToyEncoder)
    assert not report.ok and not report.left
    assert 1 <= len(report.lost) < 60
    assert all(one.source == "notes" and 0 < one.passages <= one.of for one in report.lost)
    assert damaged(root) == []
    whole = {t.key: t.text for t in things}
    kept = texts(root)
    names = {one.key for one in report.lost}
    assert all(text == whole[key] for key, text in kept.items() if key not in names)
    assert all(kept.get(key) != whole[key] for key in names)
    again = build(root, things)
    assert again.records == len(names)
    assert texts(root) == whole
    assert "broken" not in manifests.read(Layout(root)).notes
    assert build(root, things).records == 0


def texts(root):
    from cascade.index.reading import records_in_order
    from cascade.index.snapshot import Snapshot

    snapshot = Snapshot(root)
    found = {r["key"]: r["text"] for r in records_in_order(snapshot)}
    snapshot.close()
    return found


def test_lost_texts_come_from_a_copy_of_another_shape(fresh):
    root, things = lossy(fresh)
    copy = fresh()
    build(copy, things, cut(50))
    report = repair(root, ToyEncoder, replica=copy)
    assert report.ok and not report.lost, report
    assert texts(root) == {t.key: t.text for t in things}


@pytest.mark.parametrize("name", [layout.PASSAGES, layout.TEXT])
def test_a_copy_of_the_same_segment_gives_it_back_whole(root, built, name):
    before = answers(root)
    flip(folders(root)[0] / name)
    report = repair(root, ToyEncoder, replica=built)
    assert report.ok and "taken from the copy" in report.mended[0]
    assert answers(root) == before and damaged(root) == []


def test_without_a_catalog_or_a_copy_the_segment_stays_out_and_the_report_says_what_to_do(root):
    flip(folders(root)[0] / layout.PASSAGES)
    report = repair(root, ToyEncoder)
    assert not report.ok
    assert "lost unless a copy" in report.left[0] and "Add their sources again" in report.left[0]
    assert folders(root)[0].is_dir()


@pytest.mark.parametrize("how", ["copy", "undelete"])
def test_deleted_rows_come_back_only_when_asked(root, fresh, how):
    remove(root, "key = k3")
    copy = fresh()
    shutil.copytree(root, copy)
    flip(next((root / "tombstones").rglob("*.u32")))
    report = repair(root, ToyEncoder)
    assert "--undelete" in report.left[0]
    assert "k3" not in texts(root)
    report = repair(root, ToyEncoder, replica=copy if how == "copy" else None, undelete=how == "undelete")
    assert report.ok and damaged(root) == []
    assert ("k3" in texts(root)) == (how == "undelete")


def test_deleted_rows_of_a_rebuilt_segment_stay_deleted(root):
    remove(root, "key = k3 or key = k4")
    for folder in folders(root):
        flip(folder / layout.TOKENS)
    assert repair(root, ToyEncoder).ok
    assert not {"k3", "k4"} & texts(root).keys() and len(texts(root)) == 250


def test_the_command_mends_from_a_backup_and_says_what_it_did(root, fresh):
    kept = fresh()
    back_up(root, Folder(kept))
    flip(folders(root)[0] / layout.PASSAGES)
    run = CliRunner().invoke(command, [str(root), "--dry-run", "--json"])
    assert (run.exit_code, json.loads(run.output)["ok"]) == (4, False)
    run = CliRunner().invoke(command, [str(root), "--from", str(kept)])
    assert run.exit_code == 0, run.output
    assert "mended" in run.output and "taken from the copy" in run.output
    run = CliRunner().invoke(command, [str(root)])
    assert run.exit_code == 0 and "Nothing is damaged." in run.output


def test_tokens_made_again_are_the_ones_that_ingest_made(root):
    from cascade.index.snapshot import Snapshot

    def ids(where: Path):
        snapshot = Snapshot(where)
        rows = {p.id: row for row, p in enumerate(snapshot.read(np.arange(int(snapshot.bases[-1]))))}
        batch = snapshot.tokens(np.array(sorted(rows.values())))
        out = {i: batch.ids[batch.offsets[row] : batch.offsets[row + 1]].tolist() for i, row in rows.items()}
        snapshot.close()
        return out

    before = ids(root)
    for folder in folders(root):
        flip(folder / layout.TOKENS)
    assert repair(root, ToyEncoder).ok
    after = ids(root)
    assert {key: before[key] for key in after} == after
