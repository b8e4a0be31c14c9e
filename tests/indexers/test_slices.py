"""An index built in slices is the one that adding makes; a build that was stopped goes on from there."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from click.testing import CliRunner
from small import Given, build, cut, prose, record, texts

from cascade.errors import BadConfig
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.models.toy import ToyEncoder
from indexers import slices
from indexers.cli import add
from indexers.compact import Shape
from indexers.ingest import IngestConfig
from indexers.records import Skipped
from indexers.slices import SliceConfig

ENCODER = ToyEncoder()


def sliced(size, exact=50, **more):
    """Slices of so many passages, read in batches of ten records."""
    shape = Shape(exact=exact, most=1000, small=100)
    return SliceConfig(passages=size, ingest=IngestConfig(records=10, shape=shape), **more)


def found(snapshot):
    """Each passage's id, place and text with its vector."""
    rows = np.arange(len(snapshot))
    facts = [(p.id, p.locator, p.title, p.start, p.text) for p in snapshot.read(rows)]
    return {fact: vector.tobytes() for fact, vector in zip(facts, snapshot.vectors(rows), strict=True)}


def failing(records, after):
    """A source that breaks."""
    yield from records[:after]
    raise ConnectionError("the disk went away")


def test_it_holds_what_adding_makes(fresh, opened):
    records = [*prose(90), record("long", " ".join(r.text for r in prose(40, seed=3))), record("empty", " \n")]
    added, made = fresh(), fresh()
    build(added, records, cut(1000))
    report = slices.build(made, [Given("notes", records)], ENCODER, sliced(40))
    assert report.passages == len(opened(made)) > len(records)
    assert found(opened(made)) == found(opened(added))
    assert [s.manifest.built for s in (opened(made),)] == [opened(added).manifest.built]
    assert opened(made).verify() == []


def test_each_slice_is_one_segment_in_list_order_under_lists_trained_before(fresh, opened):
    root, told = fresh(), []
    slices.build(root, [Given("notes", prose(300))], ENCODER, sliced(100), told=lambda *what: told.append(what[0]))
    snapshot = opened(root)
    assert [len(s) for s in snapshot.segments] == [100, 100, 100]
    assert {s.entry.generation for s in snapshot.segments} == {1}
    assert snapshot.manifest.generation.trained == 300
    assert told.index("training 64 lists") > told.index("reading a sample")
    assert "organising" not in told, "no passage is written twice"
    topics = [p.metadata["topic"] for p in snapshot.read(np.arange(100))]
    assert np.mean([a == b for a, b in pairwise(topics)]) > 0.4, "in the order of ingest topics alternate"


def test_a_small_index_has_no_lists(fresh, opened):
    root = fresh()
    slices.build(root, [Given("notes", prose(60))], ENCODER, sliced(40, exact=100))
    assert [(len(s), s.entry.generation) for s in opened(root).segments] == [(40, 0), (20, 0)]


def test_a_build_that_broke_keeps_what_it_read_and_goes_on_from_there(fresh, opened):
    root, first = fresh(), Given("first", prose(60)[:30])
    broken = Given("second", failing(prose(60)[30:], 25))
    heard = []
    with pytest.raises(ConnectionError):
        slices.build(
            root, [first, broken], ENCODER, sliced(20, expected=60, sample=(0,)),
            heard=lambda _, committed: heard.append(len(manifests.read(Layout(root)).segments)) if committed else None,
        )  # fmt: skip
    assert heard == sorted(heard)
    assert len(texts(opened(root))) == 50, "the batches of ten that were whole"
    first.met = 0
    report = slices.build(root, [first, Given("second", prose(60)[30:])], ENCODER, sliced(20))
    assert first.met == 0, "a source that is finished is not read again"
    assert (report.unchanged, report.records) == (20, 10)
    assert texts(opened(root)) == {r.locator: r.text for r in prose(60)}
    assert len(opened(root).manifest.generations) == 1, "lists are not trained again"
    assert slices.FINISHED not in opened(root).manifest.notes


def test_what_is_built_is_added_to_as_any_index(fresh, opened):
    root = fresh()
    slices.build(root, [Given("notes", prose(60))], ENCODER, sliced(40))
    again = slices.build(root, [Given("notes", prose(70))], ENCODER, sliced(40))
    assert (again.unchanged, again.records) == (60, 10)
    changed = build(root, [record("f00003", "all new", key="k3")])
    assert changed.replaced == 1
    assert len(texts(opened(root))) == 70
    assert texts(opened(root))["f00003"] == "all new"


def test_of_two_records_of_one_place_the_first_counts_be_it_in_another_slice(fresh, opened):
    root = fresh()
    twice = [record("a", "first"), *prose(50), record("a", "second")]
    report = slices.build(root, [Given("notes", twice)], ENCODER, sliced(20))
    assert report.unchanged == 1
    assert texts(opened(root))["a"] == "first"


def test_two_sources_of_one_name_are_refused_before_anything_is_written(fresh):
    root = fresh()
    with pytest.raises(BadConfig, match="same name"):
        slices.build(root, [Given("notes", prose(2)), Given("notes", prose(3))], ENCODER)
    assert not root.exists()


def test_what_cannot_be_read_is_counted_once_and_named(fresh):
    things = [Skipped("notes", "x.bin", "binary"), *prose(5)]
    report = slices.build(fresh(), [Given("notes", things)], ENCODER)
    assert (report.failed, [s.locator for s in report.skipped]) == (1, ["x.bin"])


def test_an_empty_source_makes_an_empty_index(fresh, opened):
    root = fresh()
    assert slices.build(root, [Given("notes", [])], ENCODER).passages == 0
    assert len(opened(root)) == 0


def test_the_command_builds_in_slices_and_adds_when_it_is_run_again(fresh, opened):
    root, source = fresh(), fresh().with_suffix(".jsonl")
    source.write_text("\n".join(json.dumps({"id": r.key, "text": r.text}) for r in prose(60)))
    command = [str(root), str(source), "--encoder", "toy", "--bulk", "--segment", "40", "--json"]
    lines = [json.loads(line) for line in CliRunner().invoke(add, command).stdout.splitlines()]
    assert [line["event"] for line in lines] == ["committed", "done"]
    assert (lines[-1]["passages"], len(texts(opened(root)))) == (60, 60)
    again = json.loads(CliRunner().invoke(add, command).stdout.splitlines()[-1])
    assert (again["unchanged"], again["records"]) == (60, 0)


@pytest.mark.parametrize("flag", ["--sync", "--watch", "-"])
def test_the_command_refuses_what_cannot_be_read_twice(fresh, flag):
    root = fresh()
    done = CliRunner().invoke(add, [str(root), "-" if flag == "-" else str(root), "--bulk", *([flag] * (flag != "-"))])
    assert done.exit_code == 2
    assert "reads what stays as it is, twice" in done.output
    assert not root.exists()
