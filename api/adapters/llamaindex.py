"""A LlamaIndex retriever over an index: `CascadeRetriever(Engine.open("notes")).retrieve("When is it due?")`."""

from __future__ import annotations

from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from cascade import Engine, shapes


class CascadeRetriever(BaseRetriever):
    """The `k` best passages as nodes. `how`: the other fields of a query, as `filter`, `effort` and `deadline`."""

    def __init__(self, engine: Engine, k: int = 10, **how: Any) -> None:
        self.engine, self.k, self.how = engine, k, how
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [
            NodeWithScore(
                score=one.score,
                node=TextNode(
                    id_=one.passage.id, text=one.passage.text, metadata=shapes.ranked(one, text=False),
                    excluded_llm_metadata_keys=list(shapes.ranked(one, text=False)),
                    start_char_idx=one.passage.start, end_char_idx=one.passage.end,
                ),
            )
            for one in self.engine.search(query_bundle.query_str, self.k, **self.how).ranked
        ]  # fmt: skip
