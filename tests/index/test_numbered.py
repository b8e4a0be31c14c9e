"""Segments as one numbered sequence: what is asked of all together is what each would have given."""

from contextlib import closing

import numpy as np
import pytest
from small import LOOSE, build, cut, prose

from cascade.index.nominate import cut as best
from cascade.index.snapshot import Snapshot

TOPIC = {"river": 0, "violin": 1, "enzyme": 2}


@pytest.fixture(scope="module")
def sorted_by_topic(tmp_path_factory):
    """Five segments of 500 passages; each topic lies in one segment, as sources do."""
    root = tmp_path_factory.mktemp("numbered") / "index"
    records = sorted(prose(2500, words=8), key=lambda one: one.metadata["topic"])
    build(root, records, cut(500, LOOSE))
    with closing(Snapshot(root)) as snapshot:
        assert len(snapshot.segments) == 5
        yield snapshot


@pytest.mark.parametrize("keep", [1, 300, 450, 2500])
@pytest.mark.parametrize("text", ["river bridge boat", "violin enzyme protein", "unique17 tariff", "nothing"])
@pytest.mark.parametrize("filtered", [False, True])
def test_the_best_by_words_are_those_of_all_segments_asked_for_everything(sorted_by_topic, text, keep, filtered):
    snapshot = sorted_by_topic
    masks = snapshot.matching("number < 1900") if filtered else None
    terms = snapshot.terms(text)
    rows, scores = [], []
    for number, segment in enumerate(snapshot.segments):
        local, found = segment.words.search(terms, len(segment), (masks or snapshot.live)[number])
        rows.append(local + snapshot.bases[number])
        scores.append(found)
    wanted = best(np.concatenate(rows), np.concatenate(scores), keep)
    found = snapshot.worded(terms, keep, masks)
    assert sorted(found[0].tolist()) == sorted(wanted[0].tolist())
    assert sorted(found[1].tolist()) == sorted(wanted[1].tolist())
