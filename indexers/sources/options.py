"""What a user may choose about reading a source: columns, encoding, revision, what to leave out, and the caps.

Holds values only; the command line and the configuration build it.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How a source is read. Every default suits a folder of files or a BEIR corpus.

    `id`, `title`, `text`, `time` name the columns of rows (JSONL, Parquet, CSV); where one is empty, the usual names
    are looked for (see `columns.USUAL`). `metadata` names the other columns to keep; where empty, all short scalars.
    `revision` reads a git repository as of that commit, tag or branch instead of its working tree.
    `encoding` forces the encoding of text files; where empty, it is found out.
    `include` and `exclude` are globs over locators; one without a slash matches the name in any folder.
    """

    id: str = ""
    title: str = ""
    text: str = ""
    time: str = ""
    metadata: tuple[str, ...] = ()
    revision: str = ""
    encoding: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_file_bytes: int = 128 * MIB
    """Largest document that is held whole (PDF, DOCX, HTML, ...). Text, rows and archives stream, and have no limit."""
    max_line_bytes: int = 16 * MIB
    """Longest line of JSONL or CSV."""
    part_bytes: int = 8 * MIB
    """Longer text becomes several records, cut at line ends; also the longest line of plain text."""
    on_disk: bool = True
    """Whether a passing copy may lie on disk of what must be read at any place (a Parquet file in a stream). Otherwise
    it is held in memory, and refused above `max_file_bytes`: personal data leave no trace there."""
    max_ratio: int = 200
    """Past 64 MiB, compressed data that grows by more than this is taken for a bomb."""
