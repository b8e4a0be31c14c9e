"""Apple Notes: the SQLite file `NoteStore.sqlite`.

- `ziccloudsyncingobject` holds everything (notes, folders, accounts, attachments), told apart by `z_ent`, whose names
  are in `z_primarykey`. Of a note: `zidentifier` (stable), `ztitle1`, `zfolder`, `zcreationdate1|2|3`,
  `zmodificationdate1` (seconds since 2001), `zispasswordprotected`, `zmarkedfordeletion`, `zzoneownername` (set to
  somebody else's where a note is shared by them). Of a folder: `ztitle2`, `zfoldertype` (1: recently deleted).
- `zicnotedata(znote, zdata)`: the text, gzip of a protobuf (see `applebody`). That of a note with a password is
  encrypted: such notes are told of, not read.
- attachments are U+FFFC in the text; their rows have the note in `znote` and `ztypeuti`, `ztitle`, `zfilename`.
Columns differ between versions; those that are missing count as empty.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Item, Kind, Moment, Reader, Things
from indexers.sources.connectors.clock import Epoch, since
from indexers.sources.connectors.notes.applebody import document
from indexers.sources.connectors.notes.noted import note
from indexers.sources.faults import FAULTS, Unreadable, sentence

_WANTED = (
    "zidentifier", "ztitle1", "zfolder", "zcreationdate3", "zcreationdate2", "zcreationdate1", "zcreationdate",
    "zmodificationdate1", "zmodificationdate", "zispasswordprotected", "zmarkedfordeletion", "zzoneownername",
)  # fmt: skip
_OWN = frozenset({"", "_defaultOwner_", "__defaultOwner__"})
_DELETED = 1


def _read(reader: Reader) -> Things:
    for file in reader.files("*notestore.sqlite"):
        try:
            with reader.database(file) as database:
                yield from _Store(reader, file, database).read()
        except sqlite3.Error:
            yield Skipped(reader.source, file.name, "Its tables are not those of Notes that are known.")
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))


class _Store:
    """One database: its folders, and its notes one by one."""

    def __init__(self, reader: Reader, file: File, database: sqlite3.Connection) -> None:
        self._reader, self._file, self._database = reader, file, database
        self._columns = {str(row[1]).lower() for row in database.execute("PRAGMA table_info(ziccloudsyncingobject)")}
        self._kinds = dict(database.execute("SELECT z_name, z_ent FROM z_primarykey"))
        self._folders = self._titles()

    def read(self) -> Things:
        names = ", ".join(f"o.{name}" if name in self._columns else "NULL" for name in _WANTED)
        rows = self._database.execute(
            f"SELECT o.z_pk, d.zdata, {names} FROM ziccloudsyncingobject o JOIN zicnotedata d ON d.znote = o.z_pk "
            "WHERE o.z_ent = ? ORDER BY o.z_pk", (self._kinds.get("ICNote"),),
        )  # fmt: skip
        for number, data, *values in rows:
            row = dict(zip(_WANTED, values, strict=True))
            locator = f"{self._file.name}#note.{number}"
            try:
                yield self._note(number, data, row, locator)
            except FAULTS as error:
                fault = error.fault if isinstance(error, Unreadable) else True
                yield Skipped(self._reader.source, locator, sentence(error), fault)

    def _note(self, number: int, data: Any, row: dict[str, Any], locator: str) -> Item:
        if row["zispasswordprotected"]:
            raise Unreadable("The note is locked with a password; unlock it in Notes to have it read.", fault=False)
        if not isinstance(data, bytes):
            raise Unreadable("The note is not on this computer yet.", fault=False)
        body = document(data)
        files = self._files(number)
        if not body.text.strip() and not files:
            raise Unreadable("The note is empty.", fault=False)
        created = next((at for key in _WANTED if "creation" in key and (at := _moment(row[key])).iso), Moment())
        edited = next((at for key in _WANTED if "modification" in key and (at := _moment(row[key])).iso), Moment())
        folder, kind = self._folders.get(row["zfolder"], ("", 0))
        told = {
            Caution.TRASH: row["zmarkedfordeletion"] or kind == _DELETED,
            Caution.PARTNER: str(row["zzoneownername"] or "") not in _OWN,
        }
        return replace(
            note(f"applenotes:{row['zidentifier'] or number}", body, locator, created if created.iso else edited),
            title=str(row["ztitle1"] or ""), labels=(folder,) if folder else (), attachments=files,
            cautions=frozenset(caution for caution, holds in told.items() if holds),
            extra={"edited": edited.iso} if edited.iso and created.iso else {},
        )  # fmt: skip

    def _titles(self) -> dict[int, tuple[str, int]]:
        kind = "zfoldertype" if "zfoldertype" in self._columns else "0"
        rows = self._database.execute(
            f"SELECT z_pk, ztitle2, {kind} FROM ziccloudsyncingobject WHERE z_ent = ?", (self._kinds.get("ICFolder"),)
        )
        return {row[0]: (str(row[1] or ""), int(row[2] or 0)) for row in rows}

    def _files(self, number: int) -> tuple[str, ...]:
        wanted = [name for name in ("zfilename", "ztitle", "ztypeuti") if name in self._columns]
        if not wanted or "znote" not in self._columns:
            return ()
        rows = self._database.execute(
            f"SELECT {', '.join(wanted)} FROM ziccloudsyncingobject WHERE znote = ? AND z_ent = ? ORDER BY z_pk",
            (number, self._kinds.get("ICAttachment")),
        )
        return tuple(name for row in rows if (name := next((str(cell) for cell in row if cell), "")))


def _moment(value: Any) -> Moment:
    return since(Epoch.APPLE, value) if isinstance(value, int | float) and value else Moment()


CONNECTOR = Connector(
    "applenotes",
    1,
    "The notes of Apple Notes (NoteStore.sqlite): text, folders, when, names of files; no locked notes.",
    (Kind.NOTE,),
    _read,
    places=("Library/Group Containers/group.com.apple.notes/NoteStore.sqlite",),
)
