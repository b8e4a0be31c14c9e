"""Haystacks of 10^7 passages and more: records woven from what was learned, block by block ahead of who reads them.

Record i depends on what was learned, the seed and i alone, so a haystack is made in slices, by any number of threads.
New words come as Heaps' law asks for, as in `eval.needles.haystack`. Knows records; knows nothing of an index.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eval.bench.scale.learned import Facts, Learned
from eval.bench.scale.weaving import weave
from eval.needles.haystack import COVERED, SHORT, SPLICED
from indexers.records import Record

BLOCK: Final = 4_096
"""Records woven at once."""
ROOM: Final = 8 << 20
"""Bytes of a part of a block."""
AHEAD: Final = 4
"""Blocks that are ready or being made while one is read."""
ROUNDS: Final = 1_024
"""Rounds through the texts whose share of new words is worked out; it hardly changes after."""

Block = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Woven:
    """So many woven records as a source, from number `begin` on. `threads`: how many weave. `room`: see `blocks`."""

    learned: Learned
    facts: Facts
    count: int
    seed: int
    begin: int = 0
    threads: int = 2
    room: int = ROOM

    @property
    def name(self) -> str:
        """The same for every slice of one haystack."""
        return f"woven-{self.seed}"

    def read(self) -> Iterator[Record]:
        """The records in order."""
        for number, text in enumerate(self.texts(), self.begin):
            yield Record(self.name, str(number), text, key=str(number))

    def texts(self) -> Iterator[str]:
        """Their texts in order, woven by threads of their own while the last ones are read."""
        make = partial(blocks, self.learned, self.seed, _shape(self.facts, self.seed), self.room)
        starts = iter(range(self.begin, self.begin + self.count, BLOCK))
        waiting: deque[Future[list[Block]]] = deque()
        with ThreadPoolExecutor(self.threads) as pool:

            def more() -> None:
                if (start := next(starts, None)) is not None:
                    count = min(BLOCK, self.begin + self.count - start)
                    waiting.append(pool.submit(make, start, count))

            for _ in range(AHEAD):
                more()
            while waiting:
                made = waiting.popleft().result()
                more()
                for letters, bounds in made:
                    raw = letters[: bounds[-1]].tobytes()
                    for low, high in pairwise(bounds.tolist()):
                        yield raw[low:high].decode("utf-8", "replace")


def blocks(
    learned: Learned, seed: int, shape: NDArray[np.float64], room: int, begin: int, count: int
) -> list[Block]:  # fmt: skip
    """Records as bytes and where each begins, in parts of `room` bytes; of more where one record takes more."""
    made: list[Block] = []
    while count:
        out = np.empty(room, dtype=np.uint8)
        bounds = weave(learned, begin, count, seed, shape, out)
        if done := len(bounds) - 1:
            made.append((out, bounds))
            begin, count = begin + done, count - done
        else:
            room *= 2
    return made


def _shape(facts: Facts, seed: int) -> NDArray[np.float64]:
    """What decides how records are woven: the share of sentences gone on with from another text, the length below which
    all are, a step and a shift that walk through the texts, and the new words per word in each round through them."""
    random = Random(seed)
    step = random.randrange(1, facts.texts + 1)
    while math.gcd(step, facts.texts) != 1:
        step += 1
    fresh = [_fresh(facts, number) for number in range(ROUNDS)]
    return np.array([SPLICED, SHORT, step, random.randrange(facts.texts), *fresh])


def _fresh(facts: Facts, number: int) -> float:
    """New words per word in a round (0: the first), by Heaps' law, less those of the source that come only then."""
    wanted: float = (number + 1) ** facts.growth - number**facts.growth
    return max(wanted - COVERED * (1 - COVERED) ** number, 0.0) * facts.types / facts.words
