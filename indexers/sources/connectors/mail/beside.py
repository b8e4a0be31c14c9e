"""Attachments that Apple Mail keeps beside a mail: `.../Attachments/N/PART/FILE` for `.../Messages/N.partial.emlx`."""

from __future__ import annotations

from collections.abc import Callable

from indexers.sources.connectors.base import File, Reader
from indexers.sources.connectors.mail.attached import LARGEST


class Beside:
    """Finds them. The export is listed once, when the first such mail is met."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._folders: dict[str, list[File]] | None = None

    def finder(self, mail: File) -> Callable[[str, str], bytes | None]:
        """What finds the bytes of a part of `mail` by its number and name: None where they are not in the export."""
        folder, _, name = mail.name.rpartition("/")
        number = name.partition(".")[0]
        around = folder.rpartition("/")[0]
        place = f"{around}/Attachments/{number}" if around else f"Attachments/{number}"

        def find(part: str, called: str) -> bytes | None:
            files = [file for file in self._all().get(place, []) if file.name.split("/")[-2] == part]
            chosen = next((file for file in files if file.name.endswith(f"/{called}")), files[0] if files else None)
            if chosen is None:
                return None
            with self._reader.open(chosen) as stream:
                return stream.read(LARGEST + 1)

        return find

    def _all(self) -> dict[str, list[File]]:
        if self._folders is None:
            self._folders = {}
            for file in self._reader.files("*attachments/*/*/*"):
                self._folders.setdefault("/".join(file.name.split("/")[:-2]), []).append(file)
        return self._folders
