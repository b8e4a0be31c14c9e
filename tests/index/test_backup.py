"""Backups: what comes back is what was there, damage does not travel, and nothing leads out of a folder."""

from __future__ import annotations

import io
import json
import shutil
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from small import build, cut, prose, texts

from cascade.cli import root as cascade
from cascade.errors import Corrupt, NotFound, SourceError, UsageError
from cascade.index import backup
from cascade.index.files import digest
from cascade.index.layout import Layout
from cascade.index.snapshot import Snapshot
from cascade.index.store import Folder, opened
from cascade.index.writer import Writer
from indexers.remove import remove


@pytest.fixture
def root(fresh):
    folder = fresh()
    build(folder, prose(60), cut(20))
    remove(folder, "key = k7")
    with Writer(folder) as writer:
        writer.fuse(b"{}")
        writer.commit()
    return folder


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    if request.param == "folder":
        return opened(str(tmp_path / "kept"))
    pytest.importorskip("fsspec")
    return opened(f"memory://{tmp_path.name}")


def same(one, other):
    first, second = Snapshot(one), Snapshot(other)
    try:
        assert first.manifest == second.manifest
        assert texts(first) == texts(second)
        assert second.verify() == []
    finally:
        first.close()
        second.close()


def test_what_comes_back_is_what_was_there(root, store, tmp_path):
    made, copied = backup.back_up(root, store)
    assert copied > 0.9 * made.size
    backup.restore(store, tmp_path / "back")
    same(root, tmp_path / "back")
    names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert {one.path for one in made.files} == {name for name in names if not name.startswith("writer")}


def test_an_index_with_a_damaged_manifest_is_backed_up_by_its_twin(root, store, tmp_path):
    copy = Path(shutil.copytree(root, tmp_path / "copy"))
    Layout(copy).manifest.write_bytes(b"{")
    backup.back_up(copy, store)
    backup.restore(store, tmp_path / "back")
    same(root, tmp_path / "back")


def test_a_backup_of_format_1_brings_back_format_1(store, tmp_path):
    golden = Path(__file__).parents[1] / "golden" / "format-1" / "index"
    copy = Path(shutil.copytree(golden, tmp_path / "copy"))
    backup.back_up(copy, store)
    backup.restore(store, tmp_path / "back")
    same(copy, tmp_path / "back")
    assert not Layout(tmp_path / "back").twin.exists()
    assert backup.verify(store) == []


def test_a_second_backup_copies_what_is_new_and_the_first_can_still_be_had(root, store, tmp_path):
    first, whole = backup.back_up(root, store)
    _, nothing = backup.back_up(root, store)
    assert nothing == 0
    build(root, prose(80), cut(20))
    second, more = backup.back_up(root, store)
    assert 0 < more < whole
    assert backup.backups(store) == sorted(backup.backups(store))
    assert backup.restore(store, tmp_path / "old", first.name).passages == first.passages < second.passages
    assert len(texts(Snapshot(tmp_path / "old"))) == first.passages
    backup.restore(store, tmp_path / "new")
    same(root, tmp_path / "new")


def test_the_newest_are_kept_and_what_no_backup_needs_goes(root, store, tmp_path):
    backup.back_up(root, store)
    build(root, prose(80), cut(20))
    kept, _ = backup.back_up(root, store)
    removed, _ = backup.prune(store, 1)
    assert removed == 1
    assert backup.backups(store) == [kept.name]
    assert set(store.names(backup.OBJECTS)) == {one.object for one in kept.files}
    backup.restore(store, tmp_path / "back")
    same(root, tmp_path / "back")


def test_a_damaged_file_is_not_backed_up(root, tmp_path):
    for path in sorted(path for path in (root / "segments").rglob("*") if path.is_file() and path.stat().st_size):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        store = Folder(tmp_path / "kept")
        with pytest.raises(Corrupt):
            backup.back_up(root, store)
        assert backup.backups(store) == []
        path.write_bytes(whole)


def test_damage_in_the_backup_is_found_and_not_restored(root, tmp_path):
    store = Folder(tmp_path / "kept")
    made, _ = backup.back_up(root, store)
    for number, one in enumerate(made.files):
        path = store.root / one.object
        whole = path.read_bytes()
        bad = (whole[:-1] + bytes([whole[-1] ^ 128]), whole + b"x", None)[number % 3]
        path.unlink() if bad is None else path.write_bytes(bad)
        assert any(one.object in problem for problem in backup.verify(store))
        with pytest.raises(Corrupt, match="Take an older one"):
            backup.restore(store, tmp_path / f"back{number}")
        assert not list(tmp_path.glob("back*"))
        assert not list(tmp_path.glob(".unfinished*"))
        path.write_bytes(whole)
    assert backup.verify(store) == []


@pytest.mark.parametrize("path", ["../out", "/etc/out", "segments/../../out", "C:/out", "a\\..\\out", ""])
def test_a_crafted_list_leads_nowhere_else(root, tmp_path, path):
    store = Folder(tmp_path / "kept")
    made, _ = backup.back_up(root, store)
    listed = tmp_path / "kept" / "snapshots" / f"{made.name}.json"
    body = json.loads(listed.read_bytes())
    body.pop("hash")
    body["files"][0][0] = path
    listed.write_bytes(json.dumps({**body, "hash": digest(json.dumps(body, sort_keys=True).encode())}).encode())
    with pytest.raises(Corrupt, match="leads out of the folder"):
        backup.restore(store, tmp_path / "deep" / "back")
    assert not (tmp_path / "out").exists()
    assert len(backup.verify(store)) == 1


