"""What every encoder promises: unit vectors, in order, the same each time, for any text at all."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from cascade.data import Floats
from cascade.models.base import Encoder
from cascade.models.minilm import BEGIN, END, MiniLM, forward
from cascade.models.static import Static
from cascade.models.toy import ToyEncoder

STRANGE = {
    "nothing": "",
    "blank": " \n\t ",
    "chinese": "埃菲尔铁塔位于巴黎。",
    "emoji": "🚀🚀 👩‍👩‍👧",
    "lone surrogate": "half \ud83d of a pair",
    "null": "a\x00b",
    "marker": "[SEP] [MASK] [CLS]",
    "one long word": "x" * 5_000,
    "very long": "the quick brown fox " * 2_000,
}
PLAIN = ["Birds fly by beating their wings.", "def add(a, b): return a + b", "The price of oil fell."]
TEXTS = [*PLAIN, *STRANGE.values()]


def by_hand_toy(_: Encoder, text: str) -> list[float]:
    """Counts of words by the hash of each, worked out without NumPy."""
    counts = [0.0] * 64
    for word in text.lower().split():
        counts[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=2).digest(), "little") % 64] += 1
    length = math.sqrt(sum(c * c for c in counts))
    return [c / length for c in counts]


def by_hand_static(encoder: Encoder, text: str) -> list[float]:
    """The sum of the table's rows, in float64."""
    assert isinstance(encoder, Static)
    ids = encoder.vocabulary.encode([text])[0]
    total = (encoder.table.rows[ids].astype(np.float64) * encoder.table.scale[ids, None]).sum(axis=0)
    return list(total / np.linalg.norm(total))


def by_hand_minilm(encoder: Encoder, text: str) -> list[float]:
    """The mean of the last hidden state, in float64 from the exact float32 pass."""
    assert isinstance(encoder, MiniLM)
    ids = [BEGIN, *encoder.vocabulary.encode([text])[0], END]
    total = forward(encoder.weights, [np.array(ids)])[0].astype(np.float64).sum(axis=0)
    return list(total / np.linalg.norm(total))


CASES = [
    pytest.param(ToyEncoder(), by_hand_toy, 1e-6, id="toy"),
    pytest.param(Static(), by_hand_static, 1e-6, id="static"),
    # bfloat16 keeps 8 bits of each value.
    pytest.param(MiniLM(), by_hand_minilm, 1e-2, id="minilm"),
]
every = pytest.mark.parametrize(("encoder", "by_hand", "near"), CASES)


@every
def test_it_keeps_the_seam(encoder, by_hand, near):
    assert isinstance(encoder, Encoder)
    assert encoder.limit >= 128


@every
def test_a_passage_vector_has_the_exact_values(encoder, by_hand, near):
    text = "birds fly by beating the air"
    assert encoder.encode_passages([text])[0] == pytest.approx(by_hand(encoder, text), abs=near)


@every
def test_a_query_is_near_the_passage_that_answers_it(encoder, by_hand, near):
    query = encoder.encode_query("how do birds fly with their wings")
    assert int((encoder.encode_passages(TEXTS) @ query).argmax()) == 0


@every
def test_vectors_are_float32_of_unit_length_whatever_the_text(encoder, by_hand, near):
    vectors = encoder.encode_passages(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.dim)
    assert lengths(vectors) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


@every
@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_query_gives_a_unit_vector_too(encoder, by_hand, near, text):
    vector = encoder.encode_query(text)
    assert vector.dtype == np.float32
    assert vector.shape == (encoder.dim,)
    assert lengths(vector[None]) == pytest.approx([1], abs=1e-5)


@every
def test_the_same_query_gives_the_same_bytes(encoder, by_hand, near):
    first = encoder.encode_query("what is the access code?").tobytes()
    encoder.encode_query("something else entirely, and longer than the first one was")
    assert encoder.encode_query("what is the access code?").tobytes() == first


@every
def test_the_same_passages_give_the_same_bytes(encoder, by_hand, near):
    assert encoder.encode_passages(TEXTS).tobytes() == encoder.encode_passages(TEXTS).tobytes()


@every
def test_a_batch_equals_its_passages_one_by_one(encoder, by_hand, near):
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    assert encoder.encode_passages(TEXTS) == pytest.approx(alone, abs=near)


@every
def test_order_follows_the_texts(encoder, by_hand, near):
    forth, back = encoder.encode_passages(TEXTS), encoder.encode_passages(TEXTS[::-1])
    assert forth == pytest.approx(back[::-1], abs=near)


@every
def test_no_passages_give_no_vectors(encoder, by_hand, near):
    assert encoder.encode_passages([]).shape == (0, encoder.dim)


@every
def test_text_past_the_limit_is_not_read(encoder, by_hand, near):
    text = "word " * encoder.limit
    assert encoder.encode_passages([text + "and more of it"]) == pytest.approx(encoder.encode_passages([text]))


@every
def test_counts_grow_with_the_text(encoder, by_hand, near):
    assert encoder.count(["", "one", "one two three"]) == [0, 1, 3]


@every
def test_fingerprints_differ_between_encoders_and_not_between_two_of_one(encoder, by_hand, near):
    assert encoder.fingerprint == type(encoder)().fingerprint
    assert len({case.values[0].fingerprint for case in CASES}) == len(CASES)


def lengths(vectors: Floats) -> Floats:
    return np.linalg.norm(vectors.astype(np.float64), axis=1)
