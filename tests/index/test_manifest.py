"""The manifest: whole, ours and of this format, or refused with what to do."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import BUILT, build, cut, prose

from cascade.errors import CascadeError, Corrupt, NoIndex, UnusableIndex, Unwritable, WrongFormat
from cascade.index import files
from cascade.index import manifest as manifests
from cascade.index.disk import Disk
from cascade.index.layout import CODED, Layout
from cascade.index.manifest import Entry, Generation, Grave, Manifest
from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer, create
from indexers.compact import Shape
from indexers.remove import remove

NUMBERS, COUNTS, HASHES = st.integers(0, 2**40), st.integers(0, 2**32 - 1), st.text("0123456789abcdef", max_size=32)


@st.composite
def manifests_made(draw):
    """Manifests whose parts name one another."""
    generations = tuple(
        Generation(number, lists, draw(NUMBERS), draw(HASHES), draw(st.sampled_from([(), (0, lists)])))
        for number in sorted(draw(st.sets(st.integers(1, 2**40), max_size=2)))
        for lists in (draw(st.integers(1, 2**20)),)
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
    Layout(root).twin.unlink()
    path = Layout(root).manifest
    content = json.loads(path.read_bytes())
    del content["hash"]
    change(content)
    body = json.dumps(content, sort_keys=True, ensure_ascii=False)
    path.write_text(json.dumps({**content, "hash": files.digest(body.encode())}))


@pytest.mark.parametrize("groups", [[0, 3, 3, 8], [0, 9], [1, 8], [0, 5, 2, 8], [0, 1.5, 8], [0, True, 8], "08", 8])
def test_groups_that_do_not_divide_the_lists_are_refused(tmp_path, groups):
    create(tmp_path, BUILT)
    one = {"number": 1, "lists": 8, "trained": 9, "hash": "0", "groups": groups}
    changed(tmp_path, lambda content: content.update(generations=[one]))
    with pytest.raises(Corrupt, match="does not describe an index"):
        manifests.read(Layout(tmp_path))


def test_lists_without_groups_are_written_as_older_programs_read_them():
    flat, grouped = (Manifest(BUILT, "r", "now", generations=(Generation(1, 8, 9, "0", g),)) for g in ((), (0, 8)))
    assert b"groups" not in flat.encode()
    assert json.loads(grouped.encode())["generations"][0]["groups"] == [0, 8]


@pytest.mark.parametrize("version", [4, 0, "1", None])
def test_another_format_is_refused(tmp_path, version):
    create(tmp_path, BUILT)
    changed(tmp_path, lambda content: content.update(format=version))
    with pytest.raises(WrongFormat, match=f"has format {version}; this version of Cascade reads 1 to 3. Upgrade"):
        Snapshot(tmp_path)


def test_a_changed_manifest_is_refused(tmp_path):
    create(tmp_path, BUILT)
    path = Layout(tmp_path).manifest
    Layout(tmp_path).twin.unlink()
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


def flips(raw):
    """The content with each of its bits turned."""
    for at, byte in enumerate(raw):
        for bit in range(8):
            yield raw[:at] + bytes([byte ^ (1 << bit)]) + raw[at + 1 :]


@pytest.mark.parametrize("name", ["manifest.json", "manifest.twin.json"])
def test_no_flipped_bit_and_no_cut_of_one_manifest_hides_anything(kinds, name):
    where, path = Layout(kinds), kinds / name
    good, whole = path.read_bytes(), manifests.read(where)
    for bad in (*flips(good), *(good[:size] for size in range(len(good)))):
        path.write_bytes(bad)
        assert manifests.read(where) == whole
    path.unlink()
    assert manifests.read(where) == whole
    path.write_bytes(good)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.twin.json"])
def test_an_index_with_one_damaged_manifest_opens_says_so_and_is_mended_by_the_next_writer(kinds, name):
    path = kinds / name
    good = path.read_bytes()
    for bad in (*list(flips(good))[5::1501], good[: len(good) // 2], b"", None):
        path.unlink() if bad is None else path.write_bytes(bad)
        snapshot = Snapshot(kinds)
        assert len(snapshot) == 149
        (problem,) = snapshot.verify()
        snapshot.close()
        assert str(path) in problem
        assert "`cascade repair`" in problem
        with Writer(kinds):
            assert (Layout(kinds).manifest.read_bytes(), Layout(kinds).twin.read_bytes()) == (good, good)
        assert manifests.faults(Layout(kinds)) == []


@pytest.mark.parametrize("ways", list(product([b"", b"{}", None, "flipped"], repeat=2)), ids=str)
def test_two_damaged_manifests_are_a_sentence(tmp_path, ways):
    create(tmp_path, BUILT)
    where = Layout(tmp_path)
    good = where.manifest.read_bytes()
    for path, way in zip((where.manifest, where.twin), ways, strict=True):
        path.unlink()
        if way is not None:
            path.write_bytes(good[:-9] + b"_" + good[-8:] if way == "flipped" else way)
    with pytest.raises(NoIndex if ways == (None, None) else Corrupt, match=r"cascade (restore DEST NEW_INDEX|add)"):
        Snapshot(tmp_path)
    with pytest.raises(NoIndex if ways == (None, None) else Corrupt), Writer(tmp_path):
        pass
    assert len(manifests.faults(where)) == 2


def test_the_truth_counts_where_both_manifests_are_whole(tmp_path):
    create(tmp_path, BUILT)
    where = Layout(tmp_path)
    first = manifests.read(where)
    where.twin.write_bytes(first.next(serial=5).encode())
    assert (manifests.read(where), manifests.faults(where)) == (first, [])
    with Writer(tmp_path) as writer:
        assert writer.manifest == first
    assert where.twin.read_bytes() == where.manifest.read_bytes()
    where.manifest.write_bytes(first.next(serial=5).encode())
    (problem,) = manifests.faults(where)
    assert problem.startswith(f"{where.twin} is not of the commit of manifest.json.")


class Full(Disk):
    """Has no room for files of a name."""

    def __init__(self, name):
        self.name = name

    def write(self, path, data):
        if path.name.startswith(self.name):
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(path, data)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.twin.json"])
def test_a_commit_that_finds_no_room_for_a_manifest_was_not_made(tmp_path, monkeypatch, name):
    create(tmp_path, BUILT)
    where = Layout(tmp_path)
    before = manifests.read(where)
    with monkeypatch.context() as patch:
        patch.setattr(files, "disk", Full(name))
        with Writer(tmp_path) as writer, pytest.raises(Unwritable, match="No space left"):
            writer.commit()
    assert (manifests.read(where), manifests.faults(where)) == (before, [])
    with Writer(tmp_path) as writer:
        assert where.twin.read_bytes() == where.manifest.read_bytes() == before.encode()
        writer.commit()
    assert manifests.read(where).commit == 1


def test_an_index_whose_manifest_is_lost_is_no_place_for_a_new_one(tmp_path):
    create(tmp_path, BUILT)
    Layout(tmp_path).manifest.unlink()
    with pytest.raises(UnusableIndex, match="already holds an index"):
        create(tmp_path, BUILT)


def test_adding_goes_on_in_an_index_whose_manifest_is_lost(fresh):
    root = fresh()
    build(root, prose(3))
    Layout(root).manifest.unlink()
    report = build(root, prose(4))
    assert (report.unchanged, report.passages) == (3, 1)


def test_an_older_format_gets_no_twin(tmp_path):
    create(tmp_path, BUILT)
    where = Layout(tmp_path)
    old = replace(manifests.read(where), format=1)
    where.manifest.write_bytes(old.encode())
    with Writer(tmp_path) as writer:
        assert not where.twin.exists()
        assert writer.commit().format == 1
    assert not where.twin.exists()
    assert (manifests.read(where), manifests.faults(where)) == (old.next(), [])


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
    for path in sorted(p for p in kinds.rglob("*") if p.is_file() and p.suffix != ".lock"):
        good = path.read_bytes()
        at = len(good) * 2 // 3
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x04]) + good[at + 1 :])
        problems = verified(kinds)
        path.write_bytes(good)
        assert len(problems) == 1, path
        assert str(path) in problems[0]
        names.add(path.name)
    assert {"rotation.f32", "centroids.f32", *CODED, "manifest.json", "manifest.twin.json", "sums.json"} <= names
    assert any(name.endswith(".u32") for name in names)
    assert verified(kinds) == []


def test_a_missing_file_anywhere_in_an_index_is_found(kinds):
    for path in sorted(p for p in kinds.rglob("*") if p.is_file() and p.suffix != ".lock"):
        good = path.read_bytes()
        path.unlink()
        problems = verified(kinds)
        path.write_bytes(good)
        assert problems, path
    assert verified(kinds) == []
