"""Archives as folders: the members of a zip or a tar, told without unpacking, and each one as a stream.

Nothing is ever written under a member's name, or anywhere. Refused, with a sentence: members whose names point out of
the archive (`..`, absolute), encrypted ones, what grows past all measure when it is unpacked (over `RATIO` times,
beyond 64 MiB), a directory of files beyond all measure (zip), headers beyond all measure (tar), and holes (tar).
A zip can be read at any place; its members are told in the order of their names. A tar is told in its own order, and
its members are best opened in that order: going back begins it anew. Names in a zip that say nothing of how they are
written are taken for UTF-8 where they can be.
Knows archives; knows nothing of grants, folders or what members hold.
"""

from __future__ import annotations

import calendar
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, cast

from indexers.personal.granted.paths import member_refused
from indexers.personal.granted.streams import Forward, buffered
from indexers.sources.faults import Unreadable
from indexers.sources.formats.kinds import Format
from indexers.sources.options import SourceOptions
from indexers.sources.packed import unpacked
from indexers.sources.streams import refuse_bomb

RATIO = SourceOptions().max_ratio
"""Past 64 MiB, what grows by more than this is taken for a bomb."""

DIRECTORY = 64 << 20
"""Largest directory of a zip, in bytes: some 500,000 members. It is held in memory."""

HEADER = 1 << 20
"""Longest header of a member of a tar."""

