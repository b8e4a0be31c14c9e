"""The page: sections of blocks as one HTML file that needs nothing else: no script, no font, no picture from outside.

Tables are tables, with captions and headings that are told to a screen reader; pictures are SVG within the page and
follow its colours. Knows blocks and markup; knows nothing of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from eval.report.blocks import Block, Cell, Column, Fold, Keys, Picture, Section, Table, Tone
from eval.report.drawings import LEVELS
from eval.report.markup import Safe, element, join
from eval.report.values import share

MARKS = {Tone.BETTER: ("▲", "cascade better"), Tone.WORSE: ("▼", "cascade worse"), Tone.SAME: ("=", "no difference")}


def render(title: str, under: str, sections: Sequence[Section], svgs: Mapping[str, str]) -> str:
    """The whole page. `svgs`: an svg element for the name of each picture. Sections without blocks are named absent."""
    shown = [section for section in sections if section.blocks]
    absent = [section.title for section in sections if not section.blocks]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Safe(files("eval.report").joinpath("style.css").read_text("utf-8"))),
    )
    links = [element("li", element("a", one.title, href=f"#{one.name}")) for one in shown]
    body = element(
        "body",
        element("a", "Skip to the results", class_="skip", href="#results"),
        element("header", element("h1", title), element("p", under, class_="under")),
        element("nav", element("ul", *links), aria_label="Contents"),
        element("main", *(_section(one, svgs) for one in shown), _absent(absent), id="results"),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _absent(titles: Sequence[str]) -> Safe:
    return (
        element("p", f"These results hold no rows for: {', '.join(titles)}.", class_="absent") if titles else Safe("")
    )


def _section(section: Section, svgs: Mapping[str, str]) -> Safe:
    return element(
        "section",
        element("h2", section.title, id=f"{section.name}-title"),
        element("p", section.lead, class_="lead") if section.lead else "",
        _key() if section.name == "maps" else "",
        *(_block(block, svgs) for block in section.blocks),
        id=section.name,
        aria_labelledby=f"{section.name}-title",
    )


def _block(block: Block, svgs: Mapping[str, str]) -> Safe:
    match block:
        case Table():
            return _table(block)
        case Picture():
            return _picture(block, svgs)
        case Keys():
            return element(
                "dl", *(_pair(key.label, key.value, key.small, key.link) for key in block.keys), class_="keys"
            )
        case Fold():
            inside = (_block(one, svgs) for one in block.blocks)
            return element("details", element("summary", block.title), *inside)


def _pair(label: str, value: str, small: str, link: str) -> Safe:
    told = element("a", label, href=link) if link else label
    below = element("span", small, class_="small") if small else ""
    return element("div", element("dt", told), element("dd", value, below))


def _picture(picture: Picture, svgs: Mapping[str, str]) -> Safe:
    file = element("a", "PNG", href=f"{picture.name}.png", aria_label=f"{picture.caption}, as a PNG file")
    caption = element("figcaption", element("strong", picture.caption), " ", file, id=f"{picture.name}-caption")
    if picture.tables:
        maps = element("div", *(_table(table, heat=True) for table in picture.tables), class_="maps")
        return element("figure", caption, maps, id=f"picture-{picture.name}", class_="heat")
    image = element("div", Safe(svgs[picture.name]), role="img", aria_label=f"{picture.caption}. {picture.alt}")
    scroll = element("div", image, class_="scroll drawn", tabindex="0", role="group", aria_label=picture.caption)
    return element("figure", caption, scroll, id=f"picture-{picture.name}")


def _table(table: Table, heat: bool = False) -> Safe:
    heads = [element("th", column.title, scope="col", class_=_side(column)) for column in table.columns]
    parted = len(table.rows) - table.sums
    bodies = [element("tbody", *(_row(row, table.columns) for row in table.rows[:parted]))]
    if table.sums:
        bodies.append(element("tbody", *(_row(row, table.columns) for row in table.rows[parted:]), class_="sums"))
    caption = f"{table.name}-caption"
    whole = element(
        "table",
        element("caption", element("span", table.caption), id=caption),
        element("thead", element("tr", *heads)),
        *bodies,
        class_="map" if heat else "",
    )
    scroll = element("div", whole, class_="scroll", role="region", aria_labelledby=caption, tabindex="0")
    return element(
        "div", scroll, element("p", table.note, class_="note") if table.note else "", id=table.name, class_="table"
    )


def _row(row: Sequence[Cell], columns: Sequence[Column]) -> Safe:
    first, *rest = zip(row, columns, strict=True)
    head = element("th", _inside(first[0]), scope="row", id=first[0].anchor, class_=_side(first[1]))
    return element("tr", head, *(_cell(cell, column) for cell, column in rest))


def _cell(cell: Cell, column: Column) -> Safe:
    shade = "" if cell.level is None else f"shade-{cell.level}"
    return element("td", _inside(cell), id=cell.anchor, class_=" ".join(one for one in (_side(column), shade) if one))


def _inside(cell: Cell) -> Safe:
    text = element("a", cell.text, href=cell.link) if cell.link else element("span", cell.text)
    mark = _mark(cell.tone)
    small = [element("span", line, class_="small") for line in cell.small]
    if cell.apart:
        return join(text, *small, element("span", mark, cell.apart, class_="small"))
    return join(mark, text, *small)


def _mark(tone: Tone) -> Safe:
    if not tone:
        return Safe("")
    sign, said = MARKS[tone]
    shown = element("span", sign, class_=f"mark {tone}", aria_hidden="true")
    return join(shown, element("span", f"{said}: ", class_="heard"))


def _side(column: Column) -> str:
    return "text" if column.text else ""


def _key() -> Safe:
    names = [
        f"{share(LEVELS[0])} and more",
        *(f"from {share(least)}" for least in LEVELS[1:]),
        f"under {share(LEVELS[-1])}",
    ]
    items = [
        element("li", element("span", class_=f"swatch shade-{i}", aria_hidden="true"), name)
        for i, name in enumerate(names)
    ]
    return element("ul", *items, class_="key", aria_label="Shades")
