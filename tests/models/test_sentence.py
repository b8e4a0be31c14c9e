"""Models of the library sentence-transformers, from a folder, and a sentence for one that cannot be had."""

from __future__ import annotations

import numpy as np
import pytest

from cascade.errors import ModelMissing
from cascade.models.minilm import MiniLM
from cascade.models.sentence import CrossScorer, SentenceEncoder
from cascade.models.vocabulary import model_folder

TEXTS = ["Birds fly.", "", "half \ud83d of a pair", "A long passage. " * 300]

# Deprecations inside the libraries are theirs to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def encoder():
    return SentenceEncoder(str(model_folder()))


def test_minilm_from_its_folder_equals_the_built_in_one(encoder):
    ours = MiniLM()
    theirs = encoder.encode_passages(TEXTS)
    assert encoder.dim == 384
    assert theirs.dtype == np.float32
    for text, vector in zip(TEXTS[:2], theirs, strict=False):
        assert ours.encode_query(text) == pytest.approx(vector, abs=1e-5)
    assert encoder.encode_query(TEXTS[0]) == pytest.approx(theirs[0], abs=1e-5)
    assert np.linalg.norm(theirs, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert encoder.encode_passages([]).shape == (0, 384)


def test_its_fingerprint_is_that_of_its_weights(encoder):
    assert encoder.fingerprint == SentenceEncoder(str(model_folder())).fingerprint
    assert encoder.count(["one two"]) == [4]


def test_a_cross_encoder_gives_probabilities_in_order(tmp_path):
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    BertForSequenceClassification(
        BertConfig(hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48, num_labels=1)
    ).save_pretrained(tmp_path)
    BertTokenizerFast.from_pretrained(model_folder()).save_pretrained(tmp_path)
    scorer = CrossScorer(str(tmp_path))
    scores = scorer.score("a question", ["one", "two words", ""])
    assert scores.dtype == np.float32
    assert scores.shape == (3,)
    assert ((scores > 0) & (scores < 1)).all()
    assert scorer.score("a question", ["two words"]) == pytest.approx(scores[1:2], abs=1e-5)
    assert scorer.score("a question", []).shape == (0,)


@pytest.mark.parametrize("model", [SentenceEncoder, CrossScorer])
def test_a_folder_without_a_model_is_missing_and_the_sentence_says_what_works_offline(model, tmp_path):
    with pytest.raises(ModelMissing, match="use what works offline"):
        opened = model(str(tmp_path))
        opened.score("q", ["p"]) if model is CrossScorer else opened.encode_query("q")


def test_no_network_is_asked_when_the_hub_is_switched_off(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelMissing, match="nobody/no-such-model is not on this machine"):
        SentenceEncoder("nobody/no-such-model").encode_query("q")