_ENCRYPTED = 0x1
_FREE = 64 << 20
_UTF8 = 0x800
ENCRYPTED = "It is encrypted. Unpack the archive with its password, and grant the folder."
_ZIP = (".zip",)
_TAR = (".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
_END, _END64 = b"PK\5\6", b"PK\6\6"


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive; `refused` says why it is not read, empty where it is."""

    path: str
    size: int
    modified: float = 0.0
    refused: str = ""


class Archive(Protocol):
    """An archive that is open."""

    def members(self) -> list[Member]:
        """Its files, in a stable order; each path once."""
        ...

    def open(self, path: str) -> BinaryIO:
        """The bytes of a member, to be read on. Raises Unreadable, KeyError where there is none."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def is_archive(name: str) -> bool:
    """Whether a file of this name is an archive."""
    return name.lower().endswith((*_ZIP, *_TAR))


def is_zip(name: str) -> bool:
    """Whether a file of this name is a zip."""
    return name.lower().endswith(_ZIP)


def opened(name: str, reopen: Callable[[], BinaryIO]) -> Archive:
    """The archive in a file; `reopen` opens it, for a tar again and again. Raises what `faults.FAULTS` names."""
    return Zip(reopen()) if is_zip(name) else Tar(name, reopen)


class Zip:
    """A zip whose bytes can be sought in."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            _refuse_directory(file)
            self._zip = _sound(lambda: zipfile.ZipFile(file))
            vars(self._zip)["_filePassed"] = 0  # it is the archive's to close, after the last member that is open
            files = [info for info in self._zip.infolist() if info.filename and not info.filename.endswith("/")]
            self._infos = {_name(info): info for info in files}
            packed = min(sum(info.compress_size for info in self._infos.values()), file.seek(0, io.SEEK_END))
            refuse_bomb(sum(info.file_size for info in self._infos.values()), packed, RATIO)
        except BaseException:
            file.close()
            raise
        self._members = [self._member(path, info) for path, info in sorted(self._infos.items())]

    def members(self) -> list[Member]:
        """By name."""
        return self._members

    def open(self, path: str) -> BinaryIO:
        """A member, decompressed as it is read. To seek back in it is to decompress it from its beginning again."""
        info = self._infos[path]
        if why := self._member(path, info).refused:
            raise Unreadable(why)
        return cast(BinaryIO, _sound(lambda: self._zip.open(info)))

    def close(self) -> None:
        """Close the file too, once no member is open any more."""
        self._zip.close()

    def _member(self, path: str, info: zipfile.ZipInfo) -> Member:
        refused = member_refused(path)
        if info.flag_bits & _ENCRYPTED:
            refused = ENCRYPTED
        elif not refused and info.file_size > _FREE and info.file_size > RATIO * max(info.compress_size, 1):
            refused = (
                f"It unpacks to more than {RATIO} times its size, as a decompression bomb does. Unpack it yourself."
            )
        return Member(path, info.file_size, _modified(info), refused)


def _name(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _modified(info: zipfile.ZipInfo) -> float:
    """Wall time of nobody knows which zone, taken for UTC; 0.0 where it is the first there can be, or none."""
    try:
        return 0.0 if info.date_time <= (1980, 1, 1, 0, 0, 0) else float(calendar.timegm((*info.date_time, 0, 0, 0)))
    except (ValueError, OverflowError):
        return 0.0


def _sound(action: Callable[[], Any]) -> Any:
    """Whatever `zipfile` raises at places and lengths that cannot be, as Unreadable."""
    try:
        return action()
    except NotImplementedError as error:
        raise Unreadable(f"It is packed in a way that cannot be read ({error}). Unpack it, grant the folder.") from None
    except (ValueError, IndexError, OverflowError, RuntimeError, struct.error) as error:
        raise Unreadable(f"Its directory of files is damaged ({error}).") from None


def _refuse_directory(file: BinaryIO) -> None:
    """Refuse a directory that is too large to be held (APPNOTE.TXT 4.3.14 and 4.3.16: its size in bytes)."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 128))
    tail = file.read()
    sizes = []
    if (at := tail.rfind(_END)) >= 0 and len(tail) >= at + 16:
        sizes.append(int.from_bytes(tail[at + 12 : at + 16], "little") % 0xFFFFFFFF)
    if (at := tail.rfind(_END64)) >= 0 and len(tail) >= at + 48:
        sizes.append(int.from_bytes(tail[at + 40 : at + 48], "little"))
    file.seek(0)
    if max(sizes, default=0) > DIRECTORY:
        raise Unreadable("It holds more files than can be told at once. Unpack it, and grant the folder.")


class _Header(tarfile.TarInfo):
    """A header that is not held where it is longer than any honest one."""

    def _proc_pax(self, archive: tarfile.TarFile) -> Any:
        return self._bounded(archive, "_proc_pax")

    def _proc_gnulong(self, archive: tarfile.TarFile) -> Any:
        return self._bounded(archive, "_proc_gnulong")

    def _bounded(self, archive: tarfile.TarFile, name: str) -> Any:
        if self.size > HEADER:
            raise tarfile.ReadError(f"a header of {self.size} bytes")
        return getattr(super(), name)(archive)


class Tar:
    """A tar, compressed or not, read from its beginning to its end as often as it must be."""

    def __init__(self, name: str, reopen: Callable[[], BinaryIO]) -> None:
        self._name, self._reopen = name.lower(), reopen
        self._members: list[Member] | None = None
        self._cursor: _Cursor | None = None
        self._closed = False

    def members(self) -> list[Member]:
        """In the order of the tar. Where it is damaged, the last one is a Member that says so, with an empty path."""
        if self._members is None:
            self._members = list(self._told())
        return self._members

    def open(self, path: str) -> BinaryIO:
        """A member. Opened in their order, one after the other, the tar is read once; else it is begun anew."""
        cursor, self._cursor = self._cursor or self._new(), None
        found = cursor.find(path)
        if found is None:
            cursor.close()
            cursor = self._new()
            found = cursor.find(path)
        if found is None:
            cursor.close()
            raise KeyError(path)
        return buffered(_Lent(found, lambda: self._back(cursor)))

    def close(self) -> None:
        """Let go of the file that is still open, now or when its member is closed."""
        self._closed = True
        if self._cursor:
            self._cursor.close()
            self._cursor = None

    def _new(self) -> _Cursor:
        return _Cursor(self._name, self._reopen())

    def _back(self, cursor: _Cursor) -> None:
        if self._cursor is None and not self._closed:
            self._cursor = cursor
        else:
            cursor.close()

    def _told(self) -> Iterator[Member]:
        cursor = self._new()
        known: set[str] = set()
        try:
            for info in cursor:
                path = _path(info)
                if path not in known and info.isfile():
                    known.add(path)
                    yield Member(path, info.size, max(0.0, float(info.mtime)), _tar_refused(path, info))
        except (OSError, EOFError, tarfile.TarError, Unreadable, ValueError, OverflowError) as error:
            yield Member("", 0, refused=f"It is damaged from here on, and read up to here ({error}).")
        finally:
            cursor.close()


class _Cursor:
    """A tar that is being read on."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self._file = file
        try:
            packing = _packing(name)
            stream = unpacked(file, packing, RATIO) if packing else file
            self._tar = tarfile.open(fileobj=stream, mode="r|", errorlevel=2, tarinfo=_Header)  # noqa: SIM115
        except BaseException:
            file.close()
            raise

    def __iter__(self) -> Iterator[tarfile.TarInfo]:
        while (info := self._tar.next()) is not None:
            vars(self._tar)["members"] = []  # or a streamed tar keeps every header it has seen
            yield info

    def find(self, path: str) -> BinaryIO | None:
        for info in self:
            if info.isfile() and _path(info) == path:
                if why := _tar_refused(path, info):
                    raise Unreadable(why)
                return cast(BinaryIO, self._tar.extractfile(info))
        return None

    def close(self) -> None:
        with suppress(OSError, tarfile.TarError):
            self._tar.close()
        self._file.close()


class _Lent(Forward):
    """A member that gives its tar back when it is closed."""

    def __init__(self, inner: BinaryIO, back: Callable[[], None]) -> None:
        super().__init__(inner)
        self._back: Callable[[], None] | None = back

    def close(self) -> None:
        back, self._back = self._back, None
        super().close()
        if back:
            back()


def _packing(name: str) -> Format | None:
    if name.endswith((".tgz", ".gz")):
        return Format.GZIP
    if name.endswith(("bz2",)):
        return Format.BZIP2
    return Format.XZ if name.endswith("xz") else None


def _path(info: tarfile.TarInfo) -> str:
    return info.name.removeprefix("./").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _tar_refused(path: str, info: tarfile.TarInfo) -> str:
    if info.issparse():
        return "It is sparse: its holes may be of any size. Pack it without -S."
    return member_refused(path)
