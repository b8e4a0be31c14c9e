"""The manifest: the one file that says what an index is made of and how it was built. Written last, in one step.

Knows names, sizes and hashes; opens no segment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from typing import Any, TypeVar

import xxhash

from cascade.errors import Corrupt, NoIndex, WrongFormat
from cascade.index import checks, files
from cascade.index.analyzer import STEMMERS
from cascade.index.layout import FORMAT, Layout

M = TypeVar("M")


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


def digest(data: bytes) -> str:
    """xxh3-128 in hexadecimal."""
    return xxhash.xxh3_128_hexdigest(data)


def read(layout: Layout) -> Manifest:
    """Read and check the manifest. Raises NoIndex, WrongFormat or Corrupt."""
    try:
        raw = checks.read(layout.manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise NoIndex(f"{layout.root} holds no index. Make one: cascade add {layout.root} SOURCE") from None
    try:
        content = checks.parsed(raw)
        stated, version = content.pop("hash"), content["format"]
        own = digest(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise Corrupt(f"{layout.manifest} is not a manifest of this program. Restore it from a backup.") from None
    if version != FORMAT or isinstance(version, bool):
        raise WrongFormat(
            f"{layout.root} has format {str(version)[:20]}; this version reads format {FORMAT}. "
            "Upgrade Cascade, or build the index again."
        )
    if own != stated:
        raise Corrupt(f"{layout.manifest} does not match its own hash: it was changed. Restore it from a backup.")
    del content["format"]
    checks.unlinked(layout.root)
    try:
        return _consistent(_decoded(content))
    except ValueError as error:
        checks.refuse(layout.manifest, f"does not describe an index: {error}")


def _decoded(content: dict[str, Any]) -> Manifest:
    """A manifest whose every field is of its kind. Raises ValueError."""
    parts = (("generations", Generation), ("segments", Entry), ("graves", Grave))
    lists = {name: content.get(name) for name, _ in parts}
    if not all(isinstance(one, list) for one in lists.values()):
        raise ValueError("generations, segments or graves are no list")
    made = {name: tuple(_made(kind, one, name) for one in lists[name] or ()) for name, kind in parts}
    return _made(Manifest, {**content, "built": _made(Built, content.get("built"), "built"), **made}, "the manifest")


def _made(kind: type[M], said: Any, where: str) -> M:
    if not isinstance(said, dict):
        raise ValueError(f"{where} is no table of fields")
    known = {one.name: one.default is MISSING and one.default_factory is MISSING for one in fields(kind)}  # type: ignore[arg-type]
    if unknown := said.keys() - known.keys():
        raise ValueError(f"{where} has a field {min(unknown)[:80]!r}, and there is none")
    for name, needed in known.items():
        if name not in said:
            if needed:
                raise ValueError(f"{where} has no {name}")
        elif not _KINDS[name](said[name]):
            raise ValueError(f"{name} of {where} cannot be {str(said[name])[:80]!r}")
    return kind(**said)


def _consistent(manifest: Manifest) -> Manifest:
    """The manifest, once its parts name one another and nothing else. Raises ValueError."""
    entries = {one.name: one for one in manifest.segments}
    numbers = {one.number for one in manifest.generations}
    graves = {(one.segment, one.commit) for one in manifest.graves}
    if (len(entries), len(numbers), len(graves)) != tuple(
        map(len, (manifest.segments, manifest.generations, manifest.graves))
    ):
        raise ValueError("a segment, a generation or a grave is named twice")
    for one in manifest.segments:
        if one.generation and one.generation not in numbers:
            raise ValueError(f"segment {one.name} is of generation {one.generation}, which is not there")
        if int(one.name) >= manifest.serial:
            raise ValueError(f"segment {one.name} is not older than the next, {manifest.serial}")
    for grave in manifest.graves:
        if grave.segment not in entries or grave.rows > entries[grave.segment].passages:
            raise ValueError(f"rows of segment {grave.segment} are deleted that are not there")
    return manifest


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _text(pattern: str = r"[^\x00-\x1f]{0,1000}") -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _notes(value: Any) -> bool:
    return isinstance(value, dict) and ("fusion" not in value or _text(r"[0-9a-f]{32}")(value["fusion"]))


def _share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < 1e18


_COUNT, _NUMBER = _whole(0, (1 << 32) - 1), _whole(0, 1 << 53)
_SEGMENT = _text(r"[0-9]{8,15}")

_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "encoder": _text(), "dim": _whole(1, 1 << 14), "limit": _COUNT, "fingerprint": _text(), "vocabulary": _text(),
    "vocabulary_size": _whole(1, 1 << 16), "language": lambda value: value in (*STEMMERS, "none"), "words": _COUNT,
    "number": _whole(1, 1 << 53), "lists": _whole(1, 1 << 20), "trained": _NUMBER, "hash": _text(),
    "name": _SEGMENT, "passages": _COUNT, "records": _COUNT, "generation": _NUMBER, "bytes": _NUMBER,
    "imbalance": _share, "segment": _SEGMENT, "commit": _NUMBER, "rows": _COUNT, "rotation": _text(),
    "created": _text(), "serial": _NUMBER, "notes": _notes, "built": lambda _: True, "generations": lambda _: True,
    "segments": lambda _: True, "graves": lambda _: True,
}  # fmt: skip
"""What each field of a manifest may be. Names become paths, and numbers the sizes of arrays."""


def commit(layout: Layout, manifest: Manifest) -> None:
    """Put a manifest in place. When this returns, everything it names is the index."""
    files.replace(layout.manifest, manifest.encode())
