"""Small real vaults for tests: cheap passphrases, records of `small` as batches made by the real ingest with `toy`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from small import build

from cascade.index.manifest import Built
from cascade.index.segment import Batch
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from cascade.models.vocabulary import Vocabulary
from indexers.personal.sealing import Cost, Kdf
from indexers.personal.vault import folder
from indexers.personal.vault.desk import Desk
from indexers.personal.vault.folder import Vault
from indexers.records import Record

SECRET = b"four random words here"
CHEAP = Cost(Kdf.ARGON2ID, memory=64, passes=1, lanes=1)
"""A passphrase costs nothing in tests, and protects nothing."""


def built() -> Built:
    """How records embedded by `toy` are built."""
    toy = ToyEncoder()
    return Built(toy.name, toy.dim, toy.limit, toy.fingerprint, Vocabulary.fingerprint, Vocabulary.size)


def vault(root: Path, secret: bytes = SECRET) -> Vault:
    """An empty vault, made in `root`."""
    return folder.create(root, secret, built(), CHEAP)


def batch(root: Path, records: Iterable[Record]) -> Batch:
    """Records as one batch of passages: those of an ordinary index, which is made in `root`."""
    build(root, records)
    snapshot = Snapshot(root)
    parts = [
        segment.batch(np.arange(len(segment), dtype=np.int64), snapshot.catalog.batch(number))
        for number, segment in enumerate(snapshot.segments)
    ]
    snapshot.close()
    return Batch.join(parts)


def ids(records: Sequence[Record]) -> list[bytes]:
    """The ids of records."""
    return [record.id for record in records]


def search(desk: Desk, text: str, grants: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """A handler for agents: places and grants of what is found."""
    found = desk.engine(grants).search(text, k=5)
    return [{"locator": one.locator, "grant": one.metadata["grant"]} for one in found.passages]


def fail(desk: Desk) -> None:
    """A handler that fails as none should."""
    raise RuntimeError("on purpose")


def slow(desk: Desk, seconds: float) -> str:
    """A handler that takes its time."""
    time.sleep(seconds)
    return "done"


HANDLERS = {"search": search, "fail": fail, "slow": slow}
