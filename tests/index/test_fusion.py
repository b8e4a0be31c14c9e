"""A fusion reads back as it was written, turns with the question, and is refused with a sentence when it is none."""

from __future__ import annotations

import json

import numpy as np
import pytest
from small import build, prose

from cascade.config import Config, RerankConfig
from cascade.engine import Engine
from cascade.errors import BadConfig
from cascade.index.fusion import (
    CALIBRATED,
    PIECED,
    SHIPPED,
    Circumstance,
    Fusion,
    circumstances,
    shipped,
    standardized,
)
from cascade.index.scan import Feature
from cascade.index.writer import Writer
from cascade.stages.eyes import hand_set

RANDOM = np.random.default_rng(9)
FEATURES = RANDOM.random((200, len(Feature))).astype(np.float32)


@pytest.fixture
def fusion():
    turns = RANDOM.standard_normal((len(Circumstance), len(Feature))).astype(np.float32)
    return Fusion("mine", np.arange(len(Feature), dtype=np.float32), turns, np.ones(len(CALIBRATED) + 1, np.float32))


def test_what_is_written_is_read_back(fusion):
    again = Fusion.parse(fusion.encode(), "here")
    for one, other in ((again.weights, fusion.weights), (again.turns, fusion.turns)):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert again.encode() == fusion.encode()


def test_circumstances_turn_the_weights(fusion):
    turn = np.array([1, 0, -1, 0, 0.5, 0, 0], np.float32)
    weights = fusion.weights + fusion.turns[0] - fusion.turns[2] + 0.5 * fusion.turns[4]
    np.testing.assert_allclose(
        fusion.scores(FEATURES, turn), standardized(FEATURES) @ weights, rtol=1e-4, atol=1e-4
    )  # fmt: skip


def test_what_goes_by_pieces_counts_as_far_as_the_question_is_legible(fusion):
    still = np.zeros(len(Circumstance), np.float32)
    weights = fusion.weights.copy()
    weights[list(PIECED)] = 0
    np.testing.assert_allclose(
        fusion.scores(FEATURES, still, 0.0), standardized(FEATURES) @ weights, rtol=1e-4, atol=1e-4
    )  # fmt: skip
    assert np.array_equal(fusion.scores(FEATURES, still, 1.0), fusion.scores(FEATURES, still))


def test_a_feature_that_is_the_same_for_all_decides_nothing(fusion):
    same = FEATURES.copy()
    same[:, Feature.DENSE] = 0.4
    assert not standardized(same)[:, Feature.DENSE].any()
    assert circumstances(same, np.ones(3, np.float32)).shape == (len(Circumstance),)


def test_near_and_worded_tell_whether_words_and_vectors_agree():
    agreeing, apart = np.zeros((500, len(Feature)), np.float32), np.zeros((500, len(Feature)), np.float32)
    ramp = np.linspace(0, 1, 500, dtype=np.float32)
    agreeing[:, Feature.DENSE] = agreeing[:, Feature.BM25] = apart[:, Feature.DENSE] = ramp
    apart[:, Feature.BM25] = ramp[::-1]
    rarities = np.array([8.0], np.float32)
    near, worded = circumstances(agreeing, rarities)[:2]
    assert near > 0.9
    assert worded > 0.9
    near, worded = circumstances(apart, rarities)[:2]
    assert near < -0.9
    assert worded < -0.9


def test_vectors_are_ahead_only_where_they_stand_out_further_than_words():
    flat = RANDOM.random(500).astype(np.float32)
    peaked = flat.copy()
    peaked[:30] += 5
    features = np.zeros((500, len(Feature)), np.float32)
    features[:, Feature.DENSE], features[:, Feature.BM25] = peaked, flat
    rarities = np.array([8.0], np.float32)
    z = standardized(features)
    expected = z[:, Feature.DENSE].max() - z[:, Feature.BM25].max()
    assert circumstances(features, rarities)[Circumstance.AHEAD] == pytest.approx(min(expected, 1.5), abs=1e-4)
    features[:, Feature.DENSE], features[:, Feature.BM25] = flat, peaked
    assert circumstances(features, rarities)[Circumstance.AHEAD] == 0


