"""Each adapter gives another library what ours gives, by its own calls. Skipped where that is not installed."""

import asyncio
import warnings

import pytest
from api_served import harbour

from cascade import Engine

ASKED = "How high is the tower?"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return harbour(tmp_path_factory.mktemp("adapters") / "harbour")


@pytest.fixture(scope="module")
def engine(root):
    found = Engine.open(root)
    yield found
    found.close()


@pytest.fixture(scope="module")
def ours(engine):
    return [(one.passage.id, one.passage.text, one.score) for one in engine.search(ASKED, 3).ranked]


def wanted(library):
    """A library, imported without its own warnings; skipped where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(library)


@pytest.mark.filterwarnings("ignore")
def test_langchain_retrieves_the_passages_and_scores_of_the_library(engine, ours):
    wanted("langchain_core.retrievers")
    from langchain_core.runnables import RunnableLambda

    from api.adapters.langchain import CascadeRetriever

    retriever = CascadeRetriever(engine=engine, k=3)
    found = retriever.invoke(ASKED)
    assert [(one.id, one.page_content) for one in found] == [(name, text) for name, text, _ in ours]
    assert [one.metadata["score"] for one in found] == pytest.approx([score for *_, score in ours], abs=1e-5)
    assert asyncio.run(retriever.ainvoke(ASKED)) == found
    chain = retriever | RunnableLambda(lambda documents: documents[0].metadata["title"])
    assert chain.invoke(ASKED) == "Tower"
    narrow = CascadeRetriever(engine=engine, how={"filter": "key = ferry"})
    assert [one.metadata["key"] for one in narrow.invoke(ASKED)] == ["ferry"]


@pytest.mark.filterwarnings("ignore")
def test_llamaindex_retrieves_the_passages_and_scores_of_the_library(engine, ours):
    wanted("llama_index.core.retrievers")
    from api.adapters.llamaindex import CascadeRetriever

    found = CascadeRetriever(engine, k=3).retrieve(ASKED)
    assert [(one.node.node_id, one.node.get_content()) for one in found] == [(name, text) for name, text, _ in ours]
    assert [one.score for one in found] == pytest.approx([score for *_, score in ours], abs=1e-5)
    narrow = CascadeRetriever(engine, filter="key = ferry")
    assert [one.node.metadata["key"] for one in narrow.retrieve(ASKED)] == ["ferry"]


@pytest.mark.filterwarnings("ignore")
def test_haystack_runs_it_in_a_pipeline_that_can_be_saved(root, ours, monkeypatch):
    monkeypatch.setenv("HAYSTACK_TELEMETRY_ENABLED", "False")
    haystack = wanted("haystack")
    from api.adapters.haystack import CascadeRetriever

    pipeline = haystack.Pipeline()
    pipeline.add_component("retriever", CascadeRetriever(root, top_k=3))
    found = pipeline.run({"retriever": {"query": ASKED}})["retriever"]["documents"]
    assert [(one.id, one.content) for one in found] == [(name, text) for name, text, _ in ours]
    assert [one.score for one in found] == pytest.approx([score for *_, score in ours], abs=1e-5)
    again = CascadeRetriever.from_dict(CascadeRetriever(root, 2, {"filter": "key = ferry"}).to_dict())
    assert [one.meta["key"] for one in again.run(ASKED)["documents"]] == ["ferry"]
