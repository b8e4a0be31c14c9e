"""Pictures, sidecars and folders of them, made for the tests of photos."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from open_reader import OpenReader
from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import IFDRational

from indexers.records import Skipped
from indexers.sources.connectors.base import Item
from indexers.sources.connectors.photos import CONNECTOR, exif

TAKEN = "2023:05:06 14:10:22"
SKAGEN = (57.7209, 10.5839)
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12)
"""Bytes that are changed: where, as a part of the length, and to what."""


def picture(
    seed: int = 1,
    tags: Mapping[int, Any] | None = None,
    inner: Mapping[int, Any] | None = None,
    gps: Mapping[int, Any] | None = None,
    form: str = "JPEG",
    **saving: Any,
) -> bytes:
    """A picture that looks like no other seed's, with the EXIF given."""
    image = Image.new("RGB", (96, 64))
    draw = ImageDraw.Draw(image)
    for bar in range(8):
        fill = ((seed * 37 + bar * 91) % 256, (seed * bar * 53) % 256, seed)
        draw.rectangle((bar * 12, 0, bar * 12 + 11, 63), fill=fill)
    held = Image.Exif()
    for number, value in (tags or {}).items():
        held[number] = value
    held.get_ifd(0x8769).update(inner or {})
    held.get_ifd(0x8825).update(gps or {})
    out = io.BytesIO()
    image.save(out, form, exif=held, **saving)
    return out.getvalue()


def degrees(point: tuple[float, float]) -> dict[int, Any]:
    """The GPS tags of a point."""
    tags: dict[int, Any] = {}
    for tag, value, refs in ((1, point[0], "NS"), (3, point[1], "EW")):
        whole, rest = divmod(abs(value), 1)
        minutes, part = divmod(rest * 60, 1)
        tags[tag] = refs[value < 0]
        tags[tag + 1] = (IFDRational(int(whole)), IFDRational(int(minutes)), IFDRational(round(part * 60_000), 1000))
    return tags


def sidecar(title: str, taken: int = 1683375022, **more: Any) -> str:
    held = {"title": title, "description": "", "photoTakenTime": {"timestamp": str(taken)},
            "geoData": {"latitude": 0.0, "longitude": 0.0}, **more}  # fmt: skip
    return json.dumps(held)


def lay(root: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return root


def run(root: Path, **choices: str) -> tuple[list[Item], list[Skipped]]:
    things = list(CONNECTOR.read(OpenReader(root, choices=choices)))
    return [one for one in things if isinstance(one, Item)], [one for one in things if isinstance(one, Skipped)]


def only(root: Path, **choices: str) -> Item:
    items, skipped = run(root, **choices)
    assert (len(items), skipped) == (1, [])
    return items[0]


def damaged(seed: bytes, changes: list[tuple[float, int]], keep: float) -> None:
    """Read a picture with some bytes changed and the end cut off: facts, or a sentence."""
    data = bytearray(seed)
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    try:
        with exif.opened(bytes(data[: int(len(data) * keep)])) as opened:
            exif.facts(opened)
    except exif.Unreadable as error:
        assert str(error).endswith(".")
