"""`cascade train table`: the token table made anew, from MiniLM and text of one's own.

The shipped table was made by the same recipe. Knows sources, passages and the recipe; needs minutes to hours of CPU.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cascade.cli import Commands
from indexers.records import Record, Source

if TYPE_CHECKING:
    from cascade.models.distill import Lessons
    from cascade.models.minilm import MiniLM
    from cascade.models.vocabulary import Tokens
    from indexers.passages import Cutter

AT_ONCE = 2048


@click.group(cls=Commands, points="cascade.train")
def train() -> None:
    """Make a model of Cascade's own anew."""


@train.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--most", default=200_000, show_default=True, type=click.IntRange(1000), help="Passages to learn from.")
@click.option("--epochs", default=4, show_default=True, type=click.IntRange(min=0), help="Passes over them; 0: none.")
def table(out: Path, sources: tuple[str, ...], most: int, epochs: int) -> None:
    """Distil the token table OUT (.safetensors) from MiniLM's vectors of the passages of SOURCE...

    Takes passages from the sources in turn, so that each has its share.
    """
    from cascade.models import distill
    from indexers.sources.open import open_source

    lessons = learned([open_source(spec) for spec in sources], most)
    made = distill.train(lessons, distill.Recipe(epochs=epochs), notice=lambda text: click.echo(text, err=True))
    made.save(out)
    click.echo(f"{out}: {made.size:,} pieces of {made.dim} values from {len(lessons.offsets) - 1:,} passages")


def learned(sources: Sequence[Source], most: int, teacher: MiniLM | None = None) -> Lessons:
    """Passages of some sources, taken in turn, and MiniLM's vectors of them."""
    import numpy as np
    from tqdm import tqdm

    from cascade.models.distill import Lessons
    from cascade.models.minilm import MiniLM
    from indexers.passages import Cutter

    teacher = teacher or MiniLM()
    tokens: list[Tokens] = []
    vectors = []
    with tqdm(total=most, desc="encoding", unit=" passages", disable=None) as bar:
        taken = islice(_in_turn([_passages(source, Cutter(teacher.vocabulary)) for source in sources]), most)
        while batch := list(islice(taken, AT_ONCE)):
            tokens += batch
            offsets = np.cumsum([0] + [len(ids) for ids in batch])
            vectors.append(teacher.encode_tokens(np.concatenate(batch), offsets).astype(np.float16))
            bar.update(len(batch))
    offsets = np.cumsum([0] + [len(ids) for ids in tokens])
    return Lessons(np.concatenate(tokens), offsets, np.concatenate(vectors))


def _passages(source: Source, cutter: Cutter) -> Iterator[Tokens]:
    records = (thing for thing in source.read() if isinstance(thing, Record))
    while batch := list(islice(records, 256)):
        yield from (piece.tokens for pieces in cutter.cut(batch) for piece in pieces)


def _in_turn(streams: list[Iterator[Tokens]]) -> Iterator[Tokens]:
    """One of each stream after another, until all have ended."""
    while streams:
        for stream in list(streams):
            found = next(stream, None)
            if found is None:
                streams.remove(stream)
            else:
                yield found
