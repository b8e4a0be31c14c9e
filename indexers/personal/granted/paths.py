"""Which paths below a root are in the scope: its globs, what `.vaultignore` names, what is hidden or made by tools.

Paths are compared as people see them: in Unicode's composed form (NFC), and what is left out without regard to case, so
that no other spelling of a name brings it back in. A glob that matches a folder or an archive stands for all in it.
`.vaultignore` is written like `.gitignore`, in any folder below the root: a glob a line, `#` begins a comment, a glob
with a slash begins at that folder, one without matches a name at any depth; `!` takes nothing back in. What cannot be
understood leaves out the whole folder.
Hidden is what begins with a dot. Two hidden things are read nevertheless: a file that a connector asks for by its full
name (`.bash_history`), and a folder of mail (Maildir names its folders `.Sent`; they hold `cur`).
Knows names; opens nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from indexers.personal.grants import Scope
from indexers.sources.globs import translate
from indexers.sources.passed import HIDDEN, TOOLS, folder_reason

IGNORE = ".vaultignore"
"""The file in which an owner names what is not to be read, whatever is granted."""

IGNORED = f"It is named in {IGNORE}."
EXCLUDED = "It is left out by the grant."

_STARS = 4
"""Most `**` in a glob of `.vaultignore`: more can take forever to match."""

_TOOL_FILES = frozenset({"thumbs.db", "desktop.ini", ".ds_store", IGNORE})


class Unclear(Exception):
    """A line of `.vaultignore` that cannot be understood; the message is the sentence."""


def seen(name: str) -> str:
    """A name as people see it."""
    return unicodedata.normalize("NFC", name)


def plain(name: str) -> str:
    """A name without regard to case or form."""
    return unicodedata.normalize("NFC", seen(name).casefold())


def steps(name: str, ends: str = "/!") -> Iterator[str]:
    """A path and each folder and archive above it, the outermost first: `a`, `a/b.zip`, `a/b.zip!c`."""
    for at, char in enumerate(name):
        if char in ends and at:
            yield name[:at]
    yield name


@dataclass(frozen=True, slots=True)
class Paths:
    """The globs of a scope."""

    include: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, scope: Scope) -> Paths:
        """As a scope says."""
        return cls(
            tuple(translate(seen(glob).strip("/")) for glob in scope.include),
            tuple(translate(plain(glob).strip("/")) for glob in scope.exclude),
        )

    def allow(self, name: str, path: str = "") -> bool:
        """Whether a file may be read, going by its name and by its path in the innermost archive."""
        if self.forbid(name, path):
            return False
        return not self.include or _matches(self.include, seen(name), seen(path))

    def forbid(self, name: str, path: str = "") -> bool:
        """Whether a file, a folder or an archive is excluded, itself or by what it lies in."""
        return bool(self.exclude) and _matches(self.exclude, plain(name), plain(path))


def _matches(globs: tuple[re.Pattern[str], ...], *names: str) -> bool:
    return any(glob.fullmatch(step) for name in names if name for step in steps(name) for glob in globs)


@dataclass(frozen=True, slots=True)
class Ignore:
    """What one `.vaultignore` names, and the folder it lies in (empty: the root; else with `/` at its end)."""

    folder: str
    globs: tuple[re.Pattern[str], ...]

    @classmethod
    def all(cls, folder: str) -> Ignore:
        """All in a folder: as long as its file is not understood."""
        return cls(plain(f"{folder}/" if folder else ""), (re.compile(".*", re.DOTALL),))

    @classmethod
    def parse(cls, folder: str, data: bytes) -> Ignore:
        """From the bytes of the file. Raises Unclear."""
        try:
            lines = data.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise Unclear(f"Its {IGNORE} is not text in UTF-8: all in this folder is left out.") from None
        globs = []
        for number, line in enumerate(lines, 1):
            glob = plain(line.strip())
            if not glob or glob.startswith("#"):
                continue
            if glob.startswith("!") or glob.count("**") > _STARS or len(glob) > 300:
                raise Unclear(f"Line {number} of its {IGNORE} cannot be followed: all in this folder is left out.")
            anchored = "/" in glob.rstrip("/")
            globs.append(translate(("./" if anchored else "") + glob.strip("/")))
        return cls(plain(folder), tuple(globs))

    def names(self, path: str) -> bool:
        """Whether it names the file or folder at a path below the root."""
        path = plain(path)
        if not path.startswith(self.folder):
            return False
        inside = path[len(self.folder) :]
        return any(glob.fullmatch("./" + inside) or glob.fullmatch(inside) for glob in self.globs)


def asked_for(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a hidden file is one that a pattern spells in full."""
    tails = (pattern.rpartition("/")[2].lstrip("*").casefold() for pattern in patterns)
    return name.casefold() in tails


def folder_left_out(name: str, mail: bool) -> str:
    """Why a folder of this name is not entered; empty where it is. `mail`: it is a folder of a Maildir."""
    why = folder_reason(name)
    return "" if why == HIDDEN and mail else why


def file_left_out(name: str, patterns: tuple[str, ...]) -> str:
    """Why a file of this name is not read; empty where it is."""
    if name.casefold() in _TOOL_FILES or name.startswith("._"):
        return TOOLS
    return HIDDEN if name.startswith(".") and not asked_for(name, patterns) else ""


def member_refused(path: str) -> str:
    """Why a member of an archive is not read for its name alone: it points out of the archive, or is no name."""
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path) or ".." in parts:
        return "Its name points out of the archive: it is not read."
    if not path or "\0" in path or len(path) > 4096 or any(part in ("", ".") for part in parts):
        return "It has no name that can be used: unpack the archive and grant the folder."
    return ""
