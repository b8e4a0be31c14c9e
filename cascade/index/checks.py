"""What an index must be before anything is made of it: for whoever did not write it himself.

A checksum says that bytes are those that were written, not that they were written in good faith: whoever makes an index
makes its checksums too. So names stay in the folder, links are not followed, and what a file says of sizes and places
is compared with what is there before memory is taken for it.
Knows files, numbers and JSON; knows nothing of queries.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from cascade.errors import Corrupt
from cascade.index import files, layout
from cascade.index.files import BLOCK, FileSum

MOST = 1 << 30
"""Bytes of the largest file that is held whole: a manifest, sums, centroids."""

_NAME = re.compile(r"\w[\w.-]*|\.managed\.json", re.ASCII)
_BLOCK = re.compile(r"[0-9a-f]{16}")
_ADVICE = "Use only indexes from people you trust; restore this one from a backup."


def refuse(path: Path, why: str) -> NoReturn:
    """Raise Corrupt: a file or folder is not what one of an index is."""
    raise Corrupt(f"{path} {why}. {_ADVICE}", path)


def unlinked(root: Path, *below: str) -> None:
    """Raise Corrupt where a name in a folder is a link: following it would lead out of the index.

    `below`: the names to look at; all that there are without them.
    """
    for path in [root / name for name in below] or (root.iterdir() if root.is_dir() else ()):
        if path.is_symlink():
            refuse(path, "is a link, and an index holds none")


def without_links(root: Path) -> None:
    """Raise Corrupt where there is a link anywhere in a folder: nobody writes to an index that leads out of itself."""
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for entry in found:
                if entry.is_symlink():
                    refuse(Path(entry.path), "is a link, and an index holds none")
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))


def read(path: Path, most: int = MOST) -> bytes:
    """A regular file of at most so many bytes. Raises Corrupt where it is missing or something else, and Unreadable."""
    with files.reading(path):
        found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        refuse(path, "is not a regular file")
    if found.st_size > most:
        refuse(path, f"has {found.st_size:,} bytes, which are more than the {most:,} there should be")
    return files.read(path)


def parsed(raw: bytes | str) -> Any:
    """JSON. Raises ValueError for anything else: NaN, what is nested too deeply, numbers of a thousand digits."""
    try:
        return json.loads(raw, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def matrix(path: Path, hash_: str, rows: int, columns: int) -> NDArray[np.float32]:
    """A file of float32 (rows, columns) with the hash that the manifest says, all numbers finite. Raises Corrupt."""
    size = rows * columns * 4
    raw = files.same(path, read(path), hash_)
    if len(raw) != size:
        refuse(path, f"does not hold {rows:,} times {columns:,} numbers, as the manifest says")
    found = np.frombuffer(raw, dtype="<f4").reshape(rows, columns)
    if not np.isfinite(found).all():
        refuse(path, "holds what is no number")
    return found


def dead(path: Path, hash_: str, rows: int, passages: int) -> NDArray[np.uint32]:
    """Deleted row numbers of a segment of so many passages. Raises Corrupt."""
    raw = files.same(path, read(path), hash_)
    if len(raw) != rows * 4:
        refuse(path, f"does not hold {rows:,} rows, as the manifest says")
    found = np.frombuffer(raw, dtype="<u4")
    if len(found) and int(found.max()) >= passages:
        refuse(path, f"deletes rows that are not there (the segment has {passages:,} passages)")
    return found


def sums(folder: Path, raw: bytes, passages: int, dim: int, listed: bool) -> dict[str, FileSum]:
    """What a segment's sums.json says, once it fits the rows the manifest says there are. Raises Corrupt.

    Files that are missing or damaged are found when they are read; here only what is said is looked at, and that no
    name leads elsewhere.
    """
    path = folder / layout.SUMS
    found = named(path, raw)
    rows = {
        layout.VECTORS: passages * dim, layout.HEADS: passages, layout.TOKEN_OFFSETS: 4 * (passages + 1),
        layout.TEXT_OFFSETS: 4 * (passages + 1),
    }  # fmt: skip
    wanted = {*rows, layout.TOKENS, layout.FREQUENCIES, layout.TEXT, layout.FRAMES, layout.PASSAGES}
    names = {name for name in found if not name.startswith(f"{layout.WORDS}/")}
    if names not in ([wanted | {*layout.CODED}, wanted | {layout.OLD_CODES}] if listed else [wanted]):
        refuse(path, f"does not name the files of a segment (it names {', '.join(sorted(names))[:200]})")
    if layout.CODES in names:
        blocks = -(-passages // layout.LANES) * layout.LANES
        rows |= {layout.CODES: blocks * -(-dim // 64) * 8, layout.GAINS: blocks * 2}
    for name, size in rows.items():
        if found[name].size != size:
            refuse(path, f"says that {name} has {found[name].size:,} bytes; {passages:,} passages have {size:,}")
    if found[layout.TOKENS].size % 2 or found[layout.FRAMES].size % 16 or not found[layout.FRAMES].size:
        refuse(path, "says of tokens or frames that they hold a part of one")
    _plain(folder, found)
    return found


def named(path: Path, raw: bytes) -> dict[str, FileSum]:
    """The files that a segment's sums.json names, none of which leads out of its folder. Raises Corrupt."""
    try:
        said = parsed(raw)
        return {name: _sum(name, one) for name, one in said.items() if not name.endswith(".lock")}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        refuse(path, f"is not a list of files with their sums ({error})")


def _sum(name: str, said: Mapping[str, Any]) -> FileSum:
    size, blocks = said["size"], said["blocks"]
    inner = name.removeprefix(f"{layout.WORDS}/")
    if not _NAME.fullmatch(inner):
        raise ValueError(f"{name[:200]!r} is no name of a file")
    if type(size) is not int or not 0 <= size < 1 << 48 or not isinstance(blocks, list):
        raise ValueError(f"the size of {name} is none")
    if len(blocks) != -(-size // BLOCK) or not all(isinstance(one, str) and _BLOCK.fullmatch(one) for one in blocks):
        raise ValueError(f"{name} has other blocks than its size has")
    return FileSum(size, tuple(blocks))


def _plain(folder: Path, found: Mapping[str, FileSum]) -> None:
    """Raise Corrupt where a file is a link or a pipe, or a journal lies beside the database."""
    for path in (folder, folder / layout.WORDS, *(folder / name for name in found)):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        if not (stat.S_ISREG(mode) or (stat.S_ISDIR(mode) and path in (folder, folder / layout.WORDS))):
            refuse(path, "is a link, or not a regular file")


def journals(path: Path) -> Iterator[Path]:
    """The names a DuckDB file's journal may have. A finished segment has none, and one would change what is read."""
    return (path.with_name(f"{path.name}{end}") for end in (".wal", ".checkpoint.wal", ".recovery.wal"))


def metadata(raw: str, origin: str) -> dict[str, Any]:
    """A record's metadata. Raises Corrupt."""
    try:
        return {**json.loads(raw)}
    except (ValueError, TypeError, RecursionError) as error:
        raise Corrupt(f"The metadata of a record in {origin} are no JSON object ({error}). {_ADVICE}") from None
