"""What a connector makes of an export in a folder: items, what was skipped, and a check that no bytes make it fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, Item
from tests.connectors.open_reader import OpenReader

Things = list[Item | Skipped]


def write(folder: Path, files: Mapping[str, Any]) -> Path:
    """The files, as text, bytes or JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder


def read(connector: Connector, root: Path, **choices: str) -> Things:
    return list(connector.read(OpenReader(root, choices)))


def items(things: Things) -> list[Item]:
    """The items, where nothing was skipped."""
    assert [thing for thing in things if isinstance(thing, Skipped)] == []
    return [thing for thing in things if isinstance(thing, Item)]


def skips(things: Things) -> list[Skipped]:
    return [thing for thing in things if isinstance(thing, Skipped)]


def mutations(seed: bytes) -> st.SearchStrategy[bytes]:
    """The seed with a part of it cut, doubled or replaced by other bytes."""

    def mutated(at: int, gone: int, put: bytes, times: int) -> bytes:
        return seed[:at] + put * times + seed[at + gone :]

    signs = st.sampled_from([b"[", b"{", b'"', b"\\", b"null", b"-1", b"<", b"&", b"\xff"])
    junk = st.one_of(st.binary(max_size=20), signs)
    return st.builds(mutated, st.integers(0, len(seed)), st.integers(0, 60), junk, st.integers(1, 50))


def survives(connector: Connector, folder: Path, name: str, content: bytes) -> None:
    """Whatever the bytes, items and sentences come out, the same ones twice."""
    write(folder, {name: content})
    first = read(connector, folder)
    assert all(isinstance(thing, Item | Skipped) for thing in first)
    assert read(connector, folder) == first
