"""Sections tile the text and stand under the right headings; boundaries are graded."""

from __future__ import annotations

from itertools import pairwise

from indexers.boundaries import Strength, boundaries, graphemes, separates
from indexers.heads import embedded_text, head_text
from indexers.outline import Section, gathered, outline, shared
from indexers.records import Kind, Mark, Record


def graded(text: str, kind: Kind = Kind.PLAIN) -> list[tuple[str, Strength]]:
    places, strengths = boundaries(text, 0, len(text), kind)
    return [(text[:at][-6:], Strength(s)) for at, s in zip(places.tolist(), strengths.tolist(), strict=True)]


def test_boundaries_are_graded_from_word_to_paragraph() -> None:
    assert graded("He, too, left. Then\nit\n\nend") == [
        ("He, ", Strength.CLAUSE), (" too, ", Strength.CLAUSE), ("left. ", Strength.SENTENCE),
        (" Then\n", Strength.LINE), ("n\nit\n\n", Strength.PARAGRAPH),
    ]  # fmt: skip


def test_abbreviations_initials_and_decimals_end_no_sentence() -> None:
    assert Strength.SENTENCE not in {s for _, s in graded("See Fig. 3 by J. R. Smith, e.g. the 3.14 and vs. that")}


def test_chinese_ends_need_no_space() -> None:
    assert [s for _, s in graded("你好，世界。再见！")] == [Strength.CLAUSE, Strength.SENTENCE]


def test_indentation_belongs_to_its_line() -> None:
    text = "one:\n\n    two"
    assert boundaries(text, 0, len(text), Kind.CODE)[0].tolist() == [6]


def test_lines_are_the_sentences_of_code() -> None:
    assert graded("a = 1 \nb", Kind.CODE)[-1][1] is Strength.SENTENCE


def test_an_accent_on_a_space_is_no_boundary() -> None:
    assert graded("a \u0301b") == []


def test_graphemes_are_never_split() -> None:
    text = "👩‍👩‍👧e\u0301🇩🇪क्षि"
    edges = [0, *graphemes(text, 0, len(text), 1).tolist(), len(text)]
    assert [text[a:b] for a, b in pairwise(edges)] == ["👩‍👩‍👧", "e\u0301", "🇩🇪", "क्षि"]


def test_ids_may_be_sliced_only_where_bert_separates_words() -> None:
    text = "a b\fc,d检e"
    assert [at for at in range(len(text) + 1) if separates(text, at)] == [0, 2, 6, 8, 9]


def test_sections_tile_the_text_and_know_their_headings() -> None:
    text = "intro\n# A\nx\n## B\ny\n# C\nz"
    marks = tuple(Mark(text.index(f"{name}"), level, name[-1]) for name, level in (("# A", 1), ("## B", 2), ("# C", 1)))
    found = outline(Record("s", "l", text, marks=marks))
    assert [(text[s.start : s.end], s.path) for s in found] == [
        ("intro\n", ()), ("# A\nx\n", ("A",)), ("## B\ny\n", ("A", "B")), ("# C\nz", ("C",)),
    ]  # fmt: skip


def test_a_mark_inside_a_line_begins_no_section() -> None:
    assert len(outline(Record("s", "l", "some text here", marks=(Mark(7, 1, "x"), Mark(99, 1, "y"))))) == 1


def test_comments_above_a_definition_go_with_it() -> None:
    text = "x = 1\n\n# about f\n@deco\ndef f(): ..."
    record = Record("s", "l", text, kind=Kind.CODE, marks=(Mark(text.index("def"), 1, "f"),))
    assert [section.start for section in outline(record)] == [0, 7]


def test_small_siblings_are_joined_and_strangers_are_not() -> None:
    under_a = [Section(0, 1, 1, ("A",)), Section(1, 2, 2, ("A", "B")), Section(2, 3, 2, ("A", "C"))]
    sections = [*under_a, Section(3, 4, 1, ("D",))]
    assert gathered(sections, [40, 60, 60, 90], 190) == [Section(0, 3, 1, ("A",)), Section(3, 4, 1, ("D",))]


def test_a_bare_heading_joins_what_is_below_it() -> None:
    sections = [Section(0, 1, 1, ("A",)), Section(1, 2, 2, ("A", "B"))]
    assert gathered(sections, [3, 400], 190) == [Section(0, 2, 1, ("A",))]


def test_a_tiny_last_section_joins_what_is_before() -> None:
    sections = [Section(0, 1, 2, ("A", "B")), Section(1, 2, 1, ("C",))]
    assert gathered(sections, [150, 3], 190) == [Section(0, 2, 1, ())]


def test_shared_is_the_common_path() -> None:
    assert shared([("A", "B", "C"), ("A", "B"), ("A", "X")]) == ("A",)
    assert shared([("A", "B")]) == ("A", "B")


def test_a_head_keeps_the_innermost_headings() -> None:
    long = " > ".join(f"heading number {i}" for i in range(20))
    text = head_text("Title", long)
    assert text.startswith("Title > heading number") and text.endswith("number 19") and len(text) <= 160


def test_a_wide_character_counts_as_three_letters() -> None:
    assert len(head_text("检" * 100, "")) == 54


def test_nothing_is_put_before_a_passage_without_title_and_heading() -> None:
    assert embedded_text("", "", "  x\n") == "x"
