"""A segment gives back what was written, every file in one row order, and no damaged byte goes unnoticed."""

from __future__ import annotations

import json
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import BUILT, prose, random_batch, record

from cascade.errors import Corrupt, Unwritable
from cascade.index import layout, segment, verify
from cascade.index.catalog import LOCATOR, Catalog
from cascade.index.coarse import Lists
from cascade.index.codes import NO_MASK
from cascade.index.lexical import Terms, Weighted
from cascade.index.segment import Segment
from cascade.index.weigh import BINS, above, ask

ANY = st.text(st.characters() | st.characters(categories=("Cs",)), max_size=60)
"""Every code point, halves of surrogate pairs and NUL included."""

WHOLE = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def some_lists(count=5):
    random = np.random.default_rng(1)
    centroids = random.standard_normal((count, BUILT.dim)).astype(np.float32)
    return Lists(centroids / np.linalg.norm(centroids, axis=1, keepdims=True))


def held(folder, batch, lists=None):
    imbalance = segment.write(folder, batch, BUILT, lists)
    return Segment(folder, segment.entry(folder, batch, 1 if lists else 0, imbalance), BUILT, lists)


def catalog_of(part):
    return Catalog([(part.folder / layout.PASSAGES, part.sums[layout.PASSAGES], len(part))])


@settings(max_examples=12, deadline=None)
@given(bodies=st.lists(ANY | st.just("") | st.just("long " * 20_000), min_size=1, max_size=12))
def test_every_text_comes_back_byte_for_byte(fresh, bodies):
    records = [record(f"f{i}", body) for i, body in enumerate(bodies)]
    part = held(fresh(), random_batch(records))
    raw, _ = part.texts.read(np.arange(len(bodies))[::-1])
    part.close()
    assert [text.decode("utf-8", "surrogatepass") for text in raw[::-1]] == bodies


@settings(max_examples=12, deadline=None)
@given(titles=st.lists(WHOLE, min_size=1, max_size=6), key=WHOLE, values=st.dictionaries(WHOLE, WHOLE, max_size=3))
def test_every_column_comes_back(fresh, titles, key, values):
    records = [record(f"f{i}", "text", title=t, key=key, time="2024", metadata=values) for i, t in enumerate(titles)]
    batch = random_batch(records)
    part = held(fresh(), batch)
    catalog = catalog_of(part)
    whole = catalog.batch(0)
    facts = catalog.fetch(0, np.arange(len(titles)))
    catalog.close()
    part.close()
    for name, column in batch.catalog.records.items():
        assert whole.records[name].tolist() == column.tolist(), name
    for name, column in batch.catalog.passages.items():
        assert whole.passages[name].tolist() == column.tolist(), name
    assert [fact[LOCATOR] for fact in facts] == [r.locator for r in records]
    assert [json.loads(fact[-1]) for fact in facts] == [values] * len(titles)


@pytest.mark.parametrize("lists", [None, some_lists()], ids=["ingest order", "list order"])
def test_row_i_is_the_same_passage_in_every_file(fresh, lists):
    records = prose(90)
    batch = random_batch(records)
    part = held(fresh(), batch, lists)
    catalog = catalog_of(part)
    rows = np.arange(90)
    order = np.array([int(fact[LOCATOR + 1].removeprefix("k")) for fact in catalog.fetch(0, rows)])
    catalog.close()
    assert sorted(order.tolist()) == list(range(90))
    assert (order.tolist() == list(range(90))) is (lists is None)
    assert np.array_equal(part.vectors(), batch.vectors[order])
    found, expected = part.tokens.batch(rows), batch.tokens.take(order)
    assert np.array_equal(found.ids, expected.ids)
    assert np.array_equal(found.offsets, expected.offsets)
    assert np.array_equal(found.heads, expected.heads)
    assert part.texts.read(rows)[0] == [batch.texts[i] for i in order]
    for row, number in enumerate(order.tolist()):
        hit, _ = part.words.search([Weighted("words", f"unique{number}", 1.0)], 5)
        assert hit.tolist() == [row]
    if lists:
        listed = lists.assign(part.vectors())
        assert np.all(np.diff(listed) >= 0)
        at = part.codes.stretches(*lists.nearest(np.ones(16, np.float32), 5))
        counts = np.zeros(BINS, np.int64)
        estimates = part.codes.weigh(at, ask(batch.vectors[0].astype(np.float32)), NO_MASK, counts)
        assert sorted(above(at, estimates, -np.inf)[0].tolist()) == list(range(90))
    part.close()


