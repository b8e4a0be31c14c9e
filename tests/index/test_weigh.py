"""Estimates by 1-bit codes, against the same formula written plainly."""

import numpy as np
import pytest

from cascade.index import weigh
from cascade.index.layout import LANES
from cascade.index.popcount import PLANES
from cascade.index.weigh import BINS, LEAST, WIDTH, Codes, Stretches

NOBODY = np.empty(0, dtype=bool)


def random(seed=0):
    return np.random.default_rng(seed)


def unit(rows, dim, seed=0):
    made = random(seed).standard_normal((rows, dim)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def coded(residuals):
    codes, gains = weigh.encode(residuals)
    padded = np.zeros(-(-len(gains) // LANES) * LANES, np.uint16)
    padded[: len(gains)] = gains
    return Codes(weigh.blocked(codes), padded, codes.shape[1])


def stretches(*spans, near=0.0):
    begins, ends = (np.array(each, dtype=np.int64) for each in zip(*spans, strict=True))
    return Stretches(begins, ends, np.full(len(begins), near, np.float32))


def weighed(codes, at, query, only=NOBODY):
    out, counts = np.empty(at.room, np.float32), np.zeros(BINS, np.int64)
    weigh.weigh(codes, at, weigh.ask(query), only, counts, out)
    return out, counts


def plainly(residuals, query, near):
    """The estimator as its paper has it, with the query rounded as `ask` says."""
    low, high = float(query.min()), float(query.max())
    unit_ = (high - low) / (2**PLANES - 1)
    rounded = low + unit_ * np.rint((query - low) / unit_)
    gain = (residuals.astype(np.float64) ** 2).sum(1) / np.abs(residuals).sum(1, dtype=np.float64)
    return near + gain * (np.where(residuals >= 0, 1.0, -1.0) @ rounded.astype(np.float64))


@pytest.mark.parametrize("dim", [1, 16, 63, 64, 65, 100, 384])
def test_an_estimate_is_the_formula(dim):
    residuals, query = unit(203, dim, 1) * 0.7, unit(1, dim, 2)[0]
    if dim == 1:
        query = np.array([0.4], np.float32)
    at = stretches((0, 203), near=0.25)
    found, _ = weighed(coded(residuals), at, query)
    rows, scores = weigh.above(at, found, -np.inf)
    assert rows.tolist() == list(range(203))
    wanted = plainly(residuals, query, 0.25) if dim > 1 else 0.25 + residuals[:, 0] * 0.4
    np.testing.assert_allclose(scores, wanted, atol=0.003)  # a gain has eight bits


def test_estimates_are_right_on_average_and_err_as_the_paper_says():
    residuals, query = unit(20_000, 384, 3), unit(1, 384, 4)[0]
    at = stretches((0, 20_000))
    errors = weigh.above(at, weighed(coded(residuals), at, query)[0], -np.inf)[1] - residuals @ query
    assert abs(errors.mean()) < 0.001
    assert errors.std() == pytest.approx(np.sqrt((np.pi / 2 - 1) / 384), rel=0.05)


@pytest.mark.parametrize("spans", [((0, 8),), ((3, 5), (5, 6), (40, 77)), ((7, 9), (190, 203)), ((202, 203),)])
def test_only_the_rows_of_the_stretches_are_found(spans):
    residuals = unit(203, 64, 5)
    at = stretches(*spans)
    found, counts = weighed(coded(residuals), at, unit(1, 64, 6)[0])
    wanted = [row for begin, end in spans for row in range(begin, end)]
    assert weigh.above(at, found, -np.inf)[0].tolist() == wanted
    assert counts.sum() == len(wanted)


def test_a_mask_leaves_rows_out_of_what_is_found_and_of_the_histogram():
    residuals, only = unit(100, 64, 7), random(8).random(100) < 0.3
    at = stretches((5, 60), (60, 99))
    found, counts = weighed(coded(residuals), at, unit(1, 64, 9)[0], only)
    assert weigh.above(at, found, -np.inf)[0].tolist() == [row for row in range(5, 99) if only[row]]
    assert counts.sum() == only[5:99].sum()


def test_the_threshold_of_a_histogram_lets_through_as_many_as_asked_for_and_few_more():
    scores = random(10).normal(0.2, 0.1, 50_000).astype(np.float32)
    counts = np.zeros(BINS, np.int64)
    weigh.tally(scores, counts)
    for keep in (1, 117, 30_000, 49_999):
        reached = int((scores >= weigh.least(counts, keep)).sum())
        assert keep <= reached <= keep + counts.max()
    assert weigh.least(counts, 50_000) == weigh.least(counts, 10**9) == -np.inf
    assert weigh.least(counts, 0) == -np.inf


def test_scores_beyond_the_histogram_are_counted_at_its_ends():
    counts = np.zeros(BINS, np.int64)
    weigh.tally(np.array([-9, 9, LEAST, LEAST + WIDTH * 1.5, -np.inf], np.float32), counts)
    assert (counts[0], counts[1], counts[-1], counts.sum()) == (2, 1, 1, 4)


def test_a_vector_on_its_centroid_has_the_similarity_of_the_centroid():
    at = stretches((0, 3), near=0.5)
    found, _ = weighed(coded(np.zeros((3, 64), np.float32)), at, unit(1, 64, 11)[0])
    assert weigh.above(at, found, -1)[1].tolist() == [0.5, 0.5, 0.5]


def test_a_query_of_equal_coordinates_divides_by_nothing():
    found, _ = weighed(coded(unit(8, 64, 12)), at := stretches((0, 8)), np.full(64, 0.125, np.float32))
    assert np.isfinite(weigh.above(at, found, -np.inf)[1]).all()


def test_stretches_in_any_order_give_what_each_gives_alone():
    residuals, query = unit(997, 64, 5), unit(1, 64, 6)[0]
    codes = coded(residuals)
    spans = [(990, 997), (0, 1), (3, 800), (805, 806), (806, 815), (900, 989), (1, 3), (815, 816)]
    out, counts = weighed(codes, stretches(*spans), query)
    alone = [weighed(codes, stretches(span), query)[0] for span in spans]
    np.testing.assert_array_equal(out, np.concatenate(alone))
    assert counts.sum() == sum(end - begin for begin, end in spans)
