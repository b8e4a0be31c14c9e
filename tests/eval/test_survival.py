"""What became of what an answer needs: ranks, margins, where it was kept, and who lost it."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cascade.config import Config, RetrieveConfig
from cascade.data import Candidates
from cascade.engine import Engine
from cascade.index.snapshot import Snapshot
from cascade.ledger import Ledger
from cascade.models.toy import ToyEncoder
from eval.needles.classes import make
from eval.needles.needle import Depth, Kind
from eval.needles.plant import Planting
from eval.planting import copied, known, links, sow
from eval.stored import whole
from eval.survival import Link, Place, blame, fact, follow, nominated, places, shares, spreads, times
from indexers.ingest import ingest
from indexers.records import Record


def candidates(rows: list[int], dense: list[float], lexical: list[float]) -> Candidates:
    floats = (np.array(values, dtype=np.float32) for values in (dense, lexical))
    return Candidates(None, np.empty(0, np.float32), np.array(rows), *floats)  # type: ignore[arg-type]


NONE = float("nan")
FEW = candidates([2, 5, 7, 9], [0.9, NONE, 0.5, 0.7], [NONE, 3.0, 1.0, NONE])


def test_a_rank_by_one_list_is_the_rank_of_the_best_row_among_those_that_have_a_score() -> None:
    assert nominated(FEW, FEW.dense, [9]) == 2
    assert nominated(FEW, FEW.dense, [7, 9]) == 2
    assert nominated(FEW, FEW.lexical, [7]) == 2
    assert nominated(FEW, FEW.dense, [5]) is None
    assert nominated(FEW, FEW.dense, [3]) is None


@pytest.mark.parametrize(
    ("rows", "read", "packed", "kept", "blamed"),
    [
        ((3,), {}, set(), [False, False, False, False, False], "retrieve"),
        ((5,), {}, set(), [False, True, True, False, False], "rerank"),
        ((9,), {"p": Place(118, -0.1)}, set(), [True, False, True, False, False], "rerank"),
        ((9,), {"p": Place(117, 0.0)}, set(), [True, False, True, True, False], "pack"),
        ((7,), {"p": Place(1, 0.5)}, {"p"}, [True, True, True, True, True], None),
    ],
)
def test_the_stage_to_blame_is_the_first_that_lost_it(
    rows: tuple[int, ...], read: dict[str, Place], packed: set[str], kept: list[bool], blamed: str | None
) -> None:
    found = fact(FEW, Link("k", rows, ("p",)), read, packed)
    assert list(found["kept"].values()) == kept
    assert found["blame"] == blamed


def test_of_several_passages_the_best_counts() -> None:
    read = {"a": Place(300, -2.0), "b": Place(4, 1.5), "other": Place(1, 9.0)}
    found = fact(FEW, Link("k", (5, 9), ("a", "b")), read, {"b"})
    assert (found["rank"], found["margin"], found["dense"], found["lexical"]) == (4, 1.5, 2, 1)


def test_shares_are_of_the_questions_that_have_anything_to_lose() -> None:
    queries = [{"kept": {"packed": True}}, {"kept": {"packed": False}}, {"kept": {}}]
    assert shares(queries)["packed"].value == 0.5
    assert shares([{"kept": {}}]) == {}


def test_blame_counts_losses_and_spreads_are_over_all_runs() -> None:
    assert blame([{"blame": "pack"}, {"blame": None}, {"blame": "pack"}, {"blame": "rerank"}]) == {
        "pack": 2, "rerank": 1,
    }  # fmt: skip
    assert spreads([{"ms": {"scan": ms}} for ms in range(101)]) == {"scan": [50.0, 95.0]}


def test_the_times_of_a_stage_that_ran_twice_are_added() -> None:
    ledger = Ledger()
    for name in ("scan", "scan", "pack"):
        with ledger.stage(name) as entry:
            pass
        entry.ms = 2.0
    assert times(ledger) == {"scan": 4.0, "pack": 2.0, "total": 6.0}


def test_a_question_is_followed_through_the_engine(engine: Engine) -> None:
    ranked = engine.search("painted ladder of the harbour", k=1).ranked[0]
    link = Link("harbour-ladder", (ranked.row,), (ranked.passage.id,))
    seen = follow(engine, partial(engine.query, "painted ladder of the harbour"), [link])
    assert seen.kept == dict.fromkeys(("dense", "lexical", "retrieved", "reranked", "packed"), True)
    assert seen.links[0]["rank"] == 1
    assert len(seen.ranking) == 64
    assert seen.ms["total"] > 0
    assert seen.bytes > 0


def test_the_ranking_tells_the_rank_and_margin_that_the_ledger_would(engine: Engine) -> None:
    text = "painted ladder of the harbour"
    told = places(engine.ranking(200).run(engine.query(text)))
    for passage in list(told)[::7]:
        fate = next(fate for fate in engine.explain(text, passage) if fate.stage == "rerank")
        assert (fate.rank, fate.margin) == (told[passage].rank, pytest.approx(told[passage].margin, abs=1e-5))


def test_a_narrow_retrieval_is_blamed_for_what_it_left_out(index: Path) -> None:
    config = Config(reader="toy", retrieve=RetrieveConfig(width=2, lexical=1))
    with closing(Engine.open(index, config)) as engine:
        other = engine.snapshot.read(np.array([40]))[0]
        seen = follow(engine, partial(engine.query, "painted gate of the meadow"), [Link("k", (40,), (other.id,))])
        assert seen.links[0]["blame"] == "retrieve"
        assert not any(seen.kept.values())


def test_needles_are_planted_in_a_copy_and_the_index_stays_as_it_was(index: Path) -> None:
    before = _files(index)
    needles = make(Kind.SINGLE, 3, 1, lambda word: False)
    with copied(index) as copy:
        sow(copy, Planting(needles), ToyEncoder())
        with closing(Snapshot(copy)) as snapshot:
            assert len(snapshot) > 64
            for needle in needles:
                (link,) = links(snapshot, needle)
                (passage,) = snapshot.read(np.array(link.rows))
                assert needle.answers[0] in passage.text
    assert _files(index) == before
    assert [path.name for path in index.parent.iterdir()] == [index.name]


def test_an_updated_needle_is_followed_by_what_it_says_now(index: Path) -> None:
    needles = make(Kind.UPDATED, 10, 7, lambda word: False)
    with copied(index) as copy:
        sow(copy, Planting(needles), ToyEncoder())
        with closing(Snapshot(copy)) as snapshot:
            for needle in needles:
                rows = [row for link in links(snapshot, needle) for row in link.rows]
                assert any(needle.answers[0] in passage.text for passage in snapshot.read(np.array(rows)))


def test_in_a_long_record_only_the_passages_with_the_fact_are_followed(index: Path) -> None:
    (needle,) = make(Kind.IN_LONG, 1, 2, lambda word: False, Depth(2_000, 0.5))
    with copied(index) as copy:
        sow(copy, Planting([needle]), ToyEncoder())
        with closing(Snapshot(copy)) as snapshot:
            (link,) = links(snapshot, needle)
            texts = [passage.text for passage in snapshot.read(np.array(link.rows))]
            assert 1 <= len(texts) <= 2
            assert needle.answers[0] in "".join(texts)


def test_deleted_needles_are_gone(index: Path) -> None:
    needles = make(Kind.DELETED, 4, 1, lambda word: False)
    planting = Planting(needles)
    with copied(index) as copy:
        sow(copy, planting, ToyEncoder())
        with closing(Snapshot(copy)) as snapshot:
            held = {record.text for record in whole(snapshot)}
            gone = [one.text for needle in needles for one in needle.records if one.deleted]
            assert len(gone) >= 4
            assert not held & set(gone)


def test_names_of_the_corpus_are_known(engine: Engine) -> None:
    assert known(engine.snapshot, "Harbour Qwxyz")
    assert not known(engine.snapshot, "Qwxyz")


def test_a_record_of_several_passages_is_put_together_again(tmp_path: Path) -> None:
    long = " ".join(f"Sentence number {i} speaks of the old orchard wall." for i in range(120))

    class Two:
        name = "given"

        def read(self) -> list[Record]:
            return [Record("given", "a", long, title="Walls"), Record("given", "b", "Short.")]

    ingest(tmp_path / "i", [Two()], ToyEncoder())
    with closing(Snapshot(tmp_path / "i")) as snapshot:
        found = list(whole(snapshot))
        assert [(one.title, one.text) for one in found] == [("Walls", long), ("", "Short.")]
        assert [int(one.key) for one in found] == [0, len(snapshot) - 1]


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
