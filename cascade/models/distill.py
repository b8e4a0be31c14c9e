"""Makes a token table out of MiniLM: what `cascade train table` runs. Training only; nothing at query time needs it.

Three steps: every WordPiece alone through MiniLM, centred and weighted by rarity (a start that knows all 30,522
pieces); then the sum of a passage's rows regressed on MiniLM's own vector of that passage (which teaches weights and
context, for the pieces that occur); then rows seen rarely are pulled towards what a linear map learned from the
others predicts for them. Knows ids and vectors; knows nothing of where the passages come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.models.minilm import MiniLM
from cascade.models.table import TokenTable
from cascade.models.threads import for_torch
from cascade.models.vocabulary import Tokens, Vocabulary

if TYPE_CHECKING:
    import torch

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a table is trained. The defaults are the best of what docs/log.md compares.

    `rate`: Adam's step against rows whose mean length is 1. `batch`: passages a step. `sif`: Arora et al. 2017,
    a in a / (a + p). `trust`: occurrences at which a trained row and its prediction count the same.
    """

    dim: int = 256
    epochs: int = 4
    batch: int = 2048
    rate: float = 0.02
    sif: float = 1e-4
    trust: float = 100.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a table learns from: token ids of passages and MiniLM's unit vectors of the same passages.

    `tokens`: uint16, all passages after one another. `offsets`: int64 (n + 1,). `vectors`: float (n, 384).
    """

    tokens: Tokens
    offsets: NDArray[np.int64]
    vectors: NDArray[np.floating]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Occurrences of each piece: int64 (30522,)."""
        counts: NDArray[np.int64] = np.bincount(self.tokens, minlength=Vocabulary.size)
        return counts


def train(
    lessons: Lessons, recipe: Recipe | None = None, notice: Notice = lambda _: None, pieces: Floats | None = None
) -> TokenTable:
    """A token table from passages and their MiniLM vectors. `notice` hears how far it is.

    `pieces`: float32 (30522, 384), each WordPiece's own vector; MiniLM's where not given.
    The same lessons and recipe give the same table on one machine.
    """
    recipe = recipe or Recipe()
    counts = lessons.counts
    if pieces is None:
        notice("encoding every WordPiece")
        pieces = encoded_pieces()
    alone = weighted(pieces, counts, recipe.sif)
    projection = basis(lessons.vectors, recipe.dim, recipe.seed)
    begin = alone @ projection
    begin /= np.linalg.norm(begin, axis=1).mean()
    rows = begin
    if recipe.epochs:
        rows = steady(regress(lessons, begin, projection, recipe, notice), alone, counts, recipe.trust)
    rows[meaningless()] = 0
    notes = {
        "source": "distilled from sentence-transformers/all-MiniLM-L6-v2",
        "licence": "Apache-2.0, as the weights it is derived from",
        "passages": str(len(lessons.offsets) - 1),
        "recipe": repr(recipe),
    }
    return TokenTable.quantized(rows, projection, notes)


def meaningless() -> NDArray[np.int64]:
    """Ids of pieces that stand for no text: [PAD], [UNK], [CLS], [SEP], [MASK] and the unused ones."""
    names = Vocabulary().pieces(range(Vocabulary.size))
    found = [i for i, name in enumerate(names) if name.startswith("[") and name.endswith("]") and len(name) > 2]
    return np.array(found, dtype=np.int64)


def encoded_pieces() -> Floats:
    """Each WordPiece through MiniLM by itself: float32 (30522, 384), unit length."""
    size = Vocabulary.size
    return MiniLM().encode_tokens(np.arange(size).astype(np.uint16), np.arange(size + 1, dtype=np.int64))


def weighted(pieces: Floats, counts: NDArray[np.int64], sif: float) -> Floats:
    """The vectors centred, each times a / (a + p): float32, as `pieces`.

    `counts`: occurrences of each piece, from which p. A piece never seen counts as seen once.
    """
    share = np.maximum(counts, 1) / max(counts.sum(), 1)
    result: Floats = (pieces - pieces.mean(axis=0)) * (sif / (sif + share)).astype(np.float32)[:, None]
    return result


