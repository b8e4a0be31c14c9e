"""Small rankings and readers for the tests of Pack and Generate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from cascade.data import Candidates, Effort, Passage, Query, Ranked, Ranking
from cascade.ledger import Ledger
from cascade.models.base import Prompt


def passage(name: str, text: str, start: int = 0, record: str = "", **more: str) -> Passage:
    fields = {"key": "", "source": "", "locator": "", "title": "", "heading": "", **more}
    return Passage(id=name, record=record or name, text=text, start=start, end=start + len(text), **fields)  # type: ignore[arg-type]


def ranking(
    passages: Sequence[Passage],
    question: str = "what",
    effort: Effort = Effort.NORMAL,
    deadline: float | None = None,
    trace: tuple[str, ...] = (),
    relevance: float = 0.9,
) -> Ranking:
    query = Query(question, Ledger(), effort=effort, deadline=deadline, trace=trace)
    none = np.zeros(0, np.float32)
    candidates = Candidates(query, none, np.zeros(0, np.int64), none, none)
    ranked = [Ranked(i, i, 1 / i, relevance, one) for i, one in enumerate(passages, 1)]
    return Ranking(query, candidates, tuple(ranked))


def count_words(text: str) -> int:
    return len(text.split())


class Scripted:
    """A reader that answers each prompt by a function, word by word, and remembers what it was asked."""

    name = "scripted"

    def __init__(self, say: Callable[[Prompt], str], window: int = 1000) -> None:
        self.say, self.window, self.prompts = say, window, list[Prompt]()

    def count(self, text: str) -> int:
        return count_words(text)

    def read(self, prompt: Prompt, most: int = 256) -> Iterator[str]:
        self.prompts.append(prompt)
        for word in self.say(prompt).split(" ")[:most]:
            yield word + " "
