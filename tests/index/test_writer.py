"""One writer, commits in one step, and readers that keep what they see."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from small import BUILT, LOOSE, Given, build, cut, prose, record, texts

from cascade.errors import Locked, NoIndex, UnusableIndex
from cascade.index.layout import Layout
from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer, create
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape, compact
from indexers.ingest import ingest
from indexers.remove import remove

HOLDS = """
import sys, time
from pathlib import Path
from cascade.index.writer import Writer
with Writer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
READS = """
import sys
from pathlib import Path
from cascade.index.reading import passages_in_order
from cascade.index.snapshot import Snapshot
snapshot = Snapshot(Path(sys.argv[1]))
print(snapshot.manifest.commit, flush=True)
sys.stdin.readline()
print(sorted(p.text for p in passages_in_order(snapshot)), snapshot.verify(), flush=True)
sys.stdin.readline()
snapshot.close()
"""
TRIES = """
import sys
from pathlib import Path
from cascade.errors import Locked
from cascade.index.writer import Writer
try:
    Writer(Path(sys.argv[1])).__enter__()
except Locked as error:
    print(error)
"""


def process(script, root):
    return subprocess.Popen(
        [sys.executable, "-c", script, str(root)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


def ended(started):
    started.stdin.close()
    started.stdout.close()
    started.wait(timeout=30)


def compacted(root, shape=None):
    with Writer(root) as writer:
        return compact(writer, shape or Shape(), thorough=True)


def segments_on_disk(root):
    return sorted(path.name for path in Layout(root).segments.iterdir())


def test_a_second_process_is_told_who_writes(fresh):
    root = fresh()
    create(root, BUILT)
    with Writer(root):
        other = process(TRIES, root)
        said = other.communicate(timeout=30)[0]
    assert f"is being written by process {os.getpid()} on " in said


def test_a_second_writer_in_the_same_process_is_refused_too(fresh):
    root = fresh()
    create(root, BUILT)
    with Writer(root), pytest.raises(Locked), Writer(root):
        pass
    with Writer(root):
        pass


def test_the_lock_of_a_killed_writer_holds_nobody_up(fresh):
    root = fresh()
    create(root, BUILT)
    holder = process(HOLDS, root)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Locked, match=f"process {holder.pid} "):
        Writer(root).__enter__()
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=30)
    with Writer(root) as writer:
        assert writer.manifest.commit == 0
    ended(holder)


def test_a_writer_that_cannot_read_the_manifest_gives_the_lock_back(fresh):
    root = fresh()
    create(root, BUILT)
    good = Layout(root).manifest.read_bytes()
    Layout(root).twin.unlink()
    Layout(root).manifest.write_bytes(b"{}")
    broken = Writer(root)
    with pytest.raises(UnusableIndex):
        broken.__enter__()
    Layout(root).manifest.write_bytes(good)
    with Writer(root):
        pass
    assert not Layout(root).owner.exists()


