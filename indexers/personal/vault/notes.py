"""Sealed notes of a grant, by name: its details, how far an export was read, what a model was shown.

Each is one small file that is replaced whole. Anybody who sees the folder sees names, sizes and times: a name must say
nothing of a person.
Knows names and bytes; knows nothing of what they say.
"""

from __future__ import annotations

import shutil
from contextlib import suppress

from cascade.errors import NotFound
from cascade.index.files import disk
from indexers.personal import layout
from indexers.personal.layout import Layout
from indexers.personal.sealing import Label, seal
from indexers.personal.vault.keystore import Keystore

KIND = "note"


class Notes:
    """The notes of an unlocked vault. Written without the writer's lock: of two at once, the later one counts."""

    def __init__(self, where: Layout, vault: str, keys: Keystore) -> None:
        self._where, self._vault, self._keys = where, vault, keys

    def put(self, grant: str, name: str, data: bytes) -> None:
        """Write a note, or another in its place; it is durable when this returns. Raises NoKey."""
        path, key = self._where.note(grant, name), None
        while key is not (now := self._keys.key(grant)):  # it may be given up while it is used
            key = now
            layout.folder(self._where.notes)
            layout.folder(self._where.kept(grant))
            layout.put(path, seal(key, self._label(grant, name), data))

    def get(self, grant: str, name: str) -> bytes:
        """What a note says. Raises NoKey, NotFound, Corrupt."""
        self._keys.key(grant)
        path = self._where.note(grant, name)
        if not path.exists():
            raise NotFound(f"The grant {grant} has no note {name}.")
        return self._keys.unseal(self._label(grant, name), layout.read(path), path)

    def remove(self, grant: str, name: str) -> bool:
        """Overwrite and remove a note; False where there was none."""
        return layout.shred(self._where.note(grant, name))

    def names(self, grant: str) -> list[str]:
        """The notes of a grant, by name."""
        folder = self._where.kept(grant)
        found = folder.glob(f"*{layout.SEALED}") if folder.is_dir() else ()
        names = (path.name.removesuffix(layout.SEALED) for path in found)
        return sorted(name for name in names if layout.notable(name))

    def renew(self, grant: str) -> None:
        """Seal all notes of a grant anew, under the key it has now."""
        for name in self.names(grant):
            self.put(grant, name, self.get(grant, name))

    def clear(self, grant: str) -> None:
        """Remove all notes of a grant, readable or not."""
        folder = self._where.kept(grant)
        for name in self.names(grant):
            layout.shred(folder / f"{name}{layout.SEALED}")
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(FileNotFoundError):
            disk.flush_folder(self._where.notes)

    def sweep(self) -> None:
        """Remove what writers that were killed have left."""
        for folder in self._where.notes.iterdir() if self._where.notes.is_dir() else ():
            for path in layout.stale(folder):
                disk.remove(path)

    def _label(self, grant: str, name: str) -> Label:
        return Label(self._vault, grant, KIND, name)
