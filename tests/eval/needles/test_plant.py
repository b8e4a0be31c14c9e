"""Needles in a small index with the toy encoder: planted, changed, deleted, found."""

from __future__ import annotations

from contextlib import closing

import pytest

from cascade.config import Config
from cascade.engine import Engine
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from eval.needles.classes import make
from eval.needles.haystack import Generated, Model
from eval.needles.needle import Depth, Kind
from eval.needles.plant import SOURCE, Planting, Records, record
from indexers.ingest import ingest
from indexers.records import Kind as Structure
from indexers.records import Record
from indexers.remove import remove

HAY = Records(tuple(Record("hay", str(i), f"Remark {i} on the hill.", key=str(i)) for i in range(10)), "hay")


def test_insertion_places_records_in_the_haystack(unknown):
    needles = [make(Kind.SINGLE, 1, 0, unknown, Depth(insertion=at))[0] for at in (1.0, 0.0, 0.5)]
    order = [thing.source for thing in Planting(needles).among(HAY, 10).read()]
    assert order == [SOURCE, *["hay"] * 5, SOURCE, *["hay"] * 5, SOURCE]


def test_a_haystack_shorter_than_told_still_gets_everything(unknown):
    planting = Planting(make(Kind.MULTI_KEY, 2, 0, unknown))
    assert sum(thing.source == SOURCE for thing in planting.among(HAY, 1000).read()) == 16


def test_changes_come_second_and_nothing_else_does(unknown):
    planting = Planting(make(Kind.UPDATED, 4, 0, unknown))
    assert len(planting.first.read()) == len(planting.changes.read()) == 8
    assert planting.deleted == ()
    assert planting.gone == ""


def test_structure_and_language_go_with_the_record(unknown):
    table, code, foreign = (make(kind, 2, 0, unknown)[1] for kind in (Kind.IN_TABLE, Kind.IN_CODE, Kind.LANGUAGE))
    assert record(table, table.records[0]).kind is Structure.TABLE
    assert record(code, code.records[0]).kind is Structure.CODE
    assert foreign.language == "en>de"
    assert record(foreign, foreign.records[0]).language == "de"


@pytest.fixture(scope="module")
def planted(unknown, real, tmp_path_factory):
    """All classes in one index, among generated records, changed and deleted; and the needles."""
    model = Model.learn(real[:1500])
    needles = [needle for kind in Kind for needle in make(kind, 3, 2, model.knows, hops=3)]
    root = tmp_path_factory.mktemp("planted") / "index"
    planting = Planting(needles)
    ingest(root, [planting.among(Generated(model, 300, 1), 300)], ToyEncoder())
    with closing(Snapshot(root)) as snapshot:
        before = rows(snapshot, planting.first)
    report = ingest(root, [planting.changes], ToyEncoder())
    removed = remove(root, planting.gone)
    return root, needles, before, report, removed


def rows(snapshot, records):
    """Of which records the index has a passage."""
    return {one.key for one in records.read() if len(snapshot.rows_of(one.id))}


def test_everything_is_in_before_it_changes(planted):
    _, needles, before, _, _ = planted
    assert before == {one.key for needle in needles for one in needle.records if not one.after}


def test_a_change_replaces_the_record_with_its_key_and_no_other(planted):
    _, needles, _, report, _ = planted
    replaced = [n for n in needles if n.kind is Kind.UPDATED and len({one.key for one in n.records}) < len(n.records)]
    assert len(replaced) == 2
    assert report.replaced == 2


def test_what_is_left_is_all_but_the_old_and_the_deleted(planted):
    root, needles, _, _, removed = planted
    expected = {(o.key, o.text) for n in needles for o in n.records if not o.deleted}
    new = {one.key for needle in needles for one in needle.records if one.after}
    expected -= {(o.key, o.text) for n in needles for o in n.records if o.key in new and not o.after}
    with closing(Snapshot(root)) as snapshot:
        made = [(n, one) for n in needles for one in n.records]
        left = {(one.key, one.text) for n, one in made if len(snapshot.rows_of(record(n, one).id))}
    assert left == expected
    assert removed == (3, 3)


def test_single_facts_are_found_and_deleted_ones_are_not(planted):
    root, needles, *_ = planted
    with closing(Engine.open(root, Config(reader="toy"))) as engine:
        for needle in needles:
            if needle.kind not in (Kind.SINGLE, Kind.UPDATED, Kind.IDENTIFIER, Kind.DELETED):
                continue
            found = {one.passage.key for one in engine.search(needle.question, k=20).ranked}
            assert set(needle.relevant) <= found
            assert not found & {one.key for one in needle.records if one.deleted}
