"""What travels is small, and arrives as it was, bit for bit."""

from __future__ import annotations

import pickle

import numpy as np

from cascade.engine import Engine
from cascade.index.feedback import listen
from cascade.index.probe import Probe
from cascade.index.weigh import BINS
from cascade.stages.rerank import Rerank
from indexers.cluster.wire import Narrow, Thin, ThinEcho, ThinProbe, histogram


def flat(value: object) -> list[bytes]:
    """The arrays and numbers in a value, as bytes."""
    if isinstance(value, Probe):
        return flat((value.vector, value.sight, value.asked, value.legible, value.foreign))
    if isinstance(value, tuple):
        return [raw for one in value for raw in flat(one)]
    return [np.asarray(value).tobytes(), str(np.asarray(value).dtype).encode()]


def test_thinned_arrays_and_histograms_are_those_they_were() -> None:
    whole = np.zeros(1_000, dtype=np.uint16)
    whole[[3, 900]] = 7, 9
    assert Thin.of(whole).whole().tobytes() == whole.tobytes()
    exact = np.full(1_000, -1, dtype=np.int16)
    exact[5] = 0
    assert Thin.of(exact, -1).whole().tobytes() == exact.tobytes()
    counts = np.zeros(BINS, dtype=np.int64)
    counts[100:200] = np.arange(100)
    assert histogram([Narrow.of(counts), Narrow.of(counts), Narrow.of(counts * 0)]).tolist() == (2 * counts).tolist()
    assert len(Narrow.of(counts).counts) == 99


def test_a_probe_and_an_echo_are_those_they_were_and_small(alone: Engine) -> None:
    probe = probe_of(alone, "river bridge unique55 concert")
    raw = pickle.dumps(ThinProbe.of(probe))
    assert flat(pickle.loads(raw).whole()) == flat(probe)
    assert len(raw) < len(pickle.dumps(probe)) / 4
    statistics = alone.eyes.statistics
    shares = np.full(5, 0.2, np.float32)
    echo = listen(alone.corpus.tokens(np.arange(5)), shares, probe.asked, statistics)
    base = statistics.rarity(statistics.frequencies.astype(np.float64))
    raw = pickle.dumps(ThinEcho.of(echo, base, "base"))
    assert flat(pickle.loads(raw).whole(base)) == flat(echo)
    assert len(raw) < 10_000
    other = ThinEcho.of(echo, base + 1, "base")
    assert flat(other.whole(other.rarity)) == flat(echo)


def probe_of(engine: Engine, text: str) -> Probe:
    """A question, ready for the scan."""
    vector = engine.corpus.rotate(engine.encoder.encode_query(text))
    return Rerank(engine.corpus, engine.eyes).probe(text, vector)
