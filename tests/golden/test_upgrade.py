"""An index of an older format is used as it is until it is upgraded; then it is the same index in the newest format."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cascade.commands.index import status
from cascade.commands.upgrade import upgrade as command
from cascade.engine import Engine
from cascade.errors import Locked, NoIndex, WrongFormat
from cascade.index import files
from cascade.index import manifest as manifests
from cascade.index.layout import FORMAT, READS, Layout
from cascade.index.snapshot import Snapshot
from cascade.index.upgrade import STEPS, steps, upgrade
from cascade.index.writer import Writer
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape, compact
from indexers.ingest import IngestConfig, ingest
from indexers.remove import remove

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from make import QUESTIONS, Verses, ranked, seen  # noqa: E402

OLD = tuple(version for version in READS if version != FORMAT)
SAID = json.loads((HERE / "format-1" / "seen.json").read_text())
RANKED = json.loads((HERE / "ranked.json").read_text())


@pytest.fixture
def copied(fresh):
    """A copy of a golden index, where flushing costs nothing."""
    return lambda version: Path(shutil.copytree(HERE / f"format-{version}" / "index", fresh()))


def searched(root):
    """Ids and scores of the whole path."""
    engine = Engine.open(root)
    try:
        return {question: [(r.passage.id, r.score) for r in engine.search(question).ranked] for question in QUESTIONS}
    finally:
        engine.close()


def both(root):
    where = Layout(root)
    return where.manifest.read_bytes(), where.twin.read_bytes()


@pytest.mark.parametrize("version", OLD)
def test_an_upgraded_index_is_the_same_index(copied, version):
    root = copied(version)
    before, found = manifests.read(Layout(root)), searched(root)
    assert upgrade(root) == (version, steps(version))
    after = manifests.read(Layout(root))
    assert (after.format, after.commit) == (FORMAT, before.commit + len(steps(version)))
    assert after.generations == before.generations
    sizes = [[(one.passages, one.records, one.generation) for one in all_.segments] for all_ in (before, after)]
    assert sizes[0] == sizes[1]
    assert sum(grave.rows for grave in before.graves) == sum(grave.rows for grave in after.graves)
    assert (after.built, after.created) == (before.built, before.created)
    assert len(set(both(root))) == 1
    assert (seen(root), ranked(root), searched(root)) == (SAID, RANKED, found)
    snapshot = Snapshot(root)
    assert snapshot.verify() == []
    snapshot.close()


def test_all_formats_give_the_same_answers(copied):
    first, *others = (searched(copied(version)) for version in READS)
    assert all(len(found) == 10 for found in first.values())
    assert others == [first] * len(others)


def test_there_is_a_step_out_of_every_older_format():
    assert tuple(STEPS) == OLD
    assert steps(FORMAT) == ()
    assert [step.to for step in steps(OLD[0])] == list(READS[1:])


def test_what_is_written_to_an_index_of_format_1_is_of_format_1(copied):
    root = copied(1)
    fields = set(json.loads(Layout(root).manifest.read_bytes()))
    ingest(root, [Verses("third", 80, 90)], ToyEncoder(), IngestConfig(shape=Shape(exact=50, most=40, small=100)))
    remove(root, "key = k80")
    with Writer(root) as writer:
        assert compact(writer, Shape(exact=50, most=40), thorough=True)
    written = json.loads(Layout(root).manifest.read_bytes())
    stated = written.pop("hash")
    assert stated == files.digest(json.dumps(written, sort_keys=True, ensure_ascii=False).encode())
    assert (written["format"], {*written, "hash"}) == (1, fields)
    assert {path.name for path in root.iterdir()} == {"manifest.json", "model", "segments", "tombstones", "writer.lock"}
    snapshot = Snapshot(root)
    assert (len(snapshot), snapshot.verify()) == (SAID["passages"] + 9, [])
    snapshot.close()


def test_what_is_written_to_an_upgraded_index_is_in_both_files(copied):
    root = copied(1)
    upgrade(root)
    remove(root, "key = k10")
    truth, twin = both(root)
    assert truth == twin
    assert json.loads(truth)["format"] == FORMAT
    Layout(root).manifest.unlink()
    snapshot = Snapshot(root)
    assert len(snapshot) == SAID["passages"] - 1
    snapshot.close()


def test_the_command_says_what_it_does(copied):
    root, run = copied(1), CliRunner().invoke
    good = Layout(root).manifest.read_bytes()
    assert "format 1 (`cascade upgrade` makes it 3), snapshot" in run(status, [str(root)]).output
    told = run(command, [str(root), "--dry-run"])
    assert told.output == (
        "format 2: a second copy of the manifest, so that damage to either leaves the index readable\n"
        "format 3: codes without ids, several times faster to search; segments in lists are written anew\n"
        f"{root} has format 1; without --dry-run it would be brought to format 3\n"
    )
    assert Layout(root).manifest.read_bytes() == good
    assert not Layout(root).owner.exists()
    assert run(command, [str(root)]).output.splitlines()[-1] == f"{root} had format 1 and has format 3 now"
    assert len(set(both(root))) == 1
    again = run(command, [str(root)])
    assert (again.exit_code, again.output) == (0, f"{root} has format 3, the newest: there is nothing to do\n")
    assert "format 3, snapshot" in run(status, [str(root)]).output


def test_the_command_in_json(copied):
    root, run = copied(1), CliRunner().invoke
    done = [{"to": 2, "does": STEPS[1].says}, {"to": 3, "does": STEPS[2].says}]
    expected = {"index": str(root), "from": 1, "to": 3, "steps": done}
    assert json.loads(run(command, [str(root), "--dry-run", "--json"]).output) == {**expected, "done": False}
    assert json.loads(run(command, [str(root), "--json"]).output) == {**expected, "done": True}
    nothing = {"index": str(root), "from": 3, "to": 3, "done": True, "steps": []}
    assert json.loads(run(command, [str(root), "--json"]).output) == nothing


def test_what_cannot_be_upgraded_is_left_alone(copied, tmp_path):
    with pytest.raises(NoIndex, match="holds no index"):
        upgrade(tmp_path)
    root = copied(FORMAT)
    newer = json.loads(Layout(root).manifest.read_bytes())
    del newer["hash"]
    newer["format"] = FORMAT + 1
    raw = json.dumps({**newer, "hash": files.digest(json.dumps(newer, sort_keys=True, ensure_ascii=False).encode())})
    Layout(root).manifest.write_text(raw)
    old = Layout(root).twin.read_bytes()
    for dry in ([], ["--dry-run"]):
        refused = CliRunner().invoke(command, [str(root), *dry])
        assert isinstance(refused.exception, WrongFormat)
        said = f"has format {FORMAT + 1}; this version of Cascade reads 1 to 3. Upgrade Cascade"
        assert said in str(refused.exception)
    assert (Layout(root).manifest.read_text(), Layout(root).twin.read_bytes()) == (raw, old)


def test_no_upgrade_while_somebody_writes(copied):
    root = copied(1)
    with Writer(root), pytest.raises(Locked, match="is being written"):
        upgrade(root)
    assert manifests.read(Layout(root)).format == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")
@pytest.mark.parametrize("work", ["upgrade", "commit", "enter", "create"])
def test_killed_before_any_step_it_is_whole_and_goes_on(fresh, work):
    folder = fresh()
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, HERE / "kills.py", folder, work], capture_output=True, text=True, timeout=280, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["problems"] == [], ran.stderr
    assert found["kills"] >= {"upgrade": 7, "commit": 12, "enter": 4, "create": 8}[work]
    assert found["states"] == {"upgrade": ["1", "2", "22", "23", "33"], "create": ["", "3", "33"]}.get(work, ["33"])
