"""The hash-chained log: what of it can be told, and by what."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascade.errors import Corrupt
from indexers.personal import chain
from indexers.personal.chain import Head


def written(path: Path, count: int = 5) -> chain.Log:
    log = chain.read(path)
    for number in range(1, count + 1):
        log = chain.append(path, {"what": "allowed", "number": number, "name": "Ærø"}, log)
    return log


def test_what_was_appended_is_read_in_its_order(tmp_path: Path) -> None:
    log = written(tmp_path / "log")
    assert [entry["number"] for entry in log.entries] == [1, 2, 3, 4, 5]
    assert chain.read(tmp_path / "log") == log


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert chain.read(tmp_path / "log") == chain.Log((), Head(0), 0, 0)


def test_each_hash_is_of_the_one_before_and_the_entry(tmp_path: Path) -> None:
    written(tmp_path / "log", 2)
    first, second = map(json.loads, (tmp_path / "log").read_text(encoding="utf-8").splitlines())
    entry = '{"name":"Ærø","number":1,"what":"allowed"}'.encode()
    assert first["hash"] == hashlib.sha256(bytes(32) + entry).hexdigest()
    entry = entry.replace(b":1", b":2")
    assert second["hash"] == hashlib.sha256(bytes.fromhex(first["hash"]) + entry).hexdigest()


Lines = list[bytes]


def edited(lines: Lines) -> Lines:
    return [*lines[:2], lines[2].replace(b'"number":3', b'"number":8'), *lines[3:]]


def respaced(lines: Lines) -> Lines:
    return [*lines[:2], lines[2].replace(b'":', b'": '), *lines[3:]]


def deleted(lines: Lines) -> Lines:
    return [*lines[:2], *lines[3:]]


def swapped(lines: Lines) -> Lines:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


def repeated(lines: Lines) -> Lines:
    return [*lines[:2], lines[1], *lines[2:]]


def emptied(lines: Lines) -> Lines:
    return [*lines[:2], b"", *lines[3:]]


def zeroed(lines: Lines) -> Lines:
    return [*lines[:2], bytes(len(lines[2])), *lines[3:]]


@pytest.mark.parametrize("change", [edited, respaced, deleted, swapped, repeated, emptied, zeroed])
def test_tampering_is_told_at_its_entry(tmp_path: Path, change: Callable[[Lines], Lines]) -> None:
    path = tmp_path / "log"
    written(path)
    path.write_bytes(b"\n".join(change(path.read_bytes().split(b"\n"))))
    with pytest.raises(Corrupt, match="Entry 3 of"):
        chain.read(path)


def test_a_hash_that_is_made_to_fit_is_told_at_the_next_entry(tmp_path: Path) -> None:
    path = tmp_path / "log"
    written(path)
    lines = path.read_bytes().splitlines()
    before, entry = json.loads(lines[1]), json.loads(lines[2])["entry"] | {"number": 8}
    digest = hashlib.sha256(bytes.fromhex(before["hash"]) + chain.canonical(entry)).hexdigest()
    lines[2] = chain.canonical({"entry": entry, "hash": digest})
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(Corrupt, match="Entry 4 of"):
        chain.read(path)


def test_lines_missing_at_the_end_are_told_by_a_head_that_was_noted(tmp_path: Path) -> None:
    path = tmp_path / "log"
    head = written(path).head
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    assert len(chain.read(path).entries) == 3
    with pytest.raises(Corrupt, match=r"Entry 4 of .*2 at the end are missing"):
        chain.read(path, head)
    path.unlink()
    with pytest.raises(Corrupt, match=r"Entry 1 of .*5 at the end are missing"):
        chain.read(path, head)


def test_a_log_written_anew_as_a_whole_is_told_by_a_head_that_was_noted(tmp_path: Path) -> None:
    head = written(tmp_path / "log", 3).head
    log = chain.read(tmp_path / "other")
    for number in range(5):
        log = chain.append(tmp_path / "other", {"number": number}, log)
    with pytest.raises(Corrupt, match=r"Entry 3 of .*written anew"):
        chain.read(tmp_path / "other", head)


def test_a_head_noted_earlier_still_holds_when_lines_were_added(tmp_path: Path) -> None:
    head = written(tmp_path / "log", 3).head
    log = written(tmp_path / "log", 2)
    assert chain.read(tmp_path / "log", head, Head(0)).head == log.head == Head.parse(str(log.head))


@pytest.mark.parametrize("text", ["", "12", "12-ab", "x-", "-1-", "1-" + "z" * 64, "²-"])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"head|hexadecimal"):
        Head.parse(text)


@pytest.mark.parametrize("cut", range(1, 130, 7))
def test_a_line_torn_by_a_power_cut_never_counted_and_is_cut_at_the_next_append(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "log"
    log = written(path, 3)
    whole = path.read_bytes()
    written(path, 1)
    line = path.read_bytes()[len(whole) :]
    torn = line[: max(1, len(line) - 1 - cut)]
    path.write_bytes(whole + torn)
    found = chain.read(path, log.head)
    assert (found.head, found.torn) == (log.head, len(torn))
    after = chain.append(path, {"number": 4}, found)
    assert chain.read(path) == after
    assert after.entries[-1] == {"number": 4}


def test_a_page_of_zeros_at_the_end_is_torn_too(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = written(path, 3)
    for tail in (bytes(40), bytes(40) + b'"}\n'):
        path.write_bytes(path.read_bytes()[: log.size] + tail)
        assert chain.read(path).torn == len(tail)


def test_a_last_line_that_lacks_only_its_newline_counts(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = written(path, 3)
    path.write_bytes(path.read_bytes()[:-1])
    found = chain.read(path, log.head)
    assert (len(found.entries), found.torn) == (3, 0)
    after = chain.append(path, {"number": 4}, found)
    assert chain.read(path, log.head) == after


def test_a_number_with_more_than_one_spelling_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="float"):
        chain.append(tmp_path / "log", {"inner": [{"score": 0.5}]}, chain.read(tmp_path / "log"))
    assert not (tmp_path / "log").exists()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 40))
def test_any_bytes_anywhere_are_a_log_or_corrupt(data: bytes, at: int, gone: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        head = written(path, 3).head
        whole = path.read_bytes()
        changed = whole[:at] + data + whole[at + gone :]
        path.write_bytes(changed)
        try:
            found = chain.read(path, head)
        except Corrupt as error:
            assert error.path == path
        else:
            assert found.entries[:3] == chain.read(path).entries[:3]
            assert path.read_bytes()[: len(whole) - 1] == whole[:-1]
