"""The manifest: the one file that says what an index is made of and how it was built. Written last, in one step.

From format 2 on there are two of it. `manifest.json` is the truth; its twin is of the same commit or of one that was
being made, and is read where the truth is damaged. Knows names, sizes and hashes; opens no segment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cascade import operating
from cascade.errors import Corrupt, NoIndex, WrongFormat
from cascade.index import checks, files
from cascade.index.analyzer import STEMMERS
from cascade.index.files import digest
from cascade.index.layout import FORMAT, READS, TWINNED, Layout

RESTORE = "Restore the index from a backup: cascade restore DEST NEW_INDEX"

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
    """One coarse quantizer: how many lists, trained when the index held how many passages, and its file's hash.

    `groups`: where each group of lists begins, from 0, and how many lists there are; empty: they are in no groups.
    """

    number: int
    lists: int
    trained: int
    hash: str
    groups: tuple[int, ...] = ()

    @property
    def begins(self) -> NDArray[np.int64] | None:
        """The groups as `Lists` has them."""
        return np.array(self.groups, dtype=np.int64) if self.groups else None


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
        for one in content["generations"]:
            if not one["groups"]:  # which older programs do not know
                del one["groups"]
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
    raw = checks.read(path)
    try:
        said = checks.parsed(raw)
        stated, version = said.pop("hash"), said["format"]
        whole = digest(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()) == stated
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise Corrupt(f"{path} is not a manifest of this program. {advice}", path) from None
    if not whole:
        raise Corrupt(f"{path} does not match its own hash: it was changed. {advice}", path)
    if version not in READS or isinstance(version, bool):
        raise WrongFormat(
            f"{path.parent} has format {str(version)[:20]}; this version of Cascade reads "
            f"{READS[0]} to {READS[-1]}. Upgrade Cascade, or build the index again."
        )
    checks.unlinked(path.parent)
    try:
        return raw, _consistent(_checked(said))
    except ValueError as error:
        checks.refuse(path, f"does not describe an index: {error}")


def _checked(content: dict[str, Any]) -> Manifest:
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
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in said.items()})


def _consistent(manifest: Manifest) -> Manifest:
    """The manifest, once its parts name one another and nothing else. Raises ValueError."""
    entries = {one.name: one for one in manifest.segments}
    numbers = {one.number for one in manifest.generations}
    graves = {(one.segment, one.commit) for one in manifest.graves}
    if (len(entries), len(numbers), len(graves)) != tuple(
        map(len, (manifest.segments, manifest.generations, manifest.graves))
    ):
        raise ValueError("a segment, a generation or a grave is named twice")
    for made in manifest.generations:
        if made.groups and (made.groups[0], made.groups[-1]) != (0, made.lists):
            raise ValueError(f"the groups of generation {made.number} do not hold its {made.lists:,} lists")
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
    if not isinstance(value, dict) or not ("fusion" not in value or _text(r"[0-9a-f]{32}")(value["fusion"])):
        return False
    return operating.NOTE not in value or operating.sound(value[operating.NOTE])


def _rising(value: Any) -> bool:
    """Whole numbers, each larger than the one before."""
    numbers = isinstance(value, list | tuple) and all(_COUNT(one) for one in value)
    return numbers and all(first < second for first, second in pairwise(value))


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
    "groups": _rising, "segments": lambda _: True, "graves": lambda _: True, "format": _whole(1, 1 << 16),
}  # fmt: skip
"""What each field of a manifest may be. Names become paths, and numbers the sizes of arrays."""
