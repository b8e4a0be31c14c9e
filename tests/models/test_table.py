"""The token table: what rounding costs, what pooling and similarity are, and that the shipped one is sound."""

from __future__ import annotations

import numpy as np
import pytest

from cascade.models.table import SHIPPED, TokenTable
from cascade.models.vocabulary import Vocabulary


@pytest.fixture
def small():
    """Four tokens in three dimensions; token 3 has no meaning."""
    vectors = np.array([[127, 0, 0], [0, 254, 0], [127, 127, 0], [0, 0, 0]], dtype=np.float32)
    return TokenTable.quantized(vectors, np.eye(3, dtype=np.float32), {"made": "by hand"})


def test_rounding_is_exact_where_the_scale_allows(small):
    assert small.rows.tolist() == [[127, 0, 0], [0, 127, 0], [127, 127, 0], [0, 0, 0]]
    assert small.scale.tolist() == [1, 2, 1, 0]


def test_rounding_moves_no_value_by_more_than_half_a_step():
    vectors = np.random.default_rng(0).standard_normal((50, 64)).astype(np.float32)
    table = TokenTable.quantized(vectors, np.eye(64, dtype=np.float32), {})
    error = np.abs(table.rows * table.scale[:, None] - vectors)
    assert (error <= table.scale[:, None] * 0.5001).all()


def test_a_passage_is_the_unit_sum_of_its_rows(small):
    tokens, offsets = np.array([0, 1, 2], dtype=np.uint16), np.array([0, 2, 3])
    expected = [np.array([127, 254, 0]) / np.hypot(127, 254), np.array([1, 1, 0]) / np.sqrt(2)]
    assert small.pool(tokens, offsets) == pytest.approx(np.array(expected))


def test_a_passage_without_meaning_is_the_constant_vector(small):
    assert small.pool(np.array([3], dtype=np.uint16), np.array([0, 0, 1])) == pytest.approx(np.full((2, 3), 3**-0.5))


def test_only_the_first_tokens_up_to_the_limit_are_pooled(small):
    found = small.pool(np.array([0, 1], dtype=np.uint16), np.array([0, 2]), limit=1)
    assert found == pytest.approx(np.array([[1, 0, 0]]))


def test_similarity_is_the_cosine_of_rows_and_zero_for_the_meaningless(small):
    found = small.similarity(np.array([2, 3], dtype=np.uint16))
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array([[2**-0.5, 2**-0.5, 1, 0], [0, 0, 0, 0]]), abs=1e-6)


def test_a_saved_table_opens_the_same_and_to_the_same_bytes(small, tmp_path):
    small.save(tmp_path / "a.safetensors")
    again = TokenTable.open(tmp_path / "a.safetensors")
    again.save(tmp_path / "b.safetensors")
    assert again.fingerprint == small.fingerprint
    assert again.notes == {"made": "by hand"}
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_the_fingerprint_follows_every_value(small):
    other = TokenTable(small.rows, small.scale * np.float32(1.001), small.projection, small.notes)
    assert other.fingerprint != small.fingerprint


def test_the_shipped_table_is_whole_small_and_says_where_it_comes_from():
    table = TokenTable.open()
    assert SHIPPED.stat().st_size < 12_000_000
    assert (table.size, table.dim, table.projection.shape) == (Vocabulary.size, 256, (384, 256))
    assert "Apache-2.0" in table.notes["licence"]
    assert table.projection.T @ table.projection == pytest.approx(np.eye(256), abs=1e-5)


def test_in_the_shipped_table_like_words_are_near_and_unknown_ones_resemble_nothing():
    table, vocabulary = TokenTable.open(), Vocabulary()
    king, kings, cheese, unknown = (int(ids[0]) for ids in vocabulary.encode(["king", "kings", "cheese", "😀"]))
    near = table.similarity(np.array([king, unknown], dtype=np.uint16))
    assert near[0, king] == pytest.approx(1, abs=1e-5)
    assert near[0, kings] > 0.6
    assert near[0, cheese] < 0.35
    assert not near[1].any()
