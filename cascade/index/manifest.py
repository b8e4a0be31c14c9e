"""The manifest: the one file that says what an index is made of and how it was built. Written last, in one step.

From format 2 on there are two of it. `manifest.json` is the truth; its twin is of the same commit or of one that was
being made, and is read where the truth is damaged. Knows names, sizes and hashes; opens no segment.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cascade.errors import Corrupt, NoIndex, WrongFormat
from cascade.index import files
from cascade.index.files import digest
from cascade.index.layout import FORMAT, READS, TWINNED, Layout

RESTORE = "Restore the index from a backup: cascade restore DEST NEW_INDEX"


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
    """Everything live at one commit. `serial` numbers the next segment; `format` is that of the index on disk."""

    built: Built
    rotation: str
    created: str
    commit: int = 0
    serial: int = 1
    generations: tuple[Generation, ...] = ()
    segments: tuple[Entry, ...] = ()
    graves: tuple[Grave, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def generation(self) -> Generation | None:
        """The newest coarse quantizer."""
        return self.generations[-1] if self.generations else None

    def next(self, **changes: Any) -> Manifest:
        """The manifest of the next commit."""
        return replace(self, commit=self.commit + 1, **changes)

    def encode(self) -> bytes:
        """As JSON with a hash of its own content."""
        content = asdict(self)
        body = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return json.dumps(
            {**content, "hash": digest(body.encode())}, sort_keys=True, ensure_ascii=False, indent=1
        ).encode()


def exists(layout: Layout) -> bool:
    """Whether a folder holds an index, be it a damaged one."""
    return files.there(layout.manifest) or files.there(layout.twin)


def read(layout: Layout) -> Manifest:
    """Read and check the manifest, or its twin where that is damaged. Raises NoIndex, WrongFormat or Corrupt."""
    return _found(layout)[1]


def faults(layout: Layout) -> list[str]:
    """One sentence for each of the two files that is not as it was written. Needs no lock. Raises WrongFormat."""
    wrong: list[str] = []
    truth = _sound(layout.manifest, wrong)
    if truth is None or truth.format >= TWINNED:
        twin = _sound(layout.twin, wrong)
        if truth and twin and twin != truth and twin.commit <= truth.commit:
            wrong.append(f"{layout.twin} is not of the commit of {layout.manifest.name}. {files.ADVICE}")
    return wrong


def mend(layout: Layout) -> Manifest:
    """Make both files what a reader finds. For the holder of the writer's lock, before anything else is touched."""
    raw, manifest = _found(layout)
    if _bytes(layout.manifest) != raw:
        files.replace(layout.manifest, raw)
    if manifest.format < TWINNED:
        files.disk.remove(layout.twin)
    elif _bytes(layout.twin) != raw:
        files.replace(layout.twin, raw)
    return manifest


def commit(layout: Layout, manifest: Manifest) -> None:
    """Put a manifest in place. When this returns, everything it names is the index.

    The twin goes first: what fails then leaves the truth as it was. In an upgrade it goes last, so that there is never
    one beside a manifest of format 1, which older programs change without it.
    """
    raw = manifest.encode()
    if manifest.format < TWINNED:
        files.replace(layout.manifest, raw)
        return
    upgraded = layout.manifest.exists() and not layout.twin.exists()
    for path in (layout.manifest, layout.twin) if upgraded else (layout.twin, layout.manifest):
        files.replace(path, raw)


def _found(layout: Layout) -> tuple[bytes, Manifest]:
    """The bytes that count, and what they say."""
    if not exists(layout):
        raise NoIndex(f"{layout.root} holds no index. Make one: cascade add {layout.root} SOURCE")
    try:
        return _decoded(layout.manifest, RESTORE)
    except Corrupt:
        if not files.there(layout.twin):
            raise
    try:
        return _decoded(layout.twin, RESTORE)
    except Corrupt as error:
        raise Corrupt(
            f"Neither {layout.manifest} nor {layout.twin.name} is as it was written. {RESTORE}", layout.manifest
        ) from error


def _sound(path: Path, wrong: list[str]) -> Manifest | None:
    try:
        return _decoded(path, files.ADVICE)[1]
    except Corrupt as error:
        wrong.append(str(error))
        return None


def _bytes(path: Path) -> bytes | None:
    try:
        return files.read(path)
    except Corrupt:
        return None


def _decoded(path: Path, advice: str) -> tuple[bytes, Manifest]:
    """One of the two files, checked. Its hash comes first: a flipped bit of `format` is damage, not another format."""
    raw = files.read(path)
    try:
        fields = json.loads(raw)
        stated, version = fields.pop("hash"), fields["format"]
        whole = digest(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()) == stated
    except (ValueError, KeyError, AttributeError, TypeError):
        raise Corrupt(f"{path} is not a manifest of this program. {advice}", path) from None
    if not whole:
        raise Corrupt(f"{path} does not match its own hash: it was changed. {advice}", path)
    if version not in READS:
        raise WrongFormat(
            f"{path.parent} has format {version}; this version of Cascade reads {' and '.join(map(str, READS))}. "
            "Upgrade Cascade, or build the index again."
        )
    return raw, Manifest(
        built=Built(**fields.pop("built")),
        generations=tuple(Generation(**g) for g in fields.pop("generations")),
        segments=tuple(Entry(**s) for s in fields.pop("segments")),
        graves=tuple(Grave(**g) for g in fields.pop("graves")),
        **fields,
    )
