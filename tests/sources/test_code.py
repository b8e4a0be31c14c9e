"""Source code: the file's own text, definitions as marks with qualified names."""

from __future__ import annotations

import pytest

from indexers.records import Kind
from indexers.sources.formats import code, grammars
from indexers.sources.formats.kinds import LANGUAGES, language

SAMPLES = {
    "python": (
        "import os\n\n@cache\ndef one():\n    def inner(): ...\n\nclass Two:\n    async def three(self): ...\n"
        "if x:\n    def four(): ...\n",
        [(1, "one"), (1, "Two"), (2, "Two.three"), (1, "four")],
    ),
    "javascript": (
        "export class A { b() {} }\nfunction c() {}\nconst d = () => 1, e = 2;\n",
        [(1, "A"), (1, "c"), (1, "d")],
    ),
    "typescript": (
        "interface I { x: number }\nnamespace N {\n  export class A {\n    b(): void {}\n  }\n}\ntype T = string;\n",
        [(1, "I"), (1, "N"), (2, "N.A"), (3, "N.A.b"), (1, "T")],
    ),
    "tsx": ("export const App = () => <div/>;\n", [(1, "App")]),
    "go": (
        "package p\n\ntype S struct{}\n\nfunc F() {}\n\nfunc (s *S[T]) M() {}\n",
        [(1, "S"), (1, "F"), (1, "S.M")],
    ),
    "rust": (
        "struct S;\nimpl S {\n    fn new() {}\n}\nmod m {\n    fn f() {}\n}\n",
        [(1, "S"), (1, "S"), (2, "S::new"), (1, "m"), (2, "m::f")],
    ),
    "java": (
        "class A {\n  A() {}\n  int b() { return 1; }\n  enum E { X }\n}\n",
        [(1, "A"), (2, "A.A"), (2, "A.b"), (2, "A.E")],
    ),
    "c": ("struct s { int x; };\nstruct s *make(void);\nstatic int *f(int a) { return 0; }\n", [(1, "s"), (1, "f")]),
    "cpp": (
        "namespace n {\nclass C {\n  void m() {}\n};\n}\nvoid n::C::k() {}\n",
        [(1, "n"), (2, "n::C"), (3, "n::C::m"), (1, "n::C::k")],
    ),
    "c_sharp": (
        "namespace N {\n  class C {\n    int P { get; }\n    void M() {}\n  }\n}\n",
        [(1, "N"), (2, "N.C"), (3, "N.C.P"), (3, "N.C.M")],
    ),
    "ruby": ("module M\n  class C\n    def x; end\n    def self.y; end\n  end\nend\n", [
        (1, "M"), (2, "M::C"), (3, "M::C::x"), (3, "M::C::y"),
    ]),
    "php": ("<?php\nclass C {\n  function m() {}\n}\nfunction f() {}\n", [(1, "C"), (2, "C::m"), (1, "f")]),
    "bash": ("one() { echo; }\nfunction two { echo; }\n", [(1, "one"), (1, "two")]),
}  # fmt: skip


def test_every_language_has_a_sample_and_a_parser():
    assert set(SAMPLES) == set(LANGUAGES.values()) == {"python", *grammars.GRAMMARS}


@pytest.mark.parametrize("name", SAMPLES)
def test_definitions_are_marks_with_qualified_names(name):
    if name != "python":
        pytest.importorskip("tree_sitter")
    text, expected = SAMPLES[name]
    document = code.read(text, name)
    assert [(mark.level, mark.name) for mark in document.marks] == expected
    assert (document.text, document.kind, document.language) == (text, Kind.CODE, name)
    for mark in document.marks:
        assert mark.at == 0 or text[mark.at - 1] == "\n"


def test_a_definition_begins_with_its_decorators_and_the_comment_above_it():
    pytest.importorskip("tree_sitter")
    text = "@a\n@b\ndef f(): ...\n"
    assert code.read("x = 1\n" + text, "python").marks[0].at == 6
    text = "int x;\n\n// says what\n// it does\nint f() { return 0; }\n"
    assert code.read(text, "c").marks[0].at == text.index("// says")
    text = "int x; // about x\nint f() { return 0; }\n"
    assert code.read(text, "c").marks[0].at == text.index("int f")


def test_offsets_are_code_points():
    pytest.importorskip("tree_sitter")
    text = "// déjà 日本 🙂\n\nfunction a() {}\n// ü\n\nfunction b() {}\n"
    marks = code.read(text, "javascript").marks
    assert [text[mark.at :].split("(", maxsplit=1)[0] for mark in marks] == ["function a", "function b"]


def test_code_that_does_not_parse_has_no_marks_and_all_its_text():
    document = code.read("print 'python 2'\ndef f(: pass\n", "python")
    assert (document.text, document.marks) == ("print 'python 2'\ndef f(: pass\n", ())


def test_a_language_without_a_grammar_has_its_lines():
    assert code.read("a: 1\n", "").marks == ()


def test_a_script_is_known_by_its_first_line(tmp_path, read):
    (tmp_path / "tool").write_text("#!/usr/bin/env python3\ndef f(): ...\n")
    record = read(tmp_path).only
    assert (record.kind, record.language, record.marks[0].name) == (Kind.CODE, "python", "f")
    assert language("tool", "#!/bin/sh\n") == "bash"


def test_code_that_says_its_encoding_is_read_in_it(tmp_path, read):
    (tmp_path / "a.py").write_bytes("# -*- coding: koi8-r -*-\nx = 'да'\n".encode("koi8-r"))
    (tmp_path / "b.xml").write_bytes("<?xml version='1.0' encoding='iso-8859-2'?><a>łąka</a>".encode("iso-8859-2"))
    texts = [record.text for record in read(tmp_path).records.values()]
    assert ("'да'" in texts[0], "łąka" in texts[1]) == (True, True)


def test_an_empty_module_is_no_fault(tmp_path, read):
    (tmp_path / "__init__.py").write_text("")
    assert read(tmp_path).passed == {"__init__.py": "It is empty (0 bytes)."}
