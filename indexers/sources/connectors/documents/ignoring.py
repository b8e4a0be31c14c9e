"""What `.gitignore` and `.vaultignore` leave out: the rules of gitignore(5), for both.

A line is a glob; `#` begins a comment and `!` takes back what a line before left out; the last line that matches
decides. A glob with a slash before its end is a path from the file's own folder; one without matches a name in any
folder below; one with a slash at its end matches folders only. What is in a folder that is left out cannot be taken
back. A `.vaultignore` is asked after the `.gitignore` beside it, and may only leave out more: `!` has no force in it
over others. Git itself is not asked, so that exports and archives, which hold no repository, are read by the same
rules. Knows paths and text; opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate

NAMES = (".gitignore", ".vaultignore")
_MOST_LINES = 10_000


Steps = tuple[re.Pattern[str] | None, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: what each step of a path must match (None: any number of steps), whether only folders, whether it
    takes back."""

    steps: Steps
    folders: bool
    back: bool

    def matches(self, path: Sequence[str]) -> bool:
        """Whether the steps of a path, from the rule's own folder, are what it says."""
        reached = {0}
        for name in path:
            reached = {after for at in self._past(reached) for after in self._on(at, name)}
        return len(self.steps) in reached

    def _past(self, reached: set[int]) -> set[int]:
        """Where a walk may also stand, as `**` may match no step at all (at the end it must match one)."""
        found = set(reached)
        for at in range(len(self.steps) - 1):
            if at in found and self.steps[at] is None:
                found.add(at + 1)
        return found

    def _on(self, at: int, name: str) -> Iterator[int]:
        if at == len(self.steps):
            return
        step = self.steps[at]
        if step is None:
            yield at
            yield at + 1
        elif step.fullmatch(name):
            yield at + 1


def rules(text: str) -> tuple[Rule, ...]:
    """The rules of one file's text. Lines that are no glob are passed over."""
    return tuple(rule for line in text.splitlines()[:_MOST_LINES] if (rule := _rule(line)))


def _rule(line: str) -> Rule | None:
    line = re.sub(r"(?<!\\)[ \t]+$", "", line.removeprefix("\ufeff"))
    if not line or line.startswith("#") or len(line) > 1_000:
        return None
    back = line.startswith("!")
    glob = re.sub(r"\\([#! ])", r"\1", line[back:])
    parts = glob.rstrip("/").removeprefix("/").split("/")
    if parts == [""]:
        return None
    steps = tuple(None if part == "**" else re.compile(translate(part.replace("[^", "[!"))) for part in parts)
    return Rule(steps if "/" in glob.rstrip("/") else (None, *steps), glob.endswith("/"), back)


@dataclass(slots=True)
class Ignored:
    """The rules of all folders of a source."""

    _rules: dict[str, dict[str, tuple[Rule, ...]]] = field(default_factory=dict)
    _known: dict[tuple[str, bool], bool] = field(default_factory=dict)

    def add(self, path: str, text: str) -> None:
        """The rules of the file at a path (`src/.gitignore`)."""
        folder, _, name = path.rpartition("/")
        self._rules.setdefault(folder, {})[name] = rules(text)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def holds(self, path: str) -> bool:
        """Whether a file is left out, by its own name or by that of a folder it lies in."""
        if not self._rules:
            return False
        parts = path.split("/")
        folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return any(self._left_out(folder, True) for folder in folders) or self._left_out(path, False)

    def _left_out(self, path: str, folder: bool) -> bool:
        if (path, folder) not in self._known:
            decided = any(self._decided(path, folder, name) for name in NAMES)
            if not folder:
                return decided
            self._known[path, folder] = decided
        return self._known[path, folder]

    def _decided(self, path: str, folder: bool, name: str) -> bool:
        """What the last rule that matches says, those of the innermost folder last."""
        left_out = False
        for above, inside in _splits(path):
            for rule in self._rules.get(above, {}).get(name, ()):
                if (folder or not rule.folders) and rule.matches(inside.split("/")):
                    left_out = not rule.back
        return left_out


def _splits(path: str) -> Iterable[tuple[str, str]]:
    """Every folder above a path, outermost first, and the path from there."""
    yield "", path
    for at, char in enumerate(path):
        if char == "/":
            yield path[:at], path[at + 1 :]
