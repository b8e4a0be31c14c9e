"""What a stage is, and how two make one: `Retrieve(...) >> Rerank(...)`. What is written is what runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class Stage(ABC, Generic[A, B]):
    """A step that turns an A into a B. A stage knows nothing of the others."""

    @abstractmethod
    def run(self, given: A) -> B:
        """Do the step."""

    def __rshift__(self, then: Stage[B, C]) -> Stage[A, C]:
        return Chain(self, then)

    def __repr__(self) -> str:
        return type(self).__name__


class Chain(Stage[A, C], Generic[A, B, C]):
    """Two stages as one, in the order written."""

    def __init__(self, first: Stage[A, B], second: Stage[B, C]) -> None:
        self.first, self.second = first, second

    def run(self, given: A) -> C:
        """From what comes in to what goes out."""
        return self.second.run(self.first.run(given))

    def __repr__(self) -> str:
        return f"{self.first!r} >> {self.second!r}"