def test_document_frequencies_count_passages_not_occurrences(fresh):
    batch = random_batch(prose(40))
    part = held(fresh(), batch)
    seen = part.tokens.frequencies()
    part.close()
    offsets = batch.tokens.offsets
    for token in (0, 1, 2, 50, 199):
        assert seen[token] == sum(token in batch.tokens.ids[offsets[i] : offsets[i + 1]] for i in range(40))


def test_the_sums_cover_every_file(fresh):
    part = held(fresh(), random_batch(prose(30)), some_lists())
    files = (p for p in part.folder.rglob("*") if p.is_file() and p.suffix != ".lock")
    on_disk = {p.relative_to(part.folder).as_posix() for p in files}
    part.close()
    assert set(part.sums) == on_disk - {layout.SUMS}
    assert {layout.VECTORS, layout.CODES, layout.TOKENS, layout.TEXT, layout.PASSAGES} <= on_disk


def faults(part):
    return [str(error) for error in verify.segment(part.folder, part.entry.hash)]


def test_any_flipped_byte_of_any_file_is_found_and_the_file_named(fresh):
    part = held(fresh(), random_batch(prose(30)), some_lists())
    random = Random(2)
    assert faults(part) == []
    for name in part.sums:
        path = part.folder / name
        good = path.read_bytes()
        at = random.randrange(len(good))
        path.write_bytes(good[:at] + bytes([good[at] ^ 1 << random.randrange(8)]) + good[at + 1 :])
        (problem,) = faults(part)
        assert str(path) in problem
        path.write_bytes(good)
    assert faults(part) == []
    part.close()


@pytest.mark.parametrize("damage", ["cut short", "longer", "missing"])
@pytest.mark.parametrize("name", [layout.VECTORS, layout.TOKENS, layout.TEXT, layout.PASSAGES, layout.HEADS])
def test_a_file_of_the_wrong_size_is_found(fresh, name, damage):
    part = held(fresh(), random_batch(prose(5)))
    path = part.folder / name
    good = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(good[:-1] if damage == "cut short" else good + b"\0")
    (problem,) = faults(part)
    part.close()
    assert ("is missing" if damage == "missing" else f"instead of {len(good)}") in problem


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (layout.VECTORS, lambda part: part.vectors(np.array([0]))),
        (layout.TOKENS, lambda part: part.tokens.view(np.array([0]))),
        (layout.TOKEN_OFFSETS, lambda part: part.tokens.view(np.array([0]))),
        (layout.HEADS, lambda part: part.tokens.view(np.array([0]))),
        (layout.FREQUENCIES, lambda part: part.tokens.frequencies()),
        (layout.TEXT, lambda part: part.texts.read(np.arange(40))),
        (layout.FRAMES, lambda part: part.texts.read(np.array([0]))),
        (layout.TEXT_OFFSETS, lambda part: part.texts.read(np.array([0]))),
        (layout.PASSAGES, lambda part: catalog_of(part).identities(0)),
    ],
)
def test_reading_a_damaged_file_says_so(fresh, name, read):
    batch = random_batch([record(f"f{i}", "some text of a passage " * 20) for i in range(40)], longest=60)
    part = held(fresh(), batch, some_lists())
    path = flipped(part.folder / name)
    with pytest.raises(Corrupt, match=path.name):
        read(part)
    part.close()


def flipped(path):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0x10
    path.write_bytes(raw)
    return path


