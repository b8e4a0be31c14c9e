"""A Haystack component over an index: `pipeline.add_component("retriever", CascadeRetriever("notes"))`.

A pipeline that is saved names the index by its folder; that is opened when the pipeline first runs.
"""

from __future__ import annotations

from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict

from cascade import Engine, shapes


@component
class CascadeRetriever:
    """The `top_k` best passages as documents. `how`: the other fields of a query, as `filter` and `effort`."""

    def __init__(self, index: str, top_k: int = 10, how: dict[str, Any] | None = None) -> None:
        self.index, self.top_k, self.how = str(index), top_k, dict(how or {})
        self._engine: Engine | None = None

    def warm_up(self) -> None:
        """Open the index. Raises NoIndex, WrongEncoder, Corrupt."""
        self._engine = self._engine or Engine.open(self.index)

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None) -> dict[str, Any]:
        """The best passages for a query, best first."""
        self._engine = self._engine or Engine.open(self.index)
        found = self._engine.search(query, top_k or self.top_k, **self.how)
        return {
            "documents": [
                Document(
                    id=one.passage.id, content=one.passage.text, score=one.score, meta=shapes.ranked(one, text=False)
                )
                for one in found.ranked
            ]
        }

    def to_dict(self) -> dict[str, Any]:
        """As a pipeline is saved."""
        saved: dict[str, Any] = default_to_dict(self, index=self.index, top_k=self.top_k, how=self.how)
        return saved

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CascadeRetriever:
        """As it was saved."""
        made: CascadeRetriever = default_from_dict(cls, data)
        return made
