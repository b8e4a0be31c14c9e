"""Read by mypy alone: which stages may follow which. An ignore that is no longer needed is an error under --strict."""

from typing import assert_type

from cascade.data import Answer, Candidates, Context, Query, Ranking
from cascade.stages.base import Stage
from cascade.stages.generate import Generate
from cascade.stages.pack import Pack
from cascade.stages.rerank import Rerank
from cascade.stages.retrieve import Retrieve


def chains(retrieve: Retrieve, rerank: Rerank, pack: Pack, generate: Generate) -> None:
    """The cascade in order has a type; out of order it has none."""
    assert_type(retrieve >> rerank, Stage[Query, Ranking])
    assert_type(rerank >> pack, Stage[Candidates, Context])
    assert_type(retrieve >> rerank >> pack >> generate, Stage[Query, Answer])
    retrieve >> generate  # type: ignore[operator]
    retrieve >> pack  # type: ignore[operator]
    rerank >> retrieve  # type: ignore[operator]
    (retrieve >> rerank) >> generate  # type: ignore[operator]