def test_relevance_is_the_logistic_of_its_features(fusion):
    x = FEATURES.astype(np.float64)
    logit = x[:, Feature.DENSE] + x[:, Feature.LATE] + x[:, Feature.COVERAGE] + x[:, Feature.PAIRS] + 1
    np.testing.assert_allclose(fusion.relevance(FEATURES), 1 / (1 + np.exp(-logit)), rtol=1e-5)


BAD = {
    "no JSON": b"{",
    "a list": b"[]",
    "other features": b'{"format": 1, "features": ["dense", "smell"]}',
    "too few weights": b'{"format": 1, "features": ["dense"]}',
    "another format": b'{"format": 2, "features": []}',
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD.keys())
def test_what_is_no_fusion_is_refused_with_what_to_do(raw):
    with pytest.raises(BadConfig, match=r"here is not a fusion of this version.*cascade train fusion"):
        Fusion.parse(raw, "here")


def test_features_and_circumstances_that_a_file_does_not_know_count_nothing(fusion):
    said = json.loads(fusion.encode())
    at = said["features"].index("stems")
    for values in (said["features"], said["weights"], *said["turns"]):
        del values[at]
    for values in (said["circumstances"], said["turns"]):
        del values[Circumstance.FOREIGN]
    old = Fusion.parse(json.dumps(said).encode(), "here")
    known = np.delete(np.arange(len(Feature)), Feature.STEMS)
    np.testing.assert_allclose(old.weights[known], fusion.weights[known], atol=1e-5)  # files are rounded
    there = [one for one in Circumstance if one is not Circumstance.FOREIGN]
    np.testing.assert_allclose(old.turns[np.ix_(there, known)], fusion.turns[np.ix_(there, known)], atol=1e-5)
    assert old.weights[Feature.STEMS] == 0 and not old.turns[:, Feature.STEMS].any()
    assert not old.turns[Circumstance.FOREIGN].any()


def test_a_number_that_is_none_is_refused(fusion):
    said = json.loads(fusion.encode())
    said["weights"][0] = float("nan")
    with pytest.raises(BadConfig, match="a number that is none"):
        Fusion.parse(json.dumps(said).encode(), "here")


def test_the_shipped_fusion_can_be_read():
    assert Fusion.open(SHIPPED).weights[Feature.DENSE] > 0


def test_vectors_of_a_table_count_less_where_they_stand_ahead():
    ahead = [Fusion.open(shipped(name)).turns[Circumstance.AHEAD, Feature.DENSE] for name in ("minilm", "static")]
    assert 0 < ahead[1] < ahead[0]
    assert {shipped(name) for name in ("minilm", "minilm-int8", "", "../static", "no such encoder")} == {SHIPPED}


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(BadConfig, match="cannot be read"):
        Fusion.open(tmp_path / "none.json")


def opened(root, fusion=""):
    return Engine.open(root, Config(reader="toy", rerank=RerankConfig(fusion=fusion)))


def test_an_index_uses_its_own_fusion_and_gives_it_up_again(fresh, fusion):
    root = fresh()
    build(root, prose(40))
    with Writer(root) as writer:
        writer.fuse(fusion.encode())
        writer.commit()
    engine = opened(root)
    assert engine.eyes.fusion.name == "mine"
    engine.close()
    engine = opened(root, "hand-set")
    assert np.array_equal(engine.eyes.fusion.weights, hand_set(RerankConfig()).weights)
    engine.close()
    with Writer(root) as writer:
        writer.fuse(b"")
        writer.commit()
        writer.sweep()
    engine = opened(root)
    assert engine.eyes.fusion.encode() == Fusion.open(SHIPPED).encode()
    assert list((root / "model").glob("fusion-*")) == []
    engine.close()


def test_a_fusion_of_an_index_that_was_changed_is_not_used_and_results_say_so(fresh, fusion):
    root = fresh()
    build(root, prose(20))
    with Writer(root) as writer:
        writer.fuse(fusion.encode())
        writer.commit()
    (path,) = (root / "model").glob("fusion-*.json")
    path.write_bytes(fusion.encode() + b" ")
    engine = opened(root)
    assert engine.eyes.fusion.name != "mine"
    (said,) = engine.search("words").candidates.missing
    assert "is not the file the manifest names" in said
    engine.close()
