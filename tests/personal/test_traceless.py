"""What is read for a vault is written into the vault alone, sealed: no copy of it passes through another file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

READ = """
import json, os, sys
from pathlib import Path
from cascade.models.toy import ToyEncoder
from indexers.personal import demo, home, intake
from indexers.personal.life import live

base, wrote = Path(sys.argv[1]), set()
written = live(117, 60).write(base / "life")
encoder = ToyEncoder()

def watch(event, arguments):
    if event == "open" and not isinstance(arguments[0], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        wrote.add(os.fsdecode(arguments[0]))
    if event in ("sqlite3.connect", "os.mkdir", "os.rename", "os.link", "shutil.copyfile", "tempfile.mkstemp"):
        wrote.add(f"{event} {arguments[0]}")

sys.addaudithook(watch)
records = 0
place, secret = demo.made(base / "vault", encoder)
with home.unlocked(place, secret) as opened:
    for export in written.exports:
        records += intake.take_in(opened, demo.allowed(opened, export), encoder).records
print(json.dumps({"wrote": sorted(wrote), "records": records}))
"""


def test_a_life_is_read_without_a_file_outside_of_the_vault(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    outside = [one for one in said["wrote"] if f"{tmp_path / 'vault'}" not in one and one != "/dev/null"]
    assert [one for one in outside if one != "sqlite3.connect :memory:"] == []
    assert said["records"] > 50
    assert any("vault" in one for one in said["wrote"])
