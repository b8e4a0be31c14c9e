"""Messages of macOS and of backups of iPhones: the SQLite file `chat.db` (`sms.db`).

- `message`: `guid` (stable), `text`, `attributedBody`, `date` (nanoseconds since 2001, seconds in old files),
  `is_from_me`, `item_type` (0 for what people say), `associated_message_type` (2000 and above: a reaction),
  `date_retracted` (unsent), `is_expired`, `handle_id`; `handle`: `id` (number or address); `chat`: `guid`, `style`
  (43 group, 45 two people), `display_name`, `chat_identifier`; `chat_message_join`, `chat_handle_join`.
- `attachment.transfer_name` by `message_attachment_join`. In the text U+FFFC stands for each.
- since macOS 13 most rows have no `text`: it is in `attributedBody`, an NSAttributedString as typedstream. Its first
  string follows the class NSString: `84 01 2B` (`+`), then its length in bytes as one byte below 0x80, or `81` and two,
  or `82` and four bytes, little-endian, then UTF-8.
- `chat_recoverable_message_join` holds what was deleted within thirty days.

Columns differ between versions; those that are missing count as empty. The reader gives a copy, so a running Messages
does not matter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Kind, Moment, Person, Reader, Things
from indexers.sources.connectors.chats.stretches import Chat, Message, stretches
from indexers.sources.connectors.clock import Epoch, since
from indexers.sources.faults import FAULTS, sentence

_GROUP = 43
_REACTIONS = 2_000
_NANO = 10**9
_WANTED = ("guid", "text", "attributedBody", "date", "is_from_me", "item_type", "associated_message_type",
           "date_retracted", "is_expired", "handle_id")  # fmt: skip
_STRING = b"NSString"
_BEGINS = b"\x84\x01+"


def _read(reader: Reader) -> Things:
    for file in reader.files("*chat.db", "*sms.db"):
        try:
            with reader.database(file) as database:
                yield from _Store(reader, file, database).read()
        except sqlite3.Error:
            yield Skipped(reader.source, file.name, "Its tables are not those of Messages that are known.")
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))


class _Store:
    """One database: who is behind its handles, what was deleted, and its messages by conversation."""

    def __init__(self, reader: Reader, file: File, database: sqlite3.Connection) -> None:
        database.text_factory = bytes
        self._reader, self._file, self._database = reader, file, database
        self._handles = {row[0]: _said(row[1]) for row in database.execute("SELECT ROWID, id FROM handle")}
        self._columns = self._present()
        self._deleted = self._numbers("SELECT message_id FROM chat_recoverable_message_join")

    def read(self) -> Things:
        chats = self._database.execute("SELECT ROWID, guid, style, display_name, chat_identifier FROM chat")
        known = {row[0]: row[1:] for row in chats}
        rows = self._database.execute(
            "SELECT j.chat_id, m.ROWID FROM message m LEFT JOIN chat_message_join j ON j.message_id = m.ROWID "
            "ORDER BY j.chat_id, m.date, m.ROWID"
        )
        for number, of_one in groupby(rows, key=lambda row: row[0]):
            yield from stretches(self._chat(number, known.get(number)), self._messages(of_one))

    def _present(self) -> str:
        """The wanted columns, with NULL for those that this version lacks."""
        present = {_said(row[1]) for row in self._database.execute("PRAGMA table_info(message)")}
        return ", ".join(f"m.{name}" if name in present else "NULL" for name in _WANTED)

    def _numbers(self, query: str, *values: Any) -> frozenset[int]:
        """The numbers that a query finds; none where its table is missing, as in older versions."""
        try:
            return frozenset(int(row[0]) for row in self._database.execute(query, values) if row[0] is not None)
        except sqlite3.Error:
            return frozenset()

    def _chat(self, number: Any, about: Any) -> Chat:
        if about is None:
            return Chat("imessage:none", "Messages without a conversation")
        guid, style, shown, identifier = about
        joined = sorted(self._numbers("SELECT handle_id FROM chat_handle_join WHERE chat_id = ?", number))
        people = tuple(Person(self._handles[each], self._handles[each]) for each in joined if each in self._handles)
        title = _said(shown) or ", ".join(person.name for person in people[:5]) or _said(identifier)
        group = style == _GROUP or len(people) > 1
        cautions = frozenset({Caution.GROUP}) if group else frozenset()
        return Chat(f"imessage:{_said(guid)}", title, () if group else people, (), cautions)

    def _messages(self, rows: Iterator[Any]) -> Iterator[Message | Skipped]:
        """The messages of one conversation. Rows are fetched one by one, for what is sorted is held."""
        for _, number in rows:
            try:
                row = self._database.execute(
                    f"SELECT {self._columns} FROM message m WHERE ROWID = ?", (number,)
                ).fetchone()
            except sqlite3.Error:
                yield Skipped(self._reader.source, f"{self._file.name}#message.{number}", "The row is damaged.")
                continue
            values = dict(zip(_WANTED, row, strict=True))
            if _number(values["associated_message_type"]) < _REACTIONS:
                yield self._message(number, values)

    def _message(self, number: int, row: dict[str, Any]) -> Message | Skipped:
        locator = f"{self._file.name}#message.{number}"
        text = _said(row["text"])
        if not text.strip("\ufffc \n") and isinstance(row["attributedBody"], bytes):
            found = typed_text(row["attributedBody"])
            if found is None:
                reason = "Its text is in a form of attributedBody that is not known."
                return Skipped(self._reader.source, locator, reason)
            text = found
        files = tuple(self._files(number)) if "\ufffc" in text or not text.strip() else ()
        text = text.replace("\ufffc", "").strip()
        cautions = self._cautions(number, row)
        if Caution.DELETED in cautions:
            text = text or "[unsent]"
        if not text and not files:
            return Skipped(self._reader.source, locator, "It holds neither words nor a file.", fault=False)
        mine, handle = bool(row["is_from_me"]), self._handles.get(row["handle_id"], "")
        me = Person(self._reader.choices.get("me") or "Me")
        author = me if mine else Person(handle, handle) if handle else None
        guid = _said(row["guid"]) or str(number)
        return Message(guid, _moment(row["date"]), text, locator, author, mine, files, cautions)

    def _cautions(self, number: int, row: dict[str, Any]) -> frozenset[Caution]:
        told = {
            Caution.DELETED: row["date_retracted"] or number in self._deleted,
            Caution.DISAPPEARING: row["is_expired"],
            Caution.SYSTEM: row["item_type"],
        }
        return frozenset(caution for caution, holds in told.items() if holds)

    def _files(self, number: int) -> Iterator[str]:
        try:
            rows = self._database.execute(
                "SELECT a.transfer_name FROM attachment a JOIN message_attachment_join j ON j.attachment_id = a.ROWID "
                "WHERE j.message_id = ? ORDER BY a.ROWID", (number,),
            )  # fmt: skip
            yield from (_said(row[0]) or "file" for row in rows)
        except sqlite3.Error:
            return  # a copy without the tables of attachments


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _moment(date: Any) -> Moment:
    count = _number(date)
    return since(Epoch.APPLE, count, _NANO if count > 10**12 else 1)


def typed_text(body: bytes) -> str | None:
    """The first string of an NSAttributedString in a typedstream; None where it is not where it should be."""
    at = body.find(_STRING)
    at = body.find(_BEGINS, at) if at >= 0 else -1
    if at < 0:
        return None
    at += len(_BEGINS)
    wide = {0x81: 2, 0x82: 4}.get(body[at] if at < len(body) else 0, 0)
    length = int.from_bytes(body[at + 1 : at + 1 + wide], "little") if wide else body[at] if at < len(body) else 0
    begun = at + 1 + wide
    if not 0 < length <= len(body) - begun or (not wide and length >= 0x80):
        return None
    return body[begun : begun + length].decode("utf-8", "replace")


def _said(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


CONNECTOR = Connector(
    "imessage",
    1,
    "The messages of Messages on a Mac (chat.db): text, numbers and addresses, when, names of files; no reactions.",
    (Kind.CHAT,),
    _read,
    places=("Library/Messages/chat.db",),
    asks={"me": "your name, for the messages you sent"},
)
