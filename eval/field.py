"""The needles of a condition in an index: made, planted, open for questions, and gone afterwards.

    corpus index --copy--> planted --Engine--> questions

Knows how needles are asked for and where they lie; judges nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cascade.engine import Engine
from cascade.errors import BadConfig
from cascade.index.snapshot import Snapshot
from cascade.models import resolve
from eval.intervals import needed
from eval.needles.classes import make
from eval.needles.needle import Depth, Kind, Needle
from eval.needles.plant import Planting
from eval.planting import copied, known, links, sow
from eval.survival import Link
from eval.work import Task


class Field:
    """Entered, it holds an engine on an index with the needles in it."""

    def __init__(self, task: Task) -> None:
        self.task = task
        said = task.settings
        if said["class"] not in list(Kind):
            raise BadConfig(
                f"{task.condition.name}: there are no needles {said['class']!r}. There are: {', '.join(Kind)}."
            )
        self.count = task.at_most(said["count"] or needed(said["share"], said["half_width"]))
        self.depth = Depth(
            said.get("length", 0), float(said.get("position", 0.0)), float(said.get("insertion", 1.0))
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        try:
            root = self.task.index()
            self.needles = self._make(root)
            self.engine: Engine = self._stack.enter_context(closing(self.task.open(self._planted(root))))
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What the condition sets, with the number of needles and what their depth comes to."""
        less = {name: value for name, value in self.task.measured(self.engine).items() if name not in DEPTH}
        depth = {"length": self.depth.length, "position": self.depth.position, "insertion": self.depth.insertion}
        return {**less, "count": self.count, "depth": depth}

    @property
    def ids(self) -> Sequence[str]:
        """The needles' keys."""
        return [needle.key for needle in self.needles]

    def links(self, needle: Needle) -> Sequence[Link]:
        """The records a needle's answer needs, as they are now."""
        return links(self.engine.snapshot, needle)

    def _make(self, root: Path) -> list[Needle]:
        said = self.task.settings
        with closing(Snapshot(root)) as snapshot:
            return make(
                Kind(said["class"]), self.count, self.task.seed, partial(known, snapshot), self.depth, said["hops"],
                self.task.ground.filler,
            )  # fmt: skip

    def _planted(self, root: Path) -> Path:
        """An index with the needles: a copy where they come last, else one made for them."""
        encoder, planting = resolve.encoder(self.task.condition.encoder), Planting(self.needles)
        if self.depth.insertion >= 1:
            copy = self._stack.enter_context(copied(root))
            sow(copy, planting, encoder)
            return copy
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(dir=self.task.ground.places.cache)))
        self.task.ground.build(
            folder / "planted", encoder, int(self.task.settings["passages"]), planting.first, self.depth.insertion
        )
        sow(folder / "planted", planting, encoder, first=False)
        return folder / "planted"


DEPTH = ("length", "position", "insertion")
"""Settings that a row gathers under `depth`."""
