"""Apps installed from Google Play: `Google Play Store/Installs.json`.

`[{"install": {"doc": {"documentType": "Android Apps", "title"}, "firstInstallationTime": ISO, "lastUpdateTime": ISO,
"deviceAttribute": {"model", "carrier", "manufacturer", "deviceDisplayName"}}}]`; the carrier is not read.
"""

from __future__ import annotations

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, File, Item, Kind, Origin, Reader, Things
from indexers.sources.connectors.clock import stamp, written
from indexers.sources.connectors.streams import Broken, elements, mapping
from indexers.sources.decode import clean


def fits(begin: bytes) -> bool:
    """Whether a file that begins like this is one."""
    return b'"install"' in begin and b'"firstInstallationTime"' in begin


def read(reader: Reader, file: File) -> Things:
    """The installations of one file."""
    with reader.open(file) as stream:
        for element in elements(stream):
            if isinstance(element, Broken):
                yield Skipped(reader.source, f"{file.name}@{element.start}", element.reason)
                continue
            locator = f"{file.name}$[{element.row}]"
            item = _installed(element.value, locator)
            yield item or Skipped(reader.source, locator, "It names no app or no time.", fault=False)


def _installed(value: object, locator: str) -> Item | None:
    install = mapping(mapping(value).get("install"))
    title = clean(str(mapping(install.get("doc")).get("title") or ""))[:300]
    first = str(install.get("firstInstallationTime") or install.get("lastUpdateTime") or "")
    moment = written(first, naive=Basis.UTC)
    if not title or not moment.iso:
        return None
    device = clean(str(mapping(install.get("deviceAttribute")).get("deviceDisplayName") or ""))[:100]
    return Item(
        kind=Kind.VISIT,
        native=f"app:{title}@{stamp(moment)}",
        text=f"Installed the app {title}" + (f" on {device}" if device else ""),
        locator=locator,
        moment=moment,
        title=title,
        origin=Origin.MACHINE,
        labels=("Google Play", "app"),
        extra={"site": "play.google.com"},
    )
