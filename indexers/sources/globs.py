"""Globs over locators: `*` and `?` within a name, `**` across folders, `[abc]` one character of a set.

A glob without a slash matches the name in any folder, as in `.gitignore`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]/]*\]|.", re.DOTALL)
MAGIC = re.compile(r"[*?\[]")
"""What makes a path a glob."""


def translate(glob: str) -> re.Pattern[str]:
    """A pattern that fully matches the locators a glob stands for."""
    pieces = []
    for token in _TOKEN.findall(glob):
        match token:
            case "**/":
                pieces.append("(?:.*/)?")
            case "**":
                pieces.append(".*")
            case "*":
                pieces.append("[^/]*")
            case "?":
                pieces.append("[^/]")
            case _ if len(token) > 1:
                inner = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
                pieces.append(f"[{'^' + inner[1:] if inner.startswith('!') else inner}]")
            case _:
                pieces.append(re.escape(token))
    prefix = "" if "/" in glob else "(?:.*/)?"
    return re.compile(prefix + "".join(pieces), re.DOTALL)


def split(glob: str) -> tuple[str, str]:
    """The fixed folder a glob path begins with (may be empty) and the glob below it; both with `/`."""
    parts = glob.split("/")
    fixed = next(i for i, part in enumerate(parts) if MAGIC.search(part))
    return "/".join(parts[:fixed]) or ("/" if glob.startswith("/") else ""), "/".join(parts[fixed:])


@dataclass(frozen=True, slots=True)
class Globs:
    """Which locators to take: those that match `include` (or all, where it is empty) and no `exclude`.

    `below` is the glob the source itself is, relative to its root, where it is one: a path, not a name in any folder.
    """

    include: tuple[re.Pattern[str], ...] = ()
    exclude: tuple[re.Pattern[str], ...] = ()
    below: re.Pattern[str] | None = None

    @classmethod
    def of(cls, include: tuple[str, ...], exclude: tuple[str, ...], below: str = "") -> Globs:
        """From globs as a user writes them. A trailing slash on an `exclude` is taken off: it stands for a folder."""
        return cls(
            tuple(map(translate, include)),
            tuple(translate(glob.rstrip("/")) for glob in exclude),
            translate("./" + below) if below else None,
        )

    def allow(self, locator: str) -> bool:
        """Whether a file is to be read."""
        if self.include and not any(glob.fullmatch(locator) for glob in self.include):
            return False
        return not self.forbid(locator) and (self.below is None or bool(self.below.fullmatch("./" + locator)))

    def forbid(self, locator: str) -> bool:
        """Whether a file or a folder, with all that is in it, was excluded."""
        return any(glob.fullmatch(locator) for glob in self.exclude)
