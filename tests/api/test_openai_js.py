"""OpenAI's own JavaScript client, unmodified, against a running server. See docs/openai.md for the command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from api_served import harbour, listening

from api.app import create
from api.house import House, Rules
from api.shelf import Shelf
from cascade.config import Config

MODULES = Path(os.environ.get("CASCADE_NODE_MODULES", "node_modules/..")).resolve()


@pytest.mark.skipif(
    shutil.which("node") is None or not (MODULES / "node_modules" / "openai").is_dir(),
    reason="node or its package openai is not here; docs/openai.md says how to run this",
)
def test_the_javascript_client_gets_answers_streams_vectors_and_errors(tmp_path):
    index = harbour(tmp_path / "harbour")
    rules = Rules(prompts=tmp_path / "p")
    with (
        Shelf.open([index], Config(reader="extractive")) as shelf,
        listening(create(House(shelf, rules=rules))) as port,
    ):
        script = Path(__file__).with_name("client.mjs")
        command = ["node", str(script), str(MODULES), f"http://127.0.0.1:{port}/v1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["text"].startswith("The ferry to Anholt leaves at 14:15.")
    assert found["streamed"] == found["response"] == found["text"]
    assert found["cited"] >= 1
    assert found["models"] == ["cascade/harbour", "cascade"]
    assert len(set(found["vectors"])) == 1
    assert found["refused"] == [404, "model_not_found"]