def basis(vectors: NDArray[np.floating], dim: int, seed: int) -> Floats:
    """The `dim` directions that keep most of the vectors, turned at random: float32 (384, dim), orthonormal columns.

    Not centred, since cosines are taken about the origin. The turn spreads variance evenly over the coordinates,
    which is what one int8 scale per row and one bit per coordinate want (RaBitQ, arXiv:2405.12497, section 3).
    """
    moments = np.zeros((vectors.shape[1], vectors.shape[1]))
    for begin in range(0, len(vectors), 16_384):
        part = vectors[begin : begin + 16_384].astype(np.float32)
        moments += part.T @ part
    directions = np.linalg.eigh(moments)[1][:, ::-1][:, :dim]
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))[0]
    result: Floats = (directions @ turn).astype(np.float32)
    return result


def regress(lessons: Lessons, begin: Floats, projection: Floats, recipe: Recipe, notice: Notice) -> Floats:
    """Rows whose sums point where MiniLM's passage vectors point: float32 (30522, dim). Loss: 1 - cosine; Adam."""
    for_torch(0)
    import torch
    from torch.nn.functional import cosine_similarity, embedding_bag

    draw = torch.Generator().manual_seed(recipe.seed)
    rows = torch.from_numpy(begin.copy()).requires_grad_()
    adam = torch.optim.Adam([rows], lr=recipe.rate)
    aims = torch.from_numpy(lessons.vectors.astype(np.float32) @ projection)
    bags = Bags(lessons)
    steps = recipe.epochs * -(-len(aims) // recipe.batch)
    cool = torch.optim.lr_scheduler.OneCycleLR(adam, recipe.rate, total_steps=steps, pct_start=0.05)
    for epoch in range(recipe.epochs):
        reached = 0.0
        for part in torch.split(torch.randperm(len(aims), generator=draw), recipe.batch):
            tokens, offsets = bags.take(part)
            near = cosine_similarity(embedding_bag(tokens, rows, offsets, mode="sum"), aims[part])
            adam.zero_grad(set_to_none=True)
            torch.autograd.backward((1 - near).mean())
            adam.step()
            cool.step()
            reached += float(near.detach().sum())
        notice(f"epoch {epoch + 1} of {recipe.epochs}: mean cosine {reached / len(aims):.4f}")
    result: Floats = rows.detach().numpy()
    return result


class Bags:
    """The passages of the lessons, taken in any order."""

    def __init__(self, lessons: Lessons) -> None:
        self.tokens = lessons.tokens.astype(np.int32)
        self.offsets = lessons.offsets

    def take(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Flat ids and offsets of some passages, as `embedding_bag` wants them."""
        import torch

        chosen = rows.numpy()
        sizes = self.offsets[chosen + 1] - self.offsets[chosen]
        begins = np.cumsum(sizes) - sizes
        places = np.arange(sizes.sum()) - np.repeat(begins - self.offsets[chosen], sizes)
        return torch.from_numpy(self.tokens[places]).long(), torch.from_numpy(begins)


def steady(rows: Floats, alone: Floats, counts: NDArray[np.int64], trust: float) -> Floats:
    """Rows with those seen rarely pulled towards a prediction: float32, as `rows`.

    The prediction is a ridge regression from `alone` to the trained rows of pieces seen 50 times or more; a row
    seen n times keeps n / (n + trust) of itself. Without it a piece met twice is noise of full length.
    """
    known = counts >= 50
    if known.sum() < alone.shape[1] or not trust:
        return rows
    gram = alone[known].T @ alone[known]
    gram += np.eye(len(gram), dtype=np.float32) * np.trace(gram) / len(gram) * 0.01
    predicted = alone @ np.linalg.solve(gram, alone[known].T @ rows[known])
    keep = (counts / (counts + trust)).astype(np.float32)[:, None]
    result: Floats = keep * rows + (1 - keep) * predicted
    return result
