"""Folders and archives to be read by leave, and leave to read them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from personal.kept import NOTES, allow, grants

from indexers.personal.granted import Opened, Reading
from indexers.personal.grants import Request, Scope
from indexers.sources.connectors.base import Connector, File

Tree = Mapping[str, "bytes | str"]


def plant(folder: Path, tree: Tree) -> Path:
    """Write files below a folder."""
    for name, data in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def zipped(tree: Tree, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, data in tree.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(tree: Tree, mode: str = "w:gz") -> bytes:
    """A tar of these members, in this order."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in tree.items():
            raw = data.encode() if isinstance(data, str) else data
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(raw), 1_700_000_000
            archive.addfile(info, io.BytesIO(raw))
    return out.getvalue()


def reading(
    state: Path,
    *roots: Path,
    scope: Scope | None = None,
    connector: Connector = NOTES,
    opened: list[Opened] | None = None,
    **more: object,
) -> Reading:
    """Leave to read these roots, written in a ledger in a folder of its own."""
    state.mkdir(exist_ok=True)
    ledger = grants(state)
    grant = allow(ledger, Request("notes", tuple(map(str, roots)), scope=scope or Scope()), connector)
    log = opened.append if opened is not None else lambda _: None
    return Reading(ledger.permit(grant.id, connector), connector, log, **more)  # type: ignore[arg-type]


def names(reading_: Reading, *patterns: str) -> list[str]:
    """The names of the files that are given."""
    return [file.name for file in reading_.reader.files(*patterns)]


def content(reading_: Reading, file: File) -> bytes:
    """What a file holds."""
    with reading_.reader.open(file) as stream:
        return stream.read()


def reasons(reading_: Reading) -> dict[str, str]:
    """What was told as left out, by locator."""
    return {skipped.locator: skipped.reason for skipped in reading_.reader.told()}
