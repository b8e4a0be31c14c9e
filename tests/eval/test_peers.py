"""Every peer finds records by the same contract, with answers that can be worked out by hand."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cascade.errors import UnknownName, UsageError
from cascade.index.snapshot import Snapshot
from cascade.index.vectors import step
from cascade.models.toy import ToyEncoder, ToyScorer
from eval.peers import resolve
from eval.peers.base import AT_ONCE, Peer, batches, first, need
from eval.peers.crossed import Crossed
from eval.peers.resolve import NAMES, Setup, available, peer
from eval.peers.stored import Stored
from indexers.ingest import ingest
from indexers.records import Record

TOPICS = ("harbour", "orchard", "glacier", "foundry", "library", "meadow", "quarry", "station")
THINGS = ("gate", "ladder", "engine", "window", "bridge")

Build = Callable[..., Peer]


def records() -> list[Record]:
    """One short record a topic and thing, and a long one that speaks of a lantern in every sentence."""
    short = [
        Record("given", f"{topic}.txt", f"The {thing} of the {topic} was painted last spring.", key=f"{topic}-{thing}")
        for topic in TOPICS
        for thing in THINGS
    ]
    long = " ".join(f"Sentence {i} tells how the lantern was carried over hill and field." for i in range(60))
    return [*short, Record("given", "lantern.txt", long, key="lantern")]


class Given:
    """Records as a source."""

    name = "given"

    def read(self) -> list[Record]:
        return records()


@pytest.fixture(params=NAMES)
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    """Makes a peer of each kind over some records; skips the kinds whose library is not installed."""
    library = {"lancedb": "lancedb", "txtai": "txtai"}.get(request.param)
    if library and importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed (the extra `peers`)")

    def make(*of: Record) -> Peer:
        made = peer(request.param, Setup(tmp_path, ToyEncoder(), scorer="toy"))
        made.build(of or records())
        return made

    return make


def test_a_record_is_found_by_its_words(build: Build) -> None:
    found = build()
    for asked in ("glacier-window", "library-gate", "quarry-engine"):
        topic, thing = asked.split("-")
        assert found.search(f"painted {thing} of the {topic}", 5)[0] == asked


def test_no_more_are_found_than_asked_for_and_none_twice(build: Build) -> None:
    found = build().search("the painted gate of the harbour", 7)
    assert len(found) == len(set(found)) == 7


def test_several_passages_of_a_record_count_once(build: Build) -> None:
    found = build().search("who carried the lantern over hill and field", 10)
    assert found[0] == "lantern"
    assert found.count("lantern") == 1


def test_the_same_question_gives_the_same_answer(build: Build) -> None:
    built = build()
    assert built.search("ladder of the meadow", 6) == built.search("ladder of the meadow", 6)


def test_few_records_are_all_that_is_found(build: Build) -> None:
    only = [Record("given", "a", "The gate is red.", key="a"), Record("given", "b", "A gate is blue.", key="b")]
    assert build(*only).search("blue gate", 50) == ["b", "a"]


@pytest.mark.parametrize("text", ['gate AND (OR) "harbour', "what's - + ~ * : ^ gate?", "gate gate gate"])
def test_signs_in_a_question_are_no_syntax(build: Build, text: str) -> None:
    assert any(key.endswith("-gate") for key in build().search(text, 10))


def test_a_record_without_a_key_is_found_by_its_locator(build: Build) -> None:
    assert build(Record("given", "here.txt", "The gate is red.")).search("red gate", 3) == ["here.txt"]


def test_the_model_orders_the_best_hundred_and_the_others_follow(tmp_path: Path) -> None:
    """By BM25 the short record is first; the toy scorer sees that the longer one has both words."""
    both = "gate harbour " + "and some other words that nobody asked for " * 4
    given = [Record("given", "a", "gate gate gate", key="short"), Record("given", "b", both, key="both")]
    built = Crossed(tmp_path / "words", ToyEncoder(), ToyScorer())
    built.build([*given, *(Record("given", f"{i}", f"nothing {i}", key=f"n{i}") for i in range(30))])
    assert built.search("gate harbour", 5)[:2] == ["both", "short"]


def test_without_a_cross_encoder_there_is_a_reason(tmp_path: Path) -> None:
    found, missing = available(["cross-encoder"], Setup(tmp_path, ToyEncoder()))
    assert found == []
    assert "No cross-encoder is configured" in missing["cross-encoder"]
    found, missing = available(["cross-encoder"], Setup(tmp_path, ToyEncoder(), scorer="toy"))
    assert [one.name for one in found] == ["cross-encoder"] and missing == {}


def test_a_missing_library_is_a_sentence_that_names_the_extra() -> None:
    with pytest.raises(UsageError, match=r"nosuchlibrary, which is not installed: pip install .*\[peers\]"):
        need("nosuchlibrary.part")


def test_an_unknown_peer_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="lancedb, txtai, cross-encoder"):
        available(["elastic"], Setup(tmp_path, ToyEncoder()))


def test_the_names_are_those_of_the_peers() -> None:
    assert NAMES == ("lancedb", "txtai", "cross-encoder")
    assert resolve.NAMES is NAMES


def test_passages_are_those_of_ingest(tmp_path: Path) -> None:
    ingest(tmp_path / "index", [Given()], ToyEncoder())
    snapshot = Snapshot(tmp_path / "index")
    cut = [piece for batch in batches(records(), ToyEncoder()) for piece in batch]
    assert len(cut) == len(snapshot) > len(records())
    stored = Stored(ToyEncoder(), snapshot)
    vectors = stored.encode_passages([piece.text for piece in cut])
    assert stored.computed == 0
    assert stored.name == "toy" and stored.dim == 64
    plain = ToyEncoder().encode_passages([piece.text for piece in cut]) @ snapshot.rotation
    assert np.abs(vectors - plain).max() <= step(64) * 0.51
    snapshot.close()


def test_what_the_index_does_not_hold_is_computed_in_its_coordinates(tmp_path: Path) -> None:
    ingest(tmp_path / "index", [Given()], ToyEncoder())
    snapshot = Snapshot(tmp_path / "index")
    stored = Stored(ToyEncoder(), snapshot)
    text = "A text that is nowhere."
    passage, query = stored.encode_passages([text])[0], stored.encode_query(text)
    assert stored.computed == 1
    assert float(passage @ query) == pytest.approx(1.0, abs=0.02)
    snapshot.close()


def test_passages_come_in_batches_that_lose_none() -> None:
    many = [Record("given", str(i), f"Record number {i}.", key=str(i)) for i in range(AT_ONCE + 300)]
    sizes = [len(batch) for batch in batches(many, ToyEncoder())]
    assert sizes == [AT_ONCE, 300]
    assert [len(batch) for batch in batches([], ToyEncoder())] == []


def test_the_first_keys_that_differ() -> None:
    assert first("abacad", 3) == ["a", "b", "c"]
    assert first("aa", 3) == ["a"]
