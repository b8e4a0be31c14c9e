"""A packed context is read back as it was written."""

from __future__ import annotations

import pytest

from cascade.models.blocks import Numbered, blocks, sentences


def test_blocks_come_back_with_number_header_and_text():
    context = "[1] A > B (x, 2024)\none.\n\ntwo.\n\n[12] C\nthree"
    assert blocks(context) == [Numbered(1, "[1] A > B (x, 2024)", "one.\n\ntwo."), Numbered(12, "[12] C", "three")]


def test_a_bracketed_number_inside_a_passage_is_not_a_header():
    assert [b.number for b in blocks("[1] A\nas shown\n[2] by others\n\nand so on")] == [1]


@pytest.mark.parametrize("context", ["", "plain text", "text\n[1] not a header"])
def test_without_a_header_there_are_no_blocks(context):
    assert blocks(context) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It opened in 1890. It is white! Is it?", ["It opened in 1890.", "It is white!", "Is it?"]),
        ("Version 2.5 is e.g. this one.", ["Version 2.5 is e.g. this one."]),
        ("它很大。它在巴黎。", ["它很大。", "它在巴黎。"]),
        ("one line\nbroken\n\nA new paragraph", ["one line broken", "A new paragraph"]),
        ("Items:\n- first\n- second", ["Items:", "- first", "- second"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, parts):
    assert sentences(text) == parts
