"""Source code: the file's own text, its classes and functions as marks with qualified names.

Python is parsed by its own parser; other languages by their tree-sitter grammar, where the extra `code` is installed.
Where neither takes a file it has no marks, and is cut by lines.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from indexers.records import Kind, Mark
from indexers.sources.document import Document
from indexers.sources.faults import Unreadable
from indexers.sources.formats import grammars
from indexers.sources.lineup import starts

_LARGEST = 2 << 20
"""Characters beyond which a file is taken for generated: it is not parsed."""

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def read(text: str, language: str) -> Document:
    """The Document of a source file. `language` is one of `kinds.LANGUAGES`' values, or empty where it is unknown."""
    marks: tuple[Mark, ...] = ()
    if len(text) <= _LARGEST:
        if language == "python":
            marks = tuple(_python(text))
        elif language in grammars.GRAMMARS:
            try:
                marks = tuple(grammars.marks(text, language))
            except Unreadable:
                marks = ()
    return Document(text, kind=Kind.CODE, language=language, marks=marks)


def _python(text: str) -> Iterator[Mark]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from _definitions(tree, "", 1, starts(text))


def _definitions(node: ast.AST, scope: str, level: int, lines: list[int]) -> Iterator[Mark]:
    """Marks of the classes and functions in a body, those of a class below it; not those inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Definition):
            first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            name = f"{scope}.{child.name}" if scope else child.name
            yield Mark(lines[first - 1], level, name)
            if isinstance(child, ast.ClassDef):
                yield from _definitions(child, name, level + 1, lines)
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _definitions(child, scope, level, lines)
