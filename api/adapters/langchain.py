"""A LangChain retriever over an index: `CascadeRetriever(engine=Engine.open("notes")).invoke("When is it due?")`."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from cascade import Engine, shapes


class CascadeRetriever(BaseRetriever):
    """The `k` best passages as documents. `how`: the other fields of a query, as `filter`, `effort` and `deadline`."""

    engine: Any
    k: int = 10
    how: dict[str, Any] = {}  # noqa: RUF012 - a field of pydantic's, which copies it

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        engine: Engine = self.engine
        return [
            Document(id=one.passage.id, page_content=one.passage.text, metadata=shapes.ranked(one, text=False))
            for one in engine.search(query, self.k, **self.how).ranked
        ]
