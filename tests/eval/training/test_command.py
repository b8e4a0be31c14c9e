"""`cascade train fusion` on a small labelled set: judged left out, written, and used by the index it is put into."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from cascade.cli import root
from cascade.config import Config, RerankConfig
from cascade.engine import Engine
from cascade.index.fusion import Fusion
from cascade.stages.eyes import hand_set


@pytest.fixture
def trained(index, folders, tmp_path):
    copy, other = tmp_path / "index", tmp_path / "again"
    shutil.copytree(index, copy)
    shutil.copytree(folders["set"], other)
    out = tmp_path / "mine.json"
    asked = ["train", "fusion", str(out), str(copy), "--sets", str(folders["set"]), "--into", "--json"]
    done = CliRunner().invoke(root, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return out, copy, json.loads(done.stdout)


def test_each_set_is_judged_and_the_index_uses_what_was_learned(trained):
    out, copy, said = trained
    (one,) = said
    judged = one["sets"]["painted"]
    assert judged["questions"] == 9
    assert all(0 <= value <= 1 for key in ("hand-set", "learned") for value in judged[key])
    assert judged["difference"][0][1] <= judged["difference"][0][0] <= judged["difference"][0][2]
    fusion = Fusion.open(out)
    assert fusion.notes["questions"] == 9
    engine = Engine.open(copy, Config(reader="toy"))
    assert engine.eyes.fusion.encode() == fusion.encode()
    assert engine.search("gate of the meadow", k=1).passages[0].key == "meadow-gate"
    engine.close()


def test_train_lists_both_of_its_commands():
    shown = CliRunner().invoke(root, ["train", "--help"]).output
    assert "fusion" in shown
    assert "table" in shown


def test_keep_weights_learns_relevance_alone(index, folders, tmp_path):
    out = tmp_path / "mine.json"
    asked = ["train", "fusion", str(out), str(index), "--sets", str(folders["set"]), "--keep-weights"]
    done = CliRunner().invoke(root, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    learned, hand = Fusion.open(out), hand_set(RerankConfig())
    np.testing.assert_allclose(learned.weights, hand.weights, atol=1e-4)
    np.testing.assert_allclose(learned.turns, hand.turns, atol=1e-4)
    assert not np.allclose(learned.calibration, hand.calibration)