def test_no_writer_without_an_index(tmp_path):
    with pytest.raises(NoIndex), Writer(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_index_is_made_only_where_there_is_nothing_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(UnusableIndex, match="holds other files"):
        create(tmp_path, BUILT)
    with pytest.raises(UnusableIndex, match="is a file"):
        create(tmp_path / "thesis.txt", BUILT)
    create(tmp_path / "new", BUILT)
    with pytest.raises(UnusableIndex, match="already holds an index"):
        create(tmp_path / "new", BUILT)
    assert (tmp_path / "thesis.txt").read_text() == "dear"


def test_what_a_killed_creation_left_is_no_hindrance(tmp_path):
    for name in ("model", "segments", "tombstones"):
        (tmp_path / name).mkdir()
    (tmp_path / "model" / "rotation.f32").write_bytes(b"half")
    (tmp_path / "manifest.json.123.tmp").write_bytes(b"half")
    create(tmp_path, BUILT)
    with Writer(tmp_path):
        pass
    assert not (tmp_path / "manifest.json.123.tmp").exists()
    assert len(Snapshot(tmp_path)) == 0


def test_half_written_work_is_never_read_and_swept_by_the_next_writer(fresh, opened):
    root = fresh()
    build(root, prose(10), cut(5))
    where = Layout(root)
    (where.segments / ".unfinished-00000003").mkdir()
    (where.segments / "00000009").mkdir()
    (where.segments / "00000009" / "vectors.i8").write_bytes(b"x")
    (where.tombstones / "00000001").mkdir()
    (where.tombstones / "00000001" / "9.u32").write_bytes(b"\0\0\0\0")
    assert len(opened(root)) == 10
    with Writer(root):
        pass
    assert segments_on_disk(root) == ["00000001", "00000002"]
    assert list(where.tombstones.iterdir()) == []
    assert len(opened(root)) == 10


def test_a_segment_written_but_not_committed_is_not_there(fresh, opened):
    root = fresh()
    build(root, prose(6), cut(6))
    snapshot = opened(root)
    batch = snapshot.segments[0].batch(np.arange(6), snapshot.catalog.batch(0))
    with Writer(root) as writer:
        made = writer.write(batch, None)
        assert len(opened(root)) == 6
        writer.commit([made], dead={"00000001": np.array([0, 2])})
    assert len(opened(root)) == 10
    assert len(snapshot) == 6


def test_a_commit_is_what_it_returns(fresh, opened):
    root = fresh()
    build(root, prose(6), cut(6))
    with Writer(root) as writer:
        made = writer.commit(dead={"00000001": np.array([1, 1, 4])})
    snapshot = opened(root)
    assert snapshot.manifest == made
    assert [(g.segment, g.rows) for g in made.graves] == [("00000001", 2)]
    assert snapshot.live[0].tolist() == [True, False, True, True, False, True]


def test_a_reader_in_another_process_keeps_its_segments_through_compaction(fresh):
    root = fresh()
    build(root, prose(12), cut(4))
    before = sorted(r.text for r in prose(12))
    reader = process(READS, root)
    assert reader.stdout.readline().strip() == "3"
    remove(root, "key = k2")
    assert compacted(root) == 3
    assert len(segments_on_disk(root)) == 4
    reader.stdin.write("\n")
    reader.stdin.flush()
    assert reader.stdout.readline().strip() == f"{before} []"
    reader.stdin.write("\n")
    ended(reader)
    with Writer(root):
        pass
    assert segments_on_disk(root) == ["00000004"]


def test_readers_that_come_while_segments_are_replaced_find_a_whole_index(fresh):
    root = fresh()
    build(root, prose(8), cut(2))
    script = """
import sys
from pathlib import Path
from cascade.index.snapshot import Snapshot
print("ready", flush=True)
while not Path(sys.argv[1], "stop").exists():
    snapshot = Snapshot(Path(sys.argv[1]))
    assert len(snapshot) == 8, len(snapshot)
    snapshot.close()
print("done", flush=True)
"""
    reader = process(script, root)
    assert reader.stdout.readline() == "ready\n"
    for turn in range(6):
        build(root, [record("f00000", f"changed {turn}", key="k0")], cut(1))
        compacted(root)
    (root / "stop").write_text("")
    assert reader.stdout.readline() == "done\n"
    ended(reader)


def test_compaction_right_after_adding_leaves_no_old_segment(fresh):
    root = fresh()
    build(root, prose(8), cut(2))
    ingest(root, [Given("notes", prose(9))], ToyEncoder(), cut(4, Shape(small=1)))
    assert segments_on_disk(root) == ["00000006"]


def test_a_snapshot_that_is_forgotten_lets_its_segments_go(fresh):
    root = fresh()
    build(root, prose(4), cut(2))
    snapshot = Snapshot(root)
    assert len(snapshot) == 4
    del snapshot
    gc.collect()
    compacted(root)
    assert segments_on_disk(root) == ["00000003"]


def test_an_old_quantizer_goes_with_the_last_segment_that_used_it(fresh):
    root = fresh()
    shape = Shape(exact=50, growth=1.5, small=10_000)
    build(root, prose(60), cut(30, shape))
    build(root, prose(130), cut(70, shape))
    with Writer(root) as writer:
        assert [g.number for g in writer.manifest.generations] == [2]
        assert len(writer.lists()) == writer.manifest.generation.lists
    assert [path.name for path in sorted(Layout(root).model.iterdir())] == ["generation-2", "rotation.f32"]


def test_everything_deleted_is_an_empty_index(fresh, opened):
    root = fresh()
    build(root, prose(5), cut(2))
    remove(root, "source = notes")
    before = Snapshot(root)
    assert len(before) == 0
    before.close()
    compacted(root)
    assert (len(opened(root)), segments_on_disk(root), texts(opened(root))) == (0, [], {})
    build(root, prose(5), cut(2, LOOSE))
    assert len(opened(root)) == 5
