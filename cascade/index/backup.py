"""Backups: every file of a commit by what is in it, and a list of them for each backup.

    DEST/objects/3f/3f9a...-1048576      a file's bytes, named by xxh3-128 and size
    DEST/snapshots/20261124T101500Z-00000042-000.json

Files of an index never change, so a second backup copies what is new. A backup counts when its list is written, which
is last. Whatever is copied is compared with the checksums of the index first, and with its name when it comes back:
damage is neither backed up nor restored. Knows files; knows nothing of what is in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import xxhash

from cascade.errors import Corrupt, NotFound, Unreadable, UsageError
from cascade.index import checks, files, layout
from cascade.index import manifest as manifests
from cascade.index.files import digest
from cascade.index.layout import Layout
from cascade.index.segment import Segment
from cascade.index.snapshot import Snapshot
from cascade.index.store import Store

FORMAT = 1

SNAPSHOTS, OBJECTS = "snapshots", "objects"

STAMP = "%Y%m%dT%H%M%SZ"
"""The time in the name of a backup: it sorts by name."""

Told = Callable[[int, int], None]
"""Hears how many bytes of how many are done."""


def silent(done: int, of: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of an index: its path in it, its size, the xxh3-128 of its bytes, and the hash of what it belongs to."""

    path: str
    size: int
    hash: str
    of: str = ""

    @property
    def object(self) -> str:
        """Where its bytes are kept."""
        return f"{OBJECTS}/{self.hash[:2]}/{self.hash}-{self.size}"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: what the index was, file by file."""

    name: str
    created: str
    commit: int
    passages: int
    files: tuple[Kept, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(one.size for one in self.files)

    def encode(self) -> bytes:
        """As JSON with a hash of its own content."""
        body = {
            "format": FORMAT, "created": self.created, "commit": self.commit, "passages": self.passages,
            "files": [[one.path, one.size, one.hash, one.of] for one in self.files],
        }  # fmt: skip
        return json.dumps({**body, "hash": digest(_plain(body))}, indent=1).encode()


def _plain(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True).encode()


def backups(store: Store) -> list[str]:
    """The names of all backups, the oldest first."""
    return sorted(PurePosixPath(name).stem for name in store.names(SNAPSHOTS) if name.endswith(".json"))


def read(store: Store, name: str = "") -> Backup:
    """One backup, or the newest. Raises NotFound or Corrupt."""
    there = backups(store)
    chosen = name or (there[-1] if there else "")
    if chosen not in there:
        said = f"There is no backup {chosen!r}. There are: {', '.join(there)}." if there else "There is no backup."
        raise NotFound(f"{said} Make one: cascade backup INDEX DEST")
    raw = b"".join(store.read(f"{SNAPSHOTS}/{chosen}.json"))
    try:
        body = checks.parsed(raw)
        stated = body.pop("hash")
        if stated != digest(_plain(body)) or body["format"] != FORMAT:
            raise ValueError("it does not match its own hash, or is of another version")
        kept = tuple(
            Kept(_inside(path), _size(size), _hexadecimal(hash_), str(of)) for path, size, hash_, of in body["files"]
        )
        if len({one.path for one in kept}) != len(kept):
            raise ValueError("a file is named twice")
        return Backup(chosen, str(body["created"]), int(body["commit"]), int(body["passages"]), kept)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Corrupt(f"The backup {chosen} cannot be read ({error}). Take an older one: --list shows them.") from error


def _inside(path: str) -> str:
    """A path that stays in the folder it is joined to."""
    parts = PurePosixPath(path)
    whole = isinstance(path, str) and path.isprintable() and len(path) <= 1000
    if not whole or parts.is_absolute() or ".." in parts.parts or "\\" in path or ":" in path or not parts.parts:
        raise ValueError(f"{path!r} leads out of the folder")
    return path


def _size(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise ValueError(f"{str(value)[:40]} is no size")
    return value


def _hexadecimal(value: Any) -> str:
    """A hash, which is a part of the name of an object."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{32}", value):
        raise ValueError(f"{str(value)[:80]!r} is no hash")
    return value


