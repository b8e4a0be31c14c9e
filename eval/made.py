"""A labelled set that is made up: documents about things in places, and questions that ask for one of them or for two.

The same numbers and seed write the same bytes, so that a suite can run where there is no data. Knows words and files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from eval.datasets import CORPUS, QRELS, QUERIES

PLACES = (
    "harbour", "orchard", "glacier", "foundry", "library", "meadow", "quarry", "vineyard", "lighthouse", "monastery",
    "sawmill", "brewery", "reservoir", "observatory", "tannery", "cannery", "bakery", "shipyard", "tollhouse", "mill",
)  # fmt: skip
THINGS = ("gate", "ladder", "engine", "window", "bell", "staircase", "chimney", "cellar", "roof", "fence")
DEEDS = ("painted", "repaired", "sold", "measured", "flooded", "photographed", "rebuilt", "insured")
SEASONS = ("spring", "summer", "autumn", "winter")
TWO = 5
"""Every so manyth question asks for two documents."""

Document = tuple[str, str, str]
"""Place, thing and deed."""


def write(folder: Path, documents: int, questions: int, seed: int) -> None:
    """Write a set in BEIR's layout into a new folder; at most as many documents as there are places and things."""
    random = np.random.default_rng(seed)
    pairs = list(product(PLACES, THINGS))
    order = random.permutation(len(pairs))[:documents].tolist()
    deeds = random.integers(0, len(DEEDS), len(order)).tolist()
    made = [(*pairs[at], DEEDS[deed]) for at, deed in zip(order, deeds, strict=True)]
    seasons = random.integers(0, len(SEASONS), len(made)).tolist()
    asked = list(_asked(made, questions))
    folder.mkdir(parents=True)
    rows = [
        {"_id": f"{place}-{thing}", "title": f"The {place}",
         "text": f"The {thing} of the {place} was {deed} last {SEASONS[season]}."}
        for (place, thing, deed), season in zip(made, seasons, strict=True)
    ]  # fmt: skip
    _write(folder / CORPUS, rows)
    _write(folder / QUERIES, [{"_id": f"q{n}", "text": text} for n, (text, _) in enumerate(asked)])
    judged = [f"q{n}\t{place}-{thing}\t1" for n, (_, about) in enumerate(asked) for place, thing, _ in about]
    (folder / QRELS).write_text("query-id\tcorpus-id\tscore\n" + "\n".join(judged) + "\n", "utf-8")


def _asked(made: Sequence[Document], questions: int) -> Iterator[tuple[str, list[Document]]]:
    for number in range(questions):
        place, thing, deed = first = made[number % len(made)]
        if number % TWO == TWO - 1 and len(made) > 1:
            second = made[(number + 1) % len(made)]
            yield f"the {thing} of the {place} and the {second[1]} of the {second[0]}", [first, second]
        else:
            yield f"When was the {thing} of the {place} {deed}?", [first]


def _write(file: Path, rows: Sequence[dict[str, str]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
