"""Indexes that conditions are measured on: what is in them, and when they are built."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from cascade.errors import BadConfig, NotFound, WrongEncoder
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from eval.corpora import Ground, Places
from eval.suite import Corpus, Generated, Made
from indexers.ingest import ingest
from indexers.records import Record


def held(root: Path) -> Counter[str]:
    """How many records of each source, by the name of its folder."""
    with closing(Snapshot(root)) as snapshot:
        counts: Counter[str] = Counter()
        for number in range(len(snapshot.segments)):
            for name, count in snapshot.catalog.sources(number):
                counts[Path(name).parent.name or name] += count
        return counts


@pytest.fixture
def places(folders: dict[str, Path], tmp_path: Path) -> Places:
    return Places(tmp_path / "cache", folders["set"].parent)


def test_sets_go_in_whole_and_a_haystack_by_its_first_passages_evenly(places: Places) -> None:
    ground = Ground(Corpus("c", ("painted",), ("haystack",)), places)
    assert held(ground.index("toy", 20)) == {"painted": 24, "hills": 10, "rivers": 10}
    assert held(ground.index("toy", 0)) == {"painted": 24, "hills": 40, "rivers": 40}


def test_where_the_real_text_ends_generated_passages_go_on(places: Places) -> None:
    ground = Ground(Corpus("c", (), ("haystack",), generated=Generated(10, 1, ("haystack",))), places)
    assert held(ground.index("toy", 96)) == {"hills": 40, "rivers": 40, "generated-1": 16}
    assert held(ground.index("toy", 0)) == {"hills": 40, "rivers": 40, "generated-1": 10}


def test_an_index_is_built_once_and_again_when_its_text_changes(
    places: Places, folders: dict[str, Path], tmp_path: Path
) -> None:
    corpus = Corpus("c", (), ("mine",))
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "corpus.jsonl").write_text('{"_id": "1", "text": "One."}\n')
    own = Places(places.cache, tmp_path)
    first = Ground(corpus, own).index("toy", 0)
    built = (first / "manifest.json").stat().st_mtime_ns
    assert Ground(corpus, own).index("toy", 0) == first
    assert (first / "manifest.json").stat().st_mtime_ns == built
    (mine / "corpus.jsonl").write_text('{"_id": "1", "text": "Two."}\n')
    second = Ground(corpus, own).index("toy", 0)
    assert second != first
    assert sum(held(second).values()) == 1


def test_a_build_that_was_killed_leaves_nothing_that_is_taken_for_an_index(places: Places) -> None:
    ground = Ground(Corpus("c", ("painted",)), places)
    root = ground.index("toy", 0)
    aside = root.with_name(f".{root.name.rpartition('-')[2]}.building")
    root.rename(aside)
    (aside / "manifest.json").unlink()
    assert held(ground.index("toy", 0)) == {"painted": 24}
    assert not aside.exists()


def test_a_corpus_whose_hash_is_another_is_refused_with_both(places: Places) -> None:
    true = Ground(Corpus("c", ("painted",)), places).hash
    assert Ground(Corpus("c", ("painted",), hash=true), places).hash == true
    with pytest.raises(BadConfig, match=f"has the hash {true}; the suite was written for 123"):
        Ground(Corpus("c", ("painted",), hash="123"), places).index("toy", 0)


def test_a_corpus_that_is_not_there_says_how_to_name_it(places: Places) -> None:
    with pytest.raises(NotFound, match=r"needs sung, which is not in .*--data FOLDER, or CASCADE_EVAL_DATA"):
        Ground(Corpus("c", ("sung",)), places).index("toy", 0)
    with pytest.raises(NotFound, match="no data folder was named"):
        Ground(Corpus("c", ("sung",)), Places(places.cache)).index("toy", 0)


def test_a_made_set_lies_in_the_cache_and_reads_like_any_other(places: Places) -> None:
    ground = Ground(Corpus("c", made=Made(12, 5, 1)), places)
    assert list(ground.sets) == ["made"]
    assert len(ground.sets["made"].questions) == 5
    assert held(ground.index("toy", 0)) == {"made": 12}


def test_a_set_of_the_command_line_joins_those_of_the_suite(places: Places, folders: dict[str, Path]) -> None:
    more = Places(places.cache, folders["haystack"], folders=(folders["set"],))
    ground = Ground(Corpus("c", haystack=("hills",)), more)
    assert list(ground.sets) == ["painted"]
    assert held(ground.index("toy", 0)) == {"painted": 24, "hills": 40}


def test_an_index_that_is_given_is_taken_where_its_encoder_is_asked_for(places: Places, index: Path) -> None:
    given = Places(places.cache, places.data, given={"c": (index,)})
    ground = Ground(Corpus("c", ("painted",)), given)
    assert ground.index("toy", 0) == index
    with pytest.raises(WrongEncoder, match="was built with toy, and the condition asks for static"):
        Ground(Corpus("c", index=str(index)), places).index("static", 0)


class Sown:
    """One record to plant."""

    name = "needles"

    def read(self) -> list[Record]:
        return [Record("needles", "k", "The needle.", key="k")]


@pytest.mark.parametrize(("insertion", "before"), [(0.0, 0), (0.5, 10), (1.0, 20)])
def test_planted_records_stand_where_they_are_inserted(
    places: Places, insertion: float, before: int, tmp_path: Path
) -> None:
    ground = Ground(Corpus("c", (), ("haystack",)), places)
    ground.build(tmp_path / "i", ToyEncoder(), 20, Sown(), insertion)
    with closing(Snapshot(tmp_path / "i")) as snapshot:
        keys = [passage.source for passage in snapshot.read(np.arange(len(snapshot)))]
    assert (len(keys), keys.index("needles")) == (21, before)


def test_the_documents_of_an_index_are_worked_out_once(places: Places) -> None:
    ground = Ground(Corpus("c", ("painted",)), places)
    root = ground.index("toy", 0)
    assert ground.documents(root) is ground.documents(root)


def test_a_record_of_any_source_that_says_what_a_judged_document_says_is_that_document(
    places: Places, tmp_path: Path
) -> None:
    class Twin:
        name = "elsewhere"

        def read(self) -> list[Record]:
            return [
                Record("elsewhere", "a", "the GATE of the\n harbour was painted   last spring.", key="a"),
                Record("elsewhere", "b", "The gate of the harbour was painted.", key="b"),
            ]

    ground = Ground(Corpus("c", ("painted",)), places)
    root = ground.index("toy", 0)
    ingest(root, [Twin()], ToyEncoder())
    documents = ground.documents(root)
    assert documents.twins == 1
    assert len(documents.rows(documents.keys["painted"]["harbour-gate"])) == 2
