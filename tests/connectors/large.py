"""Writes a large watch history, JSON or HTML, and reads it: items a second, and the most memory that took.

    python -m tests.connectors.large json 1000000000

Run by hand; nothing it writes is kept.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from indexers.sources.connectors.base import Item
from indexers.sources.connectors.takeout import CONNECTOR
from tests.connectors.open_reader import OpenReader

_WORDS = ("tent", "rain", "lake", "walk", "stove", "night", "stars", "map", "boots", "river", "camp", "fire", "bread")


def entry(number: int) -> dict[str, object]:
    moment = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(seconds=97 * number)
    title = " ".join(_WORDS[(number * step + step) % len(_WORDS)] for step in (1, 3, 5, 7))
    return {
        "header": "YouTube",
        "title": f"Watched {title} {number}",
        "titleUrl": f"https://www.youtube.com/watch?v={number:011d}",
        "subtitles": [{"name": f"Channel {number % 997}", "url": "https://www.youtube.com/channel/UCabcdefghijklmnop"}],
        "time": moment.isoformat().replace("+00:00", ".123Z"),
        "products": ["YouTube"],
        "activityControls": ["YouTube watch history"],
    }


def card(number: int) -> str:
    one = entry(number)
    moment = datetime.fromisoformat(str(one["time"]))
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        '<div class="header-cell mdl-cell"><p class="mdl-typography--title">YouTube<br></p></div>'
        '<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">'
        f'Watched\xa0<a href="{one["titleUrl"]}">{one["title"]}</a><br>'
        f'<a href="https://www.youtube.com/channel/UC">Channel</a><br>{moment:%b %d, %Y, %I:%M:%S %p} UTC<br></div>'
        '<div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption"><b>Products:</b><br>'
        "&emsp;YouTube<br></div></div></div>"
    )


def write(path: Path, size: int) -> int:
    """Write about `size` bytes; how many entries they hold."""
    number = 0
    html = path.suffix == ".html"
    with path.open("w", encoding="utf-8") as out:
        out.write("<html><body>" if html else "[")
        while out.tell() < size:
            batch = range(number, number + 1_000)
            out.write("".join(map(card, batch)) if html else ",".join(json.dumps(entry(n)) for n in batch) + ",")
            number += 1_000
        out.write("</body></html>" if html else json.dumps(entry(number)) + "]")
    return number + (not html)


def main() -> None:
    kind, size = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"Takeout/YouTube/history/watch-history.{kind}"
        path.parent.mkdir(parents=True)
        wrote = write(path, size)
        begun, started = time.perf_counter(), time.process_time()
        items = other = 0
        for thing in CONNECTOR.read(OpenReader(Path(folder))):
            items, other = items + isinstance(thing, Item), other + (not isinstance(thing, Item))
        took = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        used = time.process_time() - started
        print(f"{kind} {path.stat().st_size:,} bytes, {wrote:,} entries: {items:,} items, {other} skipped")
        print(f"{took:.0f} s ({used:.0f} s of processor), {items / took:,.0f} items/s, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
