"""JSON element by element, tables row by row."""

from __future__ import annotations

import csv
import io
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import File
from indexers.sources.connectors.streams import Broken, Drift, Element, Row, Seen, elements, guarded, head, rows
from indexers.sources.connectors.streams import elements as cut
from indexers.sources.faults import Unreadable


def values(raw: bytes, **options) -> list[tuple[str, int, object]]:
    return [(e.key, e.row, e.value) for e in elements(io.BytesIO(raw), **options) if isinstance(e, Element)]


def broken(raw: bytes, **options) -> list[str]:
    return [e.reason for e in elements(io.BytesIO(raw), **options) if isinstance(e, Broken)]


class Slow(io.BytesIO):
    """Gives a few bytes at a time, so that every token is cut somewhere."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 3, 3))


def test_a_list_gives_its_elements_with_their_bytes():
    raw = b'\xef\xbb\xbf [ {"a": "}]"} , 2, "x,y", [3], null ]'
    found = list(elements(io.BytesIO(raw)))
    assert [e.value for e in found] == [{"a": "}]"}, 2, "x,y", [3], None]
    assert raw[found[0].start : found[0].stop] == b'{"a": "}]"}'


def test_an_object_gives_what_its_lists_hold_by_their_keys():
    raw = b'{"name": "a: b", "locations": [{"x": 1}, {"x": 2}], "n": 3, "o": {"p": [4]}, "e": [], "s\\u00e9": ["q"]}'
    assert values(raw) == [
        ("name", 0, "a: b"),
        ("locations", 0, {"x": 1}),
        ("locations", 1, {"x": 2}),
        ("n", 0, 3),
        ("o", 0, {"p": [4]}),
        ("sé", 0, "q"),
    ]


def test_a_bad_element_does_not_lose_the_others():
    raw = b'[{"a": 1}, {"b": oops}, {"c": 3}]'
    assert values(raw) == [("", 0, {"a": 1}), ("", 2, {"c": 3})]
    assert broken(raw)[0].startswith("This element is not valid JSON (")


def test_a_repair_is_tried_where_an_element_does_not_parse():
    raw = b'[{"a": "\\x41"}, {"b": 2}]'
    assert values(raw, repair=lambda piece: piece.replace(b"\\x", b"\\u00")) == [("", 0, {"a": "A"}), ("", 1, {"b": 2})]


def test_a_file_cut_short_gives_what_it_has_and_says_so():
    assert values(b'[{"a": 1}, {"b": ') == [("", 0, {"a": 1})]
    assert broken(b'[{"a": 1}, {"b": ') == ["The file ends within this element: it is cut short."]
    assert broken(b'[{"a": 1}, ') == ["The file ends too early: it is cut short."]
    assert broken(b"") == broken(b"17") == ["It is no JSON list or object."]


def test_an_element_that_is_too_large_is_passed_over():
    large = json.dumps({"t": ["word " * 9] * 60}).encode()
    string = json.dumps({"t": "x\\" * 5_000}).encode()
    raw = b'[{"a": 1}, ' + large + b", " + string + b', {"c": 3}]'
    assert values(raw, limit=1_000) == [("", 0, {"a": 1}), ("", 3, {"c": 3})]
    assert len(broken(raw, limit=1_000)) == 2


def test_a_gap_without_end_is_not_held():
    class Endless(io.RawIOBase):
        left = 40 << 20

        def read(self, size: int = -1) -> bytes:
            give = min(size, self.left)
            self.left -= give
            return b"a" * give

    cutter = cut.__globals__["_Cutter"](Endless(), 1 << 20)
    cutter._buffer = b"["
    assert [piece.fault for piece in cutter.pieces()] == ["The file ends too early: it is cut short."]
    assert len(cutter._buffer) <= 33 << 20


def test_an_element_of_half_a_million_strings_takes_no_long_time():
    raw = b'[{"a": [' + b'"word",' * 500_000 + b'"end"]}, 2]'
    begun = time.perf_counter()
    assert len(values(raw)[0][2]["a"]) == 500_001
    assert len(values(b'[["' + b'\\"' * 4_000_000 + b'"], 2]')) == 2
    assert values(raw, limit=1 << 20) == [("", 1, 2)]
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize("depth", [5_000, 200_000])
def test_deep_nesting_is_one_bad_element(depth):
    raw = b"[" + b"[" * depth + b"]" * depth + b", 7]"
    assert values(raw)[-1] == ("", 1, 7)
    assert len(broken(raw)) == 1


SCALARS = st.none() | st.integers() | st.text(max_size=9)
ANY = st.recursive(SCALARS, lambda v: st.lists(v) | st.dictionaries(st.text(max_size=9), v), max_leaves=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ANY, max_size=5))
def test_any_json_list_is_cut_as_a_parser_of_the_whole_reads_it(things):
    raw = json.dumps(things, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert [e.value for e in elements(Slow(raw)) if isinstance(e, Element)] == things


@given(st.binary(max_size=200))
def test_no_bytes_break_the_cutter(raw):
    for stream in (io.BytesIO(raw), Slow(b"[" + raw), Slow(b'{"a":' + raw)):
        assert all(isinstance(e, Element | Broken) for e in elements(stream, limit=50))


def test_rows_have_the_names_of_their_columns():
    found = list(rows(io.BytesIO(b'\xef\xbb\xbfTitle,Date\r\n"a, b",1\r\nshort\r\n\r\nc,2,extra\r\n')))
    assert [(row.number, row.cells) for row in found] == [
        (1, {"Title": "a, b", "Date": "1"}),
        (2, {"Title": "short", "Date": ""}),
        (3, {"Title": "c", "Date": "2"}),
    ]


def test_a_semicolon_or_a_tab_parts_cells_where_the_first_line_says_so():
    assert next(rows(io.BytesIO(b"a;b\n1;2\n"))).cells == {"a": "1", "b": "2"}
    assert next(rows(io.BytesIO(b"a\tb\n1\t2\n"))).cells == {"a": "1", "b": "2"}


def test_a_quote_without_end_is_one_bad_row_whatever_limit_others_have_set():
    lines = b'a,b\n1,2\n"' + b"x" * 70_000 + b"\n" + b"y" * 70_000 + b"\n3,4\n"
    others = csv.field_size_limit(1 << 24)
    try:
        found = list(rows(io.BytesIO(lines)))
    finally:
        csv.field_size_limit(others)
    assert [row.cells if isinstance(row, Row) else row.row for row in found] == [
        {"a": "1", "b": "2"}, 2, {"a": "3", "b": "4"}
    ]  # fmt: skip


@given(st.binary(max_size=300))
def test_no_bytes_break_the_rows(raw):
    assert all(row.number > 0 if not isinstance(row, Broken) else row.reason for row in rows(io.BytesIO(raw)))


def test_an_id_is_new_once():
    seen = Seen()
    assert [seen.first(native) for native in ("a", "b", "a")] == [True, True, False]
    assert seen.again == 1


def test_keys_that_nobody_knows_are_told_in_one_line():
    drift = Drift({"title"})
    drift.see({"title": 1, "new": 2})
    drift.see({"new": 2})
    assert [(s.reason, s.fault) for s in drift.told("s", "f.json")] == [
        ("It has keys that this version does not know and leaves out: 'new' (2).", False)
    ]
    assert list(Drift({"a"}).told("s", "f")) == []


@pytest.mark.parametrize("kind", [io.BytesIO, Slow])
def test_where_a_file_is_cut_into_buffers_does_not_matter(kind):
    raw = b'{"n\\"a": "x, y", "list": [{"a": "\\\\"}, "b\\"]", [1, [2]], 3], "last": {"o": ["{"]}, "t": true}'
    assert [(e.key, e.row, e.value) for e in elements(kind(raw)) if isinstance(e, Element)] == [
        ('n"a', 0, "x, y"),
        ("list", 0, {"a": "\\"}),
        ("list", 1, 'b"]'),
        ("list", 2, [1, [2]]),
        ("list", 3, 3),
        ("last", 0, {"o": ["{"]}),
        ("t", 0, True),
    ]


@pytest.mark.parametrize("kind", [io.BytesIO, Slow])
@pytest.mark.parametrize("large", ['{"t": "' + "x" * 400 + '"}', '["' + '\\"' * 400 + '"]', "[" + '"ab",' * 90 + "1]"])
def test_what_is_too_large_is_passed_over_however_it_is_cut(kind, large):
    found = list(elements(kind(f'[1, {large}, {{"c": 3}}]'.encode()), limit=100))
    assert [e.value for e in found if isinstance(e, Element)] == [1, {"c": 3}]
    assert [e.reason for e in found if isinstance(e, Broken)] == [
        "This element is larger than 0 MiB; the others are read."
    ]


@pytest.mark.parametrize("cut_at", range(1, 30))
def test_a_list_cut_short_anywhere_gives_its_whole_elements(cut_at):
    raw = b'[{"a": "b"}, {"c": "d"}, {"e"'
    found = list(elements(io.BytesIO(raw[:cut_at])))
    whole = (cut_at >= 11) + (cut_at >= 23)
    assert [e.value for e in found if isinstance(e, Element)] == [{"a": "b"}, {"c": "d"}][:whole]
    assert len([e for e in found if isinstance(e, Broken)]) == 1


def test_bytes_that_are_not_utf8_are_replaced_in_their_element_alone():
    assert values(b'[{"a": "caf\xe9"}, {"b": "\xc3\xa9"}]') == [("", 0, {"a": "caf\ufffd"}), ("", 1, {"b": "é"})]


def test_a_number_without_end_is_one_bad_element():
    assert values(b"[" + b"9" * 100_000 + b", 2]") == [("", 1, 2)]


class Vanishing:
    """A reader of one file that cannot be opened."""

    source, choices = "s", {}

    def open(self, file: File):
        raise FileNotFoundError(2, "gone")


def test_a_file_that_vanishes_is_told_and_has_no_head():
    file = File("a.json", 3)

    def reading():
        yield Skipped("s", "a.json#1", "one")
        Vanishing().open(file)

    told = list(guarded(Vanishing(), file, reading()))
    assert [thing.reason for thing in told] == ["one", "It vanished before it was read."]
    assert head(Vanishing(), file) == b""


def test_what_was_never_meant_to_be_read_is_no_fault():
    def reading():
        raise Unreadable("It is a picture.", fault=False)
        yield

    [told] = guarded(Vanishing(), File("a", 1), reading())
    assert (told.reason, told.fault, told.locator) == ("It is a picture.", False, "a")


def test_rows_without_names_have_those_they_are_given():
    found = list(rows(io.BytesIO(b"1,2\n3,4\n"), ("a", "b")))
    assert [row.cells for row in found] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_a_line_without_end_is_not_held():
    found = list(rows(io.BytesIO(b"a,b\n" + b"x" * (3 << 20) + b"\n1,2\n")))
    assert [row.cells for row in found] == [{"a": "1", "b": "2"}]
