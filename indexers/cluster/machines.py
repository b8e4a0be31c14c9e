"""The seam to a cluster: nodes, processes started on them, and calls that can be waited for.

Ray is behind it (`pool`); in tests also threads of one process. Knows names and futures; knows nothing of Ray, of
segments or of questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gone(Exception):
    """A process does not answer any more: it ended, or its node did. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the cluster that is up. `memory`: bytes it may use; `cores` and `gpus`: how many it has."""

    name: str
    memory: int
    cores: float = 1.0
    gpus: float = 0.0


class Process(Protocol):
    """An object that lives in a process of its own. May be sent to other processes."""

    @property
    def node(self) -> str:
        """The node it runs on."""
        ...

    def call(self, method: str, *given: Any) -> Future[Any]:
        """Call a method of the object, beside other calls. The future raises what the method raises, or Gone."""
        ...

    def sign(self) -> Future[Any]:
        """A sign of life, given beside all calls, however many wait. The future raises Gone."""
        ...

    def end(self) -> None:
        """End the process; what it was asked and has not answered is Gone."""
        ...


class Machines(Protocol):
    """A cluster."""

    def nodes(self) -> tuple[Node, ...]:
        """The nodes that are up, in a stable order. Raises Unreachable."""
        ...

    def start(self, kind: Callable[..., object], given: Sequence[Any], node: str, lanes: int) -> Process:
        """Have `kind(*given)` made in a new process on a node. `lanes`: calls it works on at once.

        Returns at once; where it cannot be made, its calls are Gone, or raise what making it raised.
        """
        ...

    def named(self, name: str, kind: Callable[..., object], given: Sequence[Any], lanes: int) -> Process:
        """The process of that name, on any node; where there is none, as `start` makes one. It outlives who made it."""
        ...

    def each(self, work: Callable[[T], R], over: Iterable[T], workers: int, gpus: float = 0.0) -> Iterator[R]:
        """Do `work` on each thing, on any nodes, by so many workers; results as they are done, in no order.

        What a node took with it when it ended is done again elsewhere. `gpus`: of one worker.
        """
        ...
