"""A run that is killed leaves the index as it was, and its copy is gone with the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small import build, prose

from cascade.errors import Unwritable
from eval.planting import HELD, copied

HOLDS = """
import sys, time
from pathlib import Path
from cascade.models.toy import ToyEncoder
from eval.tuning.planted import planted
with planted(Path(sys.argv[1]), ToyEncoder(), 6, 0) as (copy, needles):
    sys.stdout.write(f"{copy}\\n")
    sys.stdout.flush()
    time.sleep(60)
"""


def test_a_killed_run_leaves_the_index_as_it_was_and_the_next_removes_its_copy(fresh, snap):
    root = fresh() / "index"
    build(root, prose(20))
    before = snap(root)
    child = subprocess.Popen([sys.executable, "-c", HOLDS, str(root)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    copy = Path(child.stdout.readline().strip())
    with copied(root) as other:
        assert other.exists()
        assert copy.exists(), "a copy that is in use is left alone"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert copy.exists()
    assert snap(root) == before
    with copied(root):
        assert not copy.exists()
    assert snap(root) == before
    assert [path.name for path in root.parent.iterdir()] == ["index"]


def test_what_nobody_locked_is_left_alone(fresh):
    root = fresh() / "index"
    build(root, prose(2))
    theirs = root.parent / ".index-needles-theirs"
    theirs.mkdir()
    (theirs / "file").write_text("x")
    with copied(root) as copy:
        assert (copy.parent / HELD).exists()
    assert (theirs / "file").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(fresh):
    root = fresh() / "index"
    build(root, prose(2))
    root.parent.chmod(0o500)
    with pytest.raises(Unwritable), copied(root):
        pass
    root.parent.chmod(0o700)
