"""The sections of a record, from its marks: where each begins, how deep it is, and the headings it stands under.

Knows marks and headings; knows nothing of tokens or of cutting inside a section.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from indexers.boundaries import NEWLINES
from indexers.records import Kind, Record

_ATTACHED: Final = ("@", "#", "//", "/*", "*", "--", ";;", "%")
"""How the decorators and comments begin that belong to the definition under them."""


@dataclass(frozen=True, slots=True)
class Section:
    """text[start:end] under the headings of `path`, outermost first. `level` 1 is outermost."""

    start: int
    end: int
    level: int = 1
    path: tuple[str, ...] = ()

    def joined(self, after: Section) -> Section:
        """This section and the one after it as one, under the headings that they share."""
        return Section(self.start, after.end, min(self.level, after.level), shared([self.path, after.path]))


def outline(record: Record) -> list[Section]:
    """The sections, tiling the record's text; one with an empty path where there are no marks.

    A section begins at the start of its mark's line (in code, of the decorators and comments directly above). A heading
    with nothing of its own before the first one below it goes with that one. A mark that does not stand first in its
    line, or has only white space after it, begins no section.
    """
    title, last = " ".join(record.title.split()), len(record.text.rstrip())
    found = [Section(0, len(record.text))]
    above: list[tuple[int, str]] = []
    for mark in record.marks:
        begun = found[-1].start
        at = _line_start(record.text, mark.at, begun) if mark.at < last else None
        if at is None:
            continue
        if record.kind is Kind.CODE:
            at = _with_attached(record.text, at, begun)
        above = [(level, name) for level, name in above if level < mark.level]
        above.append((mark.level, " ".join(mark.name.split())))
        section = Section(at, len(record.text), mark.level, _path([name for _, name in above], title))
        own = record.text[begun:at].strip()
        if own and not (section.level > found[-1].level and len(own.splitlines()) == 1):
            found[-1] = replace(found[-1], end=at)
        else:
            before = found.pop()
            section = replace(section, start=begun, level=before.level if own else section.level)
        found.append(section)
    return found


def shared(paths: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings, from the outermost, that all the paths begin with."""
    first, *rest = paths
    size = len(first)
    for path in rest:
        size = next((i for i in range(min(size, len(path))) if path[i] != first[i]), min(size, len(path)))
    return first[:size]


def _path(names: list[str], title: str) -> tuple[str, ...]:
    """Without the record's own title, empty names, and names that the next one repeats (`Engine`, `Engine.ask`)."""
    kept = [name for i, name in enumerate(names) if name and not (i == 0 and name == title)]
    repeated = [then.startswith((f"{name}.", f"{name}::")) for name, then in pairwise(kept)]
    return tuple(name for name, again in zip(kept, [*repeated, False], strict=False) if not again)


def _line_start(text: str, at: int, floor: int) -> int | None:
    """Where the line of `at` begins, if only indentation lies between; None otherwise."""
    while at > floor and text[at - 1] not in NEWLINES:
        if not text[at - 1].isspace():
            return None
        at -= 1
    return at


def _with_attached(text: str, at: int, floor: int) -> int:
    """The beginning of the decorators and comments that stand directly above the line at `at`."""
    while at > floor:
        above = text.rfind("\n", floor, at - 1) + 1 or floor
        if not text[above:at].lstrip().startswith(_ATTACHED):
            break
        at = above
    return at


def gathered(sections: list[Section], charges: list[int], target: int) -> list[Section]:
    """Small neighbouring sections under one parent joined up to `target`; `charges` are the sections' tokens.

    Sections under a fifth of the target (a bare heading, say) join what is below them, or else what is before,
    however large that is.
    """
    groups: list[tuple[Section, int]] = []
    for section, charge in zip(sections, charges, strict=True):
        if groups and section.level >= groups[-1][0].level and groups[-1][1] + charge <= target:
            groups[-1] = (groups[-1][0].joined(section), groups[-1][1] + charge)
        else:
            groups.append((section, charge))
    kept: list[Section] = []
    waiting: Section | None = None
    for (group, charge), after in zip(groups, [*groups[1:], None], strict=True):
        section = waiting.joined(group) if waiting else group
        tiny, waiting = waiting is None and charge * 5 < target, None
        if tiny and after and (after[0].level >= section.level or not kept):
            waiting = section
        elif tiny and kept:
            kept[-1] = kept[-1].joined(section)
        else:
            kept.append(section)
    return kept