def back_up(root: Path, store: Store, told: Told = silent) -> tuple[Backup, int]:
    """Back up the newest commit of an index. Returns the backup and the bytes that were copied.

    Consistent while a writer works: its segments are leased, and where a tombstone is gone before it was copied, the
    newer commit is taken instead. Raises Corrupt where a file is damaged or missing.
    """
    while True:
        snapshot = Snapshot(root)
        try:
            snapshot.whole()
            return _back_up(snapshot, store, told)
        except Corrupt:
            if manifests.read(snapshot.layout).commit == snapshot.manifest.commit:
                raise
        finally:
            snapshot.close()


def _back_up(snapshot: Snapshot, store: Store, told: Told) -> tuple[Backup, int]:
    before = {one.path: one for one in read(store).files} if backups(store) else {}
    parts = list(_parts(snapshot))
    whole, done, copied = sum(_measured(path) for path, _, _ in parts), 0, 0
    kept: list[Kept] = []
    for path, of, segment in parts:
        one, new = _keep(store, snapshot.layout.root, path, of, segment, before)
        kept.append(one)
        done, copied = done + one.size, copied + new
        told(done, whole)
    manifest = snapshot.manifest.encode()
    names = (layout.MANIFEST, layout.TWIN) if snapshot.manifest.format >= layout.TWINNED else (layout.MANIFEST,)
    named = [Kept(name, len(manifest), digest(manifest)) for name in names]
    _put_bytes(store, named[0].object, manifest)
    now = datetime.now(UTC)
    commit, created = snapshot.manifest.commit, now.isoformat(timespec="seconds")
    name = _name(backups(store), now, commit)
    made = Backup(name, created, commit, len(snapshot), (*kept, *named))
    _put_bytes(store, f"{SNAPSHOTS}/{name}.json", made.encode())
    return made, copied


def _measured(path: Path) -> int:
    with files.reading(path):
        return path.stat().st_size


def _name(taken: Sequence[str], now: datetime, commit: int) -> str:
    """A name that sorts after all others, also where the clock was set back since."""
    name = f"{now:{STAMP}}-{commit:08d}"
    free = f"{name}-{sum(one.startswith(name) for one in taken):03d}"
    if not taken or free > taken[-1]:
        return free
    newest = datetime.strptime(taken[-1].partition("-")[0], STAMP)
    return f"{newest + timedelta(seconds=1):{STAMP}}-{commit:08d}-000"


def _parts(snapshot: Snapshot) -> Iterator[tuple[Path, str, Segment | None]]:
    """The files of a commit but the manifest, with the hash of what each belongs to; it never changes."""
    where, said = snapshot.layout, snapshot.manifest
    yield where.rotation, said.rotation, None
    for generation in said.generations:
        if where.centroids(generation.number).exists():
            yield where.centroids(generation.number), generation.hash, None
    if (fusion := said.notes.get("fusion")) is not None:
        yield where.fusion(str(fusion)), str(fusion), None
    for grave in said.graves:
        yield where.tombstone(grave.segment, grave.commit), grave.hash, None
    for segment in snapshot.segments:
        for name in (*segment.sums, layout.SUMS):
            yield segment.folder / name, segment.entry.hash, segment


def _keep(
    store: Store, root: Path, path: Path, of: str, segment: Segment | None, before: dict[str, Kept]
) -> tuple[Kept, int]:
    """See that a file's bytes are in the store; how many were copied. Checked where it was not kept before."""
    relative = path.relative_to(root).as_posix()
    known = before.get(relative)
    if known is not None and known.of == of and store.has(known.object):
        return known, 0
    if segment is not None and path.name != layout.SUMS:
        files.check(path, segment.sums[path.relative_to(segment.folder).as_posix()])
    with files.reading(path):
        one = Kept(relative, path.stat().st_size, _hash(files.disk.parts(path)), of)
    if segment is None and one.hash != of:
        raise Corrupt(f"{path} is not the file the manifest names. Restore the index from an older backup.")
    if store.has(one.object):
        store.settle(one.object)
        return one, 0
    with files.reading(path), path.open("rb") as data:
        store.put(one.object, data)
    return one, one.size


