"""Ingest: the same again is nothing new, changes replace, what is gone goes when asked, what is committed stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small import LOOSE, Given, build, cut, prose, record, texts

from cascade.errors import WrongEncoder
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.index.reading import passages_in_order, records_in_order
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape
from indexers.ingest import IngestConfig, batches, ingest
from indexers.records import Kind, Mark, Skipped


class Counting(ToyEncoder):
    """A toy encoder that remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def encode_passages(self, texts):
        self.asked += texts
        return super().encode_passages(texts)


class Renamed(ToyEncoder):
    name = "other"


class Newer(ToyEncoder):
    fingerprint = "toy-2"


def contents(root):
    snapshot = Snapshot(root)
    found = texts(snapshot)
    snapshot.close()
    return found


def commits(root):
    snapshot = Snapshot(root)
    snapshot.close()
    return snapshot.manifest.commit


def test_running_twice_adds_nothing(fresh):
    root = fresh()
    first = build(root, prose(30), cut(10))
    second = build(root, prose(30), cut(10))
    assert (first.records, first.passages, first.unchanged, first.commits) == (30, 30, 0, 3)
    assert (second.records, second.passages, second.unchanged, second.commits) == (0, 0, 30, 0)
    assert commits(root) == 3


def test_a_changed_thing_replaces_its_old_passages(fresh):
    root = fresh()
    build(root, prose(6), cut(3))
    report = build(root, [record("f00001", "all new", key="k1"), *prose(6)[2:3]])
    assert (report.records, report.replaced, report.unchanged) == (1, 1, 1)
    assert contents(root) == {r.locator: r.text for r in prose(6)} | {"f00001": "all new"}


def test_a_thing_that_turns_back_is_what_it_was(fresh):
    root = fresh()
    for text in ("first", "second", "first"):
        build(root, [record("a", text)])
        assert contents(root) == {"a": text}


def test_a_thing_that_has_become_empty_is_gone(fresh):
    root = fresh()
    build(root, [record("a", "text"), record("b", "text")])
    assert build(root, [record("a", " \n ")]).passages == 0
    assert contents(root) == {"b": "text"}


def test_a_change_of_metadata_alone_replaces_and_embeds_nothing(fresh, opened):
    root = fresh()
    build(root, [record("a", "text", metadata={"v": 1})])
    encoder = Counting()
    report = build(root, [record("a", "text", metadata={"v": 2})], encoder=encoder)
    assert (report.records, report.replaced, report.reused, encoder.asked) == (1, 1, 1, [])
    assert [p.metadata["v"] for p in passages_in_order(opened(root))] == [2]


def test_things_that_are_gone_stay_unless_sync_is_asked(fresh):
    root = fresh()
    build(root, prose(9), cut(4))
    build(root, prose(9)[:4])
    assert len(contents(root)) == 9
    report = build(root, prose(9)[:4], sync=True)
    assert report.dropped == 5
    assert sorted(contents(root)) == [r.locator for r in prose(4)]


def test_sync_drops_from_its_own_source_only(fresh):
    root = fresh()
    ingest(root, [Given("notes", prose(2)), Given("mail", [record("m", "dear", source="mail")])], ToyEncoder())
    ingest(root, [Given("notes", [])], ToyEncoder(), sync=True)
    assert list(contents(root)) == ["m"]


def test_sync_spares_what_could_not_be_read_this_time(fresh):
    root = fresh()
    names = ("a.txt", "b.zip!x/1", "b.zip!2", "c.jsonl#4", "d/e/f", "d/g", "gone", "b.zipper", "half\ud800name")
    build(root, [record(name, f"text of {names.index(name)}") for name in names])
    failed = [Skipped("notes", name, "unreadable") for name in ("a.txt", "b.zip", "c.jsonl", "d/e/", "half\ud800name")]
    report = build(root, failed, sync=True)
    assert (report.failed, report.dropped) == (5, 3)
    assert sorted(contents(root)) == ["a.txt", "b.zip!2", "b.zip!x/1", "c.jsonl#4", "d/e/f", "half?name"]


