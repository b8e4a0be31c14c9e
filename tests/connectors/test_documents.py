"""Documents and code in folders."""

from __future__ import annotations

import gzip
import io
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_reader import OpenReader

from indexers.records import Kind as Text
from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Item, Kind
from indexers.sources.connectors.documents import CONNECTOR, ignoring
from indexers.sources.connectors.documents.ignoring import Ignored


def lay(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return root


def run(root: Path) -> tuple[list[Item], list[Skipped]]:
    things = list(CONNECTOR.read(OpenReader(root)))
    return [one for one in things if isinstance(one, Item)], [one for one in things if isinstance(one, Skipped)]


def test_documents_and_code_become_items_with_their_marks_and_form(tmp_path: Path) -> None:
    lay(tmp_path, {
        "plan.md": "---\ntitle: The plan\ndate: 2024-05-01\n---\n# Aims\n\nSail.\n\n## Means\n\nA boat.\n",
        "boat.py": "class Boat:\n    def sail(self):\n        return 1\n",
        "page.html": "<html><head><title>A page</title></head><body><h1>Top</h1><p>Words.</p></body></html>",
        "notes.txt": "plain words",
    })  # fmt: skip
    items, skipped = run(tmp_path)
    assert skipped == []
    assert [(item.native, item.kind, item.form) for item in items] == [
        ("boat.py", Kind.CODE, Text.CODE),
        ("notes.txt", Kind.DOCUMENT, Text.PLAIN),
        ("page.html", Kind.DOCUMENT, items[2].form),
        ("plan.md", Kind.DOCUMENT, Text.MARKDOWN),
    ]
    boat, _, page, plan = items
    assert [mark.name for mark in boat.marks] == ["Boat", "Boat.sail"]
    assert boat.extra["language"] == "python"
    assert (page.title, plan.title) == ("A page", "The plan")
    assert [mark.name for mark in plan.marks] == ["Aims", "Means"]
    assert (plan.moment.iso, plan.moment.basis) == ("2024-05-01", Basis.DATE)
    assert boat.moment.basis is Basis.FILE


def test_what_gitignore_and_vaultignore_leave_out_is_not_opened(tmp_path: Path) -> None:
    lay(tmp_path, {
        ".gitignore": "*.log\n/build/\n!keep.log\ndocs/*.tmp.txt\n",
        "a.log": "x", "keep.log": "kept", "build/a.txt": "x",
        "src/build/a.txt": "kept", "docs/a.tmp.txt": "x", "docs/b.txt": "kept",
        ".vaultignore": "diary/\n!a.log\n", "diary/today.txt": "private",
        "src/.gitignore": "local.txt\n", "src/local.txt": "x",
    })  # fmt: skip
    reader = OpenReader(tmp_path)
    things = list(CONNECTOR.read(reader))
    assert [one.native for one in things if isinstance(one, Item)] == ["docs/b.txt", "keep.log", "src/build/a.txt"]
    left = {one.locator for one in things if isinstance(one, Skipped) and not one.fault}
    assert left == {"a.log", "build/a.txt", "docs/a.tmp.txt", "diary/today.txt", "src/local.txt"}
    assert not left & set(reader.opened)


@pytest.mark.parametrize(
    ("rule", "out", "kept"),
    [
        ("foo", ["foo", "a/foo", "foo/b"], ["food", "a/food"]),
        ("/foo", ["foo", "foo/b"], ["a/foo"]),
        ("foo/", ["foo/b", "a/foo/b"], ["foo"]),
        ("a/b", ["a/b", "a/b/c"], ["x/a/b"]),
        ("**/b", ["b", "a/b", "x/y/b"], ["bb"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/x"]),
        ("*.t?t", ["a.txt", "x/b.tat"], ["a.tt"]),
        ("[ab].md", ["a.md", "b.md"], ["c.md"]),
        ("[!ab].md", ["c.md"], ["a.md"]),
        ("[^ab].md", ["c.md"], ["a.md"]),
        ("\\#x", ["#x"], ["x"]),
        ("\\!x", ["!x"], ["x"]),
        ("x  ", ["x"], ["x  y"]),
        ("# x", [], ["x", "# x"]),
        ("*\n!*.md", ["a.txt"], ["a.md"]),
        ("d/\n!d/a", ["d/a"], ["a"]),
        ("\ufefffoo", ["foo"], ["bar"]),
    ],
)
def test_a_rule_means_what_git_says_it_means(rule: str, out: list[str], kept: list[str]) -> None:
    ignored = Ignored()
    ignored.add(".gitignore", rule)
    assert [path for path in [*out, *kept] if ignored.holds(path)] == out


def test_no_rule_takes_long() -> None:
    ignored = Ignored()
    ignored.add(".gitignore", "*a" * 120 + "b\n" + "**/" * 90 + "x\n" + "[" * 200)
    began = time.perf_counter()
    assert not ignored.holds("/".join(["a" * 200] * 20))
    assert time.perf_counter() - began < 5


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("ab*?[]!/\\#. -\n"), max_size=30), st.text(st.sampled_from("ab/."), min_size=1, max_size=20)
)  # fmt: skip
def test_any_rules_and_any_path_give_an_answer(text: str, path: str) -> None:
    ignored = Ignored()
    ignored.add("a/.gitignore", text)
    assert ignored.holds(path) in {True, False}
    assert ignoring.rules("") == ()


def test_hidden_things_tools_pictures_and_keys_are_passed_over_without_being_a_fault(tmp_path: Path) -> None:
    lay(tmp_path, {
        ".env": "TOKEN=x", "node_modules/a/index.js": "x", "photo.jpg": b"\xff\xd8",
        "id_ed25519": "x", "server.pem": "x", "vault.kdbx": "x", "a.eml": "x", "b.ics": "x", "read.txt": "kept",
    })  # fmt: skip
    reader = OpenReader(tmp_path)
    things = list(CONNECTOR.read(reader))
    assert [one.native for one in things if isinstance(one, Item)] == ["read.txt"]
    assert [one for one in things if isinstance(one, Skipped) and one.fault] == []
    assert reader.opened == ["read.txt"]


def test_damage_and_formats_that_are_not_read_are_faults_with_a_reason(tmp_path: Path) -> None:
    lay(tmp_path, {
        "a.pdf": "not a pdf", "b.docx": b"PK\x03\x04broken", "c.doc": b"\xd0\xcf\x11\xe0", "d.txt": b"", "e.txt": "kept"
    })  # fmt: skip
    items, skipped = run(tmp_path)
    assert [item.native for item in items] == ["e.txt"]
    assert [(one.locator, one.fault) for one in skipped] == [
        ("a.pdf", True), ("b.docx", True), ("c.doc", True), ("d.txt", True)
    ]  # fmt: skip
    assert all(one.reason.endswith(".") for one in skipped)


def test_archives_are_folders_and_a_takeouts_path_is_the_same_in_every_zip(tmp_path: Path) -> None:
    for part in ("one", "two"):
        with zipfile.ZipFile(tmp_path / f"{part}.zip", "w") as archive:
            archive.writestr("Takeout/Drive/letter.txt", "dear")
            archive.writestr("other/letter.txt", part)
            archive.writestr("other/.gitignore", "secret.txt\n")
            archive.writestr("other/secret.txt", "x")
    items, _ = run(tmp_path)
    assert [item.native for item in items] == [
        "Takeout/Drive/letter.txt", "one.zip!other/letter.txt", "Takeout/Drive/letter.txt", "two.zip!other/letter.txt"
    ]  # fmt: skip
    assert items[0].locator == "one.zip!Takeout/Drive/letter.txt"


def test_a_compressed_file_is_read_and_an_archive_under_another_name_is_not(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("doc.kml", "x" * 100)
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x"))
    lay(tmp_path, {
        "a.txt.gz": gzip.compress(b"plain words"), "map.kmz": held.getvalue(),
        "b.txt.gz": gzip.compress(gzip.compress(b"x")),
        "c.bz2x": b"BZh9broken", "d.gz": gzip.compress(tarred.getvalue()),
    })  # fmt: skip
    items, skipped = run(tmp_path)
    assert [(item.native, item.text) for item in items] == [("a.txt.gz", "plain words")]
    assert [(one.locator, one.fault) for one in skipped] == [
        ("b.txt.gz", True), ("c.bz2x", True), ("d.gz", False), ("map.kmz", False)
    ]  # fmt: skip


def test_rows_go_by_their_key_or_their_content_never_by_their_place(tmp_path: Path) -> None:
    lay(tmp_path / "one", {"a.jsonl": '{"id": "k1", "text": "one"}\n{"text": "two"}\n{"text": "three"}\n'})
    lay(tmp_path / "two", {"a.jsonl": '{"text": "three"}\n{"id": "k1", "text": "one"}\n'})
    first, second = run(tmp_path / "one")[0], run(tmp_path / "two")[0]
    assert first[0].native == second[1].native == "a.jsonl#k1"
    assert first[2].native == second[0].native != first[1].native


def test_reading_again_gives_the_same_in_the_same_order(tmp_path: Path) -> None:
    lay(tmp_path, {f"{folder}/{name}.txt": f"{folder} {name}" for folder in "cab" for name in "zxy"})
    assert run(tmp_path) == run(tmp_path)


def test_parquet_is_read_without_a_file_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    out = io.BytesIO()
    parquet.write_table(pyarrow.table({"id": ["k"], "text": ["words in a column"]}), out)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("data.parquet", out.getvalue())
    monkeypatch.setattr("tempfile.SpooledTemporaryFile", None)
    items, skipped = run(tmp_path)
    assert [(item.native, item.text) for item in items] == [("a.zip!data.parquet#k", "words in a column")]
    assert skipped == []


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["a", *map("a.{}".format, ("txt", "md", "py", "html", "csv", "jsonl", "pdf", "docx", "gz"))]),
    st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.7\n", b"\x1f\x8b", b"BZh", b"<html>", b"\xff\xfe", b"PAR1"]),
    st.binary(max_size=200),
)
def test_any_bytes_under_any_name_are_items_or_reasons(
    tmp_path_factory: pytest.TempPathFactory, name: str, head: bytes, rest: bytes
) -> None:
    items, skipped = run(lay(tmp_path_factory.mktemp("any"), {name: head + rest}))
    assert items or skipped
