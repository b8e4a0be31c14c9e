"""JSONL, Parquet and CSV: rows become records, and a bad row costs only itself."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest
import zstandard

from indexers.records import Kind

ROWS = [
    {"_id": "a", "title": "Alpha", "text": "first"},
    {"_id": "b", "title": "", "text": "second", "url": "x", "n": 3, "nested": {"deep": 1}, "long": "y" * 2000},
]


def jsonl(rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("c.jsonl", bytes),
        ("c.json", bytes),
        ("c.jsonl.gz", gzip.compress),
        ("c.jsonl.zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_beir_rows_need_no_flags_however_they_are_packed(tmp_path, read, name, pack):
    (tmp_path / name).write_bytes(pack(jsonl(ROWS)))
    records = read(tmp_path / name).records
    assert list(records) == [f"{name}#1", f"{name}#2"]
    assert [(r.key, r.title, r.text) for r in records.values()] == [("a", "Alpha", "first"), ("b", "", "second")]
    assert records[f"{name}#2"].metadata == {"url": "x", "n": 3}


def test_columns_are_taken_as_named(tmp_path, read):
    row = {"pk": 7, "name": "N", "body": "no", "says": "yes", "day": 1700000000, "keep": ["x"], "drop": "y"}
    (tmp_path / "c.jsonl").write_bytes(jsonl([row]))
    options = {"id": "pk", "title": "name", "text": "says", "time": "day", "metadata": ("keep",)}
    record = read(tmp_path / "c.jsonl", **options).only
    assert (record.key, record.title, record.text, record.time) == ("7", "N", "yes", "2023-11-14T22:13:20Z")
    assert record.metadata == {"keep": ["x"]}


def test_a_usual_time_column_that_holds_no_time_is_metadata(tmp_path, read):
    (tmp_path / "c.jsonl").write_bytes(jsonl([{"text": "t", "date": "2024-01-31"}, {"text": "t", "date": "soon"}]))
    first, second = read(tmp_path / "c.jsonl").records.values()
    assert (first.time, first.metadata, second.time, second.metadata) == ("2024-01-31", {}, "", {"date": "soon"})


def test_a_metadata_object_is_opened(tmp_path, read):
    (tmp_path / "c.jsonl").write_bytes(jsonl([{"text": "t", "metadata": {"url": "u", "deep": {"x": 1}}}]))
    assert read(tmp_path / "c.jsonl").only.metadata == {"url": "u"}


def test_equal_ids_in_two_files_of_a_folder_are_two_things(tmp_path, read):
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(jsonl([{"_id": "1", "text": name}]))
    a, b = read(tmp_path).records.values()
    assert a.place != b.place


def test_a_keyed_row_keeps_its_place_when_rows_come_before_it(tmp_path, read):
    (tmp_path / "a.jsonl").write_bytes(jsonl([{"_id": "1", "text": "one"}]))
    before = read(tmp_path).only
    (tmp_path / "a.jsonl").write_bytes(jsonl([{"_id": "0", "text": "zero"}, {"_id": "1", "text": "one"}]))
    after = read(tmp_path).records["a.jsonl#2"]
    assert (after.place, after.id) == (before.place, before.id)


def test_every_bad_line_is_named_and_the_others_are_read(tmp_path, read):
    bad = [
        (b'{"text": "x"', "The line is not JSON"),
        (b'{"text": "x"} y', "The line is not JSON (Extra data"),
        (b'{"text": "\xff"}', "The line is not valid utf-8"),
        (b"[1]", "The line holds no JSON object."),
        (b'{"_id": "1", "text": " "}', "The row holds nothing in its column text."),
        (b'{"a": 1, "b": 2}', "The row has no column text or contents or content or body; name its text with --text"),
        (b"[" * 100_000, "The line is JSON nested too deeply."),
        (b'{"text": 1' + b"0" * 5000 + b"}", "Exceeds the limit"),
    ]
    good = b'{"text": "good"}'
    (tmp_path / "c.jsonl").write_bytes(b"\n".join([*(line for line, _ in bad), b"", good, b""]))
    outcome = read(tmp_path / "c.jsonl")
    assert list(outcome.records) == ["c.jsonl#10"]
    for number, (_, reason) in enumerate(bad, 1):
        assert outcome.faults[f"c.jsonl#{number}"].startswith(reason)


def test_text_of_a_row_keeps_its_line_ends_and_loses_nul_and_lone_surrogates(tmp_path, read):
    (tmp_path / "c.jsonl").write_bytes(rb'{"text": "a\r\nb\u0000\ud800c"}')
    assert read(tmp_path / "c.jsonl").only.text == "a\r\nbc"


def test_a_row_with_a_title_only_is_its_title(tmp_path, read):
    (tmp_path / "c.jsonl").write_bytes(jsonl([{"title": "Alpha", "text": ""}]))
    assert read(tmp_path / "c.jsonl").only.text == "Alpha"


def test_a_huge_line_is_named_without_being_held(tmp_path, read):
    with (tmp_path / "c.jsonl").open("wb") as file:
        file.write(b'{"text": "first"}\n{"text": "')
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n{"text": "last"}\n')
    tracemalloc.start()
    outcome = read(tmp_path / "c.jsonl", max_line_bytes=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome.faults == {"c.jsonl#2": "The line is longer than 1 MiB."}
    assert [record.text for record in outcome.records.values()] == ["first", "last"]
    assert peak < 8 << 20


def test_parquet_rows_are_records(tmp_path, read):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"_id": ["a", "b"], "text": ["first", None], "n": [1, 2], "v": [[0.5], [0.25]]})
    parquet.write_table(table, tmp_path / "c.parquet")
    outcome = read(tmp_path / "c.parquet")
    record = outcome.records["c.parquet#1"]
    assert (record.key, record.text, record.metadata) == ("a", "first", {"n": 1})
    assert outcome.faults == {"c.parquet#2": "The row holds nothing in its column text."}


def test_parquet_that_is_cut_short_is_named(tmp_path, read):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"text": ["x"] * 1000}), tmp_path / "c.parquet")
    data = (tmp_path / "c.parquet").read_bytes()
    (tmp_path / "c.parquet").write_bytes(data[:-20])
    assert read(tmp_path).faults["c.parquet"].startswith("It is not Parquet that can be read, from the start")


def test_csv_with_a_text_column_holds_records(tmp_path, read):
    (tmp_path / "c.tsv").write_text('_id\ttitle\ttext\tlang\n1\tA\t"x\ny"\ten\n2\tB\t\t\n3\t\t\tfr\n')
    outcome = read(tmp_path / "c.tsv")
    records = list(outcome.records.values())
    assert [(r.key, r.text, dict(r.metadata)) for r in records] == [("1", "x\ny", {"lang": "en"}), ("2", "B", {})]
    assert list(outcome.faults) == ["c.tsv#3"]


def test_any_other_csv_is_one_table_whose_lines_carry_the_header(tmp_path, read):
    (tmp_path / "c.csv").write_text("name;age\nAnn;31\nBob;\n", encoding="utf-8-sig")
    record = read(tmp_path / "c.csv").only
    assert (record.text, record.kind, record.title) == ("name: Ann | age: 31\nname: Bob", Kind.TABLE, "c")


def test_csv_without_a_header_keeps_its_first_row(tmp_path, read):
    (tmp_path / "c.csv").write_text("Ann,31\nBob,32\n")
    assert read(tmp_path / "c.csv").only.text == "Ann | 31\nBob | 32"


def test_a_long_table_becomes_parts(tmp_path, read):
    (tmp_path / "c.csv").write_text("key,value\n" + "".join(f"k{n},{'v' * 1000}\n" for n in range(2000)))
    records = read(tmp_path / "c.csv").records
    assert list(records) == ["c.csv", "c.csv#part2"]
    assert sum(record.text.count("key: ") for record in records.values()) == 2000


def test_a_table_of_a_header_alone_is_told(read, tmp_path):
    (tmp_path / "a.csv").write_text("name,town\n")
    assert [(thing.locator, thing.reason) for thing in read(tmp_path).things] == [("a.csv", "It holds no text.")]