def test_a_list_that_was_changed_is_refused(root, tmp_path):
    store = Folder(tmp_path / "kept")
    made, _ = backup.back_up(root, store)
    listed = tmp_path / "kept" / "snapshots" / f"{made.name}.json"
    listed.write_bytes(listed.read_bytes().replace(b'"commit": ', b'"commit": 1'))
    with pytest.raises(Corrupt, match="does not match its own hash"):
        backup.read(store)


def test_nothing_is_written_over_what_is_there(root, tmp_path):
    store = Folder(tmp_path / "kept")
    with pytest.raises(NotFound, match="There is no backup"):
        backup.restore(store, tmp_path / "back")
    backup.back_up(root, store)
    with pytest.raises(UsageError, match="is not empty"):
        backup.restore(store, root)
    with pytest.raises(NotFound, match="There are: "):
        backup.restore(store, tmp_path / "back", "yesterday")
    (tmp_path / "empty").mkdir()
    backup.restore(store, tmp_path / "empty")
    same(root, tmp_path / "empty")


def test_a_backup_is_one_commit_while_a_writer_works(root, tmp_path):
    done = threading.Event()

    def write():
        for seed in range(4):
            build(root, prose(30, seed=seed), cut(30))
            remove(root, f"number < {seed * 5}")
        done.set()

    store, writer = Folder(tmp_path / "kept"), threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        backup.back_up(root, store)
    writer.join()
    for number, name in enumerate(backup.backups(store)[-8:]):
        said = backup.restore(store, tmp_path / f"back{number}", name)
        snapshot = Snapshot(tmp_path / f"back{number}")
        assert (snapshot.manifest.commit, len(snapshot)) == (said.commit, said.passages)
        assert snapshot.verify() == []
        snapshot.close()


def test_a_tombstone_that_a_writer_replaces_before_it_is_copied_is_no_damage(root, tmp_path, monkeypatch):
    remove(root, "number < 3")
    opened = backup.Snapshot

    def replaced(where):
        snapshot = opened(where)
        monkeypatch.setattr(backup, "Snapshot", opened)
        for seed in (7, 8):  # a writer first removes what the manifest does not name
            build(root, prose(60, seed=seed), cut(20))
        return snapshot

    monkeypatch.setattr(backup, "Snapshot", replaced)
    made, _ = backup.back_up(root, Folder(tmp_path / "kept"))
    snapshot = opened(root)
    assert (made.commit, made.passages) == (snapshot.manifest.commit, len(snapshot))
    snapshot.close()


class Watched(Folder):
    """Keeps the names of what it was told to see to."""

    def __init__(self, root):
        super().__init__(root)
        self.kept = set()

    def put(self, name, data):
        super().put(name, data)
        self.kept.add(name)

    def settle(self, name):
        super().settle(name)
        self.kept.add(name)


def test_what_a_stopped_backup_left_is_flushed_before_it_counts(root, tmp_path):
    made, _ = backup.back_up(root, Folder(tmp_path / "kept"))
    (tmp_path / "kept" / backup.SNAPSHOTS / f"{made.name}.json").unlink()  # as if it was stopped before its list
    again = Watched(tmp_path / "kept")
    other, copied = backup.back_up(root, again)
    assert copied == 0
    assert {one.object for one in other.files} < again.kept


class Breaking(io.BytesIO):
    def read(self, size=-1):
        if self.tell():
            raise OSError(28, "No space left on device")
        return super().read(3)


def test_a_write_that_breaks_off_leaves_nothing(store):
    with pytest.raises(SourceError, match="No space left"):
        store.put("objects/ab/cd", Breaking(b"abcdef"))
    assert not store.has("objects/ab/cd")
    assert store.names("objects") == []


def test_the_commands_say_what_they_did(root, tmp_path):
    dest, back = str(tmp_path / "kept"), str(tmp_path / "back")
    run = CliRunner()
    said = json.loads(run.invoke(cascade, ["backup", str(root), dest, "--verify", "--json"]).stdout)
    assert (said["problems"], said["passages"], said["removed"]) == ([], 59, 0)
    again = run.invoke(cascade, ["backup", str(root), dest, "--keep", "1"])
    assert "0.0 MB of it new; 1 older removed" in again.stdout
    listed = run.invoke(cascade, ["restore", dest, "--list"])
    assert "59 passages" in listed.stdout
    done = run.invoke(cascade, ["restore", dest, back, "--json"])
    assert json.loads(done.stdout)["bytes"] == said["bytes"]
    same(root, tmp_path / "back")
    assert run.invoke(cascade, ["restore", dest]).exit_code == 2
    shutil.rmtree(tmp_path / "kept" / "objects")
    assert run.invoke(cascade, ["restore", dest, f"{back}2"]).exit_code != 0


def test_a_place_that_cannot_be_written_is_a_sentence(root, tmp_path):
    (tmp_path / "file").write_text("here")
    with pytest.raises(SourceError, match="cannot be written"):
        backup.back_up(root, Folder(tmp_path / "file"))
    store = Folder(tmp_path / "kept")
    backup.back_up(root, store)
    with pytest.raises(UsageError, match="cannot be written"):
        backup.restore(store, tmp_path / "file" / "back")
