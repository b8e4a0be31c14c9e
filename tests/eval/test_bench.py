"""Each benchmark on a small index: values that can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cascade.config import apply
from cascade.engine import Engine
from cascade.errors import NotFound, UsageError
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from eval.bench import corpus, latency, quality, scanning
from eval.bench.conversation import Asked
from eval.bench.reading import exact, read
from eval.datasets import Labelled, Question
from eval.documents import Documents, source_of
from eval.peers.parts import parts
from indexers.ingest import ingest
from indexers.records import Record


class Rows:
    """Records given one by one."""

    name = "given"

    def __init__(self, *records: Record) -> None:
        self.records = records

    def read(self) -> tuple[Record, ...]:
        return self.records


def test_every_document_of_a_set_has_a_number_by_its_key(engine: Engine, painted: Labelled) -> None:
    documents = Documents(engine.snapshot, [painted])
    assert len(documents.keys["painted"]) == 24
    assert len(set(documents.of_row.tolist())) == 24 + 40
    row = next(r for r in range(64) if engine.snapshot.read(np.array([r]))[0].key == "glacier-window")
    assert documents.of_row[row] == documents.keys["painted"]["glacier-window"]


def test_several_passages_of_a_document_count_once(tmp_path: Path) -> None:
    long = " ".join(f"Sentence number {i} speaks of the old orchard wall." for i in range(120))
    ingest(tmp_path / "i", [Rows(Record("given", "a", long), Record("given", "b", "Short."))], ToyEncoder())
    snapshot = Snapshot(tmp_path / "i")
    documents = Documents(snapshot, [])
    assert len(snapshot) > 3
    assert len(documents.ranked(np.arange(len(snapshot)))) == 2
    snapshot.close()


def test_a_relevant_document_that_is_not_in_the_index_is_never_found(engine: Engine, painted: Labelled) -> None:
    documents = Documents(engine.snapshot, [painted])
    relevant = documents.named("painted", {"harbour-gate": 2, "gone": 1})
    assert sorted(relevant.values()) == [1, 2]
    assert sum(number in set(documents.of_row.tolist()) for number in relevant) == 1


def test_a_set_that_was_moved_is_found_by_its_folder_and_file_name(engine: Engine) -> None:
    assert source_of(engine.snapshot, Path("/elsewhere/painted/corpus.jsonl.gz")).endswith("painted/corpus.jsonl.gz")
    with pytest.raises(NotFound, match="cascade add"):
        source_of(engine.snapshot, Path("/elsewhere/sung/corpus.jsonl.gz"))


def test_the_fusion_of_a_reading_is_the_order_of_the_engine(engine: Engine) -> None:
    seen = read(engine, engine.retrieve(engine.config.effort), Asked("painted ladder of the harbour"))
    ours = seen.fused(engine.config.rerank)[:5].tolist()
    assert ours == [one.row for one in engine.search("painted ladder of the harbour", k=5).ranked]


def test_rrf_puts_first_what_both_lists_put_first(engine: Engine) -> None:
    seen = read(engine, engine.retrieve(engine.config.effort), Asked("painted ladder of the harbour"))
    assert seen.bm25[0] == seen.dense[0] == seen.rrf[0]
    assert len(seen.bm25) < len(seen.dense) == len(seen.rrf) == 64


def test_exact_rows_are_the_nearest_by_dot_product(engine: Engine) -> None:
    vector = engine.snapshot.rotate(ToyEncoder().encode_query("painted ladder of the harbour"))
    scores = engine.snapshot.vectors(np.arange(64)).astype(np.float32) @ vector
    assert exact(engine.snapshot, vector, 5).tolist() == sorted(np.argsort(-scores, kind="stable")[:5].tolist())


def test_questions_that_the_ranking_answers_have_full_marks(engine: Engine, painted: Labelled) -> None:
    (found,) = quality.measure(engine, [painted], quality.Setup())
    assert found.settings == {"set": "painted", "questions": 9, "history": "engine"}
    assert found.summary["kept"] == (1.0, 1.0, 1.0)
    assert found.summary["cascade"]["all@117"]["mean"].value == 1.0
    assert found.summary["cascade"]["mrr"]["mean"].value == 1.0
    assert found.summary["rrf"]["ndcg@10"]["difference"] == (0.0, 0.0, 0.0)
    assert [query["_id"] for query in found.queries] == [question.id for question in painted.questions]
    assert found.queries[0]["ranks"] == {"harbour-gate": 1}


def test_several_sets_have_a_mean_in_which_each_counts_the_same(engine: Engine, painted: Labelled) -> None:
    other = Labelled("other", painted.corpus, painted.questions[:2])
    found = quality.measure(engine, [painted, other], quality.Setup())
    assert [one.settings["set"] for one in found] == ["painted", "other", quality.MEAN]
    means = [one.summary["bm25"]["ndcg@10"]["mean"].value for one in found]
    assert means[2] == pytest.approx((means[0] + means[1]) / 2)


def test_a_fusion_can_be_tried_beside_the_one_that_is_set(engine: Engine, painted: Labelled) -> None:
    heads = {"dense": 0, "bm25": 0, "stems": 0, "late": 0, "pairs": 0, "head": 1}
    upside_down = apply(engine.config.rerank, heads, "test")
    (found,) = quality.measure(engine, [painted], quality.Setup(tried={"heads": upside_down}))
    assert found.summary["heads"]["ndcg@10"]["mean"].value < found.summary["cascade"]["ndcg@10"]["mean"].value


def test_a_question_that_is_a_document_does_not_find_itself(engine: Engine, painted: Labelled) -> None:
    text = "The gate of the harbour was painted last spring."
    itself = Question("harbour-gate", text, {"harbour-ladder": 1})
    namesake = Question("harbour-gate", "painted gate of the harbour", {"harbour-ladder": 1})
    (found,) = quality.measure(engine, [Labelled("painted", painted.corpus, (itself, namesake))], quality.Setup())
    ranks = [query["ranks"]["harbour-ladder"] for query in found.queries]
    assert ranks[0] == 1
    assert ranks[1] > 1


def test_everything_survives_an_exact_search_and_every_stage_is_timed(engine: Engine, painted: Labelled) -> None:
    asked = [("painted", question) for question in painted.questions]
    found = latency.measure(engine, asked, latency.Setup(scanned=(10, 500), peer=True, cold=0))
    assert [one.settings["scanned"] for one in found[:2]] == [10, 500]
    for one in found[:2]:
        assert one.summary["survival_least"] == 1.0
        assert one.summary["total"].runs == 9
        stages = sum(one.queries[0][name] for name in latency.STAGES)
        assert 0 < stages <= one.queries[0]["total"]
    assert [one.settings["peer"] for one in found[2:]] == ["faiss IndexFlatIP", "tantivy BM25"]
    assert found[2].summary["survival_mean"] == 1.0


def test_a_peer_returns_the_exact_nearest_rows(engine: Engine) -> None:
    vector = engine.snapshot.rotate(ToyEncoder().encode_query("painted ladder of the harbour"))
    flat, words = parts(engine.snapshot, seed=0)
    assert sorted(flat.search(vector, "", 5).tolist()) == exact(engine.snapshot, vector, 5).tolist()
    best = engine.snapshot.read(words.search(vector, "ladder harbour", 1))[0]
    assert best.key == "harbour-ladder"


def test_the_scan_reads_as_many_candidates_as_asked_where_so_many_exist(engine: Engine) -> None:
    found = scanning.measure(engine, ["gate of the harbour", "river"], width=50, runs=3)
    assert found.summary["scan"].runs == 6
    assert {query["candidates"] for query in found.queries} == {50}
    assert found.summary["bytes"] == found.summary["tokens"] * 2 + 50 * 64


def test_questions_come_from_the_passages_where_none_are_given(engine: Engine) -> None:
    texts = scanning.own_words(engine.snapshot, 5, seed=2)
    assert texts == scanning.own_words(engine.snapshot, 5, seed=2)
    assert all(text.startswith(("The ", "Remark ")) for text in texts)


def test_a_corpus_is_taken_in_whole_and_weighed(folders: dict[str, Path], tmp_path: Path) -> None:
    files = [folders["set"] / "corpus.jsonl.gz", folders["haystack"] / "hills" / "corpus.jsonl"]
    found = corpus.measure(tmp_path / "i", files, ToyEncoder(), corpus.Setup(alone=True, openings=1))
    assert (found.summary["records"], found.summary["passages"], found.summary["failed"]) == (64, 64, 0)
    assert found.summary["encoded"] == 64
    whole = sum(path.stat().st_size for path in (tmp_path / "i").rglob("*") if path.is_file())
    assert found.summary["bytes"] == whole
    assert found.summary["bytes_per_document"] == whole / 64
    assert found.summary["ready_ms"].median > found.summary["open_ms"].median > 0


def test_a_limit_is_shared_evenly_by_the_sources(folders: dict[str, Path], tmp_path: Path) -> None:
    files = [folders["haystack"] / name / "corpus.jsonl" for name in ("hills", "rivers")]
    found = corpus.measure(tmp_path / "i", files, ToyEncoder(), corpus.Setup(limit=10, openings=0))
    assert found.summary["records"] == 10


def test_an_index_that_is_there_is_not_measured_as_new(index: Path) -> None:
    with pytest.raises(UsageError, match="does not"):
        corpus.measure(index, [], ToyEncoder(), corpus.Setup())
