"""What a client may send. What it gets back is shaped by `cascade.shapes`, as at every other door."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cascade.data import WIDTH, Effort

LONGEST = 100_000
"""Characters of a question, a turn, or a document to be ranked."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class Sent(BaseModel):
    """Anything sent. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Question(Sent):
    """What any question may say beside itself."""

    filter: str = Field("", max_length=10_000, description='As in: source = "mail" and time >= 2024-01.')
    effort: Effort | None = Field(None, description="How much compute to spend.")
    deadline: float | None = Field(
        None, gt=0, le=3600, allow_inf_nan=False, description="Answer within so many seconds, with what there is then."
    )
    history: tuple[Annotated[str, StringConstraints(max_length=LONGEST)], ...] = Field(
        (), max_length=200, description="The conversation before, oldest first."
    )

    @property
    def how(self) -> dict[str, Any]:
        """As the engine takes it; effort only where it was given."""
        found: dict[str, Any] = {"filter": self.filter, "deadline": self.deadline, "history": self.history}
        return {**found, "effort": self.effort} if self.effort else found


class Asked(Question):
    """A question that names its index."""

    index: str = Field(
        "", max_length=300, description="The index to ask, by name; may be left out where only one is served."
    )


class Sought(Question):
    """`POST /indexes/{name}/search`."""

    query: Text = Field(examples=["when does the ferry leave"])
    k: int = Field(10, ge=1, le=WIDTH, description="How many passages.")
    text: bool = Field(True, description="False leaves the text out.")


class Search(Asked, Sought):
    """`POST /search`."""


class Packed(Question):
    """`POST /indexes/{name}/context`."""

    query: Text = Field(examples=["when does the ferry leave"])


class Told(Question):
    """`POST /indexes/{name}/ask`."""

    question: Text = Field(examples=["When does the ferry leave?"])
    stream: bool = Field(False, description="Server-sent events: stages as they happen, tokens, citations, the answer.")


class Ask(Asked, Told):
    """`POST /ask`."""


class Explained(Question):
    """`POST /indexes/{name}/explain`."""

    query: Text = Field(examples=["when does the ferry leave"])
    passage: str = Field(min_length=1, max_length=100, description="A passage id, as a search gives it.")


class Row(BaseModel):
    """A record to be added. Other fields become metadata."""

    model_config = ConfigDict(extra="allow")

    text: str = Field(min_length=1, examples=["The ferry to Anholt leaves at 14:15."])
    id: str = Field("", max_length=1_000, description="Its id with whoever sends it; the same id again replaces it.")
    title: str = Field("", max_length=10_000)
    time: str = Field("", max_length=100, description="When it is from, ISO 8601.")


class Added(Sent):
    """`POST /indexes/{name}/records`."""

    source: str = Field("api", min_length=1, max_length=100, pattern=r"^[\w.:@ -]+$", description="Whose records.")
    records: list[Row] = Field(min_length=1, max_length=1_000)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """As the rows of a file; what was not given is left out."""
        return [{name: value for name, value in row.model_dump().items() if value != ""} for row in self.records]


class Deleted(Sent):
    """`POST /indexes/{name}/records/delete`."""

    filter: str = Field(min_length=1, max_length=10_000, examples=['source = "api" and time < 2020-01'])
    dry_run: bool = False


class Named(Sent):
    """`GET /indexes/{name}/records`."""

    filter: str = Field("", max_length=10_000)
    limit: int = Field(100, ge=1, le=1_000)


class Document(BaseModel):
    """A document to be ranked, written as an object."""

    model_config = ConfigDict(extra="ignore")

    text: Annotated[str, StringConstraints(max_length=LONGEST)]


class Ranked(BaseModel):
    """`POST /v1/rerank`, in the shape of Cohere's and Jina's. Fields of theirs that mean nothing here are ignored."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field("", max_length=300, description="`cascade/INDEX`: ranked by its encoder, or by the scorer.")
    query: Text
    documents: list[Annotated[str, StringConstraints(max_length=LONGEST)] | Document] = Field(
        min_length=1, max_length=1_000
    )
    top_n: int | None = Field(None, ge=1)
    return_documents: bool = False

    @property
    def texts(self) -> list[str]:
        """The documents as texts."""
        return [one if isinstance(one, str) else one.text for one in self.documents]
