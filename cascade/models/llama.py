"""A Llama-shaped decoder in torch, with its cache: token ids in, the next token's scores out.

Written out here because importing transformers takes two to three seconds longer than importing torch, which is more
than loading the model takes. Knows ids and arrays; knows nothing of text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model. `heads` ask, `shared` heads answer (grouped-query attention, arXiv:2305.13245)."""

    layers: int
    dim: int
    heads: int
    shared: int
    longest: int
    base: float
    epsilon: float


class Llama:
    """The decoder. `weights`: arrays by their GGUF names, of one dtype; queries and keys are laid out for rotary
    embedding of neighbouring pairs, as GGUF stores them (arXiv:2104.09864, equation 34)."""

    def __init__(self, shape: Shape, weights: Mapping[str, torch.Tensor]) -> None:
        import torch

        self.shape, self.weights = shape, weights
        size = shape.dim // shape.heads
        turns = shape.base ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
        angles = torch.outer(torch.arange(shape.longest, dtype=torch.float32), turns)
        self.cosines, self.sines = angles.cos(), angles.sin()

    def start(self, ids: Sequence[int], room: int) -> Run:
        """Read a prompt; `room` is how many tokens may follow it."""
        return Run(self, ids, room)


class Run:
    """One text being continued. `scores`: float32 (vocabulary,), for the token after those read so far."""

    def __init__(self, model: Llama, ids: Sequence[int], room: int) -> None:
        import torch

        self.model, self.read = model, 0
        shape = model.shape
        kind = model.weights["token_embd.weight"].dtype
        size = (shape.layers, 1, shape.shared, len(ids) + room, shape.dim // shape.heads)
        self.keys, self.values = torch.empty(size, dtype=kind), torch.empty(size, dtype=kind)
        self.scores = self.step(ids)

    def step(self, ids: Sequence[int]) -> torch.Tensor:
        """Read more tokens and return the scores of the next one."""
        import torch
        from torch.nn.functional import embedding, linear

        shape, weights = self.model.shape, self.model.weights
        with torch.inference_mode():
            state = embedding(torch.tensor([list(ids)]), weights["token_embd.weight"])
            for number in range(shape.layers):
                state = self._layer(number, state)
            self.read += len(ids)
            last = self._norm("output_norm.weight", state[:, -1])
            self.scores = linear(last, weights["token_embd.weight"])[0].float()
        return self.scores

    def _layer(self, number: int, state: torch.Tensor) -> torch.Tensor:
        from torch.nn.functional import linear, silu

        def through(name: str, given: torch.Tensor) -> torch.Tensor:
            return linear(given, self.model.weights[f"blk.{number}.{name}.weight"])

        state = state + through("attn_output", self._attention(number, state, through))
        normal = self._norm(f"blk.{number}.ffn_norm.weight", state)
        return state + through("ffn_down", silu(through("ffn_gate", normal)) * through("ffn_up", normal))

    def _attention(
        self, number: int, state: torch.Tensor, through: Callable[[str, torch.Tensor], torch.Tensor]
    ) -> torch.Tensor:
        from torch.nn.functional import scaled_dot_product_attention

        shape, end = self.model.shape, self.read + state.shape[1]
        normal = self._norm(f"blk.{number}.attn_norm.weight", state)
        size = shape.dim // shape.heads
        query, key, value = (
            through(name, normal).view(1, state.shape[1], heads, size).transpose(1, 2)
            for name, heads in (("attn_q", shape.heads), ("attn_k", shape.shared), ("attn_v", shape.shared))
        )
        self.keys[number, :, :, self.read : end] = self._turn(key)
        self.values[number, :, :, self.read : end] = value
        # The first step reads the whole prompt, each token seeing those before it; every later step is one token.
        mixed = scaled_dot_product_attention(
            self._turn(query), self.keys[number, :, :, :end], self.values[number, :, :, :end],
            is_causal=state.shape[1] > 1, enable_gqa=True,
        )
        return mixed.transpose(1, 2).reshape(1, state.shape[1], shape.dim)

    def _turn(self, heads: torch.Tensor) -> torch.Tensor:
        import torch

        end = self.read + heads.shape[2]
        cosines, sines = self.model.cosines[self.read : end], self.model.sines[self.read : end]
        even, odd = heads[..., 0::2].float(), heads[..., 1::2].float()
        turned = torch.stack((even * cosines - odd * sines, even * sines + odd * cosines), dim=-1)
        return turned.flatten(-2).to(heads.dtype)

    def _norm(self, name: str, state: torch.Tensor) -> torch.Tensor:
        from torch.nn.functional import rms_norm

        return rms_norm(state, state.shape[-1:], self.model.weights[name], self.model.shape.epsilon)
