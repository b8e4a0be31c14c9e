"""The decoder written here gives the scores of transformers' Llama, all at once and token by token."""

from __future__ import annotations

import pytest
import torch

from cascade.models.llama import Llama, Shape

SHAPE = Shape(layers=2, dim=48, heads=6, shared=2, longest=64, base=100_000.0, epsilon=1e-5)
IDS = [3, 14, 15, 9, 26, 5, 35, 8, 9, 7]

NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
}


def pairs(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows as GGUF stores them: the two halves of each head, which transformers turns together, side by side."""
    return weight.view(heads, 2, -1, weight.shape[1]).transpose(1, 2).reshape(weight.shape)


@pytest.fixture(scope="module")
def both():
    """The same random weights in both."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=40, hidden_size=SHAPE.dim, intermediate_size=96, num_hidden_layers=SHAPE.layers,
        num_attention_heads=SHAPE.heads, num_key_value_heads=SHAPE.shared, rms_norm_eps=SHAPE.epsilon,
        rope_parameters={"rope_type": "default", "rope_theta": SHAPE.base}, tie_word_embeddings=True,
    )
    theirs = LlamaForCausalLM(config).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    state = theirs.state_dict()
    outer = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    weights = {own: state[name] for own, name in outer.items()}
    for number in range(SHAPE.layers):
        for name, own in NAMES.items():
            weight = state[f"model.layers.{number}.{name}.weight"]
            heads = {"attn_q": SHAPE.heads, "attn_k": SHAPE.shared}.get(own)
            weights[f"blk.{number}.{own}.weight"] = pairs(weight, heads) if heads else weight
    with torch.inference_mode():
        scores = theirs(torch.tensor([IDS])).logits[0]
    return Llama(SHAPE, weights), scores


def test_scores_after_a_prompt_are_theirs(both):
    ours, theirs = both
    torch.testing.assert_close(ours.start(IDS, 0).scores, theirs[-1], atol=1e-4, rtol=1e-4)


def test_scores_token_by_token_are_theirs(both):
    ours, theirs = both
    run = ours.start(IDS[:4], len(IDS) - 4)
    for place in range(4, len(IDS)):
        torch.testing.assert_close(run.scores, theirs[place - 1], atol=1e-4, rtol=1e-4)
        run.step([IDS[place]])
    torch.testing.assert_close(run.scores, theirs[-1], atol=1e-4, rtol=1e-4)


def test_two_runs_of_one_model_do_not_disturb_each_other(both):
    ours, _ = both
    one, other = ours.start(IDS[:3], 2), ours.start(IDS[3:8], 2)
    other.step([1])
    torch.testing.assert_close(one.step([5]), ours.start([*IDS[:3], 5], 0).scores, atol=1e-4, rtol=1e-4)
