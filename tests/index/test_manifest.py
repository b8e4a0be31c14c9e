"""The manifest: whole, ours and of this format, or refused with what to do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import BUILT, build, cut, prose

from cascade.errors import CascadeError, Corrupt, NoIndex, WrongFormat
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.index.manifest import Entry, Generation, Grave, Manifest
from cascade.index.snapshot import Snapshot
from cascade.index.writer import create
from indexers.compact import Shape
from indexers.remove import remove

NUMBERS, COUNTS, HASHES = st.integers(0, 2**40), st.integers(0, 2**32 - 1), st.text("0123456789abcdef", max_size=32)


@st.composite
def manifests_made(draw):
    """Manifests whose parts name one another."""
    generations = tuple(
        Generation(number, draw(st.integers(1, 2**20)), draw(NUMBERS), draw(HASHES))
        for number in sorted(draw(st.sets(st.integers(1, 2**40), max_size=2)))
    )
    segments = tuple(
        Entry(
            f"{name:08d}", draw(COUNTS), draw(COUNTS), draw(st.sampled_from([0, *(g.number for g in generations)])),
            draw(NUMBERS), draw(HASHES), draw(st.floats(1, 1e6)),
        )
        for name in draw(st.lists(st.integers(1, 10**9 - 1), max_size=3, unique=True))
    )  # fmt: skip
    graves = tuple(
        Grave(draw(st.sampled_from(segments)).name, commit, 0, draw(HASHES))
        for commit in (draw(st.sets(COUNTS, max_size=3)) if segments else ())
    )
    return Manifest(BUILT, "r", "now", 3, 10**9, generations, segments, graves, {"note": "é"})


@settings(deadline=None)
@given(made=manifests_made())
def test_a_manifest_comes_back_as_it_was(tmp_path_factory, made):
    where = Layout(tmp_path_factory.mktemp("index"))
    manifests.commit(where, made)
    assert manifests.read(where) == made


def changed(root, change):
    """Rewrite the manifest with other content and a hash that fits it."""
    path = Layout(root).manifest
    content = json.loads(path.read_bytes())
    del content["hash"]
    change(content)
    body = json.dumps(content, sort_keys=True, ensure_ascii=False)
    path.write_text(json.dumps({**content, "hash": manifests.digest(body.encode())}))


@pytest.mark.parametrize("version", [2, 0, "1", None])
def test_another_format_is_refused(tmp_path, version):
    create(tmp_path, BUILT)
    changed(tmp_path, lambda content: content.update(format=version))
    with pytest.raises(WrongFormat, match=f"has format {version}; this version reads format 1"):
        Snapshot(tmp_path)


def test_a_changed_manifest_is_refused(tmp_path):
    create(tmp_path, BUILT)
    path = Layout(tmp_path).manifest
    path.write_text(path.read_text().replace('"commit": 0', '"commit": 7'))
    with pytest.raises(Corrupt, match="does not match its own hash"):
        Snapshot(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b'"x"', b"\xff\xfe", b'{"hash": 1}'])
def test_what_is_no_manifest_is_refused(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(Corrupt, match="is not a manifest"):
        Snapshot(tmp_path)


def test_a_folder_without_a_manifest_holds_no_index(tmp_path):
    (tmp_path / "file").write_text("x")
    for place in (tmp_path, tmp_path / "none", tmp_path / "file"):
        with pytest.raises(NoIndex, match="Make one: cascade add"):
            Snapshot(place)


@pytest.fixture(scope="module")
def kinds(fresh):
    """An index with every kind of file: lists, several segments, deleted rows."""
    root = fresh()
    build(root, prose(130), cut(65, Shape(exact=100, small=10_000)))
    build(root, prose(150)[130:], cut(20, Shape(exact=100, small=10_000)))
    remove(root, "key = k3")
    return root


def verified(root):
    try:
        snapshot = Snapshot(root)
    except CascadeError as error:
        return [str(error)]
    problems = snapshot.verify()
    snapshot.close()
    return problems


def test_a_flipped_byte_anywhere_in_an_index_is_found(kinds):
    assert verified(kinds) == []
    names = set()
    for path in sorted(p for p in kinds.rglob("*") if p.is_file() and p.name != "writer.lock"):
        good = path.read_bytes()
        at = len(good) * 2 // 3
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x04]) + good[at + 1 :])
        problems = verified(kinds)
        path.write_bytes(good)
        assert len(problems) == 1, path
        assert str(path) in problems[0]
        names.add(path.name)
    assert {"rotation.f32", "centroids.f32", "codes.faiss", "manifest.json", "sums.json"} <= names
    assert any(name.endswith(".u32") for name in names)
    assert verified(kinds) == []


def test_a_missing_file_anywhere_in_an_index_is_found(kinds):
    for path in sorted(p for p in kinds.rglob("*") if p.is_file() and p.name != "writer.lock"):
        good = path.read_bytes()
        path.unlink()
        problems = verified(kinds)
        path.write_bytes(good)
        assert problems, path
    assert verified(kinds) == []
