"""Proof that a vault is sealed, by reading its files as a stranger would: what they say of themselves is not believed.

A sealed file begins with MAGIC, has the size that chunks give it, and looks random: no compressor makes it smaller.
Knows bytes; knows no key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import zstandard

from indexers.personal import layout
from indexers.personal.layout import Layout
from indexers.personal.sealing import CHUNK, MAGIC, SALT, TAG

PLAIN = {layout.VAULT: {"format", "id", "incarnation", "created", "built", "hash"}}
KEYSTORE = {"format", "cost", "salt", "wrapped", "hash"}
"""The fields of the files that are not sealed: none is personal."""

ENOUGH = 256
"""Bytes from which on random ones cannot be compressed by chance."""


class Proof(NamedTuple):
    """How many files are sealed, and one sentence for each that is readable or that does not belong there."""

    sealed: int
    wrong: tuple[str, ...]


def prove(where: Layout) -> Proof:
    """Look at every file of a vault but its ledger, which proves itself."""
    sealed, wrong = 0, []
    for path in sorted(where.root.rglob("*")):
        if path.is_dir() or path in (where.ledger, where.socket):
            continue
        if path.suffix in (layout.SEALED, layout.KEY) and path != where.master:
            sealed += 1
            wrong += [f"{path} is not sealed: {why}" for why in _faults(path.read_bytes())]
        else:
            wrong += _plain(where, path)
    return Proof(sealed, tuple(wrong))


def _faults(raw: bytes) -> Iterator[str]:
    body = len(raw) - len(MAGIC) - SALT
    if not raw.startswith(MAGIC):
        yield "it does not begin as a sealed file does."
    elif body < TAG or 0 < body % (CHUNK + TAG) < TAG:
        yield "it has no size that a sealed file can have."
    elif body > ENOUGH and len(zstandard.compress(raw[len(MAGIC) :], 3)) < body:
        yield "its bytes are not random: something can be read in them."


def _plain(where: Layout, path: Path) -> Iterator[str]:
    """What is wrong with a file that is not sealed."""
    fields = PLAIN.get(path.name) if path.parent == where.root else KEYSTORE if path == where.master else None
    if path.name in (layout.LOCK, layout.LEDGER_LOCK) and not path.stat().st_size:
        return
    if fields is None:
        yield f"{path} does not belong into a vault: nobody knows what it holds."
        return
    try:
        known = set(json.loads(path.read_bytes())) == fields
    except (ValueError, RecursionError, TypeError):
        known = False
    if not known:
        yield f"{path} holds more or less than such a file does."