def test_the_first_of_two_things_with_one_key_is_kept_and_the_other_named(fresh):
    root = fresh()
    twice = [record("a#1", "first", key="x"), record("a#2", "second", key="x"), record("b#1", "other", key="x")]
    report = build(root, twice, cut(1))
    assert (report.records, report.failed) == (2, 1)
    assert report.skipped[0].locator == "a#2"
    assert "same key as an earlier one" in report.skipped[0].reason
    again = build(root, twice, cut(1))
    assert (again.records, again.unchanged, again.replaced) == (0, 2, 0)
    assert sorted(contents(root).values()) == ["first", "other"]


def test_no_text_is_embedded_twice_in_one_run_or_the_next(fresh):
    root = fresh()
    encoder = Counting()
    texts_ = [f"text {i % 7}" for i in range(40)]
    report = build(root, [record(f"f{i}", t) for i, t in enumerate(texts_)], IngestConfig(records=5), encoder=encoder)
    assert sorted(encoder.asked) == sorted(set(texts_))
    assert (report.computed, report.reused) == (7, 33)
    build(root, [record(f"g{i}", t) for i, t in enumerate(texts_)], encoder=encoder)
    assert len(encoder.asked) == 7


def test_an_index_is_not_continued_with_another_encoder(fresh):
    root = fresh()
    build(root, prose(2))
    with pytest.raises(WrongEncoder, match=r"built with toy \(64 dims\) but the encoder other \(64 dims\)"):
        build(root, prose(3), encoder=Renamed())
    with pytest.raises(WrongEncoder, match="another version of toy"):
        build(root, prose(3), encoder=Newer())
    assert len(contents(root)) == 2


def test_an_interrupted_run_keeps_what_was_committed_and_goes_on_from_there(fresh):
    root = fresh()

    def breaking():
        yield from prose(25)
        raise ConnectionError("the disk went away")

    with pytest.raises(ConnectionError):
        build(root, breaking(), cut(10))
    assert len(contents(root)) == 20
    report = build(root, prose(30), cut(10))
    assert (report.unchanged, report.records) == (20, 10)
    assert contents(root) == {r.locator: r.text for r in prose(30)}


def test_what_is_left_out_is_counted_and_only_faults_are_named(fresh):
    things = [Skipped("notes", "x.bin", "binary"), Skipped("notes", "y.png", "an image", fault=False), *prose(1)]
    report = build(fresh(), things)
    assert (report.failed, report.passed, [s.locator for s in report.skipped]) == (1, 1, ["x.bin"])


def test_each_commit_is_heard_of_when_it_is_durable(fresh):
    root = fresh()
    heard = []
    build(root, prose(12), cut(4), heard=lambda report, done: heard.append((report.passages, done, commits(root))))
    assert heard[:3] == [(4, True, 1), (8, True, 2), (12, True, 3)]


def test_batches_hold_no_more_records_or_characters_than_allowed():
    skipped = []
    things = [record("a", "x" * 10), Skipped("s", "l", "r"), *[record(f"{i}", "x" * 4) for i in range(5)]]
    config = IngestConfig(records=3, characters=10)
    made = [[len(r.text) for r in held] for held in batches(things, config, skipped.append)]
    assert made == [[10], [4, 4, 4], [4, 4]]
    assert [s.locator for s in skipped] == ["l"]


