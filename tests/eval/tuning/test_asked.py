"""Where questions come from, and what must survive of each."""

from __future__ import annotations

import numpy as np
import pytest
from small import build, prose, record

from cascade.config import Config
from cascade.data import CEILING
from cascade.errors import NotFound, UsageError
from eval.bench.reading import exact
from eval.tuning.asked import Source, ground
from eval.tuning.planted import MIX

CONFIG = Config(reader="toy", threads=1)


def test_own_questions_are_half_the_words_of_a_passage_in_their_order(place):
    snapshot = place.engine.snapshot
    for wanted in place.asked:
        ((row,),) = wanted.things
        (passage,) = snapshot.read(np.array([row]))
        words, said = iter(passage.text.split()), wanted.text.split()
        assert all(word in words for word in said), "in the passage, one after the other"
        assert len(said) == 12
        vector = snapshot.rotate(place.engine.encoder.encode_query(wanted.text))
        assert wanted.nearest.tolist() == exact(snapshot, vector, CEILING).tolist()
    assert len({wanted.id for wanted in place.asked}) == 12


def test_the_same_seed_draws_the_same_questions(listed):
    def drawn(seed):
        with ground(listed, CONFIG, Source(questions=9, seed=seed)) as place:
            return [wanted.text for wanted in place.asked]

    assert drawn(3) == drawn(3) != drawn(4)


def test_deleted_passages_are_not_asked_for(fresh):
    from indexers.remove import remove

    root = fresh()
    build(root, prose(30))
    remove(root, "number > 9")
    with ground(root, CONFIG, Source(questions=30)) as place:
        live = np.flatnonzero(np.concatenate(place.engine.snapshot.live))
        asked = sorted(row for wanted in place.asked for thing in wanted.things for row in thing)
    assert asked == live.tolist()
    assert len(asked) == 10


def test_needles_lie_in_the_lists_of_a_copy_and_the_index_stays_as_it_was(listed, snap):
    before = snap(listed)
    with ground(listed, CONFIG, Source(needles=12)) as place:
        snapshot = place.engine.snapshot
        assert snapshot.layout.root != listed
        assert place.passages == 300 < len(snapshot)
        assert [wanted.kind for wanted in place.asked] == [*MIX, *MIX]
        rows = [row for wanted in place.asked for thing in wanted.things for row in thing]
        assert min(rows) >= 300
        assert all(segment.codes is not None for segment in snapshot.segments), "none is searched whole"
        planted = snapshot.segments[-1]
        assert planted.entry.generation == snapshot.segments[0].entry.generation
        assert snap(listed) == before
    assert snap(listed) == before
    assert [path.name for path in listed.parent.iterdir()] == [listed.name]


def test_the_passage_that_must_survive_holds_the_fact(listed):
    with ground(listed, CONFIG, Source(needles=6)) as place:
        single = next(wanted for wanted in place.asked if wanted.kind == "single")
        (passage,) = place.engine.snapshot.read(np.array(single.things[0][:1]))
        assert place.engine.search(single.text, 1).passages[0].id == passage.id


def test_judged_documents_must_survive_by_any_of_their_passages(index, folders):
    with ground(index, CONFIG, Source(sets=(folders["set"],), questions=50)) as place:
        assert place.absent == 0
        two = next(wanted for wanted in place.asked if wanted.id == "painted/two")
        keys = [place.engine.snapshot.read(np.array(thing))[0].key for thing in two.things]
        assert sorted(keys) == ["library-gate", "meadow-gate"]
        assert {wanted.kind for wanted in place.asked} == {"painted"}
        assert len(place.asked) == 9


def test_documents_that_are_not_in_the_index_do_not_count(index, folders, tmp_path):
    import shutil

    folder = tmp_path / "painted"
    shutil.copytree(folders["set"], folder)
    with (folder / "qrels.tsv").open("a") as file:
        file.write("q0\tnowhere\t1\n")
    with ground(index, CONFIG, Source(sets=(folder,))) as place:
        assert place.absent == 1
        assert all(len(wanted.things) == (2 if wanted.id.endswith("two") else 1) for wanted in place.asked)


def test_an_index_without_the_judged_documents_is_named(listed, folders):
    with pytest.raises(NotFound, match="does not hold"), ground(listed, CONFIG, Source(sets=(folders["set"],))):
        pass


@pytest.mark.parametrize(("texts", "error", "said"), [
    ([], UsageError, "holds no passage"), (["Too few words."], NotFound, "8 words or more"),
])  # fmt: skip
def test_an_index_that_nothing_can_be_asked_of_is_named(fresh, texts, error, said):
    root = fresh()
    build(root, [record(str(i), text) for i, text in enumerate(texts)])
    with pytest.raises(error, match=said), ground(root, CONFIG, Source()):
        pass
