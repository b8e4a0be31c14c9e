"""A sheet of figures, each with the formula that made it. What is printed is what was computed: the text of a formula
is itself evaluated, so that the two cannot come apart.

Knows arithmetic and names; knows nothing of what they mean.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_CALLS: Mapping[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "exp": math.exp,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its name, unit, and formula (arithmetic over names of other figures), and what it is in words."""

    name: str
    unit: str
    formula: str
    says: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The names that the formula uses, in its order, without repeats."""
        found = [node for node in ast.walk(_parsed(self.formula)) if isinstance(node, ast.Name)]
        ordered = sorted(found, key=lambda node: node.col_offset)
        return tuple(dict.fromkeys(node.id for node in ordered if node.id not in _CALLS))


class Sheet:
    """Figures by name: those that were given, and those that lines made of them."""

    def __init__(self, given: Mapping[str, float]) -> None:
        self.values: dict[str, float] = dict(given)
        self.lines: dict[str, Line] = {}

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def fill(self, lines: Iterable[Line]) -> Sheet:
        """Compute lines in their order, each from what is there already. Raises KeyError for a name that is not."""
        for line in lines:
            self.values[line.name] = _computed(_parsed(line.formula), self.values)
            self.lines[line.name] = line
        return self

    def behind(self, name: str) -> set[str]:
        """The names of all figures that one rests on, directly or not, and its own."""
        line = self.lines.get(name)
        found = {name}
        for other in line.needs if line else ():
            found |= self.behind(other)
        return found


@lru_cache(maxsize=512)
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _computed(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_computed(left, values), _computed(right, values))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_computed(operand, values)
        case ast.Call(func=ast.Name(id=name), args=args):
            given: list[Any] = [_computed(arg, values) for arg in args]
            return _CALLS[name](*given)
    raise ValueError(f"A formula holds {ast.unparse(node)!r}, which is not arithmetic over names.")
