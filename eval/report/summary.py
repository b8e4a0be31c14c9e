"""The summary: the same sections as Markdown, with the pictures as files, for documents to include.

Texts are escaped: a question is whatever somebody asked. Knows blocks only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eval.report.blocks import Block, Cell, Fold, Keys, Picture, Section, Table, Tone

MARKS = {Tone.NONE: "", Tone.BETTER: "▲ ", Tone.WORSE: "▼ ", Tone.SAME: "= "}


def render(title: str, under: str, sections: Sequence[Section]) -> str:
    """The Markdown. Sections that are plain are left to the page."""
    parts = [f"# {text(title)}", text(under)]
    for section in sections:
        if section.blocks and not section.plain:
            parts.append(f"## {text(section.title)}")
            parts += [text(section.lead)] if section.lead else []
            parts += [part for block in section.blocks for part in _block(block)]
    return "\n\n".join(parts) + "\n"


def text(said: str) -> str:
    """A text that Markdown takes for nothing but a text, on one line."""
    plain = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~#$])", r"\\\1", " ".join(plain.split()))


def _block(block: Block) -> Iterator[str]:
    match block:
        case Table():
            yield f"**{text(block.caption)}**"
            yield _table(block)
            if block.note:
                yield text(block.note)
        case Picture():
            yield f"![{text(block.caption)}]({block.name}.png)"
        case Keys():
            yield "\n".join(
                f"- {text(key.label)}: **{text(key.value)}** {text(key.small)}".rstrip() for key in block.keys
            )
        case Fold():
            for one in block.blocks:
                yield from _block(one)


def _table(table: Table) -> str:
    heads = [text(column.title) for column in table.columns]
    rules = ["---" if column.text else "--:" for column in table.columns]
    lines = [heads, rules, *([_cell(cell) for cell in row] for row in table.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: Cell) -> str:
    small = " ".join(text(line) for line in cell.small)
    if cell.apart:
        return f"{text(cell.text)} {small} {MARKS[cell.tone]}{text(cell.apart)}"
    return f"{MARKS[cell.tone]}{text(cell.text)} {small}".rstrip()