def _hash(parts: Iterable[bytes]) -> str:
    found = xxhash.xxh3_128()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _put_bytes(store: Store, name: str, data: bytes) -> None:
    import io

    if store.has(name):
        store.settle(name)  # who put it may have been stopped before its name was flushed
    else:
        store.put(name, io.BytesIO(data))


def restore(store: Store, root: Path, name: str = "", told: Told = silent) -> Backup:
    """Put a backup where there is nothing yet. Raises UsageError where there is something, NotFound or Corrupt.

    Written beside its place and renamed when every file is what was backed up.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(f"{root} is not empty. Name a new folder; nothing is written over an index.")
    backup = read(store, name)
    aside = root.with_name(f"{layout.UNFINISHED}{root.name}")
    if aside.is_symlink():
        files.disk.remove(aside)  # or what is written aside would be written where it leads
    done = 0
    try:
        files.disk.clear(aside)
        files.gone(aside)
        files.make(aside)
        for one in backup.files:
            _fetch(store, one, aside / one.path)
            done += one.size
            told(done, backup.size)
        for folder in (Layout(aside).segments, Layout(aside).tombstones, Layout(aside).model):
            files.disk.make(folder)
        if root.exists():
            files.disk.remove(root)
        files.publish(aside, root)
    except OSError as error:
        raise UsageError(f"{root} cannot be written ({error}). Make room or name another folder.") from error
    finally:
        files.disk.clear(aside)
    return backup


def _fetch(store: Store, one: Kept, path: Path) -> None:
    """Bring one file back, and compare it."""
    files.disk.make(path.parent)
    files.disk.stream(path, _taken(store, one))
    if path.stat().st_size != one.size or _hash(files.disk.parts(path)) != one.hash:
        raise Corrupt(f"{one.object}, which is {one.path}, is damaged in the backup. Take an older one.")


def _taken(store: Store, one: Kept) -> Iterator[bytes]:
    """The bytes of an object, and no more than one part beyond its size."""
    left = one.size
    try:
        for part in store.read(one.object):
            yield part
            if (left := left - len(part)) < 0:
                return
    except FileNotFoundError:
        raise Corrupt(f"{one.object}, which is {one.path}, is missing in the backup. Take an older one.") from None
    except OSError as error:
        raise Unreadable(f"{one.object}, which is {one.path}, cannot be read in the backup ({error}).") from error


def verify(store: Store) -> list[str]:
    """Read everything that any backup needs; one sentence for each thing that is wrong."""
    problems, seen = [], set()
    for name in backups(store):
        try:
            backup = read(store, name)
        except Corrupt as error:
            problems.append(str(error))
            continue
        for one in backup.files:
            if one.object in seen:
                continue
            seen.add(one.object)
            if not store.has(one.object):
                problems.append(f"{one.object}, which is {one.path} of {name}, is missing.")
            elif _hash(store.read(one.object)) != one.hash:
                problems.append(f"{one.object}, which is {one.path} of {name}, is damaged.")
    return problems


def prune(store: Store, keep: int) -> tuple[int, int]:
    """Take away all but the newest backups, then what none of these needs. Returns how many backups and objects."""
    names = backups(store)
    needed = {one.object for name in names[-keep:] for one in read(store, name).files}
    for name in names[:-keep]:
        store.remove(f"{SNAPSHOTS}/{name}.json")
    for name in names[-1:]:
        store.settle(f"{SNAPSHOTS}/{name}.json")  # the lists are gone for good before what they name is
    spare = [name for name in store.names(OBJECTS) if name not in needed]
    for name in spare:
        store.remove(name)
    return max(0, len(names) - keep), len(spare)
