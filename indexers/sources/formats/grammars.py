"""Definitions in languages that tree-sitter has a grammar for: which nodes they are, and what they are called.

Needs the extra `code`. Knows syntax trees; knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from indexers.records import Mark
from indexers.sources.extras import need


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language: its module, the function in it, node types that hold others (`scopes`) and that do not (`leaves`)."""

    module: str
    scopes: frozenset[str]
    leaves: frozenset[str]
    function: str = "language"
    joint: str = "."


def _grammar(module: str, scopes: str, leaves: str, function: str = "language", joint: str = ".") -> Grammar:
    return Grammar(f"tree_sitter_{module}", frozenset(scopes.split()), frozenset(leaves.split()), function, joint)


_SCRIPT = "function_declaration generator_function_declaration method_definition variable_declarator"
_TYPED = "class_declaration abstract_class_declaration interface_declaration internal_module module"
_TYPED_LEAVES = f"{_SCRIPT} enum_declaration type_alias_declaration abstract_method_signature"
_C = "function_definition struct_specifier union_specifier enum_specifier"
_TYPES = "class_declaration interface_declaration enum_declaration record_declaration"

GRAMMARS: Mapping[str, Grammar] = {
    "javascript": _grammar("javascript", "class_declaration", _SCRIPT),
    "typescript": _grammar("typescript", _TYPED, _TYPED_LEAVES, "language_typescript"),
    "tsx": _grammar("typescript", _TYPED, _TYPED_LEAVES, "language_tsx"),
    "go": _grammar("go", "", "function_declaration method_declaration type_spec type_alias"),
    "rust": _grammar(
        "rust", "mod_item impl_item trait_item", "function_item struct_item enum_item union_item macro_definition",
        joint="::",
    ),
    "java": _grammar(
        "java", f"{_TYPES} annotation_type_declaration",
        "method_declaration constructor_declaration compact_constructor_declaration",
    ),
    "c": _grammar("c", "", _C),
    "cpp": _grammar("cpp", "namespace_definition class_specifier struct_specifier", _C, joint="::"),
    "c_sharp": _grammar(
        "c_sharp", f"{_TYPES} struct_declaration namespace_declaration",
        "method_declaration constructor_declaration property_declaration delegate_declaration operator_declaration",
    ),
    "ruby": _grammar("ruby", "module class", "method singleton_method", joint="::"),
    "php": _grammar(
        "php", "class_declaration interface_declaration trait_declaration enum_declaration",
        "function_definition method_declaration", "language_php", "::",
    ),
    "bash": _grammar("bash", "", "function_definition"),
}  # fmt: skip
"""Keyed by the values of `kinds.LANGUAGES`."""

_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "function"})
_BODIED = frozenset({"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"})
_WRAPPERS = frozenset({"export_statement", "template_declaration", "type_declaration", "lexical_declaration"})


def marks(text: str, language: str) -> Iterator[Mark]:
    """Marks of the definitions in a text, ascending. Raises `Unreadable` where the extra is not installed."""
    grammar = GRAMMARS[language]
    raw = text.encode()
    tree = _parser(language).parse(raw)
    offset = _Offsets(raw, ascii_only=len(raw) == len(text))
    last = -1
    waiting = [(tree.root_node, "", 1)]
    while waiting:
        node, scope, level = waiting.pop()
        kind = node.type
        if (kind in grammar.scopes or kind in grammar.leaves) and (name := _name(node, kind)):
            name = f"{scope}{grammar.joint}{name}" if scope else name
            at = offset(_line_start(raw, _first(node).start_byte))
            if at > last:
                yield Mark(at, level, name)
                last = at
            if kind not in grammar.scopes:
                continue
            scope, level = name, level + 1
        waiting.extend((child, scope, level) for child in reversed(node.named_children))


@cache
def _parser(language: str) -> Any:
    sitter = need("tree_sitter", "code")
    grammar = GRAMMARS[language]
    module = need(grammar.module, "code")
    return sitter.Parser(sitter.Language(getattr(module, grammar.function)()))


def _name(node: Any, kind: str) -> str:
    """What a definition is called; empty where the node only refers to one (a C struct without a body)."""
    if kind in _BODIED and node.child_by_field_name("body") is None:
        return ""
    if kind == "variable_declarator":
        value = node.child_by_field_name("value")
        if value is None or value.type not in _FUNCTIONS:
            return ""
    name = node.child_by_field_name("name") or node.child_by_field_name("type") if kind != "function_definition" else (
        node.child_by_field_name("name")
    )
    if name is None:
        name = node
        while (inner := name.child_by_field_name("declarator")) is not None:
            name = inner
        name = None if name is node else name
    if name is None:
        return ""
    said = " ".join(name.text.decode("utf-8", "replace").split())
    receiver = node.child_by_field_name("receiver") if kind == "method_declaration" else None
    return f"{_receiver(receiver)}.{said}" if receiver is not None else said


def _receiver(node: Any) -> str:
    """The type a Go method belongs to: `(s *Server[T])` -> `Server`."""
    inside = node.text.decode("utf-8", "replace").strip("() ").split("[")[0]
    return str(inside.split()[-1].lstrip("*")) if inside else ""


def _first(node: Any) -> Any:
    """Where a definition begins for a reader: at its `export` or `template`, and at the comments right above it."""
    while node.parent is not None and node.parent.type in _WRAPPERS:
        node = node.parent
    while (before := node.prev_sibling) is not None and (
        ("comment" in before.type or "attribute" in before.type)
        and before.end_point[0] >= node.start_point[0] - 1 - (before.end_point[1] == 0)
        and (before.prev_sibling is None or before.prev_sibling.end_point[0] < before.start_point[0])
    ):
        node = before
    return node


def _line_start(raw: bytes, at: int) -> int:
    return raw.rfind(b"\n", 0, at) + 1


class _Offsets:
    """Byte offsets to code points, for offsets that mostly ascend."""

    def __init__(self, raw: bytes, ascii_only: bool) -> None:
        self._raw, self._ascii = raw, ascii_only
        self._byte = self._point = 0

    def __call__(self, at: int) -> int:
        if self._ascii:
            return at
        if at < self._byte:
            self._byte = self._point = 0
        self._point += len(self._raw[self._byte : at].decode())
        self._byte = at
        return self._point
