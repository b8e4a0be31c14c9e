"""What a model may say to each tool, and how that is described to it. Knows shapes and words; knows no protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from api.refusals import BadRequest
from api.schemas import Sent
from cascade.data import CEILING

Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]

DEADLINE = 45.0
"""Seconds that a tool takes unless asked otherwise: well-known clients wait for 60."""


class Arguments(Sent):
    """What every tool takes. Unknown names are refused."""

    index: str = Field("", max_length=300, description="Which index, by name.")


class Asking(Arguments):
    """What every tool that asks a question takes."""

    filter: str = Field(
        "", max_length=10_000,
        description='Only passages that match, as in: source = "mail" and time >= 2024-01. Fields: source, locator, '
        "key, title, time, and any metadata.",
    )  # fmt: skip
    effort: Literal["low", "normal", "high", "max"] | None = Field(
        None, description="How much work to spend. high and max follow chains of facts over several documents."
    )
    deadline: float = Field(
        DEADLINE, gt=0, le=600, allow_inf_nan=False, description="Seconds; what there is by then is given."
    )

    @property
    def how(self) -> dict[str, Any]:
        """As the engine takes it; effort only where it was given."""
        found: dict[str, Any] = {"filter": self.filter}
        return {**found, "effort": self.effort} if self.effort else found


class Search(Asking):
    """`search`."""

    query: Words = Field(description="What to look for, in a sentence or in words; names and numbers help.")
    k: int = Field(10, ge=1, le=CEILING, description=f"How many passages, up to {CEILING}.")


class Read(Arguments):
    """`read`."""

    passage: Id = Field(description="The id of a passage, as search and ask give it.")
    before: int = Field(2, ge=0, le=20, description="How many passages before it.")
    after: int = Field(2, ge=0, le=20, description="How many passages after it.")


class Ask(Asking):
    """`ask`."""

    question: Words = Field(description="A whole question, understandable without the conversation around it.")


class Explain(Asking):
    """`explain`."""

    query: Words = Field(description="The question or words that were searched for.")
    passage: Id = Field(description="The id of the passage that was expected among the results.")


A = TypeVar("A", bound=Arguments)


def taken(kind: type[A], given: dict[str, Any] | None) -> A:
    """Arguments as they were meant. Raises BadRequest with every fault in a sentence."""
    try:
        return kind.model_validate(given or {})
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:10])
        raise BadRequest(f"These arguments cannot be taken: {said}.") from None


def schema(kind: type[Arguments], names: Sequence[str]) -> dict[str, Any]:
    """The JSON schema of a tool's arguments, for whoever sees these indexes: with one of them, it is not asked for."""
    found = kind.model_json_schema()
    fields = {name: _plain(field) for name, field in found["properties"].items()}
    required = list(found.get("required", []))
    index = fields.pop("index")
    if len(names) > 1:
        del index["default"]
        fields = {"index": {**index, "enum": list(names)}, **fields}
        required = ["index", *required]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    """A field without its title, and without the null that leaving it out stands for."""
    kinds = [kind for kind in field.get("anyOf", []) if kind.get("type") != "null"]
    kept = {name: value for name, value in field.items() if name not in ("title", "anyOf")}
    if kinds:
        kept = {**kinds[0], **{name: value for name, value in kept.items() if name != "default"}}
    return kept
