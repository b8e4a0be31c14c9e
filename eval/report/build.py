"""The spine of the report: rows -> sections -> pictures -> the page and the summary, in one folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cascade.errors import UsageError
from eval.report import page, pictures, summary
from eval.report.blocks import Picture, Section
from eval.report.reading import Results, read
from eval.report.sections import (
    answers,
    calibration,
    everything,
    glance,
    head,
    latency,
    lives,
    lost,
    maps,
    sets,
    special,
    survival,
)

PAGE, SUMMARY = "index.html", "summary.md"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and how many rows it shows; `unread` counts lines that are no rows."""

    page: Path
    summary: Path
    pictures: tuple[Path, ...]
    rows: int
    unread: int


def write(results: Sequence[Path], out: Path) -> Written:
    """Read files or folders of rows and write index.html, summary.md and a PNG of each picture into `out`.

    Raises NotFound where a path is not there, SourceError where no line is a row, UsageError where `out` is a file or
    matplotlib is not installed.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file. Name a folder: --out FOLDER.")
    found = read(results)
    sections = parts(found, out)
    shown = list(_pictures(sections))
    drawn = {one.name: pictures.draw(one.drawing, one.name) for one in shown}
    title, under = f"Evaluation: {', '.join(dict.fromkeys(row.suite for row in found.rows))}", _under(found)

    out.mkdir(parents=True, exist_ok=True)
    for name, picture in drawn.items():
        (out / f"{name}.png").write_bytes(picture.png)
    (out / SUMMARY).write_text(summary.render(title, under, sections), "utf-8")
    svgs = {name: picture.svg for name, picture in drawn.items()}
    (out / PAGE).write_text(page.render(title, under, sections, svgs), "utf-8")
    files = tuple(out / f"{name}.png" for name in drawn)
    return Written(out / PAGE, out / SUMMARY, files, len(found.rows), len(found.unread))


def parts(found: Results, out: Path) -> list[Section]:
    """The sections in their order; `out` is where links to the rows start from."""
    return [
        glance.section(found),
        head.section(found),
        sets.section(found),
        survival.section(found),
        lost.section(found),
        maps.section(found),
        answers.section(found),
        lives.section(found),
        latency.section(found),
        calibration.section(found),
        special.section(found),
        everything.section(found, {row.file: _link(row.file, out) for row in found.rows}),
    ]


def _pictures(sections: Sequence[Section]) -> Iterator[Picture]:
    for section in sections:
        yield from (block for block in section.blocks if isinstance(block, Picture))


def _under(found: Results) -> str:
    commits = ", ".join(dict.fromkeys(str(row.about["commit"]) for row in found.rows if row.about.get("commit")))
    dates = sorted(str(row.about["date"])[:10] for row in found.rows if row.about.get("date"))
    when = dates[0] if dates and dates[0] == dates[-1] else " to ".join((dates[0], dates[-1])) if dates else ""
    parts = (f"commit {commits}" if commits else "", when, f"{len(found.rows):,} rows")
    return " · ".join(part for part in parts if part)


def _link(file: Path, out: Path) -> str:
    try:
        return quote(Path(os.path.relpath(file, out)).as_posix())
    except ValueError:  # another drive
        return file.resolve().as_uri()
