"""Results as a model reads them: plain text, fenced and numbered, of a length that leaves room for thought.

What programs read is shaped by `cascade.shapes`; these words are made of the same shapes. Knows nothing of protocols.
"""

from __future__ import annotations

from typing import Any

LONG = 40_000
"""Characters of passages in one result; of those beyond, only their ids."""

Shape = dict[str, Any]


def search(found: Shape) -> str:
    """The passages, best first."""
    if not found["passages"]:
        return "\n".join(["No passage was found.", *_missing(found)])
    parts, room = [], LONG
    for one in found["passages"]:
        room -= len(one["text"])
        text = one["text"] if room >= 0 else "(left out here for length; `read` gives it)"
        parts.append(f"[{one['rank']}] {_place(one)}\npassage {one['id']}, relevance {one['relevance']:.2f}\n{text}")
    return "\n\n".join([*parts, *_missing(found)])


def ask(found: Shape) -> str:
    """The answer, and what it rests on."""
    rests = [
        f"[{one['number']}] {_place(one['passage'])}\npassage {one['passage']['id']}\n{one['quote']}".rstrip()
        for one in found["citations"]
    ]
    return "\n\n".join([found["answer"], *(["It rests on:"] if rests else []), *rests, *_missing(found)])


def read(found: Shape) -> str:
    """The text in one piece, with where it stands."""
    where = f"characters {found['start']:,} to {found['end']:,} of record {found['record']}"
    text = found["text"] if len(found["text"]) <= LONG else f"{found['text'][:LONG]}\n(cut: ask for fewer passages)"
    return f"{_place(found)}\n{where}, passages {found['passages'][0]['id']} to {found['passages'][-1]['id']}\n\n{text}"


def explain(found: Shape) -> str:
    """What each stage did to the passage."""
    lines = [f"The passage was lost in {found['lost']}." if found["lost"] else "No stage lost the passage."]
    for fate in found["stages"]:
        figures = [f"rank {fate['rank']:,}" if fate["rank"] else "", f"margin {fate['margin']:+.3f}"
                   if fate["margin"] is not None else ""]  # fmt: skip
        said = ", ".join(figure for figure in figures if figure)
        done = "kept" if fate["kept"] else "LOST"
        lines.append(f"{fate['stage']}: {done}{f' ({said})' if said else ''}. {fate['why']}")
    return "\n".join(lines)


def _place(one: Shape) -> str:
    name = one["title"] or one["key"] or one["locator"]
    heading = f" > {one['heading']}" if one.get("heading") else ""
    return f"{name}{heading} ({', '.join(part for part in (one['source'], one['locator'], one['time'][:10]) if part)})"


def _missing(found: Shape) -> list[str]:
    return [f"Not complete: {said}" for said in found.get("missing", [])]
