"""Facts in tables, Markdown and comma-separated: the question names a row, a column and the edition of the table.

The other edition has the same rows and columns with other values. A row is the unit of depth: the row asked for is row
`round(position * (rows - 1))` of as many as the length needs. Knows nothing of the other classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eval.needles.forms import shown
from eval.needles.names import Entity
from eval.needles.needle import words
from eval.needles.scene import Draft, Plan, Scene

_PERSON, _TOWN, _SHIP, _FIRM, _NUMBER = Entity.PERSON, Entity.TOWN, Entity.SHIP, Entity.FIRM, Entity.NUMBER


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a table lists, under which headings, and what stands in each column."""

    title: str
    row: Entity
    first: str
    columns: tuple[tuple[str, Entity], ...]


SHEETS: Final = (
    Sheet("Directory of harbour towns", _TOWN, "Town",
          (("Lighthouse keeper", _PERSON), ("Mayor", _PERSON), ("Ferry", _SHIP), ("Telephone of the inn", _NUMBER))),
    Sheet("Register of steamers", _SHIP, "Ship",
          (("Captain", _PERSON), ("Home port", _TOWN), ("Registration number", _NUMBER), ("Insurer", _FIRM))),
    Sheet("List of member firms", _FIRM, "Firm",
          (("Founder", _PERSON), ("Head office", _TOWN), ("Tax number", _NUMBER), ("Auditor", _PERSON))),
    Sheet("Roll of tenants", _PERSON, "Tenant",
          (("Landlady", _PERSON), ("Employer", _FIRM), ("Locker number", _NUMBER), ("Birthplace", _TOWN))),
    Sheet("Timetable of the coast line", _TOWN, "Station",
          (("Stationmaster", _PERSON), ("Next stop", _TOWN), ("Signal code", _NUMBER), ("Shunting contractor", _FIRM))),
    Sheet("Inventory of the depots", _TOWN, "Depot",
          (("Storekeeper", _PERSON), ("Sacks of barley", _NUMBER), ("Supplier", _FIRM), ("Barrels of oil", _NUMBER))),
)  # fmt: skip
_LEAST: Final = 8

Rows = list[list[str]]


def in_table(scene: Scene) -> Plan:
    """Even numbers are Markdown, odd ones comma-separated. Half of the rows are siblings of the row asked for."""
    sheet = SHEETS[scene.number % len(SHEETS)]
    column = scene.random.randrange(len(sheet.columns))
    asked = scene.names.name(sheet.row)
    year = scene.random.randrange(1990, 2023)
    rows = [[asked, *values(scene, sheet)]]
    near = scene.names.siblings(asked, _LEAST // 2)
    wanted = scene.depth.length
    while len(rows) < _LEAST or wanted > len(words(_text(scene, sheet, year, rows)[0])):
        name = near.pop() if near else scene.names.name(sheet.row)
        rows.append([name, *values(scene, sheet)])
    at = round((scene.depth.position if wanted else scene.random.random()) * (len(rows) - 1))
    rows.insert(at, rows.pop(0))
    other = [[row[0], *values(scene, sheet)] for row in rows]
    heading = sheet.columns[column][0].lower()
    which = f"{sheet.title[0].lower()}{sheet.title[1:]} for {year}"
    question = f"What does the {which} give as the {heading} of {shown(sheet.row, asked)}?"
    drafts = [
        Draft("", mine, f"{sheet.title}, {edition}", f"{edition}-01-01", body=_text(scene, sheet, edition, lines, at))
        for edition, lines, mine in ((year, rows, True), (year + 1, other, False))
    ]
    rivals = [row[column + 1] for place, row in enumerate(rows) if place != at] + [other[at][column + 1]]
    return Plan(question, tuple(drafts), (rows[at][column + 1],), tuple(rivals), (asked,))


def values(scene: Scene, sheet: Sheet) -> list[str]:
    """New values for every column."""
    return [scene.names.name(entity) for _, entity in sheet.columns]


def _text(scene: Scene, sheet: Sheet, year: int, rows: Rows, at: int = 0) -> tuple[str, tuple[int, int]]:
    head = [sheet.first, *(name for name, _ in sheet.columns)]
    if scene.number // len(SHEETS) % 2:
        lines = [",".join(row) for row in [head, *rows]]
        before = [f"# {sheet.title}, {year}", lines[0], *lines[1 : at + 1]]
    else:
        lines = [f"| {' | '.join(row)} |" for row in [head, *rows]]
        before = [f"## {sheet.title}, {year}", "", lines[0], "|---" * len(head) + "|", *lines[1 : at + 1]]
    begin = len("\n".join(before)) + 1
    return "\n".join([*before, *lines[at + 1 :]]), (begin, begin + len(lines[at + 1]))
