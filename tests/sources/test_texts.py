"""Text, Markdown and reStructuredText: the record's text is the file's, and its marks point at headings."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from indexers.records import Kind, Mark, Record
from indexers.sources.formats import markdown, rst
from indexers.sources.open import open_source
from indexers.sources.options import SourceOptions

lines = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), max_size=40)
pieces = st.sampled_from(
    ["# A", "## B b", "Title", "=====", "-----", "", "---", "```", "    code", "- item", "> quote", "class A: ..."]
)
files = st.lists(st.one_of(lines, pieces), min_size=1).map("\n".join).filter(lambda text: text.strip())


@settings(max_examples=60)
@given(files, st.sampled_from(["a.txt", "a.md", "a.rst", "a.py", "a.sh", "a"]))
def test_the_text_of_a_text_file_is_the_files_text_and_marks_are_line_starts(text, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(text.encode())
        things = list(open_source(str(path)).read())
    if name == "a" and not isinstance(things[0], Record):
        pytest.skip("without a suffix it was told to be something else")
    assert [thing.text for thing in things] == [text]
    marks = things[0].marks
    assert [mark.at for mark in marks] == sorted({mark.at for mark in marks})
    assert all(mark.at == 0 or text[mark.at - 1] == "\n" for mark in marks)


@settings(max_examples=60)
@given(files, st.integers(24, 200), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_parts_put_together_are_the_file(text, size, encoding):
    long = "\n".join("." + line[:2] for line in text.split("\n"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.txt")
        path.write_bytes(long.encode(encoding))
        things = list(open_source(str(path), SourceOptions(part_bytes=size)).read())
    read = "".join(thing.text for thing in things if isinstance(thing, Record))
    assert read.replace("\n", "") == long.replace("\n", "")


def test_a_long_text_becomes_parts_cut_at_line_ends(tmp_path, read):
    (tmp_path / "log.txt").write_text("".join(f"line {n:04}\n" for n in range(100)))
    records = read(tmp_path, part_bytes=400).records
    assert list(records) == ["log.txt", "log.txt#part2", "log.txt#part3"]
    assert [len(record.text) for record in records.values()] == [400, 400, 200]
    assert records["log.txt#part2"].text.startswith("line 0040\n")


def test_one_line_too_long_is_named_and_the_rest_is_read(tmp_path, read):
    (tmp_path / "a.txt").write_text("first\n" + "x" * 1000 + "\nlast\n")
    outcome = read(tmp_path, part_bytes=400)
    assert [record.text for record in outcome.records.values()] == ["first\n", "last\n"]
    assert list(outcome.faults) == ["a.txt#part2"]


def test_markdown_headings_are_marks_and_code_holds_none():
    text = "Top\n===\n\ntext\n\n## Sub *one* [x](y)\n\n```\n# no\n```\n\n- # in a list\n\n#hash\n"
    document = markdown.read(text)
    assert document.text == text
    assert document.title == "Top"
    assert document.kind is Kind.MARKDOWN
    assert document.marks == (Mark(0, 1, "Top"), Mark(15, 2, "Sub one x"), Mark(text.index("- #"), 1, "in a list"))


def test_markdown_front_matter_gives_title_date_and_metadata():
    text = '---\ntitle: "A: b"\ndate: 2024-01-31\ntags: [x, y]\nauthors:\n  - Ann\n  - Bob\n---\n# First\n'
    document = markdown.read(text)
    assert (document.title, document.time, document.text) == ("A: b", "2024-01-31", text)
    assert document.metadata == {"date": "2024-01-31", "tags": "x, y", "authors": "Ann, Bob"}
    assert document.marks == (Mark(text.index("# First"), 1, "First"),)


def test_a_rule_at_the_top_is_no_front_matter():
    assert markdown.read("---\n\ntext\n").metadata == {}


RST = """\
=====
Title
=====

Intro.

Section ``one``
===============

text
----
no
==

Sub
---

.. note::
   Nested
   ------

A transition:

----

:ref:`Another <x>`
==================
::

    Literal
    =======

日本
====

ab
==
"""


def test_restructuredtext_titles_are_marks_with_levels_by_style():
    document = rst.read(RST)
    assert document.title == "Title"
    assert [(mark.level, mark.name) for mark in document.marks if mark.name not in {"text", "no"}] == [
        (1, "Title"),
        (2, "Section one"),
        (3, "Sub"),
        (2, "Another"),
        (2, "日本"),
        (2, "ab"),
    ]


titles = st.sampled_from(["Alpha", "Beta two", "日本語", "x"])
adornments = st.sampled_from("=-~^")
blocks = st.one_of(
    st.tuples(titles, adornments, st.booleans()).map(
        lambda t: (f"{t[1] * 12}\n{t[0]}\n" if t[2] else f"{t[0]}\n") + t[1] * 12 + "\n"
    ),
    st.sampled_from(["two\nlines\n", "- an item\n", "::\n\n    Code\n    ====\n", ".. note:: x\n\n   y\n", "======\n"]),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(blocks, min_size=1, max_size=6))
def test_restructuredtext_titles_are_those_docutils_finds(parts):
    nodes = pytest.importorskip("docutils.nodes")
    core = pytest.importorskip("docutils.core")
    text = "\n".join(parts)
    settings_ = {"report_level": 5, "halt_level": 6, "doctitle_xform": False, "file_insertion_enabled": False}
    tree = core.publish_doctree(text, settings_overrides=settings_)
    assume(not any(int(message["level"]) >= 3 for message in tree.findall(nodes.system_message)))
    levels = [(depth(title), title.astext()) for title in tree.findall(nodes.title)]
    assert [(mark.level, mark.name) for mark in rst.read(text).marks] == levels


def depth(title) -> int:
    """How many sections a title of docutils is in."""
    count = 0
    while title.parent is not None:
        title, count = title.parent, count + (title.parent.tagname == "section")
    return count