def test_without_its_codes_a_segment_has_none_and_without_its_words_it_says_so(fresh):
    part = held(fresh(), random_batch(prose(30)), some_lists())
    flipped(part.folder / layout.LIST_OFFSETS)
    flipped(next(p for p in sorted((part.folder / layout.WORDS).iterdir()) if p.suffix == ".term"))
    assert part.codes is None
    assert part.words.frequencies(Terms(("bridge",), ("x",))) == [0, 0]
    assert not len(part.words.search([], 5)[0]) and not len(part.words.holding("bridge"))
    assert "by vectors alone" in part.harm
    part.close()


def test_damaged_frequencies_are_counted_anew(fresh):
    part = held(fresh(), random_batch(prose(30)))
    whole = part.tokens.frequencies()
    flipped(part.folder / layout.FREQUENCIES)
    assert part.frequencies(np.arange(30)).tolist() == whole.tolist()
    part.close()


@pytest.mark.parametrize(
    "name", [layout.VECTORS, layout.HEADS, layout.TOKEN_OFFSETS, layout.TEXT_OFFSETS, layout.TOKENS]
)
def test_damage_takes_the_rows_that_lie_in_it_and_no_others(fresh, name):
    batch = random_batch(prose(40))
    part = held(fresh(), batch)
    offsets = batch.tokens.offsets
    where = {
        layout.VECTORS: (3 * BUILT.dim, 5 * BUILT.dim, [3, 4]),
        layout.HEADS: (7, 9, [7, 8]),
        layout.TOKEN_OFFSETS: (4 * 4, 5 * 4, [3, 4]),
        layout.TEXT_OFFSETS: (0, 4, [0]),
        layout.TOKENS: (int(offsets[5]) * 2, int(offsets[7]) * 2, [5, 6]),
    }
    begin, end, rows = where[name]
    assert part.lost(name, ((begin, end),)).tolist() == rows
    part.close()


def test_damage_in_text_takes_whole_frames_and_in_the_catalog_everything(fresh):
    part = held(fresh(), random_batch([record(f"f{i}", "words " * 2000) for i in range(6)], longest=60))
    _, begin, end = (int(at) for at in part.texts.mapped()[1].data[:3, 0])
    assert part.lost(layout.TEXT, ((begin, begin + 1),)).tolist() == part.lost(layout.TEXT, ((begin, end),)).tolist()
    assert 0 < len(part.lost(layout.TEXT, ((begin, end),))) < len(part)
    assert part.lost(layout.PASSAGES, ((0, 1),)) is None
    assert part.lost(layout.TEXT, ()) is None
    part.close()


def test_a_panic_of_the_library_of_words_is_a_sentence(fresh, monkeypatch):
    class PanicException(BaseException):  # the name of what Rust raises through Python, which is no Exception
        pass

    def panics(*_, **__):
        raise PanicException("no thread can be started")

    monkeypatch.setattr("tantivy.Index", panics)
    with pytest.raises(Unwritable, match="no thread can be started"):
        held(fresh(), random_batch([record("f1", "text")]))


def test_a_damaged_list_of_sums_is_refused(fresh):
    part = held(fresh(), random_batch(prose(3)))
    part.close()
    path = part.folder / layout.SUMS
    path.write_bytes(path.read_bytes().replace(b'"size"', b'"sizE"', 1))
    with pytest.raises(Corrupt, match="not the file the manifest names"):
        Segment(part.folder, part.entry, BUILT, None)


def test_a_missing_segment_is_refused(fresh):
    part = held(fresh(), random_batch(prose(3)))
    part.close()
    with pytest.raises(Corrupt, match="is missing"):
        Segment(part.folder.with_name("elsewhere"), part.entry, BUILT, None)


def test_joining_and_taking_keep_rows_together():
    batch = random_batch(prose(20))
    order = np.array([19, 3, 3, 0, 7])
    apart = segment.Batch.join([batch.take(order[:2]), batch.take(order[2:])])
    assert np.array_equal(apart.vectors, batch.vectors[order])
    assert list(apart.texts) == [batch.texts[i] for i in order]
    assert np.array_equal(apart.tokens.ids, batch.tokens.take(order).ids)
    at = apart.catalog.passages["record"]
    assert apart.catalog.records["key"][at].tolist() == [f"k{i}" for i in order]
    assert len(segment.Batch.take(batch, np.array([4])).catalog.records["key"]) == 1
