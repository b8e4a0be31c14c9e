"""The filter grammar: what it takes, what it refuses, and that it means what plain Python would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import build, cut, record

from cascade.errors import BadFilter
from cascade.index.filters import Where, parse, quoted
from cascade.index.snapshot import Snapshot

PLAIN = {"source": "r.source", "heading": "p.heading", "time": "r.time"}


@pytest.mark.parametrize(
    ("text", "sql", "values"),
    [
        ("source = mail", "(r.source = ?)", ("mail",)),
        ("SOURCE = mail", "(r.source = ?)", ("mail",)),
        ('title ~ "two words"', "contains(lower(r.title), lower(?))", ("two words",)),
        ("time >= 2024-01-01", "(r.time >= ?)", ("2024-01-01",)),
        ("time>=2024 and key!=x", "((r.time >= ?) AND (r.key != ?))", ("2024", "x")),
        ("kind in (code, table)", "((r.kind = ?) OR (r.kind = ?))", ("code", "table")),
        ("not kind = code", "(NOT (r.kind = ?))", ("code",)),
        (
            "key = a or key = b and not (key = c)",
            "((r.key = ?) OR ((r.key = ?) AND (NOT (r.key = ?))))",
            ("a", "b", "c"),
        ),
        ('key = "and"', "(r.key = ?)", ("and",)),
        (r'key = "say \"x\" \\ y"', "(r.key = ?)", ('say "x" \\ y',)),
        ('key = "x\'; DROP TABLE records; --"', "(r.key = ?)", ("x'; DROP TABLE records; --",)),
        ('key = ""', "(r.key = ?)", ("",)),
        ("key = 東京", "(r.key = ?)", ("東京",)),
        ("key = \ud800", "(r.key = ?)", ("?",)),
    ],
)
def test_a_filter_is_sql_with_its_values_apart(text, sql, values):
    assert parse(text) == Where(sql, values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"), ("   ", "empty"), ("key", "not finished"), ("key =", "not finished"), ("= x y", "no operator"),
        ("key = x y", "stops making sense at 'y'"), ("key = x and", "ends where"), ("and key = x", "no operator"),
        ("(key = x", "not closed"), ("key = x)", "stops making sense"), ("key == x", "value is expected"),
        ("key in x y", "parentheses"), ("key in ()", "names no value"), ("key in (a, (b)", "value is expected"),
        ('key = "open', "quotation mark"), ("key ! x", "cannot be read"), ('"a b" = x', "cannot be the name"),
        ("a\\b = x", "cannot be the name"), ("a* = x", "cannot be the name"), ("()", "not finished"),
        ("not", "ends where"),
        ("(" * 51 + "key = x" + ")" * 51, "nested"), ("not " * 9_000 + "key = x", "nested"),
        ("(" * 100_000, "nested"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_the_place_where_it_begins(text, said):
    with pytest.raises(BadFilter, match=said):
        parse(text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from([*'ab=<>!~(),"\\ ', "not ", " and ", " or ", " in "])).map("".join) | st.text())
def test_any_text_is_either_a_filter_or_refused(text):
    try:
        where = parse(text)
    except BadFilter:
        return
    assert where.sql.count("?") == len(where.values)


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_a_quoted_value_is_read_as_it_was(value):
    assert parse(f"key = {quoted(value)}").values == (value,)


NAN = float("nan")
"""No value at all, as far as filters go."""

NAMES = ("colour", "size", "odd name's", "kind2")
VALUES = st.sampled_from(["red", "Red", "10", "9", "9.5", "-1", "", "a'b", 'say "x"', "x%", "_", "2024-05"])
ALIKE = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def compared(left, operator, right):
    return eval(f"left {ALIKE[operator]} right", {"left": left, "right": right})


def holds(facts, field, operator, value):
    """What a condition means, in plain Python."""
    is_column = field in ("key", "title", "time")
    found = facts.get(field, "")
    found = "" if found is NAN else str(found)
    if operator == "~":
        return value.lower() in found.lower()
    if not is_column and operator not in ("=", "!=") and number(value) is not None:
        return number(found) is not None and compared(number(found), operator, number(value))
    return compared(found, operator, value)


CONDITION = st.tuples(
    st.sampled_from(["key", "title", "time", "colour", "size", "kind2", "absent"]),
    st.sampled_from([*ALIKE, "~"]),
    VALUES,
)


def shown(condition):
    field, operator, value = condition
    return f"{field} {operator} {quoted(value)}"


@pytest.fixture(scope="module")
def indexed(fresh):
    """Sixty records with facts drawn once, in segments of twenty, and those facts by locator."""
    from random import Random

    random = Random(9)
    pool = ["red", "Red", "10", "9", "9.5", "-1", "", "a'b", 'say "x"', "x%", "_", "2024-05", 3, 11, NAN]
    facts = {}
    for at in range(60):
        given_ = {name: random.choice(pool) for name in NAMES if random.random() < 0.7}
        columns = {name: str(random.choice(pool[:12])) for name in ("key", "title")}
        facts[f"f{at}"] = {**given_, **columns, "time": random.choice(["", "2023-12-31", "2024-05-01"])}
    root = fresh()
    columns = ("key", "title", "time")
    build(
        root,
        (
            record(
                locator,
                f"text {locator}",
                source=f"s{locator}",
                **{c: of[c] for c in columns},
                metadata={n: v for n, v in of.items() if n not in columns},
            )
            for locator, of in facts.items()
        ),
        cut(20),
    )
    snapshot = Snapshot(root)
    yield snapshot, facts
    snapshot.close()


def found_by(snapshot, text):
    masks = snapshot.matching(text)
    rows = [int(row + base) for mask, base in zip(masks, snapshot.bases, strict=False) for row in mask.nonzero()[0]]
    return sorted(p.locator for p in snapshot.read(np.array(rows, dtype=np.int64)))


@settings(max_examples=60, deadline=None)
@given(one=CONDITION, two=CONDITION, joined=st.sampled_from(["and", "or", "and not", "or not"]))
def test_a_filter_finds_what_plain_python_finds(indexed, one, two, joined):
    snapshot, facts = indexed
    word, _, denied = joined.partition(" ")

    def wanted(of):
        second = holds(of, *two) is not bool(denied)
        return (holds(of, *one) and second) if word == "and" else (holds(of, *one) or second)

    expected = sorted(locator for locator, of in facts.items() if wanted(of))
    assert found_by(snapshot, f"{shown(one)} {joined} {shown(two)}") == expected


@pytest.mark.parametrize(
    "value", ["x' OR '1'='1", "x'); DROP TABLE records; --", "?", "%", "\\", '"', "{s}", "s0.records", "\x00", "$.key"]
)
@pytest.mark.parametrize("field", ["key", "colour"])
def test_a_value_is_never_anything_but_a_value(indexed, field, value):
    snapshot, _ = indexed
    assert found_by(snapshot, f"{field} = {quoted(value)}") == []


@pytest.mark.parametrize("field", ["x'y", "a;b", "--", "$", "[0]", "{s}", "%", "a.b", "1"])
def test_a_strange_field_is_only_a_name(indexed, field):
    assert found_by(indexed[0], f"{field} = red") == []


def test_a_field_with_a_space_is_refused_but_meta_reaches_names_that_columns_have(fresh, opened):
    root = fresh()
    build(root, [record("f1", "one", metadata={"title": "inner"}), record("f2", "two", title="inner")])
    snapshot = opened(root)
    assert found_by(snapshot, "meta.title = inner") == ["f1"]
    assert found_by(snapshot, "title = inner") == ["f2"]


def test_thousands_of_alternatives_are_one_filter(indexed):
    snapshot, _ = indexed
    many = [f"f{i}" for i in range(3_000)]
    assert len(found_by(snapshot, " or ".join(f"locator = {name}" for name in many))) == 60
    assert len(found_by(snapshot, f"locator in ({', '.join(many)})")) == 60


def test_a_record_is_found_by_its_id(indexed):
    snapshot, _ = indexed
    passage = snapshot.read(snapshot.bases[1:2])[0]
    assert found_by(snapshot, f"record = {passage.record}") == [passage.locator]
