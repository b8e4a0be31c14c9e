"""MiniLM in NumPy and in torch are the published model, number for number."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cascade.models.bert import BUDGET, Products, TorchBert, batches, padded
from cascade.models.minilm import BEGIN, END, MiniLM, forward
from cascade.models.vocabulary import model_folder

TEXTS = ["How do birds fly?", "", "def add(a, b):\n    return a + b", "A longer passage about nothing. " * 60]
encoder = MiniLM()


@pytest.fixture(scope="module")
def published():
    """Unit vectors of TEXTS by transformers in float32: float32 (4, 384)."""
    import torch
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig.from_json_file(str(model_folder() / "config.json")), add_pooling_layer=False).eval()
    state = load_file(str(model_folder() / "model.safetensors"))
    missing, _ = model.load_state_dict(state, strict=False)
    assert not missing
    vectors = []
    with torch.inference_mode():
        for ids in encoder.vocabulary.encode(TEXTS):
            whole = torch.tensor([[BEGIN, *ids[: encoder.limit].tolist(), END]])
            vectors.append(torch.nn.functional.normalize(model(input_ids=whole).last_hidden_state.mean(dim=1))[0].numpy())
    return np.array(vectors)


def test_queries_equal_the_published_model(published):
    assert np.array([encoder.encode_query(text) for text in TEXTS]) == pytest.approx(published, abs=1e-5)


def test_passages_in_float32_equal_the_published_model(published):
    exact = TorchBert(encoder.weights, products=Products.FLOAT32)
    ids = [i[: encoder.limit] for i in encoder.vocabulary.encode(TEXTS)]
    assert exact.encode(ids) == pytest.approx(published, abs=1e-5)


def test_passages_as_encoded_point_where_the_published_model_does(published):
    assert (encoder.encode_passages(TEXTS) * published).sum(axis=1) == pytest.approx(np.ones(4), abs=1e-3)


def test_passages_in_int8_point_nearly_where_the_published_model_does(published):
    eight = MiniLM(int8=True)
    assert eight.fingerprint != encoder.fingerprint
    assert (eight.encode_passages(TEXTS) * published).sum(axis=1).min() > 0.97
    assert eight.encode_query(TEXTS[0]).tobytes() == encoder.encode_query(TEXTS[0]).tobytes()


def test_token_ids_give_the_same_as_their_text():
    ids = encoder.vocabulary.encode(TEXTS)
    offsets = np.concatenate(([0], np.cumsum([len(i) for i in ids])))
    found = encoder.encode_tokens(np.concatenate(ids), offsets)
    assert found.tobytes() == encoder.encode_passages(TEXTS).tobytes()


def test_a_hidden_state_has_one_row_a_token():
    assert forward(encoder.weights, [np.array([BEGIN, 7592, END])])[0].shape == (3, 384)


def test_batches_take_every_row_once_within_the_budget():
    sizes = np.random.default_rng(0).integers(2, 257, 500).tolist()
    found = list(batches(sizes))
    assert sorted(int(row) for rows in found for row in rows) == list(range(500))
    assert all(len(rows) * max(sizes[row] for row in rows) <= BUDGET for rows in found)
    assert list(batches([])) == []


def test_padding_marks_what_is_real():
    ids, mask = padded([np.array([7], dtype=np.uint16), np.array([8, 9], dtype=np.uint16)])
    assert ids.tolist() == [[BEGIN, 7, END, 0], [BEGIN, 8, 9, END]]
    assert mask.tolist() == [[True, True, True, False], [True] * 4]


def test_a_query_needs_neither_torch_nor_transformers():
    code = (
        "import sys; from cascade.models.resolve import encoder;"
        "encoder('minilm').encode_query('x'); encoder('static').encode_query('x');"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'numba') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
