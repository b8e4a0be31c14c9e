"""The filter grammar: `source = "mail" and time >= 2024-01-01 and not (lang in (de, fr) or title ~ "draft")`.

    filter     := all ("or" all)*
    all        := one ("and" one)*
    one        := "not" one | "(" filter ")" | field operator value | field "in" "(" value ("," value)* ")"
    operator   := "=" | "!=" | "<" | "<=" | ">" | ">=" | "~"        "~": contains, whatever the case
    field      := source | locator | key | title | heading | time | kind | language | record | any metadata name
    value      := a word, a number, or a "quoted string"

Times compare as ISO 8601 text, so `time >= 2024` works. Numbers compare as numbers in metadata.
Compiles to SQL with every value as a parameter. Knows no database.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from cascade.errors import BadFilter
from cascade.index.analyzer import whole

_TOKEN = re.compile(r'\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<sign><=|>=|!=|[=<>~(),])|(?P<word>[^\s()=<>!~,"]+))')
DEEPEST = 50
"""Most parentheses and `not` within one another."""

_OPERATORS = {"=", "!=", "<", "<=", ">", ">=", "~"}
_COLUMNS = {
    "source": "r.source", "locator": "r.locator", "key": "r.key", "title": "r.title", "time": "r.time",
    "kind": "r.kind", "language": "r.language", "heading": "p.heading",
    "record": "format('{:016x}{:016x}', r.id_hi, r.id_lo)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Where:
    """A condition over passages `p` joined with records `r`, as SQL, and its parameters in order."""

    sql: str
    values: tuple[str | float, ...]


def parse(text: str) -> Where:
    """Read a filter. Raises BadFilter with the place where it stops making sense."""
    text = whole(text)
    tokens = _tokens(text)
    if _depth(tokens) > DEEPEST:
        raise BadFilter(f"The filter is nested more than {DEEPEST} deep. Leave out parentheses and `not not`.")
    where, rest = _any(text, tokens)
    if rest:
        raise BadFilter(f"The filter stops making sense at {rest[0]!r}: {text!r}. Join conditions with `and` or `or`.")
    return where


def quoted(value: str) -> str:
    """A value as it must be written in a filter."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None:
            raise BadFilter(
                f"The filter cannot be read from {stripped[at : at + 20]!r} on. Is a quotation mark missing?"
            )
        tokens.append(match.group().strip())
        at = match.end()
    if not tokens:
        raise BadFilter("The filter is empty. Write for example: source = notes and time >= 2024-01-01")
    return tokens


def _depth(tokens: list[str]) -> int:
    deepest = depth = denied = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")
        denied = denied + 1 if token.lower() == "not" else 0
        deepest = max(deepest, depth + denied)
    return deepest


def _any(text: str, tokens: list[str]) -> tuple[Where, list[str]]:
    where, tokens = _all(text, tokens)
    parts = [where]
    while tokens and tokens[0].lower() == "or":
        other, tokens = _all(text, tokens[1:])
        parts.append(other)
    return _joined(parts, " OR "), tokens


def _all(text: str, tokens: list[str]) -> tuple[Where, list[str]]:
    where, tokens = _one(text, tokens)
    parts = [where]
    while tokens and tokens[0].lower() == "and":
        other, tokens = _one(text, tokens[1:])
        parts.append(other)
    return _joined(parts, " AND "), tokens


def _joined(parts: list[Where], word: str) -> Where:
    """Flat, however many: databases limit how deep an expression is."""
    if len(parts) == 1:
        return parts[0]
    return Where(f"({word.join(part.sql for part in parts)})", tuple(v for part in parts for v in part.values))


def _one(text: str, tokens: list[str]) -> tuple[Where, list[str]]:
    if not tokens:
        raise BadFilter(f"The filter ends where a condition is expected: {text!r}.")
    if tokens[0].lower() == "not":
        where, rest = _one(text, tokens[1:])
        return Where(f"(NOT {where.sql})", where.values), rest
    if tokens[0] == "(":
        where, rest = _any(text, tokens[1:])
        if not rest or rest[0] != ")":
            raise BadFilter(f"A parenthesis is not closed: {text!r}.")
        return where, rest[1:]
    if len(tokens) < 3:
        raise BadFilter(f"The condition {' '.join(tokens)!r} is not finished. Write: field operator value.")
    field, operator = tokens[0], tokens[1].lower()
    if operator == "in":
        return _within(text, field, tokens[2:])
    if operator not in _OPERATORS:
        raise BadFilter(f"{tokens[1]!r} is no operator. Use one of {' '.join(sorted(_OPERATORS))} or `in`.")
    return _condition(field, operator, _value(tokens[2])), tokens[3:]


def _within(text: str, field: str, tokens: list[str]) -> tuple[Where, list[str]]:
    if tokens[0] != "(" or ")" not in tokens:
        raise BadFilter(f"`in` wants values in parentheses, as in: {field} in (a, b). It was: {text!r}.")
    close = tokens.index(")")
    values = [token for token in tokens[1:close] if token != ","]
    if not values:
        raise BadFilter(f"`{field} in ()` names no value.")
    return _joined([_condition(field, "=", _value(value)) for value in values], " OR "), tokens[close + 1 :]


def _condition(field: str, operator: str, value: str) -> Where:
    column = _COLUMNS.get(field.lower())
    if column is not None:
        if operator == "~":
            return Where(f"contains(lower({column}), lower(?))", (value,))
        return Where(f"({column} {operator} ?)", (value,))
    path = f'$."{field.removeprefix("meta.")}"'
    if any(sign in path[3:-1] for sign in '"\\*'):
        raise BadFilter(f"{field!r} cannot be the name of a field.")
    found = "coalesce(json_extract_string(r.metadata, ?), '')"
    if operator == "~":
        return Where(f"contains(lower({found}), lower(?))", (path, value))
    number = _number(value)
    if number is not None and operator not in ("=", "!="):
        return Where(f"coalesce(TRY_CAST({found} AS DOUBLE) {operator} ?, false)", (path, number))
    return Where(f"({found} {operator} ?)", (path, value))


def _value(token: str) -> str:
    if token in ("(", ")", ",") or token in _OPERATORS:
        raise BadFilter(f"A value is expected where {token!r} stands. Quote values that hold signs.")
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
