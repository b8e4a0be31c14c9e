"""The folders of an export: pictures, the JSON and CSV beside them, and the albums that name them.

Parts of one export are one: a folder below `Takeout/` is the same in whichever zip it lies. Names are listed first,
then what lies beside pictures is read in one go, then pictures in another: a tar, which can only be read on, is begun
three times and no more. All sidecars of an export are in memory meanwhile, some 600 bytes each. Knows exports; opens
no picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from indexers.records import Skipped
from indexers.sources.connectors.base import File, Reader
from indexers.sources.connectors.photos import icloud, naming, sidecars
from indexers.sources.connectors.photos.icloud import Detail
from indexers.sources.connectors.photos.sidecars import Folder, Sidecar
from indexers.sources.faults import FAULTS, Unreadable, sentence
from indexers.sources.passed import folder_reason
from indexers.sources.streams import whole

_TAKEOUT = re.compile(r"(?:^|/)(Takeout/.*)$")
_YEARS = re.compile(
    r"(?:photos (?:from|de)|fotos? (?:von|aus|de|fra|del|dal|van)|foto's (?:van|uit)|billeder fra|bilder (?:från|fra)|"
    r"foton från|kuvat|zdjęcia z|фото(?:графии)?(?: за)?|foto(?:grafie)?) ?[0-9]{4}(?: год)?",
    re.IGNORECASE,
)
"""What Google calls the folders of pictures that are in no album, by the account's language."""


@dataclass(slots=True)
class Shelf:
    """One folder: its pictures, videos and files without a suffix; and what was read of what lies beside them."""

    path: str
    media: list[File] = field(default_factory=list)
    sidecars: Folder = field(default_factory=Folder)
    details: dict[str, Detail] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.path.rpartition("/")[2]


@dataclass(slots=True)
class Albums:
    """Which albums a file is in. A Takeout has an album's pictures again in its folder: same name and size."""

    _by_file: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    _by_name: dict[str, set[str]] = field(default_factory=dict)

    def add(self, files: Iterable[File], title: str) -> None:
        """All these files are in an album."""
        for file in files:
            self._by_file.setdefault(_key(file), set()).add(title)

    def name(self, file: str, title: str) -> None:
        """A file of this name is in an album."""
        self._by_name.setdefault(file.casefold(), set()).add(title)

    def of(self, file: File) -> tuple[str, ...]:
        """The albums of a file, sorted."""
        key = _key(file)
        return tuple(sorted(self._by_file.get(key, set()) | self._by_name.get(key[0], set())))


def _key(file: File) -> tuple[str, int]:
    return last(file).casefold(), file.size


def last(file: File) -> str:
    """A file's own name."""
    return file.path.rpartition("/")[2]


@dataclass(slots=True)
class Export:
    """All folders of an export. `media` are its pictures and videos in the reader's order, each with its folder."""

    albums: Albums = field(default_factory=Albums)
    media: list[tuple[File, Shelf]] = field(default_factory=list)
    _shelves: dict[str, Shelf] = field(default_factory=dict)
    _beside: list[tuple[File, Shelf]] = field(default_factory=list)

    def list(self, reader: Reader) -> None:
        """Take down every name. Opens nothing."""
        for file in reader.files():
            folder, _, name = file.path.rpartition("/")
            if name.startswith(".") or any(folder_reason(part) for part in folder.split("/") if part):
                continue
            found = _TAKEOUT.search(folder + "/")
            key = found[1].rstrip("/") if found else folder
            end = naming.split(name)[1]
            shelf = self._shelves.setdefault(key, Shelf(key))
            if end in {"json", "csv"}:
                self._beside.append((file, shelf))
            elif not end or end in naming.PICTURES or end in naming.VIDEOS:
                shelf.media.append(file)
                self.media.append((file, shelf))

    def learn(self, reader: Reader) -> Iterator[Skipped]:
        """Read what lies beside pictures, in the reader's order; yields what could not be read."""
        for file, shelf in self._beside:
            if last(file).casefold().endswith(".json") and shelf.media:
                data = read(reader, file, sidecars.LARGEST)
            elif _table(file, shelf):
                data = read(reader, file, icloud.LARGEST)
            else:
                continue
            if isinstance(data, Skipped):
                yield data
            else:
                self._learn(file, shelf, data)

    def _learn(self, file: File, shelf: Shelf, data: bytes) -> None:
        name = last(file)
        if name.casefold().endswith(".csv"):
            shelf.details.update(icloud.details(data))
            for member in icloud.members(data):
                self.albums.name(member, naming.split(name)[0])
            return
        said = sidecars.parse(data)
        if isinstance(said, Sidecar):
            shelf.sidecars.add(name, said)
        elif said and said.title and not _YEARS.fullmatch(said.title):
            self.albums.add(shelf.media, said.title)


def _table(file: File, shelf: Shelf) -> bool:
    return shelf.name.casefold() == "albums" or "detail" in last(file).casefold()


def read(reader: Reader, file: File, limit: int) -> bytes | Skipped:
    """A file's bytes, at most `limit` of them, or why not."""
    try:
        with reader.open(file) as stream:
            data = whole(stream, limit)
    except FAULTS as error:
        fault = error.fault if isinstance(error, Unreadable) else True
        return Skipped(reader.source, file.name, sentence(error), fault)
    return data or Skipped(reader.source, file.name, "It is empty (0 bytes).")
