"""What a client may send. What it gets back is shaped by `cascade.shapes`, as at every other door."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cascade.data import WIDTH, Effort


class Asked(BaseModel):
    """What any question may say beside itself. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    index: str = Field("", description="The index to ask, by name; may be left out where only one is served.")
    filter: str = Field("", description='As in: source = "mail" and time >= 2024-01.')
    effort: Effort | None = Field(None, description="How much compute to spend.")
    deadline: float | None = Field(None, gt=0, description="Answer within so many seconds.")
    history: tuple[str, ...] = Field((), description="The conversation before, oldest first.")

    @property
    def how(self) -> dict[str, Any]:
        """As the engine takes it; effort only where it was given."""
        found: dict[str, Any] = {"filter": self.filter, "deadline": self.deadline, "history": self.history}
        return {**found, "effort": self.effort} if self.effort else found


class Search(Asked):
    """`POST /search`."""

    query: str = Field(min_length=1)
    k: int = Field(10, ge=1, le=WIDTH, description="How many passages.")
    text: bool = Field(True, description="False leaves the text out.")


class Ask(Asked):
    """`POST /ask`."""

    question: str = Field(min_length=1)
    stream: bool = Field(False, description="Server-sent events: stages as they happen, tokens, citations, the answer.")
