"""How text becomes the words of the lexical index. Recorded in the manifest, the same for passages and queries.

Two kinds of terms: `words` are split at anything that is not a letter or digit, lower-cased and stemmed in the
language of the index; `exact` are identifiers whole (`foo_bar`, `10.0.0.1`, `camelCase`) and, for scripts without
spaces, pairs of neighbouring characters. Knows text; knows nothing of the index that holds the terms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_IDENTIFIER = re.compile(
    r"(?<!\w)(?:[^\W_]++(?:[_.\-:/@#+]++[^\W_]++)+|_++\w++|[a-z]++[0-9]*+[A-Z]\w*+|[A-Z]+[a-z0-9]+[A-Z]\w*+)"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003134f]+"
)

LONGEST = 80
"""Bytes of the longest term kept."""

STEMMERS = (
    "arabic", "danish", "dutch", "english", "finnish", "french", "german", "greek", "hungarian", "italian", "norwegian",
    "portuguese", "romanian", "russian", "spanish", "swedish", "tamil", "turkish",
)  # fmt: skip


def whole(text: str) -> str:
    """The text with "?" for each half of a surrogate pair, which UTF-8 has no bytes for."""
    return text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Analyzer:
    """`language` names a Snowball stemmer, or is "none"."""

    language: str = "english"

    def split(self, text: str) -> tuple[str, str]:
        """The text for the field `words`, and the space-separated terms for the field `exact`."""
        exact: list[str] = []
        humps: list[str] = []
        for identifier in _IDENTIFIER.findall(text):
            exact.append(identifier.lower()[:LONGEST])
            parts = _HUMP.split(identifier)
            if len(parts) > 1:
                humps += parts
        if _UNSPACED.search(text):
            for run in _UNSPACED.findall(text):
                exact += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
            text = _UNSPACED.sub(" ", text)
        return (f"{text} {' '.join(humps)}" if humps else text), " ".join(exact)

    def words(self) -> Any:
        """The tantivy analyzer of the field `words`."""
        import tantivy

        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        builder = builder.filter(tantivy.Filter.remove_long(LONGEST)).filter(tantivy.Filter.lowercase())
        if self.language != "none":
            builder = builder.filter(tantivy.Filter.stemmer(self.language))
        return builder.build()

    def exact(self) -> Any:
        """The tantivy analyzer of the field `exact`."""
        import tantivy

        return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
