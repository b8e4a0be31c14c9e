"""MiniLM's forward pass over many passages at once, in torch: the throughput half of `minilm`.

Written out here because importing transformers costs two to three seconds more than importing torch.
Knows arrays of token ids; knows nothing of text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.models.threads import for_torch

if TYPE_CHECKING:
    import torch

BUDGET = 4_096
"""Tokens in one batch, padding included: 2,048 to 16,384 measured alike, and this one bounds memory."""

BEGIN, END = 101, 102
HEADS = 12
LAYERS = 6
EPSILON = 1e-12


class Products(StrEnum):
    """What the matrices are multiplied in."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    INT8 = "int8"


class TorchBert:
    """all-MiniLM-L6-v2 in torch. `weights`: the published arrays by name, float32.

    `products`: bfloat16 where the CPU is faster at it and float32 elsewhere, unless given. INT8 rounds weights to one
    scale per output and activations to one scale per batch (so a vector depends a little on its batch).
    """

    def __init__(
        self, weights: dict[str, NDArray[Any]], threads: int = 0, products: Products | None = None
    ) -> None:  # fmt: skip
        for_torch(threads)
        import torch

        self.products = products or (Products.BFLOAT16 if has_bfloat16() else Products.FLOAT32)
        self.dtype = torch.bfloat16 if self.products is Products.BFLOAT16 else torch.float32
        self.weights = {
            name: torch.from_numpy(np.array(array)).to(self.dtype)
            for name, array in weights.items()
            if array.dtype == np.float32
        }
        # One product instead of three: the matrices are small, so the calls count.
        for number in range(LAYERS):
            parts = [f"encoder.layer.{number}.attention.self.{part}" for part in ("query", "key", "value")]
            for kind in (".weight", ".bias"):
                self.weights[f"{number}{kind}"] = torch.cat([self.weights.pop(part + kind) for part in parts])
        self._packed = self._rounded() if self.products is Products.INT8 else {}

    def _rounded(self) -> dict[str, Any]:
        """Weights and biases of the linear layers as torch's int8 kernels want them, by the layer's name."""
        import warnings

        import torch

        names = [name.removesuffix(".bias") for name in self.weights if name.endswith(".bias") and "Norm" not in name]
        packed = {}
        for name in names:
            weight = self.weights.pop(name + ".weight")
            scales = (weight.abs().amax(dim=1) / 127).double()
            zeros = torch.zeros(len(scales), dtype=torch.int64)
            with warnings.catch_warnings():  # torch means to drop these types; constraints.txt pins one that has them
                warnings.simplefilter("ignore", UserWarning)
                rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
            packed[name] = torch.ops.quantized.linear_prepack(rounded, self.weights.pop(name + ".bias"))
        return packed

    def encode(self, passages: Sequence[NDArray[np.uint16]]) -> Floats:
        """Unit mean vectors, float32 (n, 384), in the order given. Passages come without markers."""
        import torch

        out = np.empty((len(passages), 384), dtype=np.float32)
        with torch.inference_mode():
            for rows in batches([len(passage) + 2 for passage in passages]):
                ids, mask = padded([passages[row] for row in rows])
                state = self._forward(torch.from_numpy(ids), torch.from_numpy(mask)).float()
                total = (state * torch.from_numpy(mask)[:, :, None]).sum(dim=1)
                out[rows] = torch.nn.functional.normalize(total, dim=1).numpy()
        return out

    def _forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        from torch.nn.functional import embedding, gelu

        state = embedding(ids, self.weights["embeddings.word_embeddings.weight"])
        state = state + self.weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        state = state + self.weights["embeddings.token_type_embeddings.weight"][0]
        state = self._norm("embeddings.LayerNorm", state)
        seen = None if bool(mask.all()) else mask[:, None, None, :]
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}."
            mixed = self._linear(layer + "attention.output.dense", self._attention(number, state, seen))
            state = self._norm(layer + "attention.output.LayerNorm", mixed + state)
            wide = gelu(self._linear(layer + "intermediate.dense", state))
            state = self._norm(layer + "output.LayerNorm", self._linear(layer + "output.dense", wide) + state)
        return state

    def _attention(self, number: int, state: torch.Tensor, seen: torch.Tensor | None) -> torch.Tensor:
        from torch.nn.functional import scaled_dot_product_attention

        many, size, dim = state.shape
        heads = self._linear(str(number), state).view(many, size, 3, HEADS, dim // HEADS).permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(heads[0], heads[1], heads[2], attn_mask=seen)
        return mixed.transpose(1, 2).reshape(many, size, dim)

    def _linear(self, name: str, state: torch.Tensor) -> torch.Tensor:
        from torch.nn.functional import linear

        if name in self._packed:
            import torch

            made: torch.Tensor = torch.ops.quantized.linear_dynamic(state, self._packed[name], False)
            return made
        return linear(state, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def _norm(self, name: str, state: torch.Tensor) -> torch.Tensor:
        from torch.nn.functional import layer_norm

        shape = state.shape[-1:]
        return layer_norm(state, shape, self.weights[name + ".weight"], self.weights[name + ".bias"], EPSILON)


def has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 matrices in hardware (AMX); elsewhere float32 is faster.

    AVX512-BF16 alone is not enough: 4,600 tokens/s against 7,200 in float32 (docs/log.md).
    """
    import torch

    found: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(found.get("amx_bf16"))


def batches(sizes: Sequence[int]) -> Iterator[NDArray[np.int64]]:
    """Row numbers in batches of like length, each within BUDGET tokens when padded; every row once.

    Shortest first, ties in the order given, so that the same passages always share the same batches.
    """
    order = np.argsort(np.asarray(sizes, dtype=np.int64), kind="stable")
    begin = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - begin) * sizes[order[end]] > BUDGET:
            yield order[begin:end]
            begin = end


def padded(passages: Sequence[NDArray[np.uint16]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Ids with their markers, int64 (n, longest), and which of them are real, bool of the same shape."""
    sizes = np.array([len(passage) + 2 for passage in passages])
    ids = np.zeros((len(passages), int(sizes.max())), dtype=np.int64)
    for row, passage in zip(ids, passages, strict=True):
        row[0], row[1 : len(passage) + 1], row[len(passage) + 1] = BEGIN, passage, END
    mask: NDArray[np.bool_] = np.arange(ids.shape[1]) < sizes[:, None]
    return ids, mask
