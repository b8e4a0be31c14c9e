"""Which files hold mail, how, and in what mailbox: told by names alone.

    *.mbox *.mbx mbox NAME beside NAME.msf    mbox (Takeout, mutt, Apple's exports, Thunderbird)
    *.eml                                     one mail
    FOLDER/cur/* FOLDER/new/*                 Maildir; `.A.B` is B in A; flags after `:2,`: D draft, T trashed, S seen
    *.emlx                                    Apple Mail; `*.partial.emlx` with attachments beside it

Thunderbird: `Mail/Local Folders/Inbox`, subfolders in `Inbox.sbd/`.
Apple: `V10/ACCOUNT/Trash.mbox/.../Messages/1.emlx`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from indexers.sources.connectors.base import Basis, File, Moment
from indexers.sources.connectors.mail import labels
from indexers.sources.connectors.mail.labels import Role


class Box(StrEnum):
    """How mail lies in a file."""

    MBOX = "mbox"
    EML = "eml"
    EMLX = "emlx"
    MAILDIR = "maildir"


_FLAGS = re.compile(r"[:;!]2,([A-Za-z]*)$")
_STAMP = re.compile(r"(\d{9,10})\.")
_ROLES = {"D": Role.DRAFT, "T": Role.TRASH}
_INDEX = ".msf"


@dataclass(frozen=True, slots=True)
class Indexed:
    """Names of files that Thunderbird keeps an index of: they hold mail though their names do not say so."""

    names: frozenset[str]

    @classmethod
    def of(cls, files: list[File]) -> Indexed:
        """From the index files themselves."""
        return cls(frozenset(file.name[: -len(_INDEX)] for file in files))

    def box(self, file: File) -> Box | None:
        """How mail lies in a file, None where it holds none."""
        *folders, name = file.path.split("/")
        low = name.lower()
        if low.startswith("._"):
            return None  # what macOS puts beside files on other file systems
        if low.endswith(".emlx"):
            return Box.EMLX
        if low.endswith(".eml"):
            return Box.EML
        if folders and folders[-1] in {"cur", "new"} and not low.startswith("."):
            return Box.MAILDIR
        if low.endswith((".mbox", ".mbx")) or low == "mbox" or file.name in self.names:
            return Box.MBOX
        return None


def folder(file: File, box: Box) -> tuple[str, ...]:
    """The mailboxes a file lies in or is, outermost first."""
    *folders, name = file.path.split("/")
    if box is Box.MAILDIR:
        inside = folders[-2].lstrip(".") if len(folders) > 1 and folders[-2].startswith(".") else ""
        plain = folders[-2] if len(folders) > 1 and not inside else ""
        return tuple(labels.modified_utf7(part) for part in (inside.split(".") if inside else [plain]) if part)
    boxes = [part[: -len(end)] for part in folders for end in (".mbox", ".sbd") if part.lower().endswith(end)]
    if box is Box.MBOX and name.lower() != "mbox":
        boxes.append(re.sub(r"\.mbo?x$", "", name, flags=re.IGNORECASE))
    if box is Box.EML and folders and labels.role(folders[-1]):
        boxes.append(folders[-1])
    return tuple(labels.modified_utf7(part) for part in boxes if part)


def maildir(file: File) -> tuple[frozenset[Role], Moment]:
    """What a Maildir file's name says: its flags, and when it was delivered (seconds since 1970)."""
    name = file.path.rpartition("/")[2]
    flags = _FLAGS.search(name)
    stamp = _STAMP.match(name)
    roles = frozenset(_ROLES[flag] for flag in (flags.group(1) if flags else "") if flag in _ROLES)
    if not stamp:
        return roles, Moment()
    return roles, Moment(datetime.fromtimestamp(int(stamp.group(1)), UTC).isoformat(), Basis.UTC, stamp.group(1))
