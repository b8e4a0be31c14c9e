"""What was said in a video: subtitle files and descriptions that lie beside a history.

Downloaders name them after the video: `Title [ID].en.vtt`, `Title-ID.srt`, `ID.description`. SubRip (`.srt`) is blocks
of a number, `00:00:01,000 --> 00:00:02,000` and lines; WebVTT (`.vtt`) begins with `WEBVTT` and may hold NOTE, STYLE
and tags such as `<00:00:01.500><c>`. Subtitles made by a machine repeat each line as the next one scrolls in: it is
kept once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexers.sources.connectors.base import File
from indexers.sources.connectors.pages import plain
from indexers.sources.decode import clean

PATTERNS = ("*.srt", "*.vtt", "*.description")
LARGEST = 4 << 20

_BRACKETED = re.compile(r"[\[(]([\w-]{11})[\])]")
_TRAILING = re.compile(r"(?:^|[-_ .])([\w-]{11})$")
_TIMES = re.compile(r"^\s*(?:\d+:)?\d+:\d+[.,]\d+\s*-->")
_META = re.compile(r"^(?:WEBVTT|NOTE|STYLE|REGION|Kind:|Language:)")


def by_video(files: Iterable[File]) -> dict[str, list[File]]:
    """Which of the files belong to the video of which id, by their names."""
    found: dict[str, list[File]] = {}
    for file in files:
        if video := _video(file.path.rpartition("/")[2]):
            found.setdefault(video, []).append(file)
    return found


def _video(name: str) -> str:
    if bracketed := _BRACKETED.findall(name):
        return str(bracketed[-1])
    stem = re.sub(r"(?:\.[a-zA-Z]{2,3}(?:-[\w]+)*)?\.(?:srt|vtt|description)$", "", name, flags=re.IGNORECASE)
    trailing = _TRAILING.search(stem)
    return trailing.group(1) if trailing else ""


def spoken(data: bytes) -> str:
    """The words of a subtitle file or description, without times and tags."""
    lines: list[str] = []
    block: list[str] = []
    for raw in [*clean(data.decode("utf-8-sig", "replace")).splitlines(), ""]:
        if raw.strip():
            block.append(raw)
            continue
        for line in _words(block):
            if line not in lines[-2:]:
                lines.append(line)
        block = []
    return "\n".join(lines)


def _words(block: list[str]) -> list[str]:
    """The lines of a block below its times; a block without times is one of a description."""
    at = next((number for number, line in enumerate(block) if _TIMES.match(line)), -1)
    if at < 0 and block and _META.match(block[0]):
        return []
    said = (plain(line) for line in block[at + 1 :])
    return [line for line in said if line]
