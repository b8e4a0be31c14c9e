"""The analyzer: identifiers whole and split, pairs of characters where no spaces stand, stems elsewhere."""

from __future__ import annotations

import time

import numpy as np
import pytest
from small import build, cut, record

from cascade.index.analyzer import Analyzer
from cascade.index.lexical import analyze


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("call foo_bar now", ["foo_bar"]), ("at 10.0.0.1:80", ["10.0.0.1:80"]), ("camelCase here", ["camelcase"]),
        ("_private", ["_private"]), ("a/b-c.d", ["a/b-c.d"]), ("C++", []),
        ("plain words", []), ("東京", ["東京"]), ("東京都", ["東京", "京都"]), ("東", ["東"]),
        ("สวัสดี", ["สว", "วั", "ัส", "สด", "ดี"]), ("ひらがな", ["ひら", "らが", "がな"]), ("", []),
    ],
)  # fmt: skip
def test_the_exact_terms_of_a_text(text, exact):
    assert Analyzer().split(text)[1].split() == exact


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Running bridges", ("run", "bridg")), ("camelCase", ("camelcas", "camel", "case")),
        ("foo_bar", ("foo", "bar")), ("parseHTTPHeader", ("parsehttphead", "pars", "http", "header")),
        ("東京 tower", ("tower",)), ("half \ud800 pair", ("half", "pair")),
    ],
)  # fmt: skip
def test_the_words_of_a_question_are_stemmed_and_split(text, words):
    assert analyze(text, Analyzer()).words == words


def test_without_a_language_words_are_not_stemmed():
    assert analyze("Running bridges", Analyzer("none")).words == ("running", "bridges")


def test_the_same_term_is_asked_once():
    assert analyze("tide Tide tides foo_bar foo_bar", Analyzer()).exact == ("foo_bar",)
    assert analyze("tide Tide tides", Analyzer()).words == ("tide",)


def test_one_endless_word_takes_no_time_to_speak_of():
    began = time.perf_counter()
    for text in ("a" * 300_000, "A" * 300_000, "a_" * 150_000, "_" * 300_000, "A1" * 150_000):
        Analyzer().split(text)
    assert time.perf_counter() - began < 5


PLACES = {
    "code": "The function foo_bar calls parseHTTPHeader twice",
    "host": "The server at 10.0.0.1 answers",
    "near": "The server at 10.0.0.2 answers",
    "tokyo": "東京は日本の首都です",
    "kyoto": "京都は古い都です",
    "thai": "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย",
    "running": "She was running along the bridges",
    "half": "half \ud800 a pair",
}


@pytest.fixture(scope="module")
def places(fresh):
    root = fresh()
    build(root, [record(name, text) for name, text in PLACES.items()], cut(3))
    return root


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("foo_bar", "code"), ("foo bar", "code"), ("parseHTTPHeader", "code"), ("http header", "code"),
        ("10.0.0.1", "host"), ("東京", "tokyo"), ("京都", "kyoto"), ("เมืองหลวง", "thai"), ("run bridge", "running"),
        ("half \ud800", "half"),
    ],
)  # fmt: skip
def test_questions_find_what_passages_were_indexed_as(places, opened, question, first):
    snapshot = opened(places)
    hits = []
    for segment, base in zip(snapshot.segments, snapshot.bases, strict=False):
        rows, scores = segment.words.search(snapshot.terms(question), 10)
        hits += [(float(s), int(r + base)) for r, s in zip(rows, scores, strict=True)]
    best = max(hits)[1]
    assert snapshot.read(snapshot.bases[:1] + best)[0].locator == first


def test_only_allowed_rows_come_back_however_deep_they_lie(places, opened):
    snapshot = opened(places)
    terms, segment = snapshot.terms("server answers"), snapshot.segments[0]
    assert sorted(segment.words.search(terms, 5)[0].tolist()) == [1, 2]
    for row in (1, 2):
        only = np.arange(3) == row
        assert segment.words.search(terms, 1, only)[0].tolist() == [row]


@pytest.mark.parametrize("question", ["", "?!", "zebra"])
def test_a_question_without_terms_of_the_index_finds_nothing(places, opened, question):
    snapshot = opened(places)
    assert snapshot.terms(question) == []
    assert snapshot.segments[0].words.search([], 5)[0].tolist() == []


def test_common_words_do_not_nominate_where_rare_ones_can(fresh, opened):
    root = fresh()
    build(root, [record(f"f{i}", f"the common word{' rare' if i == 7 else ''}") for i in range(50)], cut(10))
    snapshot = opened(root)
    both = [segment.words.search(snapshot.terms("common rare"), 50)[0].tolist() for segment in snapshot.segments]
    assert both == [[7], [], [], [], []]
    alone = [len(segment.words.search(snapshot.terms("common"), 50)[0]) for segment in snapshot.segments]
    assert alone == [10] * 5


def test_a_word_weighs_the_same_in_every_segment(fresh, opened):
    """`tide` is everywhere in the first segment and once in the second; its passages score alike all the same."""
    often = [record(f"a{i}", "tide and sand") for i in range(10)]
    once = [record("b0", "tide and sand"), *(record(f"b{i}", "dust and sand") for i in range(1, 10))]
    root = fresh()
    build(root, [*often, *once, *(record(f"c{i}", "rust and sand") for i in range(200))], cut(10))
    snapshot = opened(root)
    terms = snapshot.terms("tide")
    first, second = (segment.words.search(terms, 1)[1][0] for segment in snapshot.segments[:2])
    assert first == pytest.approx(second, rel=1e-4)