def test_a_record_comes_back_whole_from_its_passages(fresh, opened):
    text = "# One\n\n" + "First words here. " * 120 + "\n\n# Two\n\nHalf \ud800 of a pair, 東京, and the end.\n"
    marks = (Mark(0, 1, "One"), Mark(text.index("# Two"), 1, "Two"))
    root = fresh()
    build(root, [record("doc.md", text, title="Doc", key="d", kind=Kind.MARKDOWN, marks=marks), *prose(3)], cut(2))
    snapshot = opened(root)
    pieces = [p for p in passages_in_order(snapshot) if p.locator == "doc.md"]
    assert len(pieces) > 2
    assert all(text[p.start : p.end] == p.text for p in pieces)
    (back,) = [r for r in records_in_order(snapshot) if r["locator"] == "doc.md"]
    assert (back["text"], back["title"], back["key"]) == (text, "Doc", "d")
    assert [p.id for p in pieces] == [f"{back['id']}-{i}" for i in range(len(pieces))]
    only = list(records_in_order(snapshot, "key = k1"))
    assert [r["locator"] for r in only] == ["f00001"]


def test_a_text_of_signs_that_tokenize_to_nothing_is_added_and_read(fresh, opened):
    root = fresh()
    build(root, [record("zero", "\u200b\u200b"), record("half", "a \ud800 b", title="t\ud800")])
    assert texts(opened(root)) == {"zero": "\u200b\u200b", "half": "a \ud800 b"}


def test_segments_that_grew_small_and_many_are_merged(fresh, opened):
    root = fresh()
    build(root, prose(40), cut(4, Shape(small=3, most=100)))
    snapshot = opened(root)
    assert sorted(len(s) for s in snapshot.segments) == [4, 4, 16, 16]
    assert texts(snapshot) == {r.locator: r.text for r in prose(40)}


def segments(root):
    return [entry.passages for entry in manifests.read(Layout(root)).segments]


def test_segments_are_merged_during_a_run_and_only_after_a_batch_was_acknowledged(fresh):
    root = fresh()
    seen = []
    build(
        root, prose(120), cut(2, Shape(small=3, most=400)),
        heard=lambda _, committed: seen.append(segments(root)) if committed else None,
    )  # fmt: skip
    assert [sum(sizes) for sizes in seen[:-1]] == list(range(2, 122, 2))
    assert all(sizes[-1] == 2 for sizes in seen[:-1]), "a batch is acknowledged before it is merged"
    assert seen[3] == [2, 2, 2, 2]
    assert seen[4] == [8, 2]
    assert max(map(len, seen)) <= 10
    last = []
    for number in range(4):
        one = [record(f"one more {number}", "a few words")]
        build(root, one, cut(2, Shape(small=3, most=400)), heard=lambda *_: last.append(segments(root)))
    assert (last[-1][-4:], segments(root)[-1]) == ([1, 1, 1, 1], 4), "the last batch too"


def test_what_was_merged_during_a_run_is_still_known_replaced_and_dropped(fresh, opened):
    root = fresh()
    old = prose(60)
    build(root, old, cut(2, Shape(small=3, most=400)))
    new = [replace(r, text=f"{r.text} again") if n % 3 == 0 else r for n, r in enumerate(old) if n % 5]
    report = build(root, [*new, *prose(60)[:1]], cut(1, Shape(small=1, most=400)), sync=True)
    assert (report.replaced, report.unchanged, report.dropped) == (16, 33, 11)
    expected = {r.locator: r.text for r in [*new, old[0]]}
    assert texts(opened(root)) == expected
    assert build(root, [*new, old[0]], cut(1, Shape(small=1, most=400))).records == 0


def resident():
    """Anonymous memory of this process, bytes."""
    try:
        with open("/proc/self/status") as status:  # noqa: PTH123
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) * 1024
    except FileNotFoundError:
        pytest.skip("anonymous memory is read from /proc")


def test_memory_does_not_grow_with_the_source(fresh):
    """25,000 records are 45 MB when held as Python objects; what is known of their passages is 4 MB."""

    def endless(count):
        for number in range(count):
            yield record(f"f{number}", "a record of a long source", metadata={"n": number, "padding": "p" * 1000})

    config = IngestConfig(records=1000, passages=4000, shape=LOOSE)
    build(fresh(), endless(5_000), config)
    before = resident()
    build(fresh(), endless(25_000), config)
    assert resident() - before < 25_000_000
