"""Chrome as Google keeps it: `Chrome/History.json` of a Takeout (`BrowserHistory.json` until about 2023).

`{"Browser History": [{"page_transition": "LINK", "title", "url", "client_id", "time_usec", "favicon_url"?}], ...}`,
newest first, microseconds since 1970 in UTC. The file's name is translated, the key is not. What else it holds is not
read.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexers.records import Skipped
from indexers.sources.connectors.base import File, Reader, Things
from indexers.sources.connectors.browsers.visits import Visit, merged
from indexers.sources.connectors.clock import unix
from indexers.sources.connectors.streams import Broken, Drift, elements

_LIST = "Browser History"
_KEYS = (
    "page_transition", "page_transition_qualifier", "title", "url", "client_id", "time_usec", "favicon_url", "ptoken",
)  # fmt: skip
_FRAMES = ("AUTO_SUBFRAME", "MANUAL_SUBFRAME")


def fits(begin: bytes) -> bool:
    """Whether a file that begins like this is one."""
    return b'"Browser History"' in begin


def read(reader: Reader, file: File) -> Things:
    """The items of the history."""
    bad: list[Skipped] = []
    drift = Drift(_KEYS)
    with reader.open(file) as stream:

        def visits() -> Iterator[Visit]:
            for element in elements(stream):
                if isinstance(element, Broken):
                    bad.append(Skipped(reader.source, f"{file.name}@{element.start}", element.reason))
                elif element.key == _LIST and isinstance(element.value, dict):
                    drift.see(element.value)
                    yield _visit(element.value, element.row)

        for thing in merged(reader, file.name, visits(), "Chrome"):
            yield from bad
            bad.clear()
            yield thing
    yield from bad
    yield from drift.told(reader.source, file.name)


def _visit(value: dict[str, object], row: int) -> Visit:
    how = str(value.get("page_transition", ""))
    title = value.get("title")
    return Visit(
        str(value.get("url", "")), title if isinstance(title, str) else "", unix(value.get("time_usec")), f"$[{row}]",
        typed=how == "TYPED", shown=how not in _FRAMES,
    )  # fmt: skip
