"""Where workers leave what they have finished until the writer takes it in: a folder that all see, or an object store.

A part of the work is finished when its receipt is there, which is written last and names all the rest with its hash. Of
two workers that did the same part, the receipt of one counts, and whatever no receipt names is nothing.
Knows folders, names and bytes; knows nothing of what is in a segment.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from cascade.errors import Corrupt
from cascade.index import files, store
from cascade.index.layout import UNFINISHED

RECEIPT = "receipt.json"


class Stage:
    """A place for finished work, by keys. `where`: a folder, or an address that fsspec knows. Raises BadConfig."""

    def __init__(self, where: str) -> None:
        self.where, self._store = where, store.opened(where)
        self._folder = None if "://" in where else Path(where)

    def receipt(self, key: str) -> bytes | None:
        """The receipt of a finished part; None where it is not finished."""
        name = f"{key}/{RECEIPT}"
        return b"".join(self._store.read(name)) if self._store.has(name) else None

    def finish(self, key: str, receipt: bytes) -> None:
        """Have a part count as finished."""
        self._put(f"{key}/{RECEIPT}", receipt)

    def keep(self, key: str, raw: bytes) -> str:
        """Leave some bytes beside the receipt of a part; the name to fetch them by."""
        name = f"{key}/{secrets.token_hex(8)}"
        self._put(name, raw)
        return name

    def read(self, name: str, hash_: str) -> bytes:
        """Bytes that `keep` kept, of that hash. Raises Corrupt."""
        try:
            raw = b"".join(self._store.read(name))
        except FileNotFoundError as error:
            raise Corrupt(f"{self.where}/{name} is gone. Run the same command again.") from error
        if files.digest(raw) != hash_:
            raise Corrupt(f"{self.where}/{name} is not what a worker left there. Run the same command again.")
        return raw

    @contextmanager
    def folder(self, key: str) -> Iterator[tuple[Path, str]]:
        """A folder that is to be written (it is not there yet), and the name to fetch it by once this is over."""
        name = f"{key}/{secrets.token_hex(8)}"
        if self._folder is not None:
            aside = self._folder / key / f"{UNFINISHED}{name.rpartition('/')[2]}"
            files.make(aside.parent)
            yield aside, name
            files.publish(aside, self._folder / name)
            return
        with tempfile.TemporaryDirectory(prefix="cascade-") as held:
            aside = Path(held) / "segment"
            yield aside, name
            for path in sorted(one for one in aside.rglob("*") if one.is_file()):
                with path.open("rb") as data:
                    self._store.put(f"{name}/{path.relative_to(aside).as_posix()}", data)

    def fetch(self, name: str, into: Path) -> None:
        """Put a finished folder into another, which is made; where both are on one disk, no byte is copied."""
        for found in self._store.names(name):
            path = into / found.removeprefix(f"{name}/")
            files.disk.make(path.parent)
            if self._folder is None or not _linked(self._folder / found, path):
                files.disk.stream(path, self._store.read(found))

    def clear(self, but: Collection[str] = ()) -> None:
        """Remove what is left of all parts but some."""
        if self._folder is not None:
            for one in self._folder.iterdir() if self._folder.is_dir() else ():
                if one.name not in but:
                    shutil.rmtree(one, ignore_errors=True)
            if not but and self._folder.is_dir():
                self._folder.rmdir()
            return
        for name in self._store.names(""):
            if name.partition("/")[0] not in but:
                self._store.remove(name)

    def _put(self, name: str, raw: bytes) -> None:
        import io

        self._store.put(name, io.BytesIO(raw))


def _linked(path: Path, to: Path) -> bool:
    """Give a file a second name, where the system can."""
    try:
        os.link(path, to)
    except OSError:
        return False
    return True
