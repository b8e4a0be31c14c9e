"""The manifest: the one file that says what an index is made of and how it was built. Written last, in one step.

Knows names, sizes and hashes; opens no segment.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cascade.errors import Corrupt, NoIndex, WrongFormat
from cascade.index import files
from cascade.index.files import digest
from cascade.index.layout import FORMAT, Layout


@dataclass(frozen=True, slots=True)
class Built:
    """How an index was built: what must be the same whenever it is opened."""

    encoder: str
    dim: int
    limit: int
    fingerprint: str
    vocabulary: str
    vocabulary_size: int
    language: str = "english"
    words: int = 150


@dataclass(frozen=True, slots=True)
class Generation:
    """One coarse quantizer: how many lists, trained when the index held how many passages, and its file's hash."""

    number: int
    lists: int
    trained: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One segment. `generation` 0: no lists, rows in the order of ingest. `hash` is that of its sums.json."""

    name: str
    passages: int
    records: int
    generation: int
    bytes: int
    hash: str
    imbalance: float = 1.0


@dataclass(frozen=True, slots=True)
class Grave:
    """Rows of one segment deleted at one commit, in a file of their own."""

    segment: str
    commit: int
    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything live at one commit. `serial` numbers the next segment."""

    built: Built
    rotation: str
    created: str
    commit: int = 0
    serial: int = 1
    generations: tuple[Generation, ...] = ()
    segments: tuple[Entry, ...] = ()
    graves: tuple[Grave, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def generation(self) -> Generation | None:
        """The newest coarse quantizer."""
        return self.generations[-1] if self.generations else None

    def next(self, **changes: Any) -> Manifest:
        """The manifest of the next commit."""
        return replace(self, commit=self.commit + 1, **changes)

    def encode(self) -> bytes:
        """As JSON with a hash of its own content."""
        content = {"format": FORMAT, **asdict(self)}
        body = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return json.dumps(
            {**content, "hash": digest(body.encode())}, sort_keys=True, ensure_ascii=False, indent=1
        ).encode()


def read(layout: Layout) -> Manifest:
    """Read and check the manifest. Raises NoIndex, WrongFormat or Corrupt."""
    if not files.there(layout.manifest):
        raise NoIndex(f"{layout.root} holds no index. Make one: cascade add {layout.root} SOURCE")
    raw = files.read(layout.manifest)
    try:
        content = json.loads(raw)
        stated, version = content.pop("hash"), content["format"]
    except (ValueError, KeyError, AttributeError, TypeError):
        raise Corrupt(f"{layout.manifest} is not a manifest of this program. Restore it from a backup.") from None
    if version != FORMAT:
        raise WrongFormat(
            f"{layout.root} has format {version}; this version reads format {FORMAT}. "
            "Upgrade Cascade, or build the index again."
        )
    if digest(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()) != stated:
        raise Corrupt(f"{layout.manifest} does not match its own hash: it was changed. Restore it from a backup.")
    del content["format"]
    return Manifest(
        built=Built(**content.pop("built")),
        generations=tuple(Generation(**g) for g in content.pop("generations")),
        segments=tuple(Entry(**s) for s in content.pop("segments")),
        graves=tuple(Grave(**g) for g in content.pop("graves")),
        **content,
    )


def commit(layout: Layout, manifest: Manifest) -> None:
    """Put a manifest in place. When this returns, everything it names is the index."""
    files.replace(layout.manifest, manifest.encode())
