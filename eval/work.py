"""What the runner needs of a condition: questions that can be asked one by one, and a summary of what was found.

Knows shapes; knows no kind of condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from cascade.config import Config
from cascade.data import Effort
from cascade.engine import Engine
from eval.corpora import Ground
from eval.suite import Condition, Measured

PATIENCE = 120.0
"""Seconds that words may take where no time is measured."""

Detail = dict[str, Any]
"""What was found for one question; `_id` names it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A condition with all it is run with. `limit`: most questions, 0 for as many as it says."""

    condition: Condition
    ground: Ground
    seed: int
    limit: int
    config: Config

    @property
    def settings(self) -> dict[str, Any]:
        """What the condition sets, with the encoder it comes to."""
        return {**self.condition.settings, "encoder": self.condition.encoder}

    def measured(self, engine: Engine) -> dict[str, Any]:
        """The settings as a row says them: `held` is what the index holds, and `passages` too where all was asked for.

        The window is the reader's where the condition sets none.
        """
        held = len(engine.snapshot)
        passages, window = self.settings["passages"] or held, self.settings["window"] or engine.reader.window
        return {**self.settings, "passages": passages, "held": held, "window": window}

    def at_most(self, count: int) -> int:
        """A number of questions, within the limit."""
        return min(count, self.limit) if self.limit else count

    def index(self) -> Path:
        """The index it is measured on."""
        return self.ground.index(self.condition.encoder, int(self.settings["passages"]))

    def open(self, root: Path) -> Engine:
        """An engine on an index, set as the condition says."""
        return Engine.open(root, self.configured())

    def configured(self) -> Config:
        """The reader, the window and the effort that the condition sets.

        Words are waited for unless it is time that is measured: what is found must not depend on how busy a machine is.
        """
        said, retrieve = self.settings, self.config.retrieve
        if self.condition.kind is not Measured.LATENCY:
            retrieve = replace(retrieve, lexical_seconds=max(PATIENCE, retrieve.lexical_seconds))
        return replace(
            self.config, reader=said["reader"], effort=Effort(said["effort"]),
            window=said["window"] or self.config.window, retrieve=retrieve,
        )  # fmt: skip


class Work(Protocol):
    """A condition under way. Entered, it holds an index open."""

    def __enter__(self) -> Work: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def settings(self) -> dict[str, Any]:
        """What a row says of the condition, the number of questions included."""
        ...

    @property
    def ids(self) -> Sequence[str]:
        """The name of each question, in order."""
        ...

    def one(self, at: int) -> Detail:
        """Ask one question."""
        ...

    def summary(self, found: Sequence[Detail]) -> dict[str, Any]:
        """What all questions come to; `found` is in order."""
        ...
