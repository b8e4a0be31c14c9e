"""What is packed: single files behind gzip, bzip2, xz or zstd, and the members of zip and tar archives.

Names inside an archive only name things; nothing is ever written under them. Members are read one at a time.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from indexers.records import Skipped
from indexers.sources.blob import Blob
from indexers.sources.faults import Unreadable
from indexers.sources.formats.kinds import Format
from indexers.sources.globs import Globs
from indexers.sources.options import SourceOptions
from indexers.sources.passed import path_reason
from indexers.sources.streams import Counted, Guarded, buffered, refuse_bomb, seekable

_ENCRYPTED = 0x1
"""Bit 0 of a zip member's flags (APPNOTE.TXT, 4.4.4)."""


def unpacked(stream: BinaryIO, packing: Format, ratio: int) -> BinaryIO:
    """What one compressed file holds, as a stream; growth past `ratio` ends it with `Unreadable`."""
    counted = Counted(stream)
    source = buffered(counted)
    match packing:
        case Format.GZIP:
            inner = cast(BinaryIO, gzip.GzipFile(fileobj=source))
        case Format.BZIP2:
            inner = cast(BinaryIO, bz2.BZ2File(source))
        case Format.XZ:
            inner = cast(BinaryIO, lzma.LZMAFile(source))  # noqa: SIM115  closed with what wraps it
        case _:
            inner = _zstd(source)
    return buffered(Guarded(inner, counted, ratio))


class _Zstd(io.RawIOBase):
    """Zstandard frames, read so that damage and an end too early are seen."""

    def __init__(self, source: BinaryIO) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._source, self._new = source, zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj
        self._frame = self._new()
        self._held = b""
        self._open = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._held:
            piece = self._frame.unused_data or self._source.read(1 << 14)
            if not piece:
                if self._open:
                    raise EOFError
                return b""
            self._take(piece)
        given, self._held = self._held[:size], self._held[size:]
        return given

    def _take(self, piece: bytes) -> None:
        if self._frame.eof:
            self._frame = self._new()
        try:
            self._held = self._frame.decompress(piece)
        except self._error as error:
            raise Unreadable(f"Its compressed data are damaged ({error}).") from error
        self._open = not self._frame.eof


def _zstd(source: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, _Zstd(source))


def zip_members(blob: Blob, stream: BinaryIO, globs: Globs, options: SourceOptions) -> Iterator[Blob | Skipped]:
    """Members of a zip in the order of its directory. Locators are `archive.zip!folder/name`."""
    with seekable(stream, options) as file, _directory(file) as archive:
        members = [member for member in archive.infolist() if not member.filename.endswith("/")]
        packed = min(sum(member.compress_size for member in members), file.seek(0, io.SEEK_END))  # members may overlap
        refuse_bomb(sum(member.file_size for member in members), packed, options.max_ratio)
        for member in members:
            locator = f"{blob.locator}!{member.filename}"
            if not globs.allow(locator):
                continue
            if reason := path_reason(member.filename):
                yield Skipped(blob.source, locator, reason, fault=False)
            elif member.flag_bits & _ENCRYPTED:
                yield Skipped(blob.source, locator, "It is encrypted; unpack the archive with its password first.")
            else:
                yield _zip_member(blob, archive, member, locator)


def _directory(file: BinaryIO) -> zipfile.ZipFile:
    with _sound():
        return zipfile.ZipFile(file)


@contextmanager
def _sound() -> Iterator[None]:
    """Whatever `zipfile` raises at places and lengths that cannot be, as `Unreadable`."""
    try:
        yield
    except NotImplementedError:
        raise
    except (ValueError, IndexError, OverflowError, RuntimeError, struct.error) as error:
        raise Unreadable(f"Its directory of files is damaged ({error}).") from error


def _zip_member(blob: Blob, archive: zipfile.ZipFile, member: zipfile.ZipInfo, locator: str) -> Blob:
    def open_member() -> BinaryIO:
        with _sound():
            return buffered(cast(io.RawIOBase, archive.open(member)))

    return Blob(blob.source, locator, member.filename.rpartition("/")[2], open_member)


def tar_members(blob: Blob, stream: BinaryIO, globs: Globs) -> Iterator[Blob | Skipped]:
    """Regular files of a tar in its own order; each must be read before the next is asked for."""
    with tarfile.open(fileobj=stream, mode="r|", errorlevel=2) as archive:
        for member in archive:
            vars(archive)["members"] = []  # or a streamed tar keeps every header it has seen
            name = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            locator = f"{blob.locator}!{name}"
            if not member.isfile() or not globs.allow(locator):
                continue
            if reason := path_reason(member.name.removeprefix("./")):
                yield Skipped(blob.source, locator, reason, fault=False)
            elif member.issparse():
                yield Skipped(blob.source, locator, "It is sparse: its holes may be of any size. Pack it without -S.")
            else:
                yield _tar_member(blob, archive, member, locator)


def _tar_member(blob: Blob, archive: tarfile.TarFile, member: tarfile.TarInfo, locator: str) -> Blob:
    def open_member() -> BinaryIO:
        return buffered(Counted(cast(BinaryIO, archive.extractfile(member))))

    return Blob(blob.source, locator, member.name.rpartition("/")[2], open_member)
