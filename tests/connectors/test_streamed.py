"""Long JSON read element by element, and mended on its way."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.sources.connectors.chats.streamed import TOO_LARGE, Repaired, elements
from indexers.sources.faults import Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=25,
)


def found(text: str | bytes, *places: str) -> list[tuple[str, Any]]:
    return list(elements(io.BytesIO(text.encode() if isinstance(text, str) else text), set(places)))


@given(JSON)
def test_what_stands_at_the_root_is_what_the_standard_library_reads(value: Any) -> None:
    assert found(json.dumps(value), "") == [("", value)]
    assert found(json.dumps({"x": [value, value]}, ensure_ascii=False), "x.item") == [("x.item", value)] * 2


def test_values_come_in_order_with_their_places_and_others_are_passed_over() -> None:
    text = '{"list":[{"name":"a","messages":[{"id":1},{"id":2}],"x":{"messages":[9]}},{"name":"b","messages":[3]}]}'
    assert found(text, "list.item.name", "list.item.messages.item") == [
        ("list.item.name", "a"), ("list.item.messages.item", {"id": 1}), ("list.item.messages.item", {"id": 2}),
        ("list.item.name", "b"), ("list.item.messages.item", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("bad", ['[1,2,{"a":', "[1,2,oops]", "[1,2]]", '[1,2,"a\x01b"]'])
def test_what_comes_before_the_damage_is_given_and_the_reason_quotes_nothing(bad: str) -> None:
    got = []
    with pytest.raises(Unreadable, match="not valid JSON") as raised:
        for _, value in elements(io.BytesIO(bad.encode()), {"item"}):
            got.append(value)
    assert got[:2] == [1, 2] and "oops" not in str(raised.value)


def test_bytes_that_are_not_utf_8_are_replaced_and_the_rest_is_read() -> None:
    assert found(b'\xef\xbb\xbf["a\xffb", "c"]', "item") == [("item", "a\ufffdb"), ("item", "c")]


def test_an_element_of_too_many_values_is_passed_over() -> None:
    huge = json.dumps([1, list(range(250_000)), 2])
    assert [value for _, value in found(huge, "item")] == [1, TOO_LARGE, 2]


def test_no_depth_and_no_length_fills_the_memory() -> None:
    tracemalloc.start()
    with pytest.raises(Unreadable, match="deep"):
        found("[" * 200_000, "item")
    with pytest.raises(Unreadable, match="deep"):
        found('[{"a":' + "[" * 200_000, "item")
    with pytest.raises(Unreadable, match="MiB"):
        list(elements(_Endless(), {"item"}))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 300_000_000


class _Endless:
    """A string that does not end."""

    def __init__(self) -> None:
        self._pieces = self._all()

    def _all(self) -> Iterator[bytes]:
        yield b'["'
        while True:
            yield b"x" * 65_536

    def read(self, size: int = -1, /) -> bytes:
        return next(self._pieces) if size else b""


@given(st.lists(st.sampled_from(["&#1;", "\\x0b", "\n", "word ", "x" * 70_000]), max_size=12))
def test_an_escape_is_mended_wherever_the_pieces_are_cut(parts: list[str]) -> None:
    text = "".join(parts)
    stream = Repaired(io.BytesIO(text.encode()), lambda lines: lines.replace(b"&#1;", b"<>").replace(b"\\x0b", b"^"))
    got = b"".join(iter(lambda: stream.read(1_000), b""))
    assert got.decode() == text.replace("&#1;", "<>").replace("\\x0b", "^")
