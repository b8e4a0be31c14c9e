"""Two writers, a lock that a dead process left, commits that half failed, readers that hold on, clocks set back."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import threading
from itertools import count

import pytest
from harness import Stepped, using
from small import build, cut, prose, texts

from cascade.errors import Locked, Unwritable
from cascade.index import backup as backups
from cascade.index import files
from cascade.index.disk import Disk
from cascade.index.layout import UNFINISHED, Layout
from cascade.index.snapshot import Snapshot
from cascade.index.store import Folder
from cascade.index.writer import Writer
from indexers.compact import Shape, compact
from indexers.remove import remove

ADDS = """
import sys
from pathlib import Path
from small import build, cut, prose
from cascade.errors import Locked
sys.stdin.readline()
try:
    build(Path(sys.argv[1]), prose(12, seed=int(sys.argv[2])), cut(4))
    print("added")
except Locked as error:
    print(error)
"""


@pytest.fixture
def index(fresh):
    root = fresh()
    build(root, prose(12), cut(6))
    return root


def live(root):
    snapshot = Snapshot(root)
    try:
        assert snapshot.verify() == []
        return texts(snapshot)
    finally:
        snapshot.close()


def test_of_two_processes_that_write_at_once_the_second_is_told_who_the_first_is(index):
    with Writer(index):
        ran = subprocess.run(
            [sys.executable, "-c", ADDS, str(index), "3"], input="\n", capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
    assert f"process {os.getpid()} on {socket.gethostname()}" in ran.stdout
    assert live(index) == {r.locator: r.text for r in prose(12)}


def test_of_many_threads_that_write_at_once_one_wins_and_the_others_are_told(index):
    barrier, outcomes = threading.Barrier(6), []

    def write():
        barrier.wait()
        try:
            with Writer(index) as writer:
                barrier.wait()
                writer.commit()
                outcomes.append("wrote")
        except Locked as error:
            outcomes.append(str(error))
            barrier.wait()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("wrote") == 1
    assert all(f"process {os.getpid()}" in said for said in outcomes if said != "wrote")


@pytest.mark.parametrize("host", [socket.gethostname(), "another-host"])
@pytest.mark.parametrize("left", [None, "", "null", "{"])
def test_a_lock_that_a_dead_process_left_does_not_hold_up_the_next(index, host, left):
    where = Layout(index)
    where.lock.touch()
    where.owner.write_text(json.dumps({"pid": 4_000_000, "host": host}) if left is None else left)
    remove(index, "key = k3")
    assert len(live(index)) == 11
    assert not where.owner.exists()


@pytest.mark.parametrize("left", ["", "null", "{", "[]"])
def test_an_owner_that_cannot_be_read_is_another_process(index, left):
    with Writer(index) as writer:
        writer.layout.owner.write_text(left)
        with pytest.raises(Locked, match="by another process"), Writer(index):
            pass


def test_a_reader_keeps_its_snapshot_through_three_compactions(index):
    reader = Snapshot(index)
    before = texts(reader)
    for number in range(3):
        build(index, prose(12, seed=number), cut(5))
        remove(index, f"key = k{number}")
        with Writer(index) as writer:
            assert compact(writer, Shape(), thorough=True)
        assert reader.verify() == []
        assert texts(reader) == before
        assert live(index) != before
    reader.close()
    with Writer(index):
        pass
    assert {path.name for path in Layout(index).segments.iterdir()} == {
        entry.name for entry in Snapshot(index).manifest.segments
    }


def refusing(root, step, number=errno.EIO, nth=1):
    """A disk on which the n-th step of this name fails."""
    met_before = count(1)

    def meet(met):
        if met == step and next(met_before) == nth:
            raise OSError(number, os.strerror(number))

    return using(Stepped(root.parent, meet))


@pytest.mark.parametrize(
    ("step", "nth", "left"),
    [("rename to {}/manifest.json", 1, 12), ("flush folder {}", 1, 12), ("flush folder {}", 2, 10)],
)
def test_a_writer_whose_commit_failed_goes_on_from_what_is_there(index, step, nth, left):
    name = Snapshot(index).manifest.segments[0].name
    with Writer(index) as writer:
        with refusing(index, step.format(index.name), nth=nth), pytest.raises(Unwritable):
            writer.commit(dead={name: Snapshot(index).live[0].nonzero()[0][:2]})
        before = live(index)
        assert len(before) == left
        writer.commit(dead={name: Snapshot(index).live[0].nonzero()[0][:1]})
        assert len(live(index)) == len(before) - 1


def test_what_a_killed_writer_renamed_is_flushed_before_the_next_removes_anything(index):
    steps = []
    remove(index, "key = k1")
    with Writer(index) as writer:
        compact(writer, Shape(), thorough=True)
    (Layout(index).segments / "00000099").mkdir()
    with using(Stepped(index.parent, steps.append)), Writer(index):
        pass
    assert steps == ["flush folder .", f"flush folder {index.name}", f"clear {index.name}/segments/N"]


def test_work_that_cannot_be_cleared_away_is_not_taken_for_new(index):
    class Stubborn(Disk):
        def clear(self, folder):
            pass

    stale = Layout(index).segments / f"{UNFINISHED}{Snapshot(index).manifest.serial:08d}"
    with Writer(index), using(Stubborn()):
        stale.mkdir()
    with using(Stubborn()), pytest.raises(Unwritable, match="not empty"):
        build(index, prose(3, seed=8), cut(3))
    assert len(live(index)) == 12


@pytest.mark.parametrize("years", [0, 1, 30])
def test_the_newest_backup_is_found_when_the_clock_was_set_back(index, fresh, monkeypatch, years):
    store = Folder(fresh())
    first, _ = backups.back_up(index, store)

    class Back(backups.datetime):
        @classmethod
        def now(cls, zone=None):
            now = super().now(zone)
            return now.replace(year=now.year - years, day=1)

    monkeypatch.setattr(backups, "datetime", Back)
    for number in range(3):
        remove(index, f"key = k{number}")
        made, _ = backups.back_up(index, store)
        assert backups.read(store).name == made.name
        assert backups.read(store).commit == Snapshot(index).manifest.commit
    assert backups.backups(store)[0] == first.name
    backups.prune(store, 1)
    backups.restore(store, root := fresh())
    assert len(live(root)) == 9


def test_the_disk_is_the_real_one_again_after_a_test():
    assert type(files.disk) is Disk
