"""Interrupting the real command: what was committed is kept, and the same command goes on from there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
from small import prose, texts

from cascade.index.snapshot import Snapshot


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "codes"), [(signal.SIGINT, {130}), (signal.SIGTERM, {-signal.SIGTERM})])
def test_a_command_that_is_stopped_keeps_what_it_said_is_committed(fresh, sent, codes):
    root, source = fresh(), fresh().with_suffix(".jsonl")
    records = prose(600)
    source.write_text("\n".join(json.dumps({"id": r.key, "text": r.text}) for r in records))
    command = [sys.executable, "-m", "cascade", "add", root, source, "--encoder", "toy", "--segment", "20", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  where tests ignore it
    ) as running:  # fmt: skip
        committed = json.loads(running.stdout.readline())
        running.send_signal(sent)
        rest, complaint = running.communicate(timeout=120)
    assert running.returncode in codes, complaint
    assert "Traceback" not in complaint
    for line in rest.splitlines():
        committed = json.loads(line)
    snapshot = Snapshot(root)
    kept = texts(snapshot)
    snapshot.close()
    assert committed["passages"] <= len(kept) < len(records)
    assert set(kept.values()) <= {r.text for r in records}
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(again.stdout.splitlines()[-1])["unchanged"] == len(kept)
    assert len(Snapshot(root)) == len(records)
